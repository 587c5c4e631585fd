"""Readers: JSON from outside becomes values of a language type, or a ShapeError that says what is wrong where.

A reader is compiled once per type into closures, one per part. Beside the JSON forms it accepts the in-memory forms
(a `Decimal` where a decimal is due, a tuple for a list), because activities written in Python return those.

A missing field and a null one are the same. The record type without fields, `{}`, is any object.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

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
    type_text,
)
from tenuto_interpreter.values.concealing import HIDDEN
from tenuto_interpreter.values.scalars import MAX_DEPTH, SCALARS, Read, object_
from tenuto_interpreter.values.shape import ShapeError, nearest, shown

Types: TypeAlias = Mapping[str, Type]


def reader(type_: Type, types: Types, strict: bool) -> Callable[[Any, str], Any]:
    """A function of a JSON value and the path it is known by, which returns the value in memory or raises ShapeError.

    Strict readers refuse unknown fields of records, lenient ones drop them.
    """
    read = _Compiler(types, strict).compile(type_)

    def read_at(value: Any, path: str = "") -> Any:
        try:
            return read(value)
        except ShapeError as error:
            raise error.within(path) if path else error from None
        except RecursionError:
            raise ShapeError(path, f"at most {MAX_DEPTH} levels", "a value nested deeper") from None

    return read_at


def accepts_null(type_: Type, types: Types) -> bool:
    """Whether null, and so absence, is a value of the type."""
    seen: set[str] = set()
    while isinstance(type_, Ref | Sensitive):
        if isinstance(type_, Sensitive):
            type_ = type_.item
            continue
        if type_.name in seen or type_.name not in types:
            return False
        seen.add(type_.name)
        type_ = types[type_.name]
    if isinstance(type_, Union):
        return any(accepts_null(option, types) for option in type_.options)
    return isinstance(type_, Optional) or (isinstance(type_, Scalar) and type_.kind in ("any", "null"))


class _Compiler:
    """Builds the closures of one reader. Declared types are compiled once, so that they may be recursive."""

    def __init__(self, types: Types, strict: bool) -> None:
        self.types = types
        self.strict = strict
        self.declared: dict[str, Read] = {}

    def compile(self, type_: Type) -> Read:
        match type_:
            case Scalar(kind):
                return SCALARS[kind]
            case LiteralOf(value):
                return _choice(frozenset((value,)), type_text(type_))
            case ListOf(item):
                return _list(self.compile(item), type_text(type_))
            case MapOf(value):
                return _map(self.compile(value), type_text(type_))
            case Record(fields):
                if not fields:
                    return object_
                parts = [(f.name, self.compile(f.type), accepts_null(f.type, self.types)) for f in fields]
                return _record(parts, {f.name: type_text(f.type) for f in fields}, type_text(type_), self.strict)
            case Optional(item):
                return _optional(self.compile(item))
            case Union(options):
                if all(isinstance(option, LiteralOf) for option in options):
                    values = frozenset(option.value for option in options if isinstance(option, LiteralOf))
                    return _choice(values, type_text(type_))
                read = _union([self.compile(option) for option in options], type_text(type_))
                return _hiding(read) if any(isinstance(option, Sensitive) for option in options) else read
            case Sensitive(item):
                return _hiding(self.compile(item))
            case Ref(name):
                return self.reference(name)

    def reference(self, name: str) -> Read:
        if name in self.declared:
            return self.declared[name]
        target: Read | None = None

        def later(value: Any) -> Any:
            assert target is not None
            return target(value)

        self.declared[name] = later
        target = self.declared[name] = self.compile(self.types[name])
        return target


def _choice(values: frozenset[str], text: str) -> Read:
    def read(value: Any) -> Any:
        if type(value) is str and value in values:
            return value
        raise ShapeError("", text, shown(value))

    return read


def _hiding(read: Read) -> Read:
    """What was to be sensitive and has another shape may be what it should be all the same: no message shows it."""

    def sensitive(value: Any) -> Any:
        try:
            return read(value)
        except ShapeError as error:
            error.found = HIDDEN
            raise

    return sensitive


def _optional(item: Read) -> Read:
    def read(value: Any) -> Any:
        return None if value is None else item(value)

    return read


def _list(item: Read, text: str) -> Read:
    def read(value: Any) -> list[Any]:
        if not isinstance(value, list | tuple):
            raise ShapeError("", text, shown(value))
        items: list[Any] = []
        append = items.append
        try:
            for each in value:
                append(item(each))
        except ShapeError as error:
            raise error.within(f"[{len(items)}]") from None
        return items

    return read


def _map(item: Read, text: str) -> Read:
    def read(value: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise ShapeError("", text, shown(value))
        out = {}
        key = ""
        try:
            for key, each in value.items():
                if type(key) is not str:
                    raise ShapeError("", "string keys", shown(key))
                out[key] = item(each)
        except ShapeError as error:
            raise error.within(f'["{key}"]') from None
        return out

    return read


def _record(parts: list[tuple[str, Read, bool]], texts: dict[str, str], text: str, strict: bool) -> Read:
    count = len(parts)

    def read(value: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise ShapeError("", text, shown(value))
        out = {}
        known = 0
        name = ""
        try:
            for name, field, may_be_null in parts:
                if name in value:
                    known += 1
                    item = value[name]
                    if item is not None or not may_be_null:
                        out[name] = field(item)
                        continue
                elif not may_be_null:
                    raise ShapeError("", texts[name], "nothing: the field is missing")
                out[name] = None
        except ShapeError as error:
            raise error.within(name) from None
        if strict and len(value) != known:
            raise _unknown_field(value, texts)
        return out

    assert count == len(texts)
    return read


def _unknown_field(value: dict[Any, Any], texts: dict[str, str]) -> ShapeError:
    name = next(key for key in value if key not in texts)
    meant = nearest(str(name), list(texts))
    hint = f'did you mean "{meant}"?' if meant else f"its fields are {', '.join(texts)}"
    return ShapeError("", f"no field {shown(name)} ({hint})", shown(value[name]))


def _union(options: list[Read], text: str) -> Read:
    def read(value: Any) -> Any:
        for option in options:
            try:
                return option(value)
            except ShapeError:
                continue
        raise ShapeError("", text, shown(value))

    return read
