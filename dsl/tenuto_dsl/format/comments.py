"""Which comment belongs to which node.

A comment on its own line belongs to the node that it precedes, unless a closing bracket stands between; then to the
node that it follows; with neither, to the brackets it stands in. A comment behind code belongs to the node that ends
before it on its line. Printers take the comments of a node when they write it; what nobody has taken when an item of a
list is written is written with that item: no comment is lost.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from typing import Any, TypeAlias

from tenuto_dsl.syntax import tree

Place: TypeAlias = tuple[int, int]
"""A line and a column."""

_CLOSERS = frozenset(")]}")
_BRACED = (
    tree.ActivityDecl, tree.WorkflowDecl, tree.State, tree.Region, tree.MigrateDecl, tree.ParallelStep, tree.TestDecl,
)  # fmt: skip
_FLATTENED = (tree.StateBody,)


@dataclass(slots=True)
class Remarks:
    """The comments of one node. `hard`: those of `behind` that keep the list around broken."""

    before: list[tree.Comment] = field(default_factory=list)
    head: list[tree.Comment] = field(default_factory=list)
    behind: list[tree.Comment] = field(default_factory=list)
    below: list[tree.Comment] = field(default_factory=list)
    inside: list[tree.Comment] = field(default_factory=list)
    hard: set[int] = field(default_factory=set)

    def all(self) -> list[tree.Comment]:
        found = [*self.before, *self.head, *self.behind, *self.inside, *self.below]
        return sorted(found, key=lambda comment: start_of(comment.span))


NONE = Remarks()


def start_of(span: tree.Span) -> Place:
    return span.line, span.col


def end_of(span: tree.Span) -> Place:
    return span.end_line, span.end_col


_FIELDS: dict[type, tuple[str, ...]] = {}


def _parts(node: tree.Node) -> Iterable[Any]:
    """The nodes directly in a node, in the order of its fields."""
    names = _FIELDS.get(type(node))
    if names is None:
        names = tuple(part.name for part in fields(node) if part.name not in ("span", "comments"))
        _FIELDS[type(node)] = names
    for name in names:
        value = getattr(node, name)
        if isinstance(value, _FLATTENED):
            yield from _parts(value)
        elif isinstance(value, tree.Node):
            yield value
            if isinstance(value, tree.HttpBinding):
                yield from (part for part in _parts(value) if part is not value.url)
        elif isinstance(value, tuple):
            yield from (part for part in value if isinstance(part, tree.Node))


@dataclass(frozen=True, slots=True)
class Anchor:
    """A node, or a part of one that is no node (`name`), and where it stands."""

    start: Place
    end: Place
    node: tree.Node
    name: str = ""

    @property
    def key(self) -> tuple[int, str]:
        return id(self.node), self.name


def anchors(node: tree.Node) -> list[Anchor]:
    """What comments in a node may belong to, in the order of the source."""
    found = [_anchor(part) for part in _parts(node)]
    for name in ("doc", "version"):
        span = getattr(node, f"{name}_span", None)
        if span is not None:
            found.append(Anchor(start_of(span), end_of(span), node, name))
    found.sort(key=lambda anchor: (anchor.start, anchor.end))
    return found


def _anchor(node: tree.Node) -> Anchor:
    end = end_of(node.url.span) if isinstance(node, tree.HttpBinding) else end_of(node.span)
    return Anchor(start_of(node.span), end, node)


class Comments:
    """The comments of a file by node; taken as they are written."""

    def __init__(self) -> None:
        self._of: dict[tuple[int, str], Remarks] = {}

    def remarks(self, anchor: Anchor) -> Remarks:
        return self._of.setdefault(anchor.key, Remarks())

    def take(self, node: tree.Node, name: str = "") -> Remarks:
        """A node's own comments, once."""
        return self._of.pop((id(node), name), NONE) if self._of else NONE

    def take_around(self, node: tree.Node, name: str = "") -> Remarks:
        """The comments before, behind and below a node; those within stay until they are taken."""
        found = self.take(node, name)
        if found.head or found.inside:
            self._of[id(node), name] = Remarks(head=found.head, inside=found.inside)
        return found

    def take_within(self, node: tree.Node) -> Remarks:
        """The comments within a node's brackets that belong to nothing in them."""
        found = self._of.get((id(node), ""))
        if found is None:
            return NONE
        within = Remarks(head=found.head, inside=found.inside)
        found.head, found.inside = [], []
        return within

    def peek(self, node: tree.Node, name: str = "") -> Remarks:
        return self._of.get((id(node), name), NONE)

    def rest(self, node: tree.Node) -> list[tree.Comment]:
        """What is left of the comments of a node and of all in it, in order."""
        found: list[tree.Comment] = []
        stack = [node]
        while stack and self._of:
            item = stack.pop()
            for name in ("", "doc", "version"):
                left = self._of.pop((id(item), name), None)
                found += left.all() if left is not None else ()
            # The header, body and result of a request are lines of their own, beside the one with its address.
            stack.extend((item.url,) if isinstance(item, tree.HttpBinding) else _parts(item))
        return sorted(found, key=lambda comment: start_of(comment.span))


