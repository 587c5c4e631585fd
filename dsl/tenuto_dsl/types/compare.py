"""Where values of one type do not fit another: for what is declared in a workflow file and again in Python.

This is not the checker's `assignable`, which proves that every value fits. Here a side may know less than it could
(`dict`, `str` for a literal), and only what cannot be right is reported: the first place where it is wrong.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tenuto_interpreter.types import (
    ListOf,
    LiteralOf,
    MapOf,
    Optional,
    Record,
    Ref,
    Scalar,
    Sensitive,
    Type,
    Union,
)
from tenuto_interpreter.values import accepts_null

from tenuto_dsl.types.source import type_source

_WIDER: dict[str, frozenset[str]] = {
    "int": frozenset({"uint", "double", "decimal"}),
    "uint": frozenset({"int", "double", "decimal"}),
    # A reader makes these of texts, so a text may be one.
    "string": frozenset({"decimal", "timestamp", "duration", "bytes"}),
}


@dataclass(frozen=True, slots=True)
class Mismatch:
    """`path` leads to the part (`.items[]`, empty for the whole), `given` and `taken` are its types."""

    path: str
    given: str
    taken: str


def mismatch(given: Type, taken: Type, types: Mapping[str, Type], *, read: bool) -> Mismatch | None:
    """The first part of `given` whose values `taken` cannot hold; None when all may fit.

    `read`: the values pass through a reader, which makes decimals, timestamps and the like of texts. Otherwise they are
    passed as they are.
    """
    return _Comparison(types, read).compare(given, taken, "")


class _Comparison:
    def __init__(self, types: Mapping[str, Type], read: bool) -> None:
        self.types = types
        self.read = read
        self.open: set[tuple[Type, Type]] = set()

    def compare(self, given: Type, taken: Type, path: str) -> Mismatch | None:
        if (given, taken) in self.open:
            return None  # what is being compared may be assumed: types may be recursive
        self.open.add((given, taken))
        found = self.parts(self.core(given), self.core(taken), path)
        if found is not None:
            self.open.discard((given, taken))
        return found

    def core(self, type_: Type) -> Type:
        """The type behind names and `sensitive`."""
        seen: set[str] = set()
        while isinstance(type_, Ref | Sensitive):
            if isinstance(type_, Sensitive):
                type_ = type_.item
            elif type_.name in seen or type_.name not in self.types:
                return Scalar("any")
            else:
                seen.add(type_.name)
                type_ = self.types[type_.name]
        return type_

    def parts(self, given: Type, taken: Type, path: str) -> Mismatch | None:
        wrong = Mismatch(path, type_source(given), type_source(taken))
        if Scalar("any") in (given, taken) or given == taken:
            return None
        match given, taken:
            case Optional(item), _:
                if not accepts_null(taken, self.types):
                    return wrong
                return self.compare(item, taken.item if isinstance(taken, Optional) else taken, path)
            case Union(options), _:
                found = [self.compare(option, taken, path) for option in options]
                return wrong if any(found) else None
            case _, Optional(item):
                return None if given == Scalar("null") else self.compare(given, item, path)
            case _, Union(options):
                return None if any(self.compare(given, option, path) is None for option in options) else wrong
            case LiteralOf(), Scalar("string"):
                return None
            case Scalar("string"), LiteralOf():
                return None if self.read else wrong
            case Scalar(kind), Scalar(wanted):
                wider = _WIDER.get(kind, frozenset())
                return None if wanted in wider and (self.read or kind != "string") else wrong
            case ListOf(item), ListOf(wanted_item):
                return self.compare(item, wanted_item, f"{path}[]")
            case ((Record() | MapOf() | Scalar("schedule")), Record(())):
                return None
            case Record(()), (Record() | MapOf() | Scalar("schedule")):
                return None
            case MapOf(item), MapOf(wanted_item):
                return self.compare(item, wanted_item, f"{path}[…]")
            case Record(fields), MapOf(wanted_item):
                return self.first((f.type, wanted_item, f"{path}.{f.name}") for f in fields)
            case MapOf(item), Record(fields):
                return self.first((item, f.type, f"{path}.{f.name}") for f in fields)
            case Record(), Record():
                return self.records(given, taken, path)
            case _:
                return wrong

    def records(self, given: Record, taken: Record, path: str) -> Mismatch | None:
        for item in taken.fields:
            type_ = given.field(item.name)
            place = f"{path}.{item.name}"
            if type_ is not None:
                found = self.compare(type_, item.type, place)
                if found is not None:
                    return found
            elif not accepts_null(item.type, self.types):
                return Mismatch(place, "missing", type_source(item.type))
        return None

    def first(self, pairs: Iterable[tuple[Type, Type, str]]) -> Mismatch | None:
        for given, taken, path in pairs:
            found = self.compare(given, taken, path)
            if found is not None:
                return found
        return None
