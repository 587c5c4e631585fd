"""CEL's operators on values of any kind: arithmetic with its limits, order, equality, membership, indexing."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from tenuto_interpreter.expr.cel.table import Rows
from tenuto_interpreter.expr.cel.values import (
    NONE,
    Duration,
    Maybe,
    Timestamp,
    UInt,
    equal,
    key_sought,
    kind_of,
)
from tenuto_interpreter.expr.context import Context, charge, charge_items, charge_search, charge_text
from tenuto_interpreter.expr.errors import ExpressionError
from tenuto_interpreter.expr.operators import (
    divide_double,
    divide_int,
    int_overflow,
    modulo_int,
    ordered,
    uint_overflow,
)
from tenuto_interpreter.values.texts import INT_MAX, INT_MIN, UINT_MAX


def checked_int(value: int) -> int:
    return value if INT_MIN <= value <= INT_MAX else int_overflow()


def checked_uint(value: int) -> UInt:
    return UInt(value) if 0 <= value <= UINT_MAX else uint_overflow()


def _ints(run: Callable[[Any, Any], int]) -> Callable[[Any, Any], int]:
    return lambda a, b: checked_int(run(a, b))


def _uints(run: Callable[[Any, Any], int]) -> Callable[[Any, Any], int]:
    return lambda a, b: checked_uint(run(int(a), int(b)))


def _add_list(context: Context, a: list[Any], b: list[Any]) -> list[Any]:
    charge_items(context, len(a) + len(b))
    return [*a, *b]


def contains(context: Context, value: Any, items: list[Any]) -> bool:
    charge(context, 1 + len(items))
    return any(equal(context, item, value) for item in items)


def has_key(context: Context, value: Any, items: dict[Any, Any]) -> bool:
    try:
        return _key(context, value) in items
    except ExpressionError:
        return False


def _key(context: Context, value: Any) -> Any:
    """A key that is looked for, paid for where it is long."""
    if type(value) is str:
        charge_search(context, value)
    return key_sought(value)


def position(index: Any) -> int | None:
    """An index into a list: a whole number of any kind."""
    kind = type(index)
    if kind is int or kind is UInt:
        return int(index)
    if kind is float and index.is_integer():
        return int(index)
    return None


def index_list(items: list[Any], index: Any) -> Any:
    place = position(index)
    if place is None:
        raise ExpressionError(f"a list cannot be indexed by {kind_of(index)}")
    if 0 <= place < len(items):
        return items[place]
    raise ExpressionError(f"index {place} out of range: the list has {len(items)} items")


def index_map(context: Context, items: dict[Any, Any], key: Any) -> Any:
    try:
        return items[_key(context, key)]
    except (KeyError, ExpressionError):
        raise ExpressionError(f"no such key: {str(key)[:60]}") from None


def index_or_none(context: Context, operand: Any, index: Any) -> Maybe:
    """`operand[?index]`."""
    kind = type(operand)
    if kind is Maybe:
        return index_or_none(context, operand.value, index) if operand.present else NONE
    if kind is list:
        place = position(index)
        if place is None:
            raise ExpressionError(f"a list cannot be indexed by {kind_of(index)}")
        return Maybe(operand[place]) if 0 <= place < len(operand) else NONE
    if kind is dict:
        key = _key(context, index)
        return Maybe(operand[key]) if key in operand else NONE
    raise ExpressionError(f"no such overload: {kind_of(operand)}[?{kind_of(index)}]")


def _index_maybe(context: Context, operand: Maybe, index: Any) -> Maybe:
    return index_or_none(context, operand.value, index) if operand.present else NONE


def _ordered(run: Callable[[Any, Any], bool], left: str, right: str) -> Callable[[Any, Any], bool]:
    """An order; beside a double, a whole number is one too, rounded, as in every implementation of CEL."""
    if "double" in (left, right) and left != right:
        return lambda a, b: run(float(a), float(b))
    return run


ROWS = Rows()

for _name, _run in (("+", operator.add), ("-", operator.sub), ("*", operator.mul)):
    ROWS.operator(_name, "int, int -> int", _ints(_run))
    ROWS.operator(_name, "uint, uint -> uint", _uints(_run))
    ROWS.operator(_name, "double, double -> double", _run)
ROWS.operator("/", "int, int -> int", divide_int)
ROWS.operator("/", "uint, uint -> uint", lambda a, b: UInt(divide_int(a, b)))
ROWS.operator("/", "double, double -> double", divide_double)
ROWS.operator("%", "int, int -> int", modulo_int)
ROWS.operator("%", "uint, uint -> uint", lambda a, b: UInt(modulo_int(a, b)))
ROWS.operator("-_", "int -> int", lambda a: checked_int(-a))
ROWS.operator("-_", "double -> double", operator.neg)
ROWS.operator("-_", "duration -> duration", lambda a: Duration(-a.ns))
ROWS.operator("!_", "bool -> bool", operator.not_)

ROWS.operator("+", "string, string -> string", lambda c, a, b: charge_text(c, a + b), ctx=True)
ROWS.operator("+", "bytes, bytes -> bytes", lambda c, a, b: charge_text(c, a + b), ctx=True)
ROWS.operator("+", "list(A), list(A) -> list(A)", _add_list, ctx=True)
ROWS.operator("+", "timestamp, duration -> timestamp", lambda a, b: Timestamp(a.ns + b.ns))
ROWS.operator("+", "duration, timestamp -> timestamp", lambda a, b: Timestamp(a.ns + b.ns))
ROWS.operator("+", "duration, duration -> duration", lambda a, b: Duration(a.ns + b.ns))
ROWS.operator("-", "timestamp, timestamp -> duration", lambda a, b: Duration(a.ns - b.ns))
ROWS.operator("-", "timestamp, duration -> timestamp", lambda a, b: Timestamp(a.ns - b.ns))
ROWS.operator("-", "duration, duration -> duration", lambda a, b: Duration(a.ns - b.ns))
# Not CEL's, but a workflow's: a duration in data is worked with as one in a workflow, to the microsecond.
ROWS.operator("*", "duration, int -> duration", lambda a, b: Duration(a.ns * b))
ROWS.operator("*", "int, duration -> duration", lambda a, b: Duration(a * b.ns))
ROWS.shared("divide_duration_int", "duration, int -> duration")

for _word, _name in (("add", "+"), ("subtract", "-"), ("multiply", "*"), ("divide", "/")):
    for _suffix, _text in (
        ("decimal", "decimal, decimal"), ("decimal_int", "decimal, int"), ("int_decimal", "int, decimal"),
    ):  # fmt: skip
        ROWS.shared(f"{_word}_{_suffix}", f"{_text} -> decimal")
ROWS.shared("negate_decimal", "decimal -> decimal")

_NUMBERS = ("int", "uint", "double")
_ORDERED = (
    *((kind, kind) for kind in ("bool", "timestamp", "duration", "decimal")),
    *((left, right) for left in _NUMBERS for right in _NUMBERS),
    ("int", "decimal"), ("decimal", "int"),
)  # fmt: skip
for _name, _run in (("<", operator.lt), ("<=", operator.le), (">", operator.gt), (">=", operator.ge)):
    for _left, _right in _ORDERED:
        ROWS.operator(_name, f"{_left}, {_right} -> bool", _ordered(_run, _left, _right))

    for _kind in ("string", "bytes"):
        ROWS.operator(_name, f"{_kind}, {_kind} -> bool", ordered(_run), ctx=True)

ROWS.operator("==", "A, A -> bool", equal, ctx=True)
ROWS.operator("!=", "A, A -> bool", lambda c, a, b: not equal(c, a, b), ctx=True)
ROWS.operator("in", "A, list(A) -> bool", contains, ctx=True)
ROWS.operator("in", "A, map(A, B) -> bool", has_key, ctx=True)

ROWS.operator("[]", "list(A), int -> A", index_list)
ROWS.operator("[]", "map(A, B), A -> B", index_map, ctx=True)
ROWS.operator("[]", "optional(list(A)), int -> optional(A)", _index_maybe, ctx=True)
ROWS.operator("[]", "optional(map(A, B)), A -> optional(B)", _index_maybe, ctx=True)
ROWS.operator("[]", "list(A), dyn -> A", index_list, shown=False)
ROWS.operator("[]", "optional(A), dyn -> optional(dyn)", _index_maybe, ctx=True, shown=False)
ROWS.operator("[]", "map(A, B), dyn -> B", index_map, ctx=True, shown=False)
ROWS.operator("[?]", "list(A), int -> optional(A)", index_or_none, ctx=True)
ROWS.operator("[?]", "map(A, B), A -> optional(B)", index_or_none, ctx=True)
ROWS.operator("[?]", "optional(list(A)), int -> optional(A)", index_or_none, ctx=True)
ROWS.operator("[?]", "optional(map(A, B)), A -> optional(B)", index_or_none, ctx=True)
ROWS.operator("[?]", "dyn, dyn -> optional(dyn)", index_or_none, ctx=True, shown=False)
