"""Which comment of a YAML file belongs to which node of its tree, for the text form to be written with them.

Nodes of the YAML form know where they begin; where they end, indentation tells: a comment on a line of its own that is
indented deeper than what follows ends the entry above that is indented as deep.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass

from tenuto_dsl.format.comments import Anchor, Comments, Place, anchors, start_of
from tenuto_dsl.syntax import tree

_BRACED = (tree.ActivityDecl, tree.WorkflowDecl, tree.State, tree.Region, tree.MigrateDecl, tree.ParallelStep)
_WITH_BLOCK = (tree.IfStep, tree.ForStep, tree.RepeatStep, tree.TryStep, tree.Catch, tree.Branch)
_NO_ITEMS = (
    tree.Name, tree.Path, tree.Target, tree.Ident, tree.Select, tree.Index, tree.Call, tree.Unary, tree.Binary,
    tree.Conditional, tree.Literal_, tree.Interpolation, tree.ListExpr, tree.MapExpr, tree.Undo,
    tree.NamedType, tree.LiteralType, tree.ListType, tree.MapType, tree.RecordType, tree.OptionalType, tree.UnionType,
    tree.SensitiveType, tree.Field, tree.DoneTrigger, tree.SignalTrigger, tree.UpdateTrigger, tree.ErrorTrigger,
    tree.CancelTrigger, tree.AfterTrigger, tree.AtTrigger, tree.EveryTrigger, tree.WhenTrigger,
)  # fmt: skip
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
    if comment.trailing and last is not None and last.start[0] == place[0]:
        _behind(comment, last, following, found)
        return
    if comment.trailing and following is not None and isinstance(following.anchor.node, tree.Block):
        found.remarks(following.anchor).head.append(comment)  # behind the key of a block
        return
    indent = blanks.indent(place[0])
    if following is not None and (last is None or indent <= following.indent or following.parent is last):
        found.remarks(following.anchor).before.append(comment)
        return
    while last is not None and last.indent > indent:
        last = last.parent
    if last is None:
        found.remarks(Anchor((0, 0), (0, 0), file)).inside.append(comment)
    else:
        found.remarks(last.anchor).below.append(comment)


def _behind(comment: tree.Comment, spot: _Spot, following: _Spot | None, found: Comments) -> None:
    """Behind a name with more below it, a comment stands behind the opening brace."""
    node = spot.anchor.node
    goes_on = following is not None and following.parent is spot and following.start[0] > spot.start[0]
    if goes_on and not spot.anchor.name:
        if isinstance(node, _BRACED) and not _is_ending(node):
            found.remarks(spot.anchor).head.append(comment)
            return
        block = next((a for a in anchors(node) if isinstance(a.node, tree.Block)), None)
        if isinstance(node, _WITH_BLOCK) and block is not None:
            found.remarks(block).head.append(comment)
            return
    remarks = found.remarks(spot.anchor)
    remarks.behind.append(comment)
    if not isinstance(node, tree.Arg | tree.Param | tree.MapEntry):
        remarks.hard.add(id(comment))


def _is_ending(node: tree.Node) -> bool:
    """Whether a state has nothing but its ending, so that it stands on one line."""
    return (
        isinstance(node, tree.State) and node.doc is None and len(anchors(node)) == 2 and node.body.ending is not None
    )