class Reading:
    """A source of the text form, with its comments blanked out, asked for what stands between two places."""

    def __init__(self, source: str, comments: Iterable[tree.Comment]) -> None:
        lines = source.split("\n")
        self.blank = [not line.strip() for line in lines]
        for comment in comments:
            line, col = start_of(comment.span)
            text = lines[line - 1]
            lines[line - 1] = text[: col - 1] + " " * (len(text) - col + 1)
        self._lines = lines

    def between(self, start: Place, end: Place) -> str:
        if start[0] == end[0]:
            return self._lines[start[0] - 1][start[1] - 1 : end[1] - 1]
        first = self._lines[start[0] - 1][start[1] - 1 :]
        middle = self._lines[start[0] : end[0] - 1]
        return "\n".join([first, *middle, self._lines[end[0] - 1][: end[1] - 1]])

    def blank_above(self, line: int) -> bool:
        return line >= 2 and self.blank[line - 2]

    def ends_with(self, place: Place, sign: str) -> bool:
        """Whether a sign is the last before a place on its line."""
        return self._lines[place[0] - 1][: place[1] - 1].rstrip().endswith(sign)

    def blank_below(self, line: int) -> bool:
        return line < len(self.blank) and self.blank[line]

    def begins_line(self, line: int, word: str) -> bool:
        return self._lines[line - 1].lstrip().startswith(word)

    def opens_line(self, place: Place, opener: str) -> bool:
        """Whether the line ends between an opening bracket and the place of what comes first in it."""
        line = self._lines[place[0] - 1]
        return opener not in line[: place[1] - 1]


def attach_text(file: tree.File, reading: Reading) -> Comments:
    """The comments of a file in the text form, by node."""
    found = Comments()
    known: dict[tuple[int, str], list[Anchor]] = {}
    for comment in file.comments:
        _attach(file, comment, reading, found, known)
    return found


def _attach(
    file: tree.File, comment: tree.Comment, reading: Reading, found: Comments,
    known: dict[tuple[int, str], list[Anchor]],
) -> None:  # fmt: skip
    place, end = start_of(comment.span), end_of(comment.span)
    around = Anchor((0, 0), (0, 0), file)
    while True:
        if around.key not in known:
            known[around.key] = [] if around.name else anchors(around.node)
        children = known[around.key]
        position = bisect_left(children, place, key=lambda child: child.start)
        before = children[position - 1] if position else None
        after = children[position] if position < len(children) else None
        inner = before if before is not None and before.end > place else None
        if inner is None:
            break
        around = inner
    if comment.trailing:
        if isinstance(around.node, _BRACED) and reading.ends_with(place, "{"):
            found.remarks(around).head.append(comment)
        elif before is not None:
            remarks = found.remarks(before)
            remarks.behind.append(comment)
            if reading.between(before.end, place).strip() in ("", ","):
                remarks.hard.add(id(comment))
        else:
            found.remarks(around).head.append(comment)
    elif after is not None and (before is None or _CLOSERS.isdisjoint(reading.between(end, after.start))):
        found.remarks(after).before.append(comment)
    elif before is not None:
        found.remarks(before).below.append(comment)
    else:
        found.remarks(around).inside.append(comment)
