"""Functions of strings and bytes: CEL's standard ones, its strings and encoders extensions."""

from __future__ import annotations

import math
import re
from decimal import Decimal
from typing import Any

from tenuto_interpreter.expr.cel.table import Rows
from tenuto_interpreter.expr.cel.values import (
    Duration,
    Maybe,
    Timestamp,
    TypeName,
    key_out,
    kind_of,
    seconds_text,
    timestamp_text,
)
from tenuto_interpreter.expr.context import Context, charge, charge_text
from tenuto_interpreter.expr.errors import ExpressionError
from tenuto_interpreter.expr.operations import TABLE
from tenuto_interpreter.values.texts import write_decimal

_CLAUSE = re.compile(r"%(?:\.([0-9]{1,20}))?(.?)", re.DOTALL)
MAX_PRECISION = 100


def _format(context: Context, pattern: str, values: list[Any]) -> str:
    rest = iter(values)

    def fill(match: re.Match[str]) -> str:
        precision, verb = match.groups()
        if verb == "%":
            return "%"
        digits = 6 if precision is None else int(precision)
        if digits > MAX_PRECISION:
            raise ExpressionError(f"a precision of more than {MAX_PRECISION} digits")
        if verb not in _VERBS:
            raise ExpressionError(f"format has no clause %{verb}")
        value = next(rest, rest)
        if value is rest:
            raise ExpressionError("format has more clauses than values")
        return charge_text(context, _clause(context, verb, value, digits))

    text = charge_text(context, _CLAUSE.sub(fill, pattern))
    if next(rest, rest) is not rest:
        raise ExpressionError("format has more values than clauses")
    return text


_VERBS = frozenset("sdfeboxX")


def _clause(context: Context, verb: str, value: Any, digits: int) -> str:
    kind = type(value)
    is_int = isinstance(value, int) and kind is not bool
    if verb == "s":
        return text_of(context, value)
    if kind is float and verb in "dfe" and not math.isfinite(value):
        return _special(value)
    if verb == "d" and (is_int or kind is Decimal):
        return str(int(value)) if is_int else write_decimal(value)
    if verb == "d" and kind is float and value.is_integer():
        return str(int(value))
    if verb in "fe" and (is_int or kind in (float, Decimal)):
        return _rounded(value, digits) if verb == "f" else f"{float(value):.{digits}e}"
    if verb == "b" and (is_int or kind is bool):
        return f"{int(value):b}"
    if verb == "o" and is_int:
        return f"{int(value):o}"
    if verb in "xX":
        data = value.encode(errors="replace") if kind is str else value
        if is_int or kind in (str, bytes):
            text = f"{int(value):x}" if is_int else data.hex()
            return text.upper() if verb == "X" else text
    raise ExpressionError(f"%{verb} is not for {kind_of(value)}")


def _rounded(value: Any, digits: int) -> str:
    if isinstance(value, float):
        return f"{value:.{digits}f}"
    return f"{Decimal(int(value)) if isinstance(value, int) else value:.{digits}f}"


def _special(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    return "Infinity" if value > 0 else "-Infinity"


def text_of(context: Context, value: Any) -> str:
    """A value as `%s` shows it."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case str():
            return value
        case int():
            return str(int(value))
        case float():
            return repr(value).removesuffix(".0") if math.isfinite(value) else _special(value)
        case Timestamp():
            return timestamp_text(value)
        case Duration():
            return seconds_text(value)
        case bytes():
            return value.decode(errors="replace")
        case TypeName():
            return value.name
        case Maybe():
            return f"optional({text_of(context, value.value)})" if value.present else "optional.none()"
        case list():
            charge(context, 1 + 4 * len(value))
            return charge_text(context, "[" + ", ".join(text_of(context, item) for item in value) + "]")
        case dict():
            charge(context, 1 + 4 * len(value))
            parts = sorted((text_of(context, key_out(k)), text_of(context, item)) for k, item in value.items())
            return charge_text(context, "{" + ", ".join(f"{key}: {item}" for key, item in parts) + "}")
        case Decimal():
            return write_decimal(value)
        case _:
            raise ExpressionError(f"%s is not for {kind_of(value)}")


def _join(context: Context, items: list[Any], separator: str = "") -> str:
    for item in items:
        if type(item) is not str:
            raise ExpressionError(f"no such overload: join of a list with {kind_of(item)}")
    join = TABLE.by_id["join_by"].function
    assert join is not None
    return str(join(context, items, separator))


ROWS = Rows()

ROWS.both("size", "string -> int", len)
ROWS.both("size", "bytes -> int", len)
ROWS.shared("contains", "string, string -> bool")
ROWS.shared("starts_with", "string, string -> bool")
ROWS.shared("ends_with", "string, string -> bool")
ROWS.shared("matches", "string, string -> bool")
ROWS.shared("matches.method", "string, string -> bool")
ROWS.shared("char_at", "string, int -> string")
ROWS.shared("index_of", "string, string -> int")
ROWS.shared("index_of_from", "string, string, int -> int")
ROWS.shared("last_index_of", "string, string -> int")
ROWS.shared("last_index_of_from", "string, string, int -> int")
ROWS.method("join", "list(string) -> string", _join, ctx=True)
ROWS.method("join", "list(string), string -> string", _join, ctx=True)
ROWS.shared("lower_ascii", "string -> string")
ROWS.shared("upper_ascii", "string -> string")
ROWS.shared("replace", "string, string, string -> string")
ROWS.shared("replace_some", "string, string, string, int -> string")
ROWS.shared("split", "string, string -> list(string)")
ROWS.shared("split_some", "string, string, int -> list(string)")
ROWS.shared("substring_from", "string, int -> string")
ROWS.shared("substring", "string, int, int -> string")
ROWS.shared("trim", "string -> string")
ROWS.shared("reverse_string", "string -> string")
ROWS.shared("quote", "string -> string")
ROWS.method("format", "string, list(dyn) -> string", _format, ctx=True)
ROWS.shared("sha256", "string -> string")
ROWS.shared("sha256_bytes", "bytes -> string")
ROWS.shared("base64_encode", "bytes -> string")
ROWS.shared("base64_decode", "string -> bytes")
