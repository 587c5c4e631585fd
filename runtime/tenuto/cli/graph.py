"""`tenuto graph`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from tenuto.cli.compiling import find_files, render
from tenuto.cli.options import Where
from tenuto.cli.stop import Exit, Stop, did_you_mean, usage
from tenuto.cli.terminal import coloured, one_line, tell, write

if TYPE_CHECKING:
    from tenuto_dsl.check.facts import WorkflowFacts
    from tenuto_dsl.check.files import CheckedFile
    from tenuto_dsl.graph import Chart, Detail, Direction, Theme

    from tenuto.client import Description
    from tenuto.store.protocol import Definition

Form = Literal["svg", "mermaid", "dot", "json"]
_SUFFIXES: dict[str, Form] = {
    ".svg": "svg", ".mmd": "mermaid", ".mermaid": "mermaid", ".dot": "dot", ".gv": "dot", ".json": "json",
}  # fmt: skip


def graph(
    file: Annotated[Path | None, Parameter(name="FILE", show_default=False)] = None,
    /,
    *,
    workflow: Annotated[str | None, Parameter(show_default=False)] = None,
    run: Annotated[str | None, Parameter(show_default=False)] = None,
    format: Annotated[Form | None, Parameter(show_default=False)] = None,
    output: Annotated[Path | None, Parameter(name=["--output", "-o"], show_default=False)] = None,
    detail: Literal["brief", "normal", "full"] = "normal",
    theme: Literal["light", "dark", "auto"] = "auto",
    direction: Literal["auto", "down", "right"] = "auto",
    where: Where | None = None,
) -> int:
    """Draw a workflow as a state chart, or where a run of it is.

    A file with errors is not drawn; they are shown instead, with exit code 3.

    Parameters
    ----------
    file
        A workflow file. With --run it may be left out: what the run was deployed from is drawn.
    workflow
        Which workflow, when the file has several.
    run
        A workflow id or run id: the states that run is in are filled.
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
    if file is None and run is None:
        raise usage("nothing to draw", "name a workflow file, or a run with --run")
    form = format or _form_of(output)
    found, deployed = (None, None) if run is None else _run(run, where)
    name = file.as_posix() if file is not None else ""
    source: str | None = None
    if file is None:
        assert found is not None, "there is a file or a run"
        if deployed is None or not deployed.source:
            raise usage(f"{one_line(found.workflow)} was deployed without its source", "name its file as well")
        name, source = deployed.file, deployed.source
    elif file.is_dir():
        raise usage(f"{file} is a directory", "name one workflow file")
    if found is not None and workflow not in (None, found.workflow):
        raise usage(f"{one_line(found.workflow_id)} is a run of {one_line(found.workflow)}, not of {workflow}")
    checked = _checked(name, source)
    chart = _chart(checked, _pick(checked, found.workflow if found is not None else workflow, name), found)
    text = _drawn(chart, form, detail, theme, direction)
    if output is None:
        write(text)
        return int(Exit.OK)
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise usage(f"{output} cannot be written: {error.strerror}") from None
    tell(f"{output}: {chart.workflow}")
    return int(Exit.OK)


def _run(id_: str, where: Where | None) -> tuple[Description, Definition | None]:
    """What there is to say of a run, and what it was deployed from."""
    from tenuto.cli.connection import usable_url
    from tenuto.client import Client

    with Client(usable_url(where)) as client:
        found = client.describe(id_)
        return found, client.store.definition_by_digest(client.view(id_).definition)


def _checked(name: str, source: str | None) -> CheckedFile:
    """The facts of a file, or of a source that was one. Its errors are shown and end the command."""
    from tenuto_dsl import Diagnostics
    from tenuto_dsl.compiler import check_source, read_from_disk
    from tenuto_dsl.imports import read
    from tenuto_dsl.syntax.tree import Span

    sink = Diagnostics()
    if source is None:
        (path,) = find_files([Path(name)])
        name = path.as_posix()
        source = read(name, read_from_disk, Span(name, 1, 1, 1, 1), sink, "TEN131")
    checked = None if source is None else check_source(name, source, sink)
    if checked is None or sink.has_errors:
        print(render(sink.items, "text", colour=coloured(sys.stderr)), file=sys.stderr)  # noqa: T201
        raise Stop(Exit.LINT_ERRORS, f"{name} has errors; nothing was drawn")
    return checked.facts


def _pick(checked: CheckedFile, workflow: str | None, file: str) -> WorkflowFacts:
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


def _chart(checked: CheckedFile, workflow: WorkflowFacts, run: Description | None) -> Chart:
    """The chart, of a run with the states that it is in."""
    from tenuto_dsl.graph import chart_of

    chart = chart_of(checked, workflow)
    if run is None:
        return chart
    states = run.states or ["end" if run.status == "completed" else "do"]  # of a workflow that is one `do`
    if not run.events:
        tell("the run is in no state yet: no engine has taken it")
        return chart
    missing = [one_line(state) for state in run.states if not chart.at([state]).active]
    if missing:
        tell(f"the run is in {', '.join(missing)}, which this file does not have")
    return chart.at(states)


def _drawn(chart: Chart, form: Form, detail: Detail, theme: Theme, direction: Direction) -> str:
    from tenuto_dsl import graph as drawing

    match form:
        case "svg":
            return drawing.render_svg(chart, detail=detail, theme=theme, direction=direction)
        case "mermaid":
            return drawing.render_mermaid(chart, detail=detail, direction=direction)
        case "dot":
            return drawing.render_dot(chart, detail=detail, direction=direction)
        case "json":
            return drawing.render_json(chart, detail=detail)


def _form_of(output: Path | None) -> Form:
    """What a file's suffix says; SVG when it says nothing."""
    if output is None or not output.suffix:
        return "svg"
    form = _SUFFIXES.get(output.suffix.lower())
    if form is None:
        known = ", ".join(_SUFFIXES)
        raise usage(f"{output.suffix} is no format of drawings", f"write {known}, or say --format")
    return form
