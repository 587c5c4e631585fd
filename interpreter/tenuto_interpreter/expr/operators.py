"""The operators: arithmetic with its limits, comparison, membership, indexing.

What Python does fast and right is inlined; what needs a check is inlined with it (the 64 bits of an int) or calls a
function of this file. Decimals keep 38 significant digits, half-even, in a context of our own: the thread's belongs to
whoever runs us.
"""

from __future__ import annotations

import ast
import decimal
import math
import operator
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

from tenuto_interpreter.expr.context import Context, Text, charge_items, charge_search, charge_text
from tenuto_interpreter.expr.equality import contains, contains_plain, has_key
from tenuto_interpreter.expr.errors import ExpressionError
from tenuto_interpreter.expr.python import assign, binary, call, compare, conditional, literal, name
from tenuto_interpreter.expr.table import Emitter, Inline, Rows
from tenuto_interpreter.values.texts import DURATION_LIMIT, INT_MAX, INT_MIN, UINT_MAX, duration_to_us

DECIMALS = decimal.Context(
    prec=38,
    rounding=decimal.ROUND_HALF_EVEN,
    Emin=-6144,
    Emax=6144,
    capitals=1,
    clamp=0,
    traps=[decimal.InvalidOperation, decimal.DivisionByZero, decimal.Overflow],
)

_LONGEST = timedelta(microseconds=DURATION_LIMIT)


def int_overflow() -> Any:
    raise ExpressionError("an int of more than 64 bits")


def uint_overflow() -> Any:
    raise ExpressionError("a uint below zero or of more than 64 bits")


def _checked(operator: ast.operator, low: int, high: int, overflow: Any) -> Inline:
    """`t if low <= (t := a + b) <= high else overflow()`."""

    def emit(emitter: Emitter, args: list[ast.expr]) -> ast.expr:
        t = emitter.fresh()
        value = assign(t, binary(args[0], operator, args[1]))
        inside = ast.Compare(literal(low), [ast.LtE(), ast.LtE()], [value, literal(high)])
        return conditional(inside, name(t), call(emitter.global_(overflow), []))

    return emit


def _plain(operator: ast.operator) -> Inline:
    return lambda _emitter, args: binary(args[0], operator, args[1])


def _compared(operator: ast.cmpop) -> Inline:
    return lambda _emitter, args: compare(args[0], operator, args[1])


def divide_int(a: int, b: int) -> int:
    """Towards zero, as CEL does."""
    if b == 0:
        raise ExpressionError("division by zero")
    quotient = abs(a) // abs(b)
    if (a < 0) != (b < 0):
        quotient = -quotient
    return quotient if quotient <= INT_MAX else int_overflow()


def modulo_int(a: int, b: int) -> int:
    """The sign is the dividend's, as CEL does."""
    if b == 0:
        raise ExpressionError("modulus by zero")
    rest = abs(a) % abs(b)
    return -rest if a < 0 else rest


def divide_double(a: float, b: float) -> float:
    """IEEE 754: division by zero is an infinity or not a number."""
    if b != 0.0:
        return a / b
    if a == 0.0 or math.isnan(a):
        return math.nan
    return math.copysign(math.inf, a) * math.copysign(1.0, b)


def negate_int(a: int) -> int:
    return -a if a != INT_MIN else int_overflow()


def bounded(value: timedelta) -> timedelta:
    """The duration, when it is within ten thousand years."""
    if -_LONGEST <= value <= _LONGEST:
        return value
    raise ExpressionError("a duration of more than 10,000 years")


def divide_duration(a: timedelta, b: int) -> timedelta:
    return timedelta(microseconds=divide_int(duration_to_us(a), b))


def multiply_duration(a: timedelta, b: int) -> timedelta:
    microseconds = duration_to_us(a) * b
    if abs(microseconds) > DURATION_LIMIT:
        raise ExpressionError("a duration of more than 10,000 years")
    return timedelta(microseconds=microseconds)


def add_list(context: Context, a: list[Any], b: list[Any]) -> list[Any]:
    charge_items(context, len(a) + len(b))
    return [*a, *b]


def index_list(items: Any, index: int) -> Any:
    if 0 <= index < len(items):
        return items[index]
    raise ExpressionError(f"index {index} out of range: the list has {len(items)} items")


def index_map(context: Context, items: dict[str, Any], key: str) -> Any:
    charge_search(context, key)
    try:
        return items[key]
    except KeyError:
        raise ExpressionError(f"no such key: {key[:60]}") from None


def ordered(compared: Callable[[Text, Text], bool]) -> Callable[[Context, Text, Text], bool]:
    """An order of strings, paid for by the shorter one."""

    def run(context: Context, a: Text, b: Text) -> bool:
        charge_search(context, a if len(a) < len(b) else b)
        return compared(a, b)

    return run


def _in_list(emitter: Emitter, args: list[ast.expr]) -> ast.expr:
    """Python's own `in` where the list is written out."""
    if isinstance(args[1], ast.List) and all(isinstance(item, ast.Constant) for item in args[1].elts):
        return compare(args[0], ast.In(), args[1])
    return call(emitter.global_(contains_plain), [name("C"), *args])


def _in_map(emitter: Emitter, args: list[ast.expr]) -> ast.expr:
    if isinstance(args[0], ast.Constant):
        return compare(args[0], ast.In(), args[1])
    return call(emitter.global_(has_key), [name("C"), *args])


