"""Declared types by name, with their documentation: what is converted to other notations and back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from tenuto_interpreter.types import ListOf, MapOf, Optional, Record, RecordField, Ref, Sensitive, Type, Union

from tenuto_dsl.check.files import CheckedFile
from tenuto_dsl.syntax import tree


@dataclass(frozen=True, slots=True)
class TypeTable:
    """`types` in the order of their declarations."""

    types: dict[str, Type]
    docs: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that cannot be said in another notation: where it is, and why not."""

    path: str
    reason: str

    def __str__(self) -> str:
        return f"{self.path or 'the schema'}: {self.reason}"


def table_of(checked: CheckedFile, nodes: Iterable[tree.Declaration]) -> TypeTable:
    """The types that the declarations of a file make, and those of its imports that they refer to."""
    declared = [node for node in nodes if isinstance(node, tree.TypeDecl)]
    known = checked.declarations.types
    names = list(dict.fromkeys(node.name.text for node in declared))
    docs = {node.name.text: node.doc for node in declared if node.doc}
    return TypeTable({name: known[name] for name in with_needed(names, known)}, docs)


def with_needed(names: Iterable[str], types: Mapping[str, Type]) -> list[str]:
    """The names, then those that their types refer to, directly or not."""
    found = dict.fromkeys(names)
    pending = list(found)
    while pending:
        for name in references(types[pending.pop(0)]):
            if name not in found and name in types:
                found[name] = None
                pending.append(name)
    return list(found)


def references(type_: Type) -> Iterator[str]:
    """The declared names in a type."""
    pending = [type_]
    while pending:
        match pending.pop():
            case Ref(name):
                yield name
            case ListOf(item) | MapOf(item) | Optional(item) | Sensitive(item):
                pending.append(item)
            case Record(fields):
                pending.extend(f.type for f in reversed(fields))
            case Union(options):
                pending.extend(reversed(options))
            case _:
                pass


def hoisted(table: TypeTable) -> TypeTable:
    """The same table with a name for each record that stands inside of another type: for notations without such.

    It is called after where it stands: `items` of `Order` gives `OrderItems`.
    """
    found: dict[str, Type] = {}

    def inner(type_: Type, wanted: str) -> Type:
        match type_:
            case Record(fields) if fields:
                name, number = wanted, 2
                while name in table.types or name in found:
                    name, number = f"{wanted}{number}", number + 1
                found[name] = type_  # holds the place
                found[name] = parts(type_, name)
                return Ref(name)
            case _:
                return parts(type_, wanted)

    def parts(type_: Type, owner: str) -> Type:
        match type_:
            case Record(fields):
                return Record(tuple(RecordField(f.name, inner(f.type, owner + _capital(f.name))) for f in fields))
            case ListOf(item):
                return ListOf(inner(item, owner))
            case MapOf(item):
                return MapOf(inner(item, owner))
            case Optional(item):
                return Optional(inner(item, owner))
            case Sensitive(item):
                return Sensitive(inner(item, owner))
            case Union(options):
                return Union(tuple(inner(option, owner) for option in options))
            case _:
                return type_

    own = {name: parts(type_, name) for name, type_ in table.types.items()}
    return TypeTable(own | found, table.docs)


def _capital(name: str) -> str:
    return "".join(word[:1].upper() + word[1:] for word in name.split("_"))
