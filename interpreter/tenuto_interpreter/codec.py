"""Values to bytes and back, without loss: how inputs, results, events and snapshots are stored.

A value is whatever lives in the memory of a run: None, bool, int, float, str, bytes, `Decimal`, aware `datetime`,
`timedelta`, lists (tuples come back as lists) and dicts with string keys. Most of them are plain JSON and are written
as plain JSON, so that people and SQL can read them. Anything else makes the whole value wrapped,
`{"$tenuto": 1, "value": …}`, in which `{"$decimal": "1.5"}` and its like stand for what JSON has no word for, and a key
of the value's own that begins with `$` has one more.

What would not come back identical is refused with the path of the bad part: NaN and infinities (orjson would write
them as null without a word), integers beyond 64 bits, lone surrogates, naive datetimes, nesting beyond `MAX_DEPTH`.
How large a value may be is the store's affair.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import orjson

from tenuto_interpreter.values.texts import (
    DURATION_LIMIT,
    INT_MIN,
    UINT_MAX,
    check_decimal,
    duration_to_us,
    read_bytes,
    read_decimal,
    read_timestamp,
    write_bytes,
    write_timestamp,
)

MAX_DEPTH = 128
"""Lists and dicts within one another, in a value of an author or of the outside."""

_STORED_DEPTH = MAX_DEPTH + 16
"""The same in what is stored, where such values stand within events and snapshots. Below orjson's own 254 even when
every leaf is tagged."""

_MARK = "$tenuto"
_VERSION = 1
_OPTIONS = orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_SUBCLASS


class PayloadError(ValueError):
    """A value that cannot be stored: `path` leads to the part (`order.items[2].price`), `reason` says why."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path}: {reason}" if path else reason)
        self.path = path
        self.reason = reason


class _Tagger:
    """Called by orjson for what JSON has no word for: answers with the tagged form and counts."""

    __slots__ = ("count",)

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, value: Any) -> Any:
        _check_tagged(value, "")
        self.count += 1
        return _tag(value)


def encode(value: Any) -> bytes:
    """The bytes of a value. Raises PayloadError."""
    if not (type(value) is dict and _MARK in value):
        tagger = _Tagger()
        try:
            data = orjson.dumps(value, tagger, _OPTIONS)
        except (TypeError, PayloadError):
            data = b""  # a value for the long way, which also finds out what is wrong with it and where
        # A sign `"$` that no tag has written may be a key to be escaped.
        if data and _is_faithful(value, data) and (not tagger.count or data.count(b'"$') == tagger.count):
            return b'{"$tenuto":1,"value":%b}' % data if tagger.count else data
    plain = _check(value, _STORED_DEPTH)
    if plain and not (type(value) is dict and _MARK in value):
        return orjson.dumps(value, None, _OPTIONS)
    return orjson.dumps({_MARK: _VERSION, "value": _tag(value)}, None, _OPTIONS)


def decode(data: bytes | memoryview | str) -> Any:
    """The value of `encode`'s bytes. Raises PayloadError when they are damaged or of a newer form."""
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise PayloadError("", f"not a stored value: {error}") from None
    if type(value) is dict and _MARK in value:
        if value[_MARK] != _VERSION or len(value) != 2 or "value" not in value:
            raise PayloadError("", f"a stored value of an unknown form, {value[_MARK]!r}")
        try:
            return _untag(value["value"])
        except (ValueError, TypeError, AttributeError, OverflowError, RecursionError) as error:
            raise PayloadError("", f"a damaged stored value: {error}") from None
    return value


def check_payload(value: Any) -> None:
    """Raise PayloadError when `encode` would, or when a value is too deep to be stored among others."""
    kind = type(value)
    if kind is float or kind is dict or kind is list or kind is tuple:
        try:
            data = orjson.dumps(value, _Tagger(), _OPTIONS)
        except (TypeError, PayloadError):
            data = b""
        if data and data.count(b"[") + data.count(b"{") <= MAX_DEPTH and _is_faithful(value, data):
            return
    _check(value, MAX_DEPTH)


def _is_faithful(value: Any, data: bytes) -> bool:
    """Whether orjson has written the value as it is, found from its bytes as far as possible."""
    if data.count(b"[") + data.count(b"{") > _STORED_DEPTH and _depth(value) > _STORED_DEPTH:
        return False
    return b"null" not in data or not _hides_a_number(value)  # a null may be a NaN in disguise


