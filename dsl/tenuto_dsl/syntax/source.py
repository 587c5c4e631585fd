"""A source text and its places: offsets to lines and columns.

A line ends at a line feed, alone or after a carriage return; nothing else ends one. Everything that parses works with
offsets and asks a `Source` for the span at the end.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cached_property

from tenuto_dsl.syntax.tree import Span

MAX_SIZE = 1_000_000
"""The most characters a file may have. A workflow file of ten thousand lines has half of that."""


class Source:
    """A text with a file name. `line` and `col` are where it begins, for a text that stands inside of a file."""

    def __init__(self, text: str, file: str, line: int = 1, col: int = 1) -> None:
        self.text = text
        self.file = file
        self._line = line
        self._col = col

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *(found.end() for found in re.finditer("\n", self.text))]

    def place(self, offset: int) -> tuple[int, int]:
        """The line and column of an offset, both from 1."""
        line = bisect_right(self._starts, offset) - 1
        col = offset - self._starts[line]
        return self._line + line, (self._col if line == 0 else 1) + col

    def span(self, start: int, end: int) -> Span:
        return Span(self.file, *self.place(start), *self.place(end))

    def indent(self, offset: int) -> int:
        """The column, from 0, of the first sign on the line of an offset."""
        start = self._starts[bisect_right(self._starts, offset) - 1]
        text = self.text
        end = start
        while end < len(text) and text[end] in " \t":
            end += 1
        return end - start


class PlacedSource(Source):
    """A text taken out of a file character by character, as the value of a YAML scalar is.

    `places` holds the line and column of each character, and one more for the end.
    """

    def __init__(self, text: str, file: str, places: list[tuple[int, int]]) -> None:
        super().__init__(text, file)
        assert len(places) == len(text) + 1
        self._places = places

    def place(self, offset: int) -> tuple[int, int]:
        return self._places[min(offset, len(self._places) - 1)]

    def span(self, start: int, end: int) -> Span:
        """The end is taken from the last character, so that a break after it does not count."""
        line, col = self.place(start)
        if end <= start:
            return Span(self.file, line, col, line, col)
        end_line, end_col = self.place(end - 1)
        return Span(self.file, line, col, end_line, end_col + 1)