ROWS = Rows()

for _name, _word, _operator in (("+", "add", ast.Add()), ("-", "subtract", ast.Sub()), ("*", "multiply", ast.Mult())):
    ROWS.operator(f"{_word}_int", _name, "int, int -> int", inline=_checked(_operator, INT_MIN, INT_MAX, int_overflow))
    ROWS.operator(f"{_word}_uint", _name, "uint, uint -> uint", inline=_checked(_operator, 0, UINT_MAX, uint_overflow))
    ROWS.operator(f"{_word}_double", _name, "double, double -> double", inline=_plain(_operator), total=True)
    _method = getattr(DECIMALS, _word)
    ROWS.operator(f"{_word}_decimal", _name, "decimal, decimal -> decimal", _method)
    ROWS.operator(f"{_word}_decimal_int", _name, "decimal, int -> decimal", _method)
    ROWS.operator(f"{_word}_int_decimal", _name, "int, decimal -> decimal", _method)

ROWS.operator("add_string", "+", "string, string -> string", lambda c, a, b: charge_text(c, a + b), needs_context=True)
ROWS.operator("add_bytes", "+", "bytes, bytes -> bytes", lambda c, a, b: charge_text(c, a + b), needs_context=True)
ROWS.operator("add_list", "+", "[T], [T] -> [T]", add_list, needs_context=True)
ROWS.operator("add_timestamp_duration", "+", "timestamp, duration -> timestamp", inline=_plain(ast.Add()))
ROWS.operator("add_duration_timestamp", "+", "duration, timestamp -> timestamp", inline=_plain(ast.Add()))
ROWS.operator("add_duration", "+", "duration, duration -> duration", lambda a, b: bounded(a + b))
ROWS.operator("subtract_timestamp", "-", "timestamp, timestamp -> duration", inline=_plain(ast.Sub()), total=True)
ROWS.operator("subtract_timestamp_duration", "-", "timestamp, duration -> timestamp", inline=_plain(ast.Sub()))
ROWS.operator("subtract_duration", "-", "duration, duration -> duration", lambda a, b: bounded(a - b))
ROWS.operator("multiply_duration_int", "*", "duration, int -> duration", multiply_duration)
ROWS.operator("multiply_int_duration", "*", "int, duration -> duration", lambda a, b: multiply_duration(b, a))

ROWS.operator("divide_int", "/", "int, int -> int", divide_int)
ROWS.operator("divide_uint", "/", "uint, uint -> uint", divide_int)
ROWS.operator("divide_double", "/", "double, double -> double", divide_double, total=True)
ROWS.operator("divide_decimal", "/", "decimal, decimal -> decimal", DECIMALS.divide)
ROWS.operator("divide_decimal_int", "/", "decimal, int -> decimal", DECIMALS.divide)
ROWS.operator("divide_int_decimal", "/", "int, decimal -> decimal", DECIMALS.divide)
ROWS.operator("divide_duration_int", "/", "duration, int -> duration", divide_duration)
ROWS.operator("modulo_int", "%", "int, int -> int", modulo_int)
ROWS.operator("modulo_uint", "%", "uint, uint -> uint", modulo_int)

ROWS.operator("negate_int", "-_", "int -> int", negate_int)
ROWS.operator(
    "negate_double", "-_", "double -> double", inline=lambda _e, args: ast.UnaryOp(ast.USub(), args[0]), total=True
)
ROWS.operator("negate_decimal", "-_", "decimal -> decimal", Decimal.copy_negate, total=True)
ROWS.operator("negate_duration", "-_", "duration -> duration", lambda a: -a, total=True)

_ORDERED = ("int", "uint", "double", "decimal", "bool", "timestamp", "duration")
_MIXED = (
    ("int", "double"), ("double", "int"), ("int", "uint"), ("uint", "int"), ("uint", "double"), ("double", "uint"),
    ("int", "decimal"), ("decimal", "int"),
)  # fmt: skip

for _name, _word, _comparison, _run in (
    ("<", "less", ast.Lt(), operator.lt), ("<=", "less_equal", ast.LtE(), operator.le),
    (">", "greater", ast.Gt(), operator.gt), (">=", "greater_equal", ast.GtE(), operator.ge),
):  # fmt: skip
    for _kind in ("string", "bytes"):
        ROWS.operator(
            f"{_word}_{_kind}", _name, f"{_kind}, {_kind} -> bool", ordered(_run), needs_context=True, total=True
        )
    for _kind in _ORDERED:
        ROWS.operator(f"{_word}_{_kind}", _name, f"{_kind}, {_kind} -> bool", inline=_compared(_comparison), total=True)
    for _left, _right in _MIXED:
        ROWS.operator(
            f"{_word}_{_left}_{_right}", _name, f"{_left}, {_right} -> bool", inline=_compared(_comparison), total=True
        )

ROWS.operator("in_list", "in", "T, [T] -> bool", contains, needs_context=True, total=True)
ROWS.operator("in_plain", "in", "T, [T] -> bool", inline=_in_list, total=True)
ROWS.operator("in_map", "in", "string, map(T) -> bool", inline=_in_map, total=True)
ROWS.operator("index_list", "[]", "[T], int -> T", index_list)
ROWS.operator("index_map", "[]", "map(T), string -> T", index_map, needs_context=True)
