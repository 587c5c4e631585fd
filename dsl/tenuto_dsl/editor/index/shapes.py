"""Where the fields of a value are declared.

The checker's types are structural: a record of theirs does not know where it was written. A shape is the written type
itself, so that a field leads back to its place. It is found along declarations: a variable has the shape of its type, a
`let` that of what the activity returns, a loop variable that of an item. Where that trail ends the shape is None, and
nothing is said.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from tenuto_dsl.syntax import tree

_LONGEST = 50


@dataclass(frozen=True, slots=True)
class Members:
    """Named parts that no type was written for: the payload of a message, the fields of an error."""

    members: tuple[tree.Field | tree.Param, ...]


@dataclass(frozen=True, slots=True)
class Several:
    """A list that no type was written for: the arguments of every call so far, in a test."""

    item: Members


Shape: TypeAlias = tree.TypeNode | Members | Several


def plain(shape: Shape | None, types: Mapping[str, tree.TypeDecl]) -> Shape | None:
    """The shape behind names, `?` and `sensitive`; of a union with one record, that record."""
    for _ in range(_LONGEST):  # a type may be defined by itself, which the checker refuses
        match shape:
            case tree.NamedType(name=name):
                found = types.get(name)
                if found is None:
                    return shape
                shape = found.type
            case tree.OptionalType(item=item) | tree.SensitiveType(item=item):
                shape = item
            case tree.UnionType(options=options):
                records = [option for option in options if not isinstance(option, tree.LiteralType)]
                if len(records) != 1:
                    return shape
                shape = records[0]
            case _:
                return shape
    return None


def member(shape: Shape | None, name: str, types: Mapping[str, tree.TypeDecl]) -> tree.Field | tree.Param | None:
    """The declaration of a field of a value."""
    return next((m for m in members(shape, types) if m.name.text == name), None)


def members(shape: Shape | None, types: Mapping[str, tree.TypeDecl]) -> tuple[tree.Field | tree.Param, ...]:
    match plain(shape, types):
        case tree.RecordType(fields=fields):
            return fields
        case Members(members=found):
            return found
        case _:
            return ()


def item(shape: Shape | None, types: Mapping[str, tree.TypeDecl]) -> Shape | None:
    """What a list holds, or the values of a map."""
    match plain(shape, types):
        case tree.ListType(item=inner) | Several(item=inner):
            return inner
        case tree.MapType(value=value):
            return value
        case _:
            return None


def looped(shape: Shape | None, types: Mapping[str, tree.TypeDecl]) -> Shape | None:
    """What a loop over a value gives: the items of a list, the keys of a map."""
    match plain(shape, types):
        case tree.ListType(item=inner) | Several(item=inner):
            return inner
        case tree.MapType(key=key):
            return key
        case _:
            return None
