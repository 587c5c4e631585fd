"""Readers of scalars: what each kind takes from JSON, and which in-memory forms beside it.

`any` holds what JSON can say; so does an object without declared fields. Knows nothing of types made of others.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, TypeAlias

from tenuto_interpreter.values.shape import ShapeError, shown
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

Read: TypeAlias = Callable[[Any], Any]

MAX_DEPTH = 128
"""Lists and dicts within one another, as in the codec."""


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


def object_(value: Any) -> dict[str, Any]:
    if isinstance(value, dict):
        return _plain_object(value, 1)
    raise ShapeError("", "an object", shown(value))


SCALARS: dict[str, Read] = {
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
    "schedule": object_,
}
