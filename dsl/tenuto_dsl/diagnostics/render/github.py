"""For GitHub Actions: one workflow command a diagnostic, which shows it on the changed line.

Source: GitHub's documentation of workflow commands; values escape `%`, line ends, and in properties `:` and `,`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tenuto_dsl.diagnostics.model import Diagnostic

_LEVELS = {"error": "error", "warning": "warning", "info": "notice"}


def render_github(diagnostics: Sequence[Diagnostic], sources: Mapping[str, str]) -> str:
    del sources
    return "\n".join(_one(d) for d in diagnostics)


def _one(diagnostic: Diagnostic) -> str:
    span = diagnostic.span
    properties = (
        f"file={_property(span.file)},line={span.line},endLine={span.end_line},"
        f"col={span.col},endColumn={span.end_col},title={_property(diagnostic.code)}"
    )
    text = diagnostic.message if diagnostic.hint is None else f"{diagnostic.message}\n{diagnostic.hint}"
    return f"::{_LEVELS[diagnostic.severity]} {properties}::{_data(text)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
