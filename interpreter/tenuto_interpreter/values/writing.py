"""Writers: values of a language type become JSON for the outside. `reader(writer(value))` gives the value back.

A type whose values are JSON already is written by returning the value itself, so that only parts that hold a decimal,
a timestamp, a duration or bytes are ever copied.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from tenuto_interpreter.types import ListOf, LiteralOf, MapOf, Optional, Record, Ref, Scalar, Sensitive, Type, Union
from tenuto_interpreter.values.reading import Types
from tenuto_interpreter.values.scalars import plain_json
from tenuto_interpreter.values.shape import ShapeError
from tenuto_interpreter.values.texts import write_bytes, write_decimal, write_duration, write_timestamp

Write: TypeAlias = Callable[[Any], Any]

_SCALARS: dict[str, Write] = {
    "decimal": write_decimal,
    "timestamp": write_timestamp,
    "duration": write_duration,
    "bytes": write_bytes,
    "any": lambda value: plain_json(value, 0),
    "schedule": lambda value: plain_json(value, 0),
}


def writer(type_: Type, types: Types) -> Write:
    """A function from a value of the type to JSON. It trusts the value to have its type."""
    write = _Compiler(types).compile(type_)
    return write if write is not None else _itself


def _itself(value: Any) -> Any:
    return value


class _Compiler:
    """Builds the closures of one writer; None stands for a type that is written as it is."""

    def __init__(self, types: Types) -> None:
        self.types = types
        self.declared: dict[str, Write | None] = {}

    def compile(self, type_: Type) -> Write | None:
        match type_:
            case Scalar(kind):
                return _SCALARS.get(kind)
            case LiteralOf():
                return None
            case ListOf(item):
                return _list(self.compile(item))
            case MapOf(value):
                return _map(self.compile(value))
            case Record(fields):
                if not fields:
                    return lambda value: plain_json(value, 0)
                return _record([(f.name, write) for f in fields if (write := self.compile(f.type)) is not None])
            case Optional(item):
                return _optional(self.compile(item))
            case Sensitive(item):
                return self.compile(item)
            case Union(options):
                # Which option a value belongs to shows in its own type; JSON's own values stay as they are.
                plain = all(self.compile(option) is None for option in options)
                return None if plain else lambda value: plain_json(value, 0)
            case Ref(name):
                return self.reference(name)

    def reference(self, name: str) -> Write | None:
        if name in self.declared:
            return self.declared[name]
        target: Write | None = None

        def later(value: Any) -> Any:
            return value if target is None else target(value)

        self.declared[name] = later
        target = self.declared[name] = self.compile(self.types[name])
        return target


def _optional(item: Write | None) -> Write | None:
    if item is None:
        return None
    return lambda value: None if value is None else item(value)


def _list(item: Write | None) -> Write:
    if item is None:
        return lambda value: value if type(value) is list else list(value)
    return lambda value: [item(each) for each in value]


def _map(item: Write | None) -> Write | None:
    if item is None:
        return None
    return lambda value: {key: item(each) for key, each in value.items()}


def _record(parts: list[tuple[str, Write]]) -> Write | None:
    if not parts:
        return None

    def write(value: Any) -> dict[str, Any]:
        out = dict(value)
        for name, part in parts:
            if name in out:
                out[name] = part(out[name])
        return out

    return write


__all__ = ["ShapeError", "writer"]
