"""Conversions between types, each written as a function named after its result: `int("42")`, `string(1.5)`.

They are exact or they fail; the one that loses something on purpose, double to int, cuts towards zero as CEL does.
"""

from __future__ import annotations

import math
import re
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from tenuto_interpreter.expr.context import Context, charge_text
from tenuto_interpreter.expr.errors import ExpressionError
from tenuto_interpreter.expr.operators import int_overflow, uint_overflow
from tenuto_interpreter.expr.running import kind_of
from tenuto_interpreter.expr.table import Rows
from tenuto_interpreter.values.texts import (
    INT_MAX,
    INT_MIN,
    UINT_MAX,
    duration_to_us,
    read_decimal,
    read_duration,
    read_timestamp,
    timestamp_from_us,
    timestamp_to_us,
    write_decimal,
    write_duration,
    write_timestamp,
)

_INT = re.compile(r"[+-]?[0-9]{1,19}")
_UINT = re.compile(r"\+?[0-9]{1,20}")
_DOUBLE = re.compile(
    r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|[+-]?(?:inf|infinity|Inf|Infinity)|NaN|nan"
)
_TRUE = frozenset(("1", "t", "true", "TRUE", "True"))
_FALSE = frozenset(("0", "f", "false", "FALSE", "False"))


def quoted(text: str) -> str:
    return f'"{text[:40]}"' if len(text) <= 40 else f'"{text[:39]}…"'


def to_int(value: int) -> int:
    return value if INT_MIN <= value <= INT_MAX else int_overflow()


def to_uint(value: int) -> int:
    return value if 0 <= value <= UINT_MAX else uint_overflow()


def _int_of_string(text: str) -> int:
    if _INT.fullmatch(text) is None:
        raise ExpressionError(f"{quoted(text)} is not an int")
    return to_int(int(text))


def uint_of_string(text: str) -> int:
    if _UINT.fullmatch(text) is None:
        raise ExpressionError(f"{quoted(text)} is not a uint")
    return to_uint(int(text))


def _whole(value: float) -> int:
    if not math.isfinite(value):
        raise ExpressionError(f"{value} is not an int")
    return math.trunc(value)


def _int_of_decimal(value: Decimal) -> int:
    return to_int(int(value)) if value.adjusted() < 20 else int_overflow()


def _double_of_string(text: str) -> float:
    if len(text) > 400 or _DOUBLE.fullmatch(text) is None:
        raise ExpressionError(f"{quoted(text)} is not a double")
    return float(text)


def decimal_of_string(text: str) -> Decimal:
    try:
        return read_decimal(text)
    except ValueError:
        raise ExpressionError(f"{quoted(text)} is not a decimal") from None


def _decimal_of_double(value: float) -> Decimal:
    if not math.isfinite(value):
        raise ExpressionError(f"{value} is not a decimal")
    return Decimal(repr(value))


def string_of_double(value: float) -> str:
    """The shortest text that reads back the same, without a `.0`."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    text = repr(value)
    return text.removesuffix(".0")


def string_of_bool(value: bool) -> str:  # the value itself, not a flag
    return "true" if value else "false"


def _string_of_bytes(context: Context, value: bytes) -> str:
    try:
        return charge_text(context, value.decode())
    except UnicodeDecodeError:
        raise ExpressionError("these bytes are not UTF-8 text") from None


def _bytes_of_string(context: Context, text: str) -> bytes:
    return charge_text(context, text.encode(errors="replace"))


def _bool_of_string(text: str) -> bool:
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    raise ExpressionError(f"{quoted(text)} is not a bool")


def timestamp_of_string(text: str) -> datetime:
    try:
        return read_timestamp(text)
    except ValueError as error:
        raise ExpressionError(f"{quoted(text)} is {error}") from None


def duration_of_string(text: str) -> timedelta:
    try:
        return read_duration(text)
    except ValueError as error:
        raise ExpressionError(f"{quoted(text)} is {error}") from None


def _same(value: Any) -> Any:
    return value


ROWS = Rows()

ROWS.function("int_int", "int", "int -> int", _same, total=True)
ROWS.function("int_uint", "int", "uint -> int", to_int)
ROWS.function("int_double", "int", "double -> int", lambda value: to_int(_whole(value)))
ROWS.function("int_decimal", "int", "decimal -> int", _int_of_decimal)
ROWS.function("int_string", "int", "string -> int", _int_of_string)
ROWS.function("int_timestamp", "int", "timestamp -> int", lambda value: timestamp_to_us(value) // 1_000_000, total=True)
ROWS.function(
    "int_duration", "int", "duration -> int", lambda value: int(duration_to_us(value) / 1_000_000), total=True
)

ROWS.function("uint_uint", "uint", "uint -> uint", _same, total=True)
ROWS.function("uint_int", "uint", "int -> uint", to_uint)
ROWS.function("uint_double", "uint", "double -> uint", lambda value: to_uint(_whole(value)))
ROWS.function("uint_string", "uint", "string -> uint", uint_of_string)

ROWS.function("double_double", "double", "double -> double", _same, total=True)
ROWS.function("double_int", "double", "int -> double", float, total=True)
ROWS.function("double_uint", "double", "uint -> double", float, total=True)
ROWS.function("double_decimal", "double", "decimal -> double", float, total=True)
ROWS.function("double_string", "double", "string -> double", _double_of_string)

ROWS.function("decimal_string", "decimal", "string -> decimal", decimal_of_string)
ROWS.function("decimal_int", "decimal", "int -> decimal", Decimal, total=True)
ROWS.function("decimal_uint", "decimal", "uint -> decimal", Decimal, total=True)
ROWS.function("decimal_double", "decimal", "double -> decimal", _decimal_of_double)
ROWS.function("decimal_decimal", "decimal", "decimal -> decimal", _same, total=True)

ROWS.function("string_string", "string", "string -> string", _same, total=True)
ROWS.function("string_bool", "string", "bool -> string", string_of_bool, total=True)
ROWS.function("string_int", "string", "int -> string", str, total=True)
ROWS.function("string_uint", "string", "uint -> string", str, total=True)
ROWS.function("string_double", "string", "double -> string", string_of_double, total=True)
ROWS.function("string_decimal", "string", "decimal -> string", write_decimal, total=True)
ROWS.function("string_timestamp", "string", "timestamp -> string", write_timestamp, total=True)
ROWS.function("string_duration", "string", "duration -> string", write_duration, total=True)
ROWS.function("string_bytes", "string", "bytes -> string", _string_of_bytes, needs_context=True)

ROWS.function("bool_bool", "bool", "bool -> bool", _same, total=True)
ROWS.function("bool_string", "bool", "string -> bool", _bool_of_string)
ROWS.function("bytes_bytes", "bytes", "bytes -> bytes", _same, total=True)
ROWS.function("bytes_string", "bytes", "string -> bytes", _bytes_of_string, needs_context=True, total=True)
ROWS.function("timestamp_timestamp", "timestamp", "timestamp -> timestamp", _same, total=True)
ROWS.function("timestamp_string", "timestamp", "string -> timestamp", timestamp_of_string)
ROWS.function("timestamp_int", "timestamp", "int -> timestamp", lambda seconds: timestamp_from_us(seconds * 1_000_000))
ROWS.function("duration_duration", "duration", "duration -> duration", _same, total=True)
ROWS.function("duration_string", "duration", "string -> duration", duration_of_string)
ROWS.function("dyn", "dyn", "T -> dyn", _same, total=True)
ROWS.function("type", "type", "T -> type", kind_of, total=True)
