"""Types as the text form writes them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tenuto_dsl.format.document import LINE, Doc, bracketed, concat, flat, group, nest
from tenuto_dsl.format.strings import plainly_quoted
from tenuto_dsl.syntax import tree

_ATOMS = (
    tree.NamedType, tree.LiteralType, tree.ListType, tree.MapType, tree.RecordType, tree.SensitiveType,
)  # fmt: skip

Around = Callable[[Any, Doc], Doc]
"""Puts the comments of a node around its document."""


def bare(_node: Any, doc: Doc) -> Doc:
    """No comments."""
    return doc


def type_text(node: tree.TypeNode) -> str:
    """A type on one line, with no more parentheses than it needs."""
    return flat(type_doc(node))


RecordDoc = Callable[[tree.RecordType, Callable[[tree.Field], Doc]], Doc]
"""Writes a record of the function that writes a field."""


def plain_record(node: tree.RecordType, field: Callable[[tree.Field], Doc]) -> Doc:
    return bracketed("{", "}", [field(item) for item in node.fields], LINE)


def type_doc(node: tree.TypeNode, around: Around = bare, record: RecordDoc = plain_record) -> Doc:
    """A type as a document."""

    def of(node: tree.TypeNode) -> Doc:
        return around(node, inner(node))

    def inner(node: tree.TypeNode) -> Doc:
        match node:
            case tree.NamedType():
                return node.name
            case tree.LiteralType():
                return plainly_quoted(node.value)
            case tree.ListType():
                return concat("[", of(node.item), "]")
            case tree.MapType():
                return concat("map(", of(node.key), ", ", of(node.value), ")")
            case tree.RecordType():
                return record(node, field)
            case tree.OptionalType():
                return concat(atom(node.item), "?")
            case tree.SensitiveType():
                return concat("sensitive ", atom(node.item))
            case tree.UnionType():
                first, *rest = node.options
                more = nest(*(part for one in rest for part in (LINE, "| ", option(one))))
                return group(option(first), more)

    def field(node: tree.Field) -> Doc:
        return concat(around(node.name, node.name.text), ": ", of(node.type))

    def atom(node: tree.TypeNode) -> Doc:
        return of(node) if isinstance(node, _ATOMS) else concat("(", of(node), ")")

    def option(node: tree.TypeNode) -> Doc:
        return concat("(", of(node), ")") if isinstance(node, tree.UnionType) else of(node)

    return of(node)
