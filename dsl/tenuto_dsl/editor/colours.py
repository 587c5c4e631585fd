"""Semantic tokens: names coloured by what they refer to, which no grammar of words can tell.

Editors that colour words by a grammar of their own need no more. For those without one, `everything` adds keywords,
numbers, texts and comments of the text form.
"""

from __future__ import annotations

from collections.abc import Iterator

from tenuto_grammars import load_tables
from tenuto_interpreter.types import SCALARS

from tenuto_dsl.diagnostics import Diagnostics
from tenuto_dsl.editor.analysis import Analysis
from tenuto_dsl.editor.index.symbols import Kind
from tenuto_dsl.syntax.source import Source
from tenuto_dsl.syntax.text.scanner import scan
from tenuto_dsl.syntax.text.tokens import NAME

TYPES = ("type", "class", "function", "event", "variable", "parameter", "property", "enumMember", "namespace", "method",
         "keyword", "number", "string", "comment")  # fmt: skip
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


# -- what a grammar would colour ---------------------------------------------------------------------------------------

_OF_TOKENS = {
    "INT": "number", "UINT": "number", "FLOAT": "number", "DURATION": "number", "STRING": "string", "BYTES": "string",
    "DOC": "string",
}  # fmt: skip
_NEVER_WORDS = ("_DOT", "_DOTQ")
_BEFORE_TYPES = ("_COLON", "_ARROW", "_LSQB", "_EQ")


def everything(analysis: Analysis) -> list[Colour]:
    """Names and what stands between them."""
    names = colours(analysis)
    if analysis.form == "yaml":
        return names
    taken: dict[int, list[Colour]] = {}
    for name in names:
        taken.setdefault(name[0], []).append(name)
    free = [part for colour in _rest(analysis) for part in _around(colour, taken.get(colour[0], []))]
    return sorted([*names, *free])


def _rest(analysis: Analysis) -> Iterator[Colour]:
    """Words, literals and comments, each within a line."""
    lines, keywords = analysis.lines, load_tables().keywords
    before = ""
    tokens = scan(Source(analysis.source, analysis.name), Diagnostics()).tokens
    for number, token in enumerate(tokens):
        kind = _OF_TOKENS.get(token.type)
        if token.type == NAME and before not in _NEVER_WORDS and token.text in keywords:
            is_key = number + 1 < len(tokens) and tokens[number + 1].type == "_COLON"
            kind = None if is_key else "keyword"
        elif token.type == NAME and before in _BEFORE_TYPES and token.text in SCALARS:
            kind = "type"
        if kind is not None:
            start = token.start
            for text in analysis.source[token.start : token.end].split("\n"):
                line, col = lines.place(start)
                indent = len(text) - len(text.lstrip())
                if text.strip():
                    yield line, col + indent, len(text.strip()), TYPES.index(kind), 0
                start += len(text) + 1
        before = token.type
    for comment in analysis.file.comments:
        span = comment.span
        yield span.line, span.col, len(comment.text), TYPES.index("comment"), 0


def _around(colour: Colour, names: list[Colour]) -> Iterator[Colour]:
    """What of a colour is left beside the names that stand in it."""
    line, col, length, kind, _ = colour
    end = col + length
    for _, start, size, _, _ in names:
        if start + size <= col or start >= end:
            continue
        if start > col:
            yield line, col, start - col, kind, 0
        col = start + size
    if col < end:
        yield line, col, end - col, kind, 0
