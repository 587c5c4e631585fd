"""What every source must bear: whatever it holds, all that read it answer, soon, with diagnostics that have a place."""

from __future__ import annotations

import time
from pathlib import PurePath

from tenuto_dsl import Diagnostics
from tenuto_dsl.compiler import compile_source
from tenuto_dsl.diagnostics import CODES, Diagnostic
from tenuto_dsl.editor.analysis import Analysis
from tenuto_dsl.format.converter import convert_source
from tenuto_dsl.format.formatter import Form, format_source
from tenuto_dsl.lint import lint_source

LIMIT_S = 1.0


def no_files(path: str) -> bytes:
    raise FileNotFoundError(2, "no such file", path)


def drive(name: str, source: str, *, limit_s: float = LIMIT_S) -> list[Diagnostic]:
    """Compile, lint, format, convert and analyse a source; the compiler's diagnostics.

    Raises AssertionError for a diagnostic without a registered code or a place in the source, for what takes longer
    than the limit, and when formatter or converter had to refuse what they wrote themselves.
    """
    form: Form = "text" if PurePath(name).suffix == ".tenuto" else "yaml"
    other: Form = "yaml" if form == "text" else "text"
    sinks: dict[str, Diagnostics] = {}

    def timed(what: str) -> Diagnostics:
        sinks[what] = Diagnostics()
        return sinks[what]

    spent: dict[str, float] = {}
    for what in ("compile", "lint", "format", "convert", "analyse"):
        sink = timed(what)
        began = time.process_time()
        match what:
            case "compile":
                programs = compile_source(name, source, sink, reader=no_files)
                assert not (programs and sink.has_errors)
            case "lint":
                lint_source(name, source, sink, reader=no_files)
            case "format":
                written = format_source(source, name, form, sink)
                assert written is not None or sink.has_errors
            case "convert":
                assert convert_source(source, name, form, other, sink) is not None or sink.has_errors
            case _:
                analysis = Analysis(name, source, no_files)
                assert analysis.index is not None
                assert analysis.table is not None
        spent[what] = time.process_time() - began
    _check(sinks, source, name)
    slow = {what: seconds for what, seconds in spent.items() if seconds > limit_s}
    assert not slow, f"too slow: {slow}"
    return sinks["compile"].items


def _check(sinks: dict[str, Diagnostics], source: str, name: str) -> None:
    lines = source.split("\n")
    for what, sink in sinks.items():
        for item in sink.items:
            span = item.span
            assert item.code in CODES, item
            assert item.code != "TEN150", (what, item)
            assert span.file == name, (what, item)
            assert (1, 1) <= (span.line, span.col) <= (span.end_line, span.end_col), (what, item)
            assert span.end_line <= len(lines), (what, item)
            assert span.col <= len(lines[span.line - 1]) + 2, (what, item)
            assert span.end_col <= len(lines[span.end_line - 1]) + 2, (what, item)
