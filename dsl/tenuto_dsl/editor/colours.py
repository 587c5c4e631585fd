"""Semantic tokens: names coloured by what they refer to, which no grammar of words can tell."""

from __future__ import annotations

from tenuto_dsl.editor.analysis import Analysis
from tenuto_dsl.editor.index.symbols import Kind

TYPES = ("type", "class", "function", "event", "variable", "parameter", "property", "enumMember", "namespace", "method")
MODIFIERS = ("declaration", "modification", "readonly")

_TYPE_OF: dict[Kind, str] = {
    "type": "type", "field": "property", "error": "class", "config": "property", "activity": "function",
    "workflow": "function", "parameter": "parameter", "signal": "event", "update": "event", "query": "method",
    "attribute": "property", "variable": "variable", "let": "variable", "binding": "parameter",
    "loop variable": "variable", "macro variable": "variable", "state": "enumMember", "region": "enumMember",
    "property": "property", "branch": "enumMember",
}  # fmt: skip
_READONLY: frozenset[Kind] = frozenset(("parameter", "let", "binding", "loop variable", "macro variable", "config"))

Colour = tuple[int, int, int, int, int]
"""Line and column from 1, length, the number of the type, the bits of the modifiers; lengths in characters."""


def colours(analysis: Analysis) -> list[Colour]:
    found: list[Colour] = []
    last = (0, 0)
    for occurrence in analysis.index.occurrences:
        span, kind = occurrence.span, occurrence.symbol.kind
        if kind not in _TYPE_OF or (span.line, span.col) < last:
            continue
        modifiers = (occurrence.role == "declaration") | (occurrence.role == "write") << 1 | (kind in _READONLY) << 2
        found.append((span.line, span.col, span.end_col - span.col, TYPES.index(_TYPE_OF[kind]), modifiers))
        last = span.line, span.end_col
    return found
