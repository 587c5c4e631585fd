"""`tenuto graph`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from tenuto.cli.compiling import find_files, render
from tenuto.cli.stop import Exit, Stop, did_you_mean, usage
from tenuto.cli.terminal import coloured, tell, write

if TYPE_CHECKING:
    from tenuto_dsl.check.facts import WorkflowFacts
    from tenuto_dsl.check.files import CheckedFile

Form = Literal["svg", "mermaid", "dot", "json"]
_SUFFIXES: dict[str, Form] = {
    ".svg": "svg", ".mmd": "mermaid", ".mermaid": "mermaid", ".dot": "dot", ".gv": "dot", ".json": "json",
}  # fmt: skip


def graph(
    file: Annotated[Path, Parameter(name="FILE")],
    /,
    *,
    workflow: Annotated[str | None, Parameter(show_default=False)] = None,
    format: Annotated[Form | None, Parameter(show_default=False)] = None,
    output: Annotated[Path | None, Parameter(name=["--output", "-o"], show_default=False)] = None,
    detail: Literal["brief", "normal", "full"] = "normal",
    theme: Literal["light", "dark", "auto"] = "auto",
    direction: Literal["auto", "down", "right"] = "auto",
) -> int:
    """Draw a workflow as a state chart.

    A file with errors is not drawn; they are shown instead, with exit code 3.

    Parameters
    ----------
    file
        A workflow file.
    workflow
        Which workflow, when the file has several.
    format
        svg, mermaid, dot or json; without it, what the suffix of --output says, else svg.
    output
        A file to write; without it, the drawing goes to stdout.
    detail
        brief (states and triggers), normal (activities and guards, too) or full (also undos, entry, exit and actions).
    theme
        Colours of the SVG: light, dark, or auto, which follows the reader's system.
    direction
        Where the main path leads: down, right, or auto, which is down unless that were wider than a page.
    """
    from tenuto_dsl import Diagnostics
    from tenuto_dsl.compiler import check_source, read_from_disk
    from tenuto_dsl.imports import read
    from tenuto_dsl.syntax.tree import Span

    sink = Diagnostics()
    (found,) = find_files([file]) if not file.is_dir() else [None]
    if found is None:
        raise usage(f"{file} is a directory", "name one workflow file")
    name = found.as_posix()
    source = read(name, read_from_disk, Span(name, 1, 1, 1, 1), sink, "TEN131")
    checked = None if source is None else check_source(name, source, sink)
    if checked is None or sink.has_errors:
        print(render(sink.items, "text", colour=coloured(sys.stderr)), file=sys.stderr)  # noqa: T201
        raise Stop(Exit.LINT_ERRORS, f"{name} has errors; nothing was drawn")

    from tenuto_dsl import graph as drawing

    chart = drawing.chart_of(checked.facts, _pick(checked.facts, workflow, file))
    match format or _form_of(output):
        case "svg":
            text = drawing.render_svg(chart, detail=detail, theme=theme, direction=direction)
        case "mermaid":
            text = drawing.render_mermaid(chart, detail=detail, direction=direction)
        case "dot":
            text = drawing.render_dot(chart, detail=detail, direction=direction)
        case "json":
            text = drawing.render_json(chart, detail=detail)
    if output is None:
        write(text)
        return int(Exit.OK)
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise usage(f"{output} cannot be written: {error.strerror}") from None
    tell(f"{output}: {chart.workflow}")
    return int(Exit.OK)


def _form_of(output: Path | None) -> Form:
    """What a file's suffix says; SVG when it says nothing."""
    if output is None or not output.suffix:
        return "svg"
    form = _SUFFIXES.get(output.suffix.lower())
    if form is None:
        known = ", ".join(_SUFFIXES)
        raise usage(f"{output.suffix} is no format of drawings", f"write {known}, or say --format")
    return form


def _pick(checked: CheckedFile, workflow: str | None, file: Path) -> WorkflowFacts:
    """The workflow named, or the only one."""
    found = {item.node.name.text: item for item in checked.workflows}
    if workflow is not None:
        if workflow not in found:
            raise usage(f"{file} has no workflow {workflow}", did_you_mean(workflow, found))
        return found[workflow]
    if not found:
        raise usage(f"{file} has no workflow in it")
    if len(found) > 1:
        raise usage(f"{file} has several workflows: {', '.join(found)}", "choose one with --workflow NAME")
    return next(iter(found.values()))
