"""Values to try where the outside gives one: what a call returns, a message carries, a run begins with.

A value begins as the file's tests show it (a `given`, a `returns`, a `send`), else as the plainest of its type: "a", 1,
true, the first of a union, an optional that is there, a list of one. It varies only where the workflow reads it:

- a literal union takes each of its values, a bool both, an optional is there and is null;
- a number takes those at the constants it is compared with, on either side, and between; text takes the constants, and
  another; where a value is calculated with, other points may count: the report says which value that is;
- a list has no element, one, two, or as many as its size is compared with, and one more; its elements vary in the list
  of one, as the values of a map do in the map of one: what several may decide together, the report says is not known.

What is compared with a variable or config value takes the value that has now. Of records with many variants not every
combination is tried: past a bound, one field varies at a time, which the report says.
"""

from __future__ import annotations

import contextlib
import itertools
import math
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

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
from tenuto_interpreter.values.texts import INT_MAX, INT_MIN, UINT_MAX, timestamp_from_us

from tenuto_dsl.explore.atoms import ELEMENT, SIZE, Atom, Compared, Path, Place
from tenuto_dsl.explore.flow import Flow
from tenuto_dsl.explore.report import Notes

MOST = 12
"""Variants of one value."""

MOST_POINTS = 40
"""Values of one number, text or moment; of a record in which one field varies at a time."""

LARGEST_SIZE = 24
"""Elements of a list that are made because its size is compared with so many."""

DEEPEST = 6

_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)
_STEPS: dict[str, Any] = {"int": 1, "uint": 1, "double": 0.5, "decimal": Decimal("0.01"), "duration": _SECOND,
                          "timestamp": _SECOND}  # fmt: skip
_PLAIN: dict[str, Any] = {"string": "a", "int": 1, "uint": 1, "double": 1.0, "decimal": Decimal(1), "bool": True,
                          "bytes": b"a", "duration": timedelta(hours=1), "null": None}  # fmt: skip
_FINITE = ("double", "decimal")
_FINE = 1_000_000
"""A step beside a large number is this part of it: less may be lost in its digits."""
_RANGES = {"int": (INT_MIN, INT_MAX), "uint": (0, UINT_MAX)}
_DENSE = ("double", "decimal", "duration", "timestamp")

Now = Callable[[Atom], list[Any]]
"""The values an atom has in the run now: one, of elements several, or none."""


class Values:
    """Makes values for one program."""

    def __init__(self, flow: Flow, types: Mapping[str, Type], notes: Notes) -> None:
        self.flow = flow
        self.types = types
        self.notes = notes

    def of(self, type_: Type | None, place: Place, template: Any, now: Now, at: int, path: Path = ()) -> list[Any]:
        """The values to try of a type at a place, the one most like the template first."""
        if type_ is None:
            return [None]
        return _Making(self, place, now, at).of(type_, path, template, 0)

    def record(
        self, fields: Iterable[tuple[str, Type]], place: Place, template: Mapping[str, Any], now: Now, at: int
    ) -> list[dict[str, Any]]:
        """Records of named fields, each a dict of its own."""
        return _Making(self, place, now, at).fields(list(fields), (), template, 0)

    def few(self, found: list[Any], most: int) -> list[Any]:
        """No more values than are tried of one, which the report says."""
        if len(found) > most:
            self.notes.add(f"of values with more than {most} variants the first {most} are tried")
        return found[:most]

    def points(self, place: Place, path: Path) -> None:
        """Say that a value is tried at a few points, and may decide otherwise at others."""
        self.notes.add(f"no other value of {self.named(place, path)} than those tried leads elsewhere")

    def named(self, place: Place, path: Path) -> str:
        """A place as people know it: `approve.by`, `charge.amount`."""
        return ".".join((self.flow.named(place), *path)).replace(f".{ELEMENT}", "[…]")


