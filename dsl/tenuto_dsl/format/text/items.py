"""Items of a list with their comments, and what stands between braces.

An `Item` is a node, or a part of one that is no node, and the function that writes it: its comments are taken before it
is written, so that what is within does not take them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from tenuto_dsl.format.comments import NONE, Comments, Place, Reading, Remarks, start_of
from tenuto_dsl.format.document import (
    BLANK,
    HARD,
    INDENT,
    LINE,
    SOFT,
    Broken,
    Concat,
    Doc,
    Line,
    Suffix,
    concat,
    group,
    lay,
    nest,
)
from tenuto_dsl.format.expressions import ExpressionPrinter
from tenuto_dsl.format.from_yaml import Blanks
from tenuto_dsl.format.types import type_doc
from tenuto_dsl.syntax import tree

_DIRECTIVE = "# tenuto:"


@dataclass(frozen=True, slots=True)
class Item:
    """`name` is set for a part that is no node: "doc" or "version" of the node."""

    node: tree.Node
    make: Callable[[], Doc]
    place: Place
    name: str = ""


class ItemPrinter(ExpressionPrinter):
    """`reading` is the source of the text form that the tree was read from; without it, layout is by rule.

    `blanks` knows the blank lines of a source, of either form.
    """

    def __init__(self, comments: Comments, reading: Reading | None, blanks: Blanks | None = None) -> None:
        super().__init__(self.inline)
        self.comments = comments
        self._depth = 0
        self.reading = reading
        self.blanks = reading if reading is not None else blanks

    # -- comments --------------------------------------------------------------------------------------------------

    def inline(self, node: tree.Node, doc: Doc) -> Doc:
        """A node in the middle of a line: its comments go to the end of that line."""
        remarks = self.comments.take(node)
        found = remarks.all()
        return concat(doc, *(Suffix(c.text, hard=id(c) in remarks.hard) for c in found)) if found else doc

    def item(self, item: Item, comma: Doc = "") -> Doc:
        """A node that begins a line, or may."""
        remarks = self.comments.take_around(item.node, item.name)
        doc = item.make()
        lifted = self._lifted(item.node, remarks, doc)
        left = self.comments.rest(item.node) if not item.name else []
        behind = [Suffix(c.text, hard=id(c) in remarks.hard) for c in remarks.behind]
        parts: list[Doc] = [*self._before(remarks.before, item.place), *lifted, doc, comma]
        parts += [*behind, *(Suffix(c.text) for c in left)]
        for comment in remarks.below:
            parts += [self._line_end(comment.span.line), comment.text]
        return Concat(tuple(parts)) if len(parts) > 1 else doc

    def _lifted(self, node: tree.Node, remarks: Remarks, doc: Doc) -> list[Doc]:
        """What silences rules on one line silences them from above when that line is broken into several."""
        found = [c for c in remarks.behind if c.text.startswith(_DIRECTIVE)]
        if not found or node.span.line != node.span.end_line or len(lay(doc, indent=self._depth * INDENT)) == 1:
            return []
        remarks.behind = [c for c in remarks.behind if c not in found]
        return [part for comment in found for part in (comment.text, HARD)]

    def _before(self, comments: list[tree.Comment], place: Place) -> list[Doc]:
        parts: list[Doc] = []
        lines = [*(comment.span.line for comment in comments), place[0]]
        for comment, following in zip(comments, lines[1:], strict=True):
            parts += [comment.text, self._line_end(following)]
        return parts

    def _line_end(self, line: int) -> Doc:
        """The line end before a line: with a blank line where the source has one, or several."""
        return BLANK if self.blanks is not None and self.blanks.blank_above(line) else HARD

    def blank_before(self, item: Item, line: int) -> bool:
        """Whether the author left a blank line before an item, when the one before it begins in `line`."""
        if self.blanks is None or item.place[0] == line:
            return False
        before = self.comments.peek(item.node, item.name).before
        return self.blanks.blank_above(before[0].span.line if before else item.place[0])

    def lines_before(self, node: tree.Node) -> list[Doc]:
        remarks = self.comments.peek(node)
        before = [*remarks.before]
        remarks.before.clear()
        return [part for comment in before for part in (HARD, comment.text)]

    # -- braces ----------------------------------------------------------------------------------------------------

    def braces(self, owner: tree.Node, items: Iterable[Item], *, one_line: bool = False) -> Doc:
        """Items in braces, each on its own line; all on one line if the author wrote them so and they fit.

        `one_line` is what is tried where there is no author.
        """
        ordered = sorted(items, key=lambda item: item.place)
        within = self.comments.take(owner)
        inside = within.inside
        heads = [Suffix(c.text, hard=True) for c in within.all() if c not in inside]
        if not ordered and not inside:
            return concat("{}", *heads)
        broken = bool(inside) or (self._first_broken(ordered[0]) if self.reading is not None else not one_line)
        lines: list[Doc] = []
        line = 0
        self._depth += 1
        for item in ordered:
            if lines:
                lines.append(BLANK if self.blank_before(item, line) else Line("; "))
            lines.append(self.item(item))
            line = item.place[0]
        self._depth -= 1
        for comment in inside:
            lines += [self._line_end(comment.span.line), comment.text] if lines else [comment.text]
        return group("{", *heads, nest(LINE, *lines), LINE, "}", broken=broken)

    def _first_broken(self, first: Item) -> bool:
        assert self.reading is not None
        before = self.comments.peek(first.node, first.name).before
        return bool(before) or self.reading.opens_line(first.place, "{")

    def bracketed(
        self, node: tree.Node | None, opener: str, closer: str, items: Iterable[Any], item_doc: Callable[[Any], Doc],
        edge: Doc = SOFT,
    ) -> Doc:  # fmt: skip
        """Items between brackets: all on one line, or each on its own with a comma behind."""
        found = list(items)
        within = NONE if node is None else self.comments.take_within(node)
        heads: list[Doc] = [Suffix(c.text, hard=True) for c in within.head]
        if not found and not within.inside:
            return concat(opener, closer, *heads)
        broken = bool(within.inside) or (bool(found) and self._begun_below(found[0], opener[0]))
        parts: list[Doc] = []
        for position, item in enumerate(found):
            last = position == len(found) - 1
            if parts:
                parts.append(LINE)
            parts.append(self.item(entry(item, item_doc), Broken(",") if last else ","))
        for comment in within.inside:
            parts += [HARD, comment.text] if parts else [comment.text]
        return group(opener, *heads, nest(edge, *parts), edge, closer, broken=broken)

    def _begun_below(self, first: tree.Node, opener: str) -> bool:
        """Whether the author ended the line between an opening bracket and what is first in it."""
        return self.reading is not None and self.reading.opens_line(start_of(first.span), opener)

    def apart(self, before: tree.Node, after: tree.Node) -> bool:
        return self.reading is not None and before.span.end_line < after.span.line

    # -- types -----------------------------------------------------------------------------------------------------

    def type(self, node: tree.TypeNode) -> Doc:
        return type_doc(node, self.inline, self._record)

    def fields(self, nodes: tuple[tree.Field, ...]) -> Doc:
        """The fields of an error, which are those of a record that is no node."""

        def field(node: tree.Field) -> Doc:
            return concat(self.inline(node.name, node.name.text), ": ", self.type(node.type))

        return self.bracketed(None, "{", "}", nodes, field, LINE)

    def _record(self, node: tree.RecordType, field: Callable[[tree.Field], Doc]) -> Doc:
        return self.bracketed(node, "{", "}", node.fields, field, LINE)


def entry(node: Any, make: Callable[[Any], Doc]) -> Item:
    """An item that is a node, and the function that writes such nodes."""
    return Item(node, lambda: make(node), start_of(node.span))
