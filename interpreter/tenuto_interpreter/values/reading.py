"""Readers: JSON from outside becomes values of a language type, or a ShapeError that says what is wrong where.

A reader is compiled once per type into closures, one per part. Beside the JSON forms it accepts the in-memory forms
(a `Decimal` where a decimal is due, a tuple for a list), because activities written in Python return those.

A missing field and a null one are the same. The record type without fields, `{}`, is any object.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
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
from tenuto_interpreter.values.shape import ShapeError, nearest, shown
from tenuto_interpreter.values.texts import (
    DURATION_LIMIT,
    INT_MAX,
    INT_MIN,
    UINT_MAX,
    check_decimal,
    duration_to_us,
    read_bytes,
    read_decimal,
    read_duration,
    read_timestamp,
    write_bytes,
    write_decimal,
    write_duration,
    write_timestamp,
)

Types: TypeAlias = Mapping[str, Type]
Read: TypeAlias = Callable[[Any], Any]

MAX_DEPTH = 128
"""Lists and dicts within one another, as in the codec."""


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
                return _SCALARS[kind]
            case LiteralOf(value):
                return _choice(frozenset((value,)), type_text(type_))
            case ListOf(item):
                return _list(self.compile(item), type_text(type_))
            case MapOf(value):
                return _map(self.compile(value), type_text(type_))
            case Record(fields):
                if not fields:
                    return _object
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


def _string(value: Any) -> str:
    if type(value) is str:
        return value
    if isinstance(value, str):
        return str.__str__(value)
    raise ShapeError("", "string", shown(value))


def _int(value: Any) -> int:
    if type(value) is int:
        if INT_MIN <= value <= INT_MAX:
            return value
        raise ShapeError("", "int of 64 bits", shown(value))
    raise ShapeError("", "int", shown(value))


def _uint(value: Any) -> int:
    if type(value) is int and 0 <= value <= UINT_MAX:
        return value
    raise ShapeError("", "uint", shown(value))


def _double(value: Any) -> float:
    if type(value) is float and math.isfinite(value):
        return value
    if type(value) is int and INT_MIN <= value <= UINT_MAX:
        return float(value)
    raise ShapeError("", "double", shown(value))


def _bool(value: Any) -> bool:
    if value is True or value is False:
        return bool(value)
    raise ShapeError("", "bool", shown(value))


def _null(value: Any) -> None:
    if value is not None:
        raise ShapeError("", "null", shown(value))


def _bytes(value: Any) -> bytes:
    if type(value) is str:
        try:
            return read_bytes(value)
        except ValueError:
            raise ShapeError("", "bytes (base64)", shown(value)) from None
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value)
    raise ShapeError("", "bytes (base64)", shown(value))


def _decimal(value: Any) -> Decimal:
    try:
        if type(value) is str:
            return read_decimal(value)
        if type(value) is int and INT_MIN <= value <= UINT_MAX:
            return Decimal(value)
        if isinstance(value, Decimal):
            return check_decimal(value)
    except ValueError:
        pass
    # A double has already lost the digits that a decimal is for.
    raise ShapeError("", 'decimal (a string such as "12.50")', shown(value))


def _timestamp(value: Any) -> datetime:
    try:
        if type(value) is str:
            return read_timestamp(value)
        if isinstance(value, datetime) and value.tzinfo is not None:
            return value.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise ShapeError("", 'timestamp (such as "2026-01-31T09:00:00Z")', shown(value))


def _duration(value: Any) -> timedelta:
    try:
        if type(value) is str:
            return read_duration(value)
        if isinstance(value, timedelta) and abs(duration_to_us(value)) <= DURATION_LIMIT:
            return value
    except ValueError:
        pass
    raise ShapeError("", 'duration (such as "1h30m")', shown(value))


def _any(value: Any) -> Any:
    return plain_json(value, 0)


def plain_json(value: Any, depth: int) -> Any:
    """A value as JSON can say it: what `any` holds. Raises ShapeError for what JSON cannot."""
    kind = type(value)
    if kind is str or value is None or kind is bool:
        return value
    if kind is int:
        if INT_MIN <= value <= UINT_MAX:
            return value
        raise ShapeError("", "an integer of 64 bits", shown(value))
    if kind is float:
        if math.isfinite(value):
            return value
        raise ShapeError("", "a JSON number", shown(value))
    if depth >= MAX_DEPTH:
        raise ShapeError("", f"at most {MAX_DEPTH} levels", "a value nested deeper")
    if isinstance(value, dict):
        return _plain_object(value, depth + 1)
    if isinstance(value, list | tuple):
        items = []
        try:
            for item in value:
                items.append(plain_json(item, depth + 1))  # noqa: PERF401  # the index of a bad item is its length
        except ShapeError as error:
            raise error.within(f"[{len(items)}]") from None
        return items
    for cls, write in _IN_MEMORY:
        if isinstance(value, cls):
            return write(value)
    raise ShapeError("", "a JSON value", f"a {kind.__name__}")


def _plain_object(value: dict[Any, Any], depth: int) -> dict[str, Any]:
    plain = {}
    for key, item in value.items():
        if type(key) is not str:
            raise ShapeError("", "string keys", shown(key))
        try:
            plain[key] = plain_json(item, depth)
        except ShapeError as error:
            raise error.within(key) from None
    return plain


_IN_MEMORY: tuple[tuple[type, Callable[[Any], Any]], ...] = (
    (str, str.__str__),
    (Decimal, write_decimal),
    (datetime, write_timestamp),
    (timedelta, write_duration),
    (bytes, write_bytes),
)


def _object(value: Any) -> dict[str, Any]:
    if isinstance(value, dict):
        return _plain_object(value, 1)
    raise ShapeError("", "an object", shown(value))


_SCALARS: dict[str, Read] = {
    "string": _string,
    "int": _int,
    "uint": _uint,
    "double": _double,
    "bool": _bool,
    "bytes": _bytes,
    "decimal": _decimal,
    "timestamp": _timestamp,
    "duration": _duration,
    "null": _null,
    "any": _any,
    "schedule": _object,
}


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
