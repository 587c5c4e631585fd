"""Expressions as the text form writes them: with no more parentheses than they need.

`expression_text` is for whoever shows an expression to people: on one line. `ExpressionPrinter` makes the document of
which the formatter chooses the line ends. A literal is spelled as its author spelled it, where the tree knows how.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from tenuto_dsl.format.document import LINE, SOFT, Doc, bracketed, concat, flat, group, nest
from tenuto_dsl.format.interpolations import interpolation_text
from tenuto_dsl.format.strings import bytes_text, double_text, duration_text, quoted
from tenuto_dsl.format.types import Around, bare
from tenuto_dsl.syntax import tree

_CONDITIONAL, _OR, _AND, _RELATION, _SUM, _PRODUCT, _UNARY, _POSTFIX = range(8)

_LEVELS: dict[str, int] = {
    "||": _OR, "&&": _AND,
    **dict.fromkeys(("==", "!=", "<", "<=", ">", ">=", "in"), _RELATION),
    "+": _SUM, "-": _SUM, "*": _PRODUCT, "/": _PRODUCT, "%": _PRODUCT,
}  # fmt: skip


def expression_text(node: tree.Expr) -> str:
    """An expression on one line, with no more parentheses than it needs."""
    return flat(ExpressionPrinter(one_line=True).doc(node))


def level(node: tree.Expr) -> int:
    """How strongly the outermost operator binds."""
    if isinstance(node, tree.Binary):
        return _LEVELS[node.operator]
    if isinstance(node, tree.Conditional):
        return _CONDITIONAL
    if isinstance(node, tree.Unary):
        return _UNARY
    negative = isinstance(node, tree.Literal_) and literal_text(node).startswith("-")
    return _UNARY if negative else _POSTFIX


def literal_text(node: tree.Literal_, *, one_line: bool = False) -> str:
    """As the author spelled it, else in the plainest spelling; so too when `one_line` asks for no line ends in it."""
    if node.spelling is not None and not (one_line and "\n" in node.spelling):
        return node.spelling
    value: Any = node.value
    match node.kind:
        case "null":
            return "null"
        case "bool":
            return "true" if value else "false"
        case "int":
            return str(value)
        case "uint":
            return f"{value}u"
        case "double":
            return double_text(value)
        case "duration":
            return duration_text(value)
        case "bytes":
            return bytes_text(value)
        case "string":
            return quoted(value)


class ExpressionPrinter:
    """`around` puts a node's comments around it. The formatter overrides what an author may have had a say in."""

    def __init__(self, around: Around = bare, *, one_line: bool = False) -> None:
        self._around = around
        self._one_line = one_line

    def apart(self, _before: tree.Node, _after: tree.Node) -> bool:
        """Whether the author began a line between two nodes."""
        return False

    def lines_before(self, _node: tree.Node) -> list[Doc]:
        """The comments on lines of their own before a node, each begun by a line end."""
        return []

    def bracketed(
        self, _node: tree.Node | None, opener: str, closer: str, items: Iterable[Any], item_doc: Callable[[Any], Doc],
        edge: Doc = SOFT,
    ) -> Doc:  # fmt: skip
        """Items between brackets: all on one line, or each on its own with a comma behind."""
        return bracketed(opener, closer, [item_doc(item) for item in items], edge)

    def doc(self, node: tree.Expr, least: int = _CONDITIONAL) -> Doc:
        """The document of an expression; in parentheses when it binds less strongly than `least`."""
        inner = self._around(node, self._bare(node))
        return concat("(", inner, ")") if level(node) < least else inner

    def _bare(self, node: tree.Expr) -> Doc:
        match node:
            case tree.Literal_():
                return literal_text(node, one_line=self._one_line)
            case tree.Interpolation():
                return interpolation_text(node, expression_text, one_line=self._one_line)
            case tree.Ident():
                return node.name
            case tree.Select():
                sign = ".?" if node.optional else "."
                return concat(self._operand(node.operand), sign, self._around(node.field, node.field.text))
            case tree.Index(index=tree.Literal_(spelling=str(quoted_name))) if quoted_name.startswith("`"):
                return concat(self._operand(node.operand), ".?" if node.optional else ".", quoted_name)
            case tree.Index():
                sign = "[?" if node.optional else "["
                return concat(self._operand(node.operand), sign, self.doc(node.index), "]")
            case tree.Call():
                target: Doc = "" if node.target is None else concat(self._operand(node.target), ".")
                name = self._around(node.function, node.function.text)
                return concat(target, name, self.bracketed(None, "(", ")", node.args, self.doc))
            case tree.Unary():
                return concat(node.operator, self.doc(node.operand, _UNARY))
            case tree.Binary():
                return self._binary(node)
            case tree.Conditional():
                return self._conditional(node)
            case tree.ListExpr():
                return self._list(node)
            case tree.MapExpr():
                return self.bracketed(node, "{", "}", node.entries, self._entry, LINE)

    def _operand(self, node: tree.Expr) -> Doc:
        """What stands before a dot or a bracket. A number would take the dot for its own."""
        if isinstance(node, tree.Literal_) and node.kind in ("int", "uint", "double", "duration"):
            return concat("(", self.doc(node), ")")
        return self.doc(node, _POSTFIX)

    def _binary(self, node: tree.Binary) -> Doc:
        """Operators of one level in a row break together, each before its operator. All associate to the left."""
        own = level(node)
        rest: list[Doc] = []
        broken = False
        left: tree.Expr = node
        while isinstance(left, tree.Binary) and level(left) == own:
            lines = self.lines_before(left.right)
            inner = concat(*lines, LINE, left.operator, " ", self.doc(left.right, own + 1))
            rest.append(self._around(left, inner) if left is not node else inner)
            broken = broken or self.apart(left.left, left.right)
            left = left.left
        return group(self.doc(left, own), nest(*reversed(rest)), broken=broken)

    def _conditional(self, node: tree.Conditional) -> Doc:
        parts: list[Doc] = [self.doc(node.condition, _OR)]
        before: tree.Expr = node.condition
        broken = False
        for sign, part, least in (("? ", node.then, _OR), (": ", node.otherwise, _CONDITIONAL)):
            parts.append(nest(*self.lines_before(part), LINE, sign, self.doc(part, least)))
            broken = broken or self.apart(before, part)
            before = part
        return group(*parts, broken=broken)

    def _list(self, node: tree.ListExpr) -> Doc:
        marked = {*node.optional} - {0}
        positions = iter(range(len(node.items)))
        return self.bracketed(
            node, "[?" if 0 in node.optional else "[", "]", node.items,
            lambda item: concat("?" if next(positions) in marked else "", self.doc(item)),
        )  # fmt: skip

    def _entry(self, entry: tree.MapEntry) -> Doc:
        key = self.doc(entry.key, _OR)
        return concat("?" if entry.optional else "", key, ": ", self.doc(entry.value))
