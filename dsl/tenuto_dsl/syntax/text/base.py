"""What all builders share: spans, the sink, and the way back into the parser for interpolated expressions."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from lark import Token
from lark.tree import Meta

from tenuto_dsl.syntax.tree import Span

if TYPE_CHECKING:
    from tenuto_dsl.diagnostics import Diagnostics

ParseInner = Callable[[str, "Span"], Any]
"""An expression's text and where it begins, to a node or None (diagnostics given)."""


class Builder:
    """`line` and `col` are where the parsed text begins in its file, both from 1."""

    def __init__(self, file: str, sink: Diagnostics, parse: ParseInner, line: int = 1, col: int = 1) -> None:
        self.file = file
        self.sink = sink
        self._parse = parse
        self._line = line
        self._col = col
        self.depths: dict[int, int] = {}
        self.kept: list[Any] = []  # nodes in `depths` must live as long as their ids are used
        self.too_deep = False

    def span(self, meta: Meta) -> Span:
        if meta.empty:
            return Span(self.file, self._line, self._col, self._line, self._col)
        return self._placed(meta.line, meta.column, meta.end_line, meta.end_column)

    def token_span(self, token: Token) -> Span:
        return self._placed(token.line or 1, token.column or 1, token.end_line or 1, token.end_column or 1)

    def within(self, token: Token, start: int, end: int) -> Span:
        """The part of a token between two offsets in it."""
        first = self._advanced(token, start)
        last = self._advanced(token, end)
        return self._placed(*first, *last)

    def parse_inner(self, text: str, token: Token, offset: int) -> Any:
        return self._parse(text, self.within(token, offset, offset + len(text)))

    def _advanced(self, token: Token, offset: int) -> tuple[int, int]:
        before = str(token)[:offset]
        lines = before.count("\n")
        column = len(before) - before.rfind("\n") if lines else (token.column or 1) + offset
        return (token.line or 1) + lines, column

    def _placed(self, line: int, col: int, end_line: int, end_col: int) -> Span:
        right = self._col - 1
        return Span(
            self.file,
            line + self._line - 1,
            col + (right if line == 1 else 0),
            end_line + self._line - 1,
            end_col + (right if end_line == 1 else 0),
        )
