"""Building expressions and types."""

from __future__ import annotations

from typing import Any

from lark import Token
from lark.tree import Meta

from tenuto_dsl.syntax import tree
from tenuto_dsl.syntax.text.base import Builder
from tenuto_dsl.syntax.text.literals import (
    BadEscape,
    dedent_doc,
    integer,
    interpolations,
    microseconds,
    unescape,
    unescape_bytes,
)

MAX_DEPTH = 100
"""How deep an expression may nest, counting operators in a row: what reads it afterwards may recurse."""

_LARGEST = 2**64 - 1


class ExpressionBuilder(Builder):
    def _deep(self, node: Any, *parts: Any) -> Any:
        """Note how deep a node nests; replace one that is too deep."""
        depth = 1 + max((self.depths.get(id(part), 0) for part in parts), default=0)
        self.kept.append(node)
        self.depths[id(node)] = depth
        if depth > MAX_DEPTH:
            if not self.too_deep:
                self.too_deep = True
                self.sink.error("TEN109", node.span, f"an expression nested deeper than {MAX_DEPTH} levels")
            return tree.Literal_("null", None, span=node.span)
        return node

    def expression(self, meta: Meta, children: list[Any]) -> Any:
        return children[0]

    def expression_only(self, meta: Meta, children: list[Any]) -> Any:
        return children[0]

    def type_only(self, meta: Meta, children: list[Any]) -> Any:
        return children[0]

    def conditional(self, meta: Meta, children: list[Any]) -> Any:
        return self._deep(tree.Conditional(*children, span=self.span(meta)), *children)

    def _binary(self, meta: Meta, children: list[Any]) -> Any:
        left, operator, right = children
        return self._deep(tree.Binary(str(operator), left, right, span=self.span(meta)), left, right)  # type: ignore[arg-type]  # the grammar has no others

    or_ = and_ = relation = sum = product = _binary

    def not_(self, meta: Meta, children: list[Any]) -> Any:
        return self._deep(tree.Unary("!", children[-1], span=self.span(meta)), children[-1])

    def negative(self, meta: Meta, children: list[Any]) -> Any:
        return self._deep(tree.Unary("-", children[-1], span=self.span(meta)), children[-1])

    def select(self, meta: Meta, children: list[Any]) -> Any:
        operand, name = children
        return self._deep(tree.Select(operand, name, span=self.span(meta)), operand)

    def optional_select(self, meta: Meta, children: list[Any]) -> Any:
        operand, name = children
        return self._deep(tree.Select(operand, name, True, span=self.span(meta)), operand)

    def method(self, meta: Meta, children: list[Any]) -> Any:
        target, name, *args = children
        args = [arg for arg in args if arg is not None]
        return self._deep(tree.Call(target, name, tuple(args), span=self.span(meta)), target, *args)

    def function(self, meta: Meta, children: list[Any]) -> Any:
        name, *args = children
        args = [arg for arg in args if arg is not None]
        return self._deep(tree.Call(None, name, tuple(args), span=self.span(meta)), *args)

    def index(self, meta: Meta, children: list[Any]) -> Any:
        operand, index = children
        return self._deep(tree.Index(operand, index, span=self.span(meta)), operand, index)

    def optional_index(self, meta: Meta, children: list[Any]) -> Any:
        operand, _, index = children
        return self._deep(tree.Index(operand, index, True, span=self.span(meta)), operand, index)

    def ident(self, meta: Meta, children: list[Any]) -> Any:
        return tree.Ident(str(children[0]), span=self.span(meta))

    def optional_element(self, meta: Meta, children: list[Any]) -> Any:
        return _OptionalElement(children[0])

    def list_(self, meta: Meta, children: list[Any]) -> Any:
        items: list[Any] = []
        optional: list[int] = []
        for child in children:
            if child is None:
                continue
            if isinstance(child, Token):  # `[?`: the first element is optional
                optional.append(0)
            elif isinstance(child, _OptionalElement):
                optional.append(len(items))
                items.append(child.value)
            else:
                items.append(child)
        return self._deep(tree.ListExpr(tuple(items), tuple(optional), span=self.span(meta)), *items)

    def entry(self, meta: Meta, children: list[Any]) -> Any:
        key, value = children
        return self._deep(tree.MapEntry(key, value, span=self.span(meta)), key, value)

    def optional_entry(self, meta: Meta, children: list[Any]) -> Any:
        key, value = children
        return self._deep(tree.MapEntry(key, value, True, span=self.span(meta)), key, value)

    def map_(self, meta: Meta, children: list[Any]) -> Any:
        entries = tuple(child for child in children if isinstance(child, tree.MapEntry))
        return self._deep(tree.MapExpr(entries, span=self.span(meta)), *entries)

    def literal(self, meta: Meta, children: list[Any]) -> Any:
        token: Token = children[0]
        text, span = str(token), self.span(meta)
        match token.type:
            case "INT":
                return tree.Literal_("int", self._bounded(integer(text), span), span=span)
            case "UINT":
                return tree.Literal_("uint", self._bounded(integer(text[:-1]), span), span=span)
            case "FLOAT":
                return tree.Literal_("double", float(text), span=span)
            case "DURATION":
                return tree.Literal_("duration", self._bounded(microseconds(text), span), span=span)
            case "TRUE" | "FALSE":
                return tree.Literal_("bool", text == "true", span=span)
            case "NULL":
                return tree.Literal_("null", None, span=span)
            case "RAW":
                return tree.Literal_("string", text[2:-1], span=span)
            case "BYTES":
                return tree.Literal_("bytes", self._unescaped(token, 2, 1, unescape_bytes), span=span)
            case "DOC":
                return self._string(token, 3)
            case _:
                return self._string(token, 1)

    def _bounded(self, value: int, span: tree.Span) -> int:
        if value > _LARGEST:
            self.sink.error("TEN106", span, "a number that does not fit into 64 bits")
            return 0
        return value

    def _unescaped(self, token: Token, before: int, after: int, read: Any) -> Any:
        raw = str(token)[before : len(token) - after]
        try:
            return read(raw)
        except BadEscape as error:
            where = self.within(token, before + error.offset, before + error.offset + len(error.escape))
            self.sink.error(
                "TEN105",
                where,
                f"there is no escape {error.escape}",
                'write \\\\ for a backslash, or use a raw string r"…"',
            )
            return read("")

    def plain_string(self, token: Token) -> str:
        """A string where no interpolation is meant: a path, a name, a test's title."""
        quotes = 3 if token.type == "DOC" else 1
        text: str = self._unescaped(token, quotes, quotes, unescape)
        return text

    def doc_string(self, token: Token) -> str:
        text: str = self._unescaped(token, 3, 3, unescape)
        return dedent_doc(text)

    def _string(self, token: Token, quotes: int) -> Any:
        raw = str(token)[quotes : len(token) - quotes]
        span = self.token_span(token)
        holes = interpolations(raw) if "${" in raw else []
        if isinstance(holes, int):
            where = self.within(token, quotes + holes, quotes + holes + 2)
            self.sink.error("TEN104", where, "this ${ is never closed", "write \\${ for the two characters themselves")
            holes = []
        if not holes:
            return tree.Literal_("string", self._unescaped(token, quotes, quotes, unescape), span=span)
        parts: list[Any] = []
        position = 0
        for start, end in holes:
            if start > position:
                parts.append(self._piece(token, quotes, position, start))
            inner = self.parse_inner(raw[start + 2 : end - 1], token, quotes + start + 2)
            parts.append(inner if inner is not None else tree.Literal_("string", "", span=span))
            position = end
        if position < len(raw):
            parts.append(self._piece(token, quotes, position, len(raw)))
        if len(parts) == 1 and not isinstance(parts[0], str):
            from tenuto_dsl.diagnostics import Fix

            expression = raw[holes[0][0] + 2 : holes[0][1] - 1].strip()
            self.sink.error(
                "TEN107", span, "a string that is nothing but one interpolation",
                f"write the expression itself, or string({expression}) for its text",
                Fix("write the expression itself", span, expression),
            )  # fmt: skip
        return self._deep(tree.Interpolation(tuple(parts), span=span), *parts)

    def _piece(self, token: Token, quotes: int, start: int, end: int) -> str:
        text: str = self._unescaped(token, quotes + start, len(token) - quotes - end, unescape)
        return text

    # -- types -----------------------------------------------------------------------------------------------------

    def union_type(self, meta: Meta, children: list[Any]) -> Any:
        if len(children) == 1:
            return children[0]
        return self._deep(tree.UnionType(tuple(children), span=self.span(meta)), *children)

    def optional_type(self, meta: Meta, children: list[Any]) -> Any:
        return self._deep(tree.OptionalType(children[0], span=self.span(meta)), children[0])

    def named_type(self, meta: Meta, children: list[Any]) -> Any:
        return tree.NamedType(str(children[0]), span=self.span(meta))

    def literal_type(self, meta: Meta, children: list[Any]) -> Any:
        return tree.LiteralType(self.plain_string(children[0]), span=self.span(meta))

    def list_type(self, meta: Meta, children: list[Any]) -> Any:
        return self._deep(tree.ListType(children[0], span=self.span(meta)), children[0])

    def map_type(self, meta: Meta, children: list[Any]) -> Any:
        return self._deep(tree.MapType(children[0], children[1], span=self.span(meta)), *children)

    def sensitive_type(self, meta: Meta, children: list[Any]) -> Any:
        return self._deep(tree.SensitiveType(children[0], span=self.span(meta)), children[0])

    def field(self, meta: Meta, children: list[Any]) -> Any:
        return self._deep(tree.Field(children[0], children[1], span=self.span(meta)), children[1])

    def record_type(self, meta: Meta, children: list[Any]) -> Any:
        fields = tuple(child for child in children if child is not None)
        return self._deep(tree.RecordType(fields, span=self.span(meta)), *fields)

    def name(self, meta: Meta, children: list[Any]) -> Any:
        return tree.Name(str(children[0]), span=self.span(meta))

    def param(self, meta: Meta, children: list[Any]) -> Any:
        return tree.Param(*children, span=self.span(meta))

    def params(self, meta: Meta, children: list[Any]) -> Any:
        return tuple(child for child in children if child is not None)


class _OptionalElement:
    """A list element written with `?`, on its way to its list."""

    def __init__(self, value: Any) -> None:
        self.value = value
