"""Which comment of a YAML file belongs to which node of its tree, for the text form to be written with them.

Nodes of the YAML form know where they begin; where they end, indentation tells: a comment on a line of its own that is
indented deeper than what follows ends the entry above that is indented as deep.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass

from tenuto_dsl.format.comments import Anchor, Comments, Place, anchors, start_of
from tenuto_dsl.syntax import tree

_BRACED = (tree.ActivityDecl, tree.WorkflowDecl, tree.State, tree.Region, tree.MigrateDecl, tree.ParallelStep)
_WITH_BLOCK = (tree.IfStep, tree.ForStep, tree.RepeatStep, tree.TryStep, tree.Catch, tree.Branch)
_NO_ITEMS = (
    tree.Name, tree.Path, tree.Target, tree.Ident, tree.Select, tree.Index, tree.Call, tree.Unary, tree.Binary,
    tree.Conditional, tree.Literal_, tree.Interpolation, tree.ListExpr, tree.MapExpr, tree.Undo,
    tree.NamedType, tree.LiteralType, tree.ListType, tree.MapType, tree.RecordType, tree.OptionalType, tree.UnionType,
    tree.SensitiveType, tree.DoneTrigger, tree.SignalTrigger, tree.UpdateTrigger, tree.ErrorTrigger, tree.CancelTrigger,
    tree.AfterTrigger, tree.AtTrigger, tree.EveryTrigger, tree.WhenTrigger,
)  # fmt: skip
_CLOSED = re.compile(r"[\s,\]}\"']*$")
_HEADER = re.compile(r"\s*[A-Za-z_]+:\s*(?:#.*)?")


class Blanks:
    """The blank lines of a YAML source: one before the key of a section counts for the first in it."""

    def __init__(self, source: str) -> None:
        self._lines = source.split("\n")

    def blank_above(self, line: int) -> bool:
        line -= 1
        while line >= 1 and _HEADER.fullmatch(self._lines[line - 1]):
            line -= 1
        return line >= 1 and not self._lines[line - 1].strip()

    def indent(self, line: int) -> int:
        text = self._lines[line - 1]
        return len(text) - len(text.lstrip())

    def closed(self, place: Place) -> int:
        """How many maps in braces end right before a place, on its line."""
        before = self._lines[place[0] - 1][: place[1] - 1]
        found = _CLOSED.search(before)
        return found[0].count("}") if found is not None else 0

    def only_closes(self, place: Place) -> bool:
        """Whether nothing stands before a place on its line but closing brackets."""
        return _CLOSED.fullmatch(self._lines[place[0] - 1][: place[1] - 1]) is not None


@dataclass(frozen=True, slots=True)
class _Spot:
    anchor: Anchor
    parent: _Spot | None
    indent: int

    @property
    def start(self) -> Place:
        return self.anchor.start


def attach_yaml(file: tree.File, blanks: Blanks) -> Comments:
    """The comments of a file in the YAML form, by node."""
    found = Comments()
    if not file.comments:
        return found
    spots: list[_Spot] = []
    _collect(Anchor((0, 0), (0, 0), file), None, blanks, spots)
    spots.sort(key=lambda spot: spot.start)
    for comment in file.comments:
        _attach(file, comment, spots, blanks, found)
    return found


def _collect(around: Anchor, parent: _Spot | None, blanks: Blanks, spots: list[_Spot]) -> None:
    for anchor in [] if around.name else anchors(around.node):
        option = isinstance(around.node, tree.ActivityDecl) and anchor.node is not around.node.name
        option = option and not isinstance(anchor.node, tree.RecordType)
        is_item = anchor.name or option or not isinstance(anchor.node, _NO_ITEMS)
        if not is_item or (parent is not None and parent.start == anchor.start):
            _collect(anchor, parent, blanks, spots)
            continue
        spot = _Spot(anchor, parent, blanks.indent(anchor.start[0]))
        spots.append(spot)
        _collect(anchor, spot, blanks, spots)


def _attach(file: tree.File, comment: tree.Comment, spots: list[_Spot], blanks: Blanks, found: Comments) -> None:
    place = start_of(comment.span)
    position = bisect_left(spots, place, key=lambda spot: spot.start)
    last = spots[position - 1] if position else None
    following = spots[position] if position < len(spots) else None
    indent = blanks.indent(place[0])
    if comment.trailing and last is not None and last.start[0] == place[0]:
        _behind(comment, last, following, blanks.closed(place), found)
        return
    if comment.trailing and last is not None and blanks.only_closes(place):
        last = _around(last, indent)
        if last is not None and last.start[0] != place[0]:
            found.remarks(last.anchor).behind.append(comment)  # behind what ends the entry
            return
    if comment.trailing and following is not None and isinstance(following.anchor.node, tree.Block):
        found.remarks(following.anchor).head.append(comment)  # behind the key of a block
        return
    if following is not None and (last is None or indent <= following.indent or following.parent is last):
        found.remarks(following.anchor).before.append(comment)
        return
    last = _around(last, indent)
    if last is None:
        found.remarks(Anchor((0, 0), (0, 0), file)).inside.append(comment)
    else:
        _at_the_end(comment, last, indent, found)


def _around(spot: _Spot | None, indent: int) -> _Spot | None:
    """The innermost spot that a line with an indentation may stand in, or below."""
    while spot is not None and spot.indent > indent:
        spot = spot.parent
    return spot


def _at_the_end(comment: tree.Comment, spot: _Spot, indent: int, found: Comments) -> None:
    """Below an entry; a comment that is indented deeper is within it. What has no braces takes it above: below, it
    would be read as about what follows."""
    remarks, node = found.remarks(spot.anchor), spot.anchor.node
    if indent <= spot.indent or isinstance(node, (*_WITH_BLOCK, tree.Block)):
        remarks.below.append(comment)
    elif isinstance(node, _BRACED) and not spot.anchor.name:
        remarks.inside.append(comment)
    else:
        remarks.before.append(comment)


def _behind(
    comment: tree.Comment, spot: _Spot, following: _Spot | None, closed: int, found: Comments
) -> None:  # fmt: skip
    """Behind a name with more below it, a comment stands behind the opening brace; behind a closing one, it belongs to
    what that ends."""
    while closed and isinstance(spot.anchor.node, tree.Field) and spot.parent is not None:
        if isinstance(spot.parent.anchor.node, _BRACED):
            break
        spot, closed = spot.parent, closed - 1
    node = spot.anchor.node
    goes_on = following is not None and following.parent is spot and following.start[0] > spot.start[0]
    if goes_on and not spot.anchor.name:
        if isinstance(node, _BRACED) and not _is_ending(node):
            found.remarks(spot.anchor).head.append(comment)
            return
        within = next(_openers(node), None)
        if within is not None:
            found.remarks(Anchor(start_of(within.span), start_of(within.span), within)).head.append(comment)
            return
    remarks = found.remarks(spot.anchor)
    remarks.behind.append(comment)
    if not isinstance(node, tree.Arg | tree.Param | tree.MapEntry) and not (closed and isinstance(node, tree.Field)):
        remarks.hard.add(id(comment))


def _openers(node: tree.Node) -> Iterator[tree.Node]:
    """The block, or the record, that begins with a node."""
    if isinstance(node, _WITH_BLOCK):
        yield from (anchor.node for anchor in anchors(node) if isinstance(anchor.node, tree.Block))
    type_ = getattr(node, "type", None) if not isinstance(node, tree.LetStep) else None
    while isinstance(type_, tree.ListType):
        type_ = type_.item
    if isinstance(type_, tree.RecordType):
        yield type_


def _is_ending(node: tree.Node) -> bool:
    """Whether a state has nothing but its ending, so that it stands on one line."""
    return (
        isinstance(node, tree.State) and node.doc is None and len(anchors(node)) == 2 and node.body.ending is not None
    )
