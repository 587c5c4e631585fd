"""Types as written."""

from __future__ import annotations

from typing import TypeAlias

from tenuto_interpreter.frozen import frozen

from tenuto_dsl.syntax.tree.base import Name, Node

UNREADABLE = ""
"""The name of a type that could not be read, and of which that was said."""


@frozen
class NamedType(Node):
    """A built-in scalar (`string`, `int`, …) or a declared name; or `UNREADABLE`."""

    name: str


@frozen
class LiteralType(Node):
    value: str


@frozen
class ListType(Node):
    item: TypeNode


@frozen
class MapType(Node):
    key: TypeNode
    value: TypeNode


@frozen
class Field(Node):
    name: Name
    type: TypeNode


@frozen
class RecordType(Node):
    fields: tuple[Field, ...]


@frozen
class OptionalType(Node):
    item: TypeNode


@frozen
class UnionType(Node):
    options: tuple[TypeNode, ...]


@frozen
class SensitiveType(Node):
    item: TypeNode


TypeNode: TypeAlias = (
    NamedType | LiteralType | ListType | MapType | RecordType | OptionalType | UnionType | SensitiveType
)
