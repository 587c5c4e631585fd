"""Types as written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from tenuto_dsl.syntax.tree.base import Name, Node


@dataclass(frozen=True, slots=True)
class NamedType(Node):
    """A built-in scalar (`string`, `int`, …) or a declared name."""

    name: str


@dataclass(frozen=True, slots=True)
class LiteralType(Node):
    value: str


@dataclass(frozen=True, slots=True)
class ListType(Node):
    item: TypeNode


@dataclass(frozen=True, slots=True)
class MapType(Node):
    key: TypeNode
    value: TypeNode


@dataclass(frozen=True, slots=True)
class Field(Node):
    name: Name
    type: TypeNode


@dataclass(frozen=True, slots=True)
class RecordType(Node):
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class OptionalType(Node):
    item: TypeNode


@dataclass(frozen=True, slots=True)
class UnionType(Node):
    options: tuple[TypeNode, ...]


@dataclass(frozen=True, slots=True)
class SensitiveType(Node):
    item: TypeNode


TypeNode: TypeAlias = (
    NamedType | LiteralType | ListType | MapType | RecordType | OptionalType | UnionType | SensitiveType
)
