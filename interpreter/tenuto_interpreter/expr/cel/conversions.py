"""CEL's conversions, each a function named after its result, and the two that are about types: `type` and `dyn`."""

from __future__ import annotations

import math
import re
from decimal import Decimal
from typing import Any

from tenuto_interpreter.expr.cel.operators import checked_int, checked_uint
from tenuto_interpreter.expr.cel.table import Rows
from tenuto_interpreter.expr.cel.values import (
    NANOSECONDS,
    Duration,
    Timestamp,
    TypeName,
    UInt,
    kind_of,
    seconds_text,
    timestamp_text,
)
from tenuto_interpreter.expr.conversions import quoted, uint_of_string
from tenuto_interpreter.expr.errors import ExpressionError
from tenuto_interpreter.values.texts import read_timestamp, timestamp_to_us

_FRACTION = re.compile(r"\.([0-9]{1,9})")
_DURATION = re.compile(
    r"([+-])?(?=[0-9.])((?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:ns|us|µs|μs|ms|s|m|h|d|w))+", re.ASCII
)  # fmt: skip
_PART = re.compile(r"([0-9]+(?:\.[0-9]*)?|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h|d|w)")
_SIZES = {
    "ns": 1, "us": 1000, "µs": 1000, "μs": 1000, "ms": 1_000_000, "s": NANOSECONDS, "m": 60 * NANOSECONDS,
    "h": 3600 * NANOSECONDS, "d": 86_400 * NANOSECONDS, "w": 604_800 * NANOSECONDS,
}  # fmt: skip


def read_moment(text: str) -> Timestamp:
    """RFC 3339, to the nanosecond."""
    try:
        moment = read_timestamp(text)
    except ValueError as error:
        raise ExpressionError(f"{quoted(text)} is {error}") from None
    fraction = _FRACTION.search(text)
    below = int(fraction[1].ljust(9, "0")) % 1000 if fraction else 0
    return Timestamp(timestamp_to_us(moment) * 1000 + below)


def read_length(text: str) -> Duration:
    """A duration as CEL writes it, `1h30m` or `-1.5s`, and in days and weeks as we do."""
    match = _DURATION.fullmatch(text) if len(text) <= 100 else None
    if match is None:
        raise ExpressionError(f'{quoted(text)} is not a duration such as "1h30m"')
    total = sum(int(Decimal(count) * _SIZES[unit]) for count, unit in _PART.findall(text))
    return Duration(-total if match[1] == "-" else total)


def _whole(value: float) -> int:
    if not math.isfinite(value):
        raise ExpressionError(f"{value} is not a whole number")
    return math.trunc(value)


def _int_of_double(value: float) -> int:
    if not -(2.0**63) < value < 2.0**63:
        raise ExpressionError("an int of more than 64 bits")
    return _whole(value)


def _uint_of_double(value: float) -> UInt:
    return checked_uint(_whole(value))


def _seconds(value: Timestamp | Duration) -> int:
    return value.ns // NANOSECONDS if value.ns >= 0 or isinstance(value, Timestamp) else -(-value.ns // NANOSECONDS)


def _moment_of_seconds(seconds: int) -> Timestamp:
    return Timestamp(seconds * NANOSECONDS)


def type_of(value: Any) -> TypeName:
    return TypeName(kind_of(value))


def _same(value: Any) -> Any:
    return value


ROWS = Rows()

for _kind in ("int", "uint", "double", "string", "bytes", "bool", "timestamp", "duration", "decimal"):
    ROWS.function(_kind, f"{_kind} -> {_kind}", _same)
ROWS.function("int", "uint -> int", lambda value: checked_int(int(value)))
ROWS.function("int", "double -> int", _int_of_double)
ROWS.shared("int_string", "string -> int")
ROWS.shared("int_decimal", "decimal -> int")
ROWS.function("int", "timestamp -> int", _seconds)
ROWS.function("int", "duration -> int", _seconds)
ROWS.function("uint", "int -> uint", checked_uint)
ROWS.function("uint", "double -> uint", _uint_of_double)
ROWS.function("uint", "string -> uint", lambda text: UInt(uint_of_string(text)))
ROWS.function("double", "int -> double", float)
ROWS.function("double", "uint -> double", float)
ROWS.shared("double_string", "string -> double")
ROWS.shared("double_decimal", "decimal -> double")
ROWS.shared("decimal_string", "string -> decimal")
ROWS.shared("decimal_int", "int -> decimal")
ROWS.function("decimal", "uint -> decimal", lambda value: Decimal(int(value)))
ROWS.shared("decimal_double", "double -> decimal")
ROWS.shared("string_bool", "bool -> string")
ROWS.shared("string_int", "int -> string")
ROWS.function("string", "uint -> string", lambda value: str(int(value)))
ROWS.shared("string_double", "double -> string")
ROWS.shared("string_decimal", "decimal -> string")
ROWS.shared("string_bytes", "bytes -> string")
ROWS.function("string", "timestamp -> string", timestamp_text)
ROWS.function("string", "duration -> string", seconds_text)
ROWS.shared("bool_string", "string -> bool")
ROWS.shared("bytes_string", "string -> bytes")
ROWS.function("timestamp", "string -> timestamp", read_moment)
ROWS.function("timestamp", "int -> timestamp", _moment_of_seconds)
ROWS.function("duration", "string -> duration", read_length)
ROWS.function("dyn", "A -> dyn", _same)
ROWS.function("type", "A -> type(A)", type_of)
