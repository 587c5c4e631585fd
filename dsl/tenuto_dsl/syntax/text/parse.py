"""Parsing the text form, and going on after a mistake.

A source without mistakes is parsed in one go. Otherwise it is taken declaration by declaration, and within one the
smallest piece around a mistake (a step, a member, a declaration) is blanked out and the rest parsed again, until what
is left is sound. So one mistake hides only the piece it stands in, and two mistakes in two pieces give two diagnostics.
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
MAX_MISTAKES = 20
"""Mistakes looked for in one declaration; what comes after so many says nothing new."""

MAX_LINE = 10_000
"""Characters in one line: nobody writes such a line, and nobody could read what is wrong with it."""

_MAX_INNER = 4
"""Interpolations within interpolations."""

_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*|[0-9]+|\S")


def parse_text(source: str, file: str, sink: Diagnostics) -> tree.File:
    """The tree of a file in the text form: of everything in it that could be read."""
    return _Source(source, file, sink).file_tree()


def parse_part(
    source: str, file: str, sink: Diagnostics, start: str, line: int = 1, col: int = 1, inner: int = 0
) -> Any:
    """A lone expression or type that begins at (line, col) of its file; None when it cannot be read."""
    place = _Lines(source, file, line, col)
    scanned = scan(source)
    if scanned.troubles:
        for trouble in scanned.troubles:
            sink.error(trouble.code, place.span(trouble.start, trouble.end), trouble.message, trouble.hint)
        return None
    if not source.strip():
        sink.error(
            "TEN101", place.span(0, len(source)), "an expression is missing" if "exp" in start else "a type is missing"
        )
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
        longest = max(self._source.split("\n"), key=len)
        if len(longest) > MAX_LINE:
            start = self._source.index(longest)
            self._sink.error(
                "TEN108", self._lines.span(start, start), f"a line of {len(longest)} characters; {MAX_LINE} are allowed"
            )
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
            self._sink.error(trouble.code, self._lines.span(trouble.start, trouble.end), trouble.message, trouble.hint)
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
        for start, end, closers in scanned.chunks:
            suspicious = bool(closers) or any(start <= t.start < end for t in scanned.troubles)
            found += _Chunk(self._file, self._lines, self._sink, sound[start:end], start, suspicious).read(closers)
        return tuple(found)


class _Chunk:
    """One top-level declaration with mistakes in it. `offset` is where it begins; `silent` when its mistakes have been
    reported already (an open string or bracket makes a parser complain in the wrong place)."""

    def __init__(self, file: str, lines: _Lines, sink: Diagnostics, text: str, offset: int, silent: bool) -> None:
        self._file = file
        self._lines = lines
        self._sink = sink
        self._text = text
        self._offset = offset
        self._silent = silent
        self._line = lines.span(offset, offset).line
        self._shifts: list[tuple[int, int]] = []

    def read(self, closers: str) -> tuple[Any, ...]:
        for _ in range(MAX_MISTAKES):
            if not self._text.strip():
                break
            try:
                parsed = parser().parse(self._text + closers, start="start")
            except UnexpectedInput as error:
                self._mend(error)
            else:
                return tuple(_builder(self._file, self._sink, self._line, 1, 0).transform(parsed))
        return ()

    def _mend(self, error: UnexpectedInput) -> None:
        """Report a mistake and take it out: a misspelt keyword is put right, else its piece is blanked out."""
        start, end, found, terminals = _met(error)
        start, end = min(start, len(self._text)), min(end, len(self._text))
        if isinstance(error, UnexpectedCharacters):
            word = _WORD.match(self._text, start)
            found = word.group() if word is not None else self._text[start : start + 1]
            end = start + max(len(found), 1)
        message, hint, meant = complaint(found, terminals)
        if not self._silent:
            odd = isinstance(error, UnexpectedCharacters) and not found.isidentifier()
            span = self._lines.span(self._original(start), self._original(end))
            self._sink.error("TEN102" if odd else "TEN101", span, message, hint)
        if meant is not None and self._text[start:end] == found:
            self._text = self._text[:start] + meant + self._text[end:]
            self._shifts.append((start, len(meant) - len(found)))
            return
        piece_start, piece_end = piece_around(self._text, min(start, len(self._text) - 1))
        self._text = _blanked(self._text, piece_start, piece_end)

    def _original(self, position: int) -> int:
        """Where in the file a position of the mended text comes from."""
        return self._offset + position - sum(by for at, by in self._shifts if at < position)


def _blanked(text: str, start: int, end: int) -> str:
    gap = "".join(c if c == "\n" else " " for c in text[start:end])
    return text[:start] + gap + text[end:]
