"""For code scanning: SARIF 2.1.0 (OASIS), one run with the rules it names."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from tenuto_dsl.diagnostics.codes import CODES
from tenuto_dsl.diagnostics.model import Diagnostic

if TYPE_CHECKING:  # at run time the syntax imports us
    from tenuto_dsl.syntax.tree import Span

_LEVELS = {"error": "error", "warning": "warning", "info": "note"}


def render_sarif(diagnostics: Sequence[Diagnostic], sources: Mapping[str, str]) -> str:
    del sources
    codes = sorted({d.code for d in diagnostics})
    rules = [{"id": code, "shortDescription": {"text": CODES[code]}} for code in codes]
    log = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": {"name": "tenuto lint", "rules": rules}},
                "columnKind": "unicodeCodePoints",
                "results": [_result(d, codes) for d in diagnostics],
            }
        ],
    }
    return json.dumps(log, indent=2, ensure_ascii=False)


def _result(diagnostic: Diagnostic, codes: Sequence[str]) -> dict[str, Any]:
    text = diagnostic.message if diagnostic.hint is None else f"{diagnostic.message}. {diagnostic.hint}"
    location = {"artifactLocation": {"uri": quote(diagnostic.span.file)}, "region": _region(diagnostic.span)}
    result: dict[str, Any] = {
        "ruleId": diagnostic.code,
        "ruleIndex": codes.index(diagnostic.code),
        "level": _LEVELS[diagnostic.severity],
        "message": {"text": text},
        "locations": [{"physicalLocation": location}],
    }
    fix = diagnostic.fix
    if fix is not None:
        replacement = {"deletedRegion": _region(fix.span), "insertedContent": {"text": fix.text}}
        change = {"artifactLocation": {"uri": quote(fix.span.file)}, "replacements": [replacement]}
        result["fixes"] = [{"description": {"text": fix.title}, "artifactChanges": [change]}]
    return result


def _region(span: Span) -> dict[str, int]:
    return {
        "startLine": span.line,
        "startColumn": span.col,
        "endLine": span.end_line,
        "endColumn": max(span.end_col, span.col + 1) if span.end_line == span.line else span.end_col,
    }
