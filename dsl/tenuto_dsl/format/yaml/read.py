"""A YAML source to the model: its scalars as spelled, its layout and its comments where they stand.

A comment on a line of its own belongs to the entry below it, unless it is indented deeper: then it ends the entry above
that is indented as deep. A comment behind something belongs to the entry of its line.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass

from tenuto_dsl.format.comments import Place, start_of
from tenuto_dsl.format.document import INDENT
from tenuto_dsl.format.yaml.model import Entry, Many, Text, Value
from tenuto_dsl.format.yaml.spell import quoted
from tenuto_dsl.syntax import tree
from tenuto_dsl.syntax.yaml.compose import Mapping, Node, Scalar, Sequence

_BLOCK = re.compile(r"([|>])([-+0-9]*)")
_ESCAPED_BLANK = re.compile(r"\\[ \t]+$")
"""What ends a line of a text in quotes, and without its blank would say that the line goes on."""


@dataclass(slots=True)
class _Spot:
    """An entry, and where it stands. `end` is where its value ends; `flow`: it stands in brackets."""

    entry: Entry
    start: Place
    end: Place
    parent: _Spot | None
    flow: bool

    @property
    def col(self) -> int:
        return self.start[1]


class ModelReader:
    def __init__(self, source: str) -> None:
        self._lines = source.split("\n")
        self._spots: list[_Spot] = []

    def read(self, root: Mapping, comments: tuple[tree.Comment, ...]) -> tuple[Many, list[str | None]]:
        """The model of a file, and the comments at its end that belong to no entry."""
        many = self._many(root, None)
        after: list[str | None] = []
        placed: dict[int, list[int]] = {}
        for comment in comments:
            self._place(comment, after, placed)
        begun: set[int] = set()  # of several entries on a line only the first has a blank line above it
        for spot in self._spots:
            first = placed.get(id(spot.entry), [spot.start[0]])[0]
            spot.entry.blank = first not in begun and self._blank_above(first)
            begun |= {first, spot.start[0]}
        return many, after

    # -- values ----------------------------------------------------------------------------------------------------

    def _value(self, node: Node, parent: _Spot | None) -> Value:
        return self._text(node) if isinstance(node, Scalar) else self._many(node, parent)

    def _many(self, node: Mapping | Sequence, parent: _Spot | None) -> Many:
        flow = self._sign(start_of(node.span)) in ("{", "[")
        many = Many(isinstance(node, Mapping), flow=flow and node.span.line == node.span.end_line)
        inside = flow or (parent is not None and parent.flow)
        entries = node.entries if isinstance(node, Mapping) else [(None, item) for item in node.items]
        for key, value in entries:
            entry = many.add(None if key is None else self._slice(key.span)[0], Text(""))
            start = start_of(key.span) if key is not None else self._dash(start_of(value.span), flow=flow)
            spot = _Spot(entry, start, self._end(key, value), parent, inside)
            self._spots.append(spot)
            entry.value = self._value(value, spot)
        return many

    def _dash(self, place: Place, *, flow: bool) -> Place:
        """Where the dash of an item stands: on its line, or on one above."""
        if flow:
            return place
        line, col = place
        text = self._lines[line - 1][: col - 1]
        while not text.rstrip().endswith("-") and line > 1:
            line -= 1
            text = self._lines[line - 1].partition(" #")[0]
        return line, len(text.rstrip())

    def _end(self, key: Scalar | None, node: Node) -> Place:
        """Where a node ends. A block collection ends with its last entry, whatever its span says."""
        while isinstance(node, Mapping | Sequence) and self._sign(start_of(node.span)) not in ("{", "["):
            children = [value for _, value in node.entries] if isinstance(node, Mapping) else node.items
            if not children:
                break
            if isinstance(node, Mapping):
                key = node.entries[-1][0]
            node = children[-1]
        if isinstance(node, Scalar) and not node.text and node.plain and key is not None:
            return key.span.end_line, key.span.end_col + 1
        return node.span.end_line, node.span.end_col

    def _sign(self, place: Place) -> str:
        return self._lines[place[0] - 1][place[1] - 1 : place[1]] if place[0] <= len(self._lines) else ""

    def _slice(self, span: tree.Span) -> list[str]:
        lines = self._lines[span.line - 1 : span.end_line]
        if not lines:
            return [""]
        if span.line == span.end_line:
            return [lines[0][span.col - 1 : span.end_col - 1]]
        return [lines[0][span.col - 1 :], *lines[1:-1], lines[-1][: span.end_col - 1]]

    def _text(self, node: Scalar) -> Text:
        lines = self._slice(node.span)
        header = _BLOCK.match(lines[0]) if not node.plain else None
        if header is None:
            if not node.plain and any(_ESCAPED_BLANK.search(line) for line in lines[:-1]):
                return Text(quoted(node.text))
            first, *rest = (line.strip() for line in lines)
            return Text(first, rest)
        style, signs = header.groups()
        chomp = signs.strip("0123456789")
        content = lines[1:-1] if node.span.end_col == 1 else lines[1:]
        while content and not content[-1].strip() and chomp != "+":
            content.pop()
        if _ends_unseen(content, node.text):
            return Text(quoted(node.text))
        written = next((line for line in content if line.strip()), "")
        meant = next((line for line in node.text.split("\n") if line.strip()), "")
        margin = _lead(written) - _lead(meant)
        return Text(f"{style}{INDENT if meant.startswith(' ') else ''}{chomp}", [line[margin:] for line in content])

    # -- comments --------------------------------------------------------------------------------------------------

    def _place(self, comment: tree.Comment, after: list[str | None], placed: dict[int, list[int]]) -> None:
        place = start_of(comment.span)
        position = bisect_left(self._spots, place, key=lambda spot: spot.start)
        last = self._spots[position - 1] if position else None
        below = self._spots[position] if position < len(self._spots) else None
        if comment.trailing and last is not None:
            self._behind(comment, last)
            return
        inside = last is not None and last.flow and place < self._flow_end(last)
        if below is not None and (last is None or comment.span.col <= below.col or below.parent is last or inside):
            remarks = below.entry.before
            lines = placed.setdefault(id(below.entry), [])
            lines.append(place[0])
            remarks.append(comment.text)
            if self._blank_below(place[0]):
                remarks.append(None)
            return
        owner = last
        while owner is not None and (owner.col > comment.span.col or (owner.flow and not inside)):
            owner = owner.parent
        remarks = after if owner is None else owner.entry.below
        if self._blank_above(place[0]):
            remarks.append(None)
        remarks.append(comment.text)

    def _behind(self, comment: tree.Comment, spot: _Spot) -> None:
        place = start_of(comment.span)
        while spot.flow and spot.parent is not None and place >= self._flow_end(spot):
            spot = spot.parent
        spot.entry.behind.append(comment.text)

    def _flow_end(self, spot: _Spot) -> Place:
        """Where the outermost brackets around a spot end."""
        while spot.flow and spot.parent is not None:
            spot = spot.parent
        return spot.end

    def _blank_above(self, line: int) -> bool:
        return line >= 2 and not self._lines[line - 2].strip()

    def _blank_below(self, line: int) -> bool:
        return line < len(self._lines) and not self._lines[line].strip()


def _ends_unseen(content: list[str], text: str) -> bool:
    """Whether a line ends with blanks, or the text with empty lines: in a block nobody sees them, and they get lost."""
    if content and not content[-1].strip():
        return True
    ends = any(line.strip() and line != line.rstrip() for line in content)
    return ends or any(line.isspace() for line in text.split("\n"))


def _lead(line: str) -> int:
    return len(line) - len(line.lstrip(" "))
