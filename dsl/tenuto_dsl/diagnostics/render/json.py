"""For programs: a list of objects."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from tenuto_dsl.diagnostics.model import Diagnostic


def render_json(diagnostics: Sequence[Diagnostic], sources: Mapping[str, str]) -> str:
    del sources
    return json.dumps([as_data(d) for d in diagnostics], indent=2, ensure_ascii=False)


def as_data(diagnostic: Diagnostic) -> dict[str, Any]:
    """file, line, col, end_line, end_col, code, severity, message; hint and fix where there is one."""
    span = diagnostic.span
    data: dict[str, Any] = {
        "file": span.file,
        "line": span.line,
        "col": span.col,
        "end_line": span.end_line,
        "end_col": span.end_col,
        "code": diagnostic.code,
        "severity": diagnostic.severity,
        "message": diagnostic.message,
    }
    if diagnostic.hint is not None:
        data["hint"] = diagnostic.hint
    if diagnostic.fix is not None:
        where = diagnostic.fix.span
        data["fix"] = {
            "title": diagnostic.fix.title,
            "line": where.line,
            "col": where.col,
            "end_line": where.end_line,
            "end_col": where.end_col,
            "text": diagnostic.fix.text,
        }
    return data