class _Making:
    def __init__(self, values: Values, place: Place, now: Now, at: int) -> None:
        self.values = values
        self.place = place
        self.now = now
        self.at = at

    def of(self, type_: Type, path: Path, template: Any, depth: int) -> list[Any]:
        while isinstance(type_, Ref | Sensitive):
            type_ = type_.item if isinstance(type_, Sensitive) else self.values.types.get(type_.name, Record(()))
            depth += 1
        read = self.values.flow.reads(self.place, path)
        match type_:
            case Scalar(kind):
                return self.scalar(kind, path, template, read=read)
            case LiteralOf(value):
                return [value]
            case Optional(item):
                if depth > DEEPEST:
                    return [None]
                found = self.of(item, path, template, depth + 1)
                return [*found, None] if read else found
            case Union(options):
                found = [value for option in options for value in self.of(option, path, None, depth + 1)]
                found = [template, *(each for each in found if each != template)] if template in found else found
                return self.values.few(found, MOST) if read else found[:1]
            case ListOf(item):
                return self.items(item, path, template, depth, read=read)
            case MapOf() if depth > DEEPEST:
                return [{}]
            case MapOf(value):
                keys = list(template) if isinstance(template, dict) and template else ["a"]
                one = self.of(value, (*path, ELEMENT), (template or {}).get(keys[0]), depth + 1)
                first = template if isinstance(template, dict) else {keys[0]: one[0]}
                if not read:
                    return [first]
                self.values.points(self.place, path)
                return self.values.few([first, {}, *({keys[0]: each} for each in one[1:])], MOST)
            case Record(fields):
                self.whole(path)
                given = template if isinstance(template, dict) else {}
                return list(self.fields([(f.name, f.type) for f in fields], path, given, depth))

    def items(self, item: Type, path: Path, template: Any, depth: int, *, read: bool) -> list[Any]:
        given = list(template) if isinstance(template, list | tuple) else None
        if depth > DEEPEST:
            return [[]]
        ones = self.of(item, (*path, ELEMENT), given[0] if given else None, depth + 1)
        first = given if given is not None else [ones[0]]
        if not read:
            return [first]
        found = [first, [], [ones[0]], [ones[0], given[1] if given and len(given) > 1 else ones[-1]]]
        found += [[each] for each in ones[1:]]
        for compared in self.values.flow.comparisons(self.place, (*path, SIZE)):
            size = compared.other
            if type(size) is int and not compared.dynamic and size <= LARGEST_SIZE:
                found += [[ones[0]] * each for each in (size, size + 1) if each > 2]
            elif compared.relation != "plain":
                self.values.points(self.place, (*path, "size()"))
        self.whole(path)
        if len(ones) > 1:  # together they may decide what none of them does alone
            self.values.points(self.place, path)
        return self.values.few(_distinct(found), MOST)

    def fields(
        self, fields: list[tuple[str, Type]], path: Path, template: Mapping[str, Any], depth: int
    ) -> list[dict[str, Any]]:
        variants = {name: self.of(type_, (*path, name), template.get(name), depth + 1) for name, type_ in fields}
        first = {name: found[0] for name, found in variants.items()}
        many = 1
        for found in variants.values():
            many *= len(found)
        if many <= MOST:
            made: list[dict[str, Any]] = [{}]
            for name, found in variants.items():
                made = [{**one, name: value} for one in made for value in found]
            return _distinct([first, *made])
        if sum(len(found) > 1 for found in variants.values()) > 1:
            self.values.notes.add("of values with many variants one field varies at a time", lossy=False)
        made = [first]
        for name, found in variants.items():
            for value in found[1:]:
                made.append({**first, name: value})
        return self.values.few(_distinct(made), MOST_POINTS)

    def scalar(self, kind: str, path: Path, template: Any, *, read: bool) -> list[Any]:
        plain: Any = (
            {} if kind == "any" else timestamp_from_us(self.at) + _DAY if kind == "timestamp" else _PLAIN.get(kind)
        )
        compared_with = self.values.flow.comparisons(self.place, path)
        plain = next((each.other for each in compared_with if each.relation == "plain"), plain)
        first: Any = plain if template is None else template
        if not read:
            return [first]
        if kind == "bool":
            return [first, not first]
        found = [first]
        constants: list[Any] = []
        for compared in compared_with:
            if compared.relation not in ("plain", "computed"):
                for other in self.others(compared, path):
                    found += _compared(kind, other, compared.relation)
                    constants.append(other)
        if kind in _DENSE:
            found += _between(kind, constants)
        if kind == "timestamp" and len(found) == 1:
            found += [timestamp_from_us(self.at) - _DAY]
        if kind in _RANGES:
            least, most = _RANGES[kind]
            found = [each for each in found if least <= each <= most]
        if kind == "any" or _beyond(kind, compared_with):
            self.values.points(self.place, path)
        return self.values.few(_distinct(found), MOST_POINTS)

    def others(self, compared: Compared, path: Path) -> list[Any]:
        """The values that one is compared with. What a run begins with has none before it."""
        if not compared.dynamic:
            return [compared.other]
        if self.place[0] == "var":
            self.values.points(self.place, path)
        return self.now(compared.other)

    def whole(self, path: Path) -> None:
        """Say of what is made of parts that only these were varied, where all of it is compared."""
        if any(each.relation != "plain" for each in self.values.flow.comparisons(self.place, path)):
            self.values.points(self.place, path)


