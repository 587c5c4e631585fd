"""Pieces that declarations and steps share: names, arguments, parameters, options, blocks."""

from __future__ import annotations

from collections.abc import Iterable

from tenuto_dsl.format.comments import start_of
from tenuto_dsl.format.document import HARD, Doc, concat, flat_if_short, joined
from tenuto_dsl.format.strings import docstring, plainly_quoted
from tenuto_dsl.format.text.items import Item, ItemPrinter
from tenuto_dsl.syntax import tree

_SIMPLE = (
    tree.LetStep, tree.AssignStep, tree.CallStep, tree.StartStep, tree.WaitStep, tree.WaitUntilStep, tree.WaitForStep,
    tree.ReceiveStep, tree.SendStep, tree.CompensateStep, tree.CommitStep, tree.DiscardStep, tree.ReplyStep,
    tree.LogStep, tree.YieldStep, tree.ReturnStep, tree.FailStep,
)  # fmt: skip
_LONG_TYPE = 70
_LIMITS = ("attempt", "overall", "queued", "heartbeat")


class PiecePrinter(ItemPrinter):
    def name(self, node: tree.Name) -> Doc:
        return self.inline(node, node.text)

    def names(self, nodes: Iterable[tree.Name], separator: str) -> Doc:
        return joined(separator, [self.name(node) for node in nodes])

    def path(self, node: tree.Path) -> Doc:
        return self.inline(node, self.names(node.names, "."))

    def args(self, nodes: tuple[tree.Arg, ...], owner: tree.Node | None = None) -> Doc:
        """`owner` is whose comments stand in the parentheses, where no name before them takes these."""
        return self.bracketed(owner, "(", ")", nodes, self.arg)

    def arg(self, node: tree.Arg) -> Doc:
        value = self.doc(node.value)
        return value if node.name is None else concat(self.name(node.name), ": ", value)

    def params(self, nodes: tuple[tree.Param, ...]) -> Doc:
        return self.bracketed(None, "(", ")", nodes, self._param)

    def _param(self, node: tree.Param) -> Doc:
        default: Doc = "" if node.default is None else concat(" = ", self.doc(node.default))
        return concat(self.name(node.name), ": ", self.type(node.type), default)

    def returns(self, node: tree.TypeNode | None) -> Doc:
        return "" if node is None else concat(" -> ", flat_if_short(self.type(node), _LONG_TYPE))

    # -- options ---------------------------------------------------------------------------------------------------

    def timeout(self, node: tree.Timeout) -> Doc:
        """What comes behind `timeout`. A lone `attempt` needs no word, unless its expression begins with one."""
        limits = [(name, getattr(node, name)) for name in _LIMITS if getattr(node, name) is not None]
        parts: list[Doc] = []
        for position, (name, value) in enumerate(limits):
            word = "" if name == "attempt" and len(limits) == 1 and not position else f"{name} "
            parts.append(concat(word, self.guarded(value, _LIMITS) if not word else self.doc(value)))
        return self.inline(node, joined(" ", parts))

    def guarded(self, node: tree.Expr, words: tuple[str, ...]) -> Doc:
        """An expression in a place where some words at its begin would be taken for keywords."""
        first: tree.Expr | None = node
        while isinstance(first, tree.Select | tree.Index | tree.Binary | tree.Conditional | tree.Call):
            match first:
                case tree.Select() | tree.Index():
                    first = first.operand
                case tree.Binary():
                    first = first.left
                case tree.Conditional():
                    first = first.condition
                case tree.Call(target=None):
                    return self._in_parentheses(node) if first.function.text in words else self.doc(node)
                case tree.Call():
                    first = first.target
        if isinstance(first, tree.Ident) and first.name in words:
            return self._in_parentheses(node)
        return self.doc(node)

    def _in_parentheses(self, node: tree.Expr) -> Doc:
        return concat("(", self.doc(node), ")")

    def retry(self, node: tree.Retry) -> Doc:
        parts: list[Doc] = [self.doc(node.times), " times"]
        for word, value in (("backoff", node.backoff), ("factor", node.factor), ("up to", node.up_to)):
            if value is not None:
                parts += [f" {word} ", self.doc(value)]
        if node.unless:
            parts += [" unless ", self.names(node.unless, " | ")]
        return self.inline(node, concat(*parts))

    # -- descriptions ----------------------------------------------------------------------------------------------

    def doc_text(self, text: str) -> Doc:
        """A description in triple quotes, its lines indented as deep as its first."""
        lines = docstring(text).split("\n")
        if len(lines) > 1 and all(line.startswith(" ") for line in lines[1:] if line):
            # The indentation that all lines but the first share would be taken for that of the source.
            lines = ['"""', *lines, '"""']
            lines[1], lines[-2] = lines[1][3:], lines[-2][:-3]
        return joined(HARD, lines)

    def doc_item(self, node: tree.Node, text: str, span: tree.Span | None) -> Item:
        place = start_of(span) if span is not None else (0, 0)
        return Item(node, lambda: self.doc_text(text), place, "doc")

    def doc_behind(self, text: str | None) -> Doc:
        """The description of a declaration without braces."""
        return "" if text is None else concat(" ", self.doc_text(text))

    def string(self, text: str) -> Doc:
        return plainly_quoted(text)


def is_simple(node: tree.Node) -> bool:
    return isinstance(node, _SIMPLE)
