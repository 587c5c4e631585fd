"""`tenuto lint`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from tenuto.cli.compiling import find_files, render
from tenuto.cli.stop import Exit
from tenuto.cli.terminal import coloured, tell, write

Form = Literal["text", "json", "github", "sarif"]


def lint(
    files: Annotated[list[Path], Parameter(negative="", name="FILE")],
    /,
    *,
    format: Form = "text",
) -> int:
    """Check workflow files.

    Exit code 3 when there are errors, 0 otherwise, warnings or not.

    Parameters
    ----------
    files
        Workflow files (.tenuto, .yaml, .yml), or directories to look through.
    format
        text (with excerpts), json (a list of objects), github (workflow commands) or sarif (2.1.0).
    """
    from tenuto_dsl import Diagnostics
    from tenuto_dsl.compiler import check_source, read_from_disk
    from tenuto_dsl.imports import read
    from tenuto_dsl.syntax.tree import Span

    sink = Diagnostics()
    found = find_files(files)
    for file in found:
        name = file.as_posix()
        source = read(name, read_from_disk, Span(name, 1, 1, 1, 1), sink, "TEN131")
        if source is not None:
            check_source(name, source, sink)
    items = sink.items
    errors = sum(item.severity == "error" for item in items)
    warnings = sum(item.severity == "warning" for item in items)
    if items or format in ("json", "sarif"):
        write(render(items, format, colour=coloured(sys.stdout)))
    if format == "text":
        tell(f"{_count(len(found), 'file')}: {_count(errors, 'error')}, {_count(warnings, 'warning')}")
    return int(Exit.LINT_ERRORS if errors else Exit.OK)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
