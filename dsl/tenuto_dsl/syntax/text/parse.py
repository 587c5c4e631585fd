"""Parsing the text form, and going on after a mistake.

A source without mistakes is parsed in one go. Otherwise it is taken declaration by declaration, and within one, the
smallest piece around a mistake (a step, a member, a declaration) is blanked out and the rest parsed again, until what is
left is sound. So one mistake hides only the piece it stands in, and two mistakes in two pieces give two diagnostics.
"""

from __future__ import annotations

import bisect
import re
from typing import TYPE_CHECKING, Any

from lark import Token
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken
from tenuto_dsl.syntax import tree
from tenuto_dsl.syntax.text.declarations import TreeBuilder
from tenuto_dsl.syntax.text.messages import complaint
from tenuto_dsl.syntax.text.pieces import piece_around
from tenuto_dsl.syntax.text.scan import Scan, scan
from tenuto_dsl.syntax.text.tables import parser

if TYPE_CHECKING:
    from tenuto_dsl.diagnostics import Diagnostics

MAX_BYTES = 2_000_000
MAX_MISTAKES = 30
"""Mistakes reported for one file; what comes after so many says nothing new."""

_MAX_INNER = 4
"""Interpolations within interpolations."""

_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*|[0-9]+|\S")


def parse_text(source: str, file: str, sink: Diagnostics) -> tree.File:
    """The tree of a file in the text form: of everything in it that could be read."""
    return _Source(source, file, sink).file_tree()


def parse_part(source: str, file: str, sink: Diagnostics, start: str, line: int = 1, col: int = 1, inner: int = 0) -> Any:
    """A lone expression or type that begins at (line, col) of its file; None when it cannot be read."""
    place = _Lines(source, file, line, col)
    scanned = scan(source)
    if scanned.troubles:
        for trouble in scanned.troubles:
            sink.error(trouble.code, place.span(trouble.start, trouble.end), trouble.message, trouble.hint)
        return None
    if not source.strip():
        sink.error("TEN101", place.span(0, len(source)), "an expression is missing" if "exp" in start else "a type is missing")
        return None
    try:
        parsed = parser().parse(source, start=start)
    except UnexpectedInput as error:
        report(error, place, sink)
        return None
    return _builder(file, sink, line, col, inner).transform(parsed)


def _builder(file: str, sink: Diagnostics, line: int, col: int, inner: int) -> TreeBuilder:
    def parse_inner(text: str, span: tree.Span) -> Any:
        if inner >= _MAX_INNER:
            sink.error("TEN109", span, f"interpolations nested deeper than {_MAX_INNER} levels")
            return None
        return parse_part(text, file, sink, "expression_only", span.line, span.col, inner + 1)

    return TreeBuilder(file, sink, parse_inner, line, col)


class _Lines:
    """Offsets of a text to spans of its file."""

    def __init__(self, source: str, file: str, line: int = 1, col: int = 1) -> None:
        self._file = file
        self._starts = [0, *(match.end() for match in re.finditer("\n", source))]
        self._line = line
        self._col = col

    def span(self, start: int, end: int) -> tree.Span:
        return tree.Span(self._file, *self._at(start), *self._at(end))

    def _at(self, offset: int) -> tuple[int, int]:
        row = bisect.bisect_right(self._starts, offset) - 1
        column = offset - self._starts[row] + 1
        return row + self._line, column + (self._col - 1 if row == 0 else 0)


def report(error: UnexpectedInput, place: _Lines, sink: Diagnostics) -> tuple[int, int]:
    """Say what the parser met; answers where."""
    start, end, found, terminals = _met(error)
    message, hint, _ = complaint(found, terminals)
    sink.error("TEN101", place.span(start, end), message, hint)
    return start, end