def _beyond(kind: str, compared_with: list[Compared]) -> bool:
    """Whether a value may decide something else than at the points at which it is known to."""
    relations = [each.relation for each in compared_with if each.relation != "plain"]
    if kind in ("string", "bytes") and any(each.startswith(("less", "greater")) for each in relations):
        return True
    return "computed" in relations or ("within" in relations and len(relations) > 1)


def _compared(kind: str, other: Any, relation: str) -> list[Any]:
    """The values of a scalar at what it is compared with."""
    if kind in _STEPS:
        step = _STEPS[kind]
        return [
            each
            for number in sorted(_of_kind(kind, [other]))
            for each in _around(number, max(step, abs(number) / _FINE) if kind in _FINITE else step, relation)
        ]
    if kind == "string" and isinstance(other, str):
        return [other, "b" if other == "a" else "a"]
    if kind == "bytes" and isinstance(other, bytes):
        return [other, b"b" if other == b"a" else b"a"]
    return []


def _of_kind(kind: str, values: Iterable[Any]) -> set[Any]:
    """Constants as values of a kind; a number may be compared with one of another kind."""
    found: set[Any] = set()
    for value in values:
        match kind, value:
            case _, bool():
                continue
            case (("int" | "uint"), (int() | float())):
                found |= {math.floor(value), math.ceil(value)}
            case "double", (int() | float()):
                found.add(float(value))
            case "decimal", (int() | Decimal()):
                found.add(Decimal(value))
            case ("duration", timedelta()) | ("timestamp", datetime()):
                found.add(value)
            case _:
                continue
    return found


def _between(kind: str, constants: list[Any]) -> list[Any]:
    """What lies between constants that are next to each other: they may be nearer than a step."""
    known: list[Any] = sorted(_of_kind(kind, constants))
    return [first + (second - first) / 2 for first, second in itertools.pairwise(known)]


def _around(value: Any, step: Any, relation: str) -> list[Any]:
    """The values at which a comparison changes; of both signs of it where it is not known which."""
    match relation:
        case "less" | "greater_equal":
            steps: tuple[int, ...] = (-1, 0)
        case "less_equal" | "greater" | "eq":
            steps = (0, 1)
        case _:
            steps = (-1, 0, 1)
    found = []
    for number in steps:
        with contextlib.suppress(OverflowError):  # beyond the last moment there is none to try
            found.append(value + number * step)
    return found


def _distinct(values: list[Any]) -> list[Any]:
    """Each value once; true is not 1."""
    known: dict[str, Any] = {}
    for value in values:
        known.setdefault(repr(value), value)
    return list(known.values())
