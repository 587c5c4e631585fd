"""Places in a text, and the units in which clients count them.

The language counts characters from 1. A client counts from 0, in UTF-16 code units unless it agreed on bytes of UTF-8
or on characters. A line ends at a line feed, alone or after a carriage return, as everywhere in the language; a
position past the end of a line means its end.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import Literal, TypeAlias

from tenuto_dsl.syntax.tree import Span

Encoding: TypeAlias = Literal["utf-8", "utf-16", "utf-32"]
Place: TypeAlias = tuple[int, int]
"""A line and a column in characters, both from 1."""

_WIDE = 0xFFFF


def units(text: str, encoding: Encoding) -> int:
    """How long a text is in the units of an encoding."""
    if encoding == "utf-32" or text.isascii():
        return len(text)
    if encoding == "utf-8":
        return len(text.encode("utf-8", "surrogatepass"))
    return len(text) + sum(ord(character) > _WIDE for character in text)


class Lines:
    """A text by its lines."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.starts = [0]
        start = text.find("\n")
        while start >= 0:
            self.starts.append(start + 1)
            start = text.find("\n", start + 1)

    def line(self, number: int) -> str:
        """A line, counted from 1, without its end; empty past the last."""
        if not 1 <= number <= len(self.starts):
            return ""
        end = self.starts[number] - 1 if number < len(self.starts) else len(self.text)
        return self.text[self.starts[number - 1] : end].removesuffix("\r")

    def offset(self, line: int, col: int) -> int:
        """The offset of a place; of the nearest one that exists."""
        if line > len(self.starts):
            return len(self.text)
        return self.starts[max(line, 1) - 1] + min(max(col, 1) - 1, len(self.line(line)))

    def place(self, offset: int) -> Place:
        line = bisect_right(self.starts, offset)
        return line, offset - self.starts[line - 1] + 1

    def slice(self, span: Span) -> str:
        return self.text[self.offset(span.line, span.col) : self.offset(span.end_line, span.end_col)]

    # -- clients ------------------------------------------------------------------------------------------------------

    def from_client(self, line: int, character: int, encoding: Encoding) -> Place:
        """The place of a client's position. A position inside of a character is at its begin."""
        text = self.line(line + 1)
        if encoding == "utf-32" or text.isascii():
            return line + 1, min(character, len(text)) + 1
        counted = 0
        for index, sign in enumerate(text):
            counted += units(sign, encoding)
            if counted > character:
                return line + 1, index + 1
        return line + 1, len(text) + 1

    def to_client(self, line: int, col: int, encoding: Encoding) -> tuple[int, int]:
        """The client's line and character of a place."""
        if line > len(self.starts):  # the end of a span may be the line after the last
            last = len(self.starts)
            return last - 1, units(self.line(last), encoding)
        return line - 1, units(self.line(line)[: col - 1], encoding)


def within(place: Place, span: Span, *, touching: bool = True) -> bool:
    """Whether a place is in a span; with `touching`, also right after it."""
    start, end = (span.line, span.col), (span.end_line, span.end_col)
    return start <= place <= end if touching else start <= place < end