def _met(error: UnexpectedInput) -> tuple[int, int, str, set[str]]:
    if isinstance(error, UnexpectedToken):
        token: Token = error.token
        terminals = set(error.accepts or error.expected)
        if token.type == "$END":
            offset = token.end_pos or 0
            return offset, offset, "", terminals
        start = token.start_pos or 0
        if token.type == "_NL":
            return start, start + 1, str(token), terminals
        return start, start + len(token), str(token), terminals
    assert isinstance(error, UnexpectedCharacters)
    start = error.pos_in_stream or 0
    return start, start + 1, "", set(error.allowed or ())


class _Source:
    def __init__(self, source: str, file: str, sink: Diagnostics) -> None:
        self._source = source
        self._file = file
        self._sink = sink
        self._lines = _Lines(source, file)

    def file_tree(self) -> tree.File:
        size = len(self._source)
        whole = self._lines.span(0, size)
        if size > MAX_BYTES:
            self._sink.error("TEN108", self._lines.span(0, 0), f"a file of {size} characters; {MAX_BYTES} are allowed")
            return tree.File((), span=whole)
        scanned = scan(self._source)
        declarations = self._declarations(scanned)
        comments = tuple(
            tree.Comment(self._source[start:end].rstrip(), trailing, span=self._lines.span(start, end))
            for start, end, trailing in scanned.comments
        )
        return tree.File(declarations, "text", comments, span=whole)

    def _declarations(self, scanned: Scan) -> tuple[Any, ...]:
        for trouble in scanned.troubles[:MAX_MISTAKES]:
            self._sink.error(
                trouble.code, self._lines.span(trouble.start, trouble.end), trouble.message, trouble.hint
            )
        if any(trouble.code == "TEN109" for trouble in scanned.troubles):
            return ()
        if not scanned.troubles:
            try:
                parsed = parser().parse(self._source, start="start")
            except UnexpectedInput:
                pass
            else:
                return tuple(_builder(self._file, self._sink, 1, 1, 0).transform(parsed))
        return self._recovered(scanned)

    def _recovered(self, scanned: Scan) -> tuple[Any, ...]:
        text = list(self._source)
        for start, end in scanned.masked:
            text[start:end] = [c if c == "\n" else " " for c in text[start:end]]
        sound = "".join(text)
        found: list[Any] = []
        mistakes = 0
        for start, end, closers in scanned.chunks:
            line = self._source.count("\n", 0, start) + 1
            chunk = sound[start:end]
            suspicious = bool(closers) or any(start <= t.start < end for t in scanned.troubles)
            while chunk.strip() and mistakes < MAX_MISTAKES:
                try:
                    parsed = parser().parse(chunk + closers, start="start")
                except UnexpectedInput as error:
                    at = self._mistake(error, chunk, start, silent=suspicious)
                    mistakes += 1
                    chunk = _blanked(chunk, *piece_around(chunk, min(at, len(chunk) - 1)))
                else:
                    found += _builder(self._file, self._sink, line, 1, 0).transform(parsed)
                    break
        return tuple(found)

    def _mistake(self, error: UnexpectedInput, chunk: str, offset: int, *, silent: bool) -> int:
        """Report a mistake in a chunk; answers where in it. Where a string or bracket is open, that was said already."""
        start, end, found, terminals = _met(error)
        start, end = min(start, len(chunk)), min(end, len(chunk))
        if isinstance(error, UnexpectedCharacters):
            word = _WORD.match(chunk, start)
            found = word.group() if word is not None else chunk[start : start + 1]
            end = start + max(len(found), 1)
        if not silent:
            message, hint, _ = complaint(found, terminals)
            code = "TEN102" if isinstance(error, UnexpectedCharacters) and not found.isidentifier() else "TEN101"
            self._sink.error(code, self._lines.span(offset + start, offset + end), message, hint)
        return start


def _blanked(text: str, start: int, end: int) -> str:
    gap = "".join(c if c == "\n" else " " for c in text[start:end])
    return text[:start] + gap + text[end:]
