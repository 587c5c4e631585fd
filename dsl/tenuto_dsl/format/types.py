"""Types as the text form writes them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tenuto_dsl.format.document import LINE, Broken, Doc, concat, flat, group, joined, nest
from tenuto_dsl.format.strings import plainly_quoted
from tenuto_dsl.syntax import tree

_ATOMS = (
    tree.NamedType, tree.LiteralType, tree.ListType, tree.MapType, tree.RecordType, tree.SensitiveType,
)  # fmt: skip

Around = Callable[[Any, Doc], Doc]
"""Puts the comments of a node around its document."""


Brackets = Callable[[tree.Node, tree.Node], bool]
"""Whether the author of a node broke the line between its opening bracket and the first node in it."""


def bare(_node: Any, doc: Doc) -> Doc:
    """No comments."""
    return doc


def never_broken(_node: tree.Node, _first: tree.Node) -> bool:
    """No author."""
    return False


def type_text(node: tree.TypeNode) -> str:
    """A type on one line, with no more parentheses than it needs."""
    return flat(type_doc(node))


def type_doc(node: tree.TypeNode, around: Around = bare, *, broken: Brackets = never_broken) -> Doc:
    """A type as a document. `broken` tells which records were begun on a line of their own, and so remain."""

    def of(node: tree.TypeNode) -> Doc:
        return around(node, bare_doc(node))

    def bare_doc(node: tree.TypeNode) -> Doc:
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
                return record_doc(node.fields, around, of, broken=bool(node.fields) and broken(node, node.fields[0]))
            case tree.OptionalType():
                return concat(atom(node.item), "?")
            case tree.SensitiveType():
                return concat("sensitive ", atom(node.item))
            case tree.UnionType():
                first, *rest = node.options
                more = nest(*(part for option in rest for part in (LINE, "| ", option_doc(option))))
                return group(option_doc(first), more)

    def atom(node: tree.TypeNode) -> Doc:
        return of(node) if isinstance(node, _ATOMS) else concat("(", of(node), ")")

    def option_doc(node: tree.TypeNode) -> Doc:
        return concat("(", of(node), ")") if isinstance(node, tree.UnionType) else of(node)

    return of(node)


def record_doc(
    fields: tuple[tree.Field, ...], around: Around, of: Callable[[tree.TypeNode], Doc], *, broken: bool = False
) -> Doc:
    """`{ name: type, … }`."""
    if not fields:
        return "{}"
    docs = [around(field, concat(around(field.name, field.name.text), ": ", of(field.type))) for field in fields]
    return group("{", nest(LINE, joined(concat(",", LINE), docs)), Broken(","), LINE, "}", broken=broken)