def _hides_a_number(value: Any) -> bool:
    """Whether a float that is no number stands anywhere. The depth is known to be bounded."""
    kind = type(value)
    if kind is float:
        return not math.isfinite(value)
    if kind is dict:
        value = value.values()
    elif kind is not list and kind is not tuple:
        return False
    return any(
        not math.isfinite(item) if type(item) is float else type(item) in _NESTED and _hides_a_number(item)
        for item in value
    )


_NESTED = (dict, list, tuple)


def _depth(value: Any) -> int:
    """How many lists and dicts stand within one another."""
    depth = 0
    level = [value] if isinstance(value, dict | list | tuple) else []
    while level:
        depth += 1
        inner: list[Any] = []
        for item in level:
            children = item.values() if isinstance(item, dict) else item
            inner.extend(child for child in children if isinstance(child, dict | list | tuple))
        level = inner
        if depth > _STORED_DEPTH:
            break
    return depth


def _check(value: Any, limit: int, path: str = "", depth: int = 0) -> bool:
    """Whether a value is plain JSON. Raises PayloadError when it cannot be stored at all."""
    kind = type(value)
    if value is None or kind is bool:
        return True
    if kind is str:
        return _check_text(value, path)
    if kind is int:
        if not INT_MIN <= value <= UINT_MAX:
            raise PayloadError(path, "an integer of more than 64 bits")
        return True
    if kind is float:
        if not math.isfinite(value):
            raise PayloadError(path, f"{value} is not a JSON number")
        return True
    if kind is dict or kind is list or kind is tuple:
        if depth >= limit:
            raise PayloadError(path, f"nested deeper than {MAX_DEPTH} levels")
        return _check_items(value, limit, path, depth + 1)
    return _check_tagged(value, path)


def _check_items(value: Any, limit: int, path: str, depth: int) -> bool:
    plain = True
    if type(value) is dict:
        for key, item in value.items():
            if type(key) is not str:
                raise PayloadError(path, f"a key that is not a string: {key!r}")
            _check_text(key, path)
            if not _check(item, limit, f"{path}.{key}" if path else key, depth):
                plain = False
        return plain
    for index, item in enumerate(value):
        if not _check(item, limit, f"{path}[{index}]", depth):
            plain = False
    return plain


def _check_text(text: str, path: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise PayloadError(path, "a string with half of a surrogate pair, which no UTF-8 can hold") from None
    return True


def _check_tagged(value: Any, path: str) -> bool:
    if isinstance(value, Decimal):
        try:
            check_decimal(value)
        except ValueError as error:
            raise PayloadError(path, str(error)) from None
    elif isinstance(value, datetime):
        if value.tzinfo is None:
            raise PayloadError(path, "a datetime without a time zone")
    elif isinstance(value, timedelta):
        if abs(duration_to_us(value)) > DURATION_LIMIT:
            raise PayloadError(path, "a duration of more than 10,000 years")
    elif not isinstance(value, bytes):
        raise PayloadError(path, f"a value of type {type(value).__name__} cannot be stored")
    return False


def _tag(value: Any) -> Any:
    kind = type(value)
    if kind is dict:
        return {"$" + key if key.startswith("$") else key: _tag(item) for key, item in value.items()}
    if kind is list or kind is tuple:
        return [_tag(item) for item in value]
    if isinstance(value, Decimal):
        return {"$decimal": str(value)}
    if isinstance(value, datetime):
        return {"$timestamp": write_timestamp(value)}
    if isinstance(value, timedelta):
        return {"$duration": duration_to_us(value)}
    if isinstance(value, bytes):
        return {"$bytes": write_bytes(value)}
    return value


_TAGS: dict[str, Callable[[Any], Any]] = {
    "$decimal": read_decimal,
    "$timestamp": read_timestamp,
    "$duration": lambda microseconds: timedelta(microseconds=microseconds),
    "$bytes": read_bytes,
}


def _untag(value: Any) -> Any:
    """The value of a tagged form, built in place."""
    if type(value) is list:
        for index, item in enumerate(value):
            if type(item) is dict or type(item) is list:
                value[index] = _untag(item)
        return value
    if type(value) is not dict:
        return value
    escaped = False
    for key, item in value.items():
        if key[:1] == "$":
            if key[:2] != "$$":
                if key not in _TAGS or len(value) != 1:
                    raise ValueError(f"unknown tag {key}")
                return _TAGS[key](item)
            escaped = True
        if type(item) is dict or type(item) is list:
            value[key] = _untag(item)
    if escaped:
        return {key[1:] if key[:1] == "$" else key: item for key, item in value.items()}
    return value
