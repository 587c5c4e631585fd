"""CEL's math extension."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from tenuto_interpreter.expr.cel.table import Rows
from tenuto_interpreter.expr.cel.values import UInt, kind_of
from tenuto_interpreter.expr.context import Context, charge
from tenuto_interpreter.expr.errors import ExpressionError
from tenuto_interpreter.expr.maths import MASK, signed

_NUMBERS = ("int", "uint", "double")


def _of_list(choose: Callable[..., Any], name: str) -> Callable[[Context, list[Any]], Any]:
    def run(context: Context, items: list[Any]) -> Any:
        charge(context, 1 + len(items))
        if not items:
            raise ExpressionError(f"math.{name} of an empty list")
        for item in items:
            if kind_of(item) not in _NUMBERS:
                raise ExpressionError(f"no such overload: math.{name} of a list with {kind_of(item)}")
        return choose(items)

    return run


def _many(choose: Callable[..., Any], name: str) -> Callable[..., Any]:
    of_list = _of_list(choose, name)
    return lambda context, *args: of_list(context, list(args))


def _shift(left: bool, unsigned: bool) -> Callable[[int, int], int]:
    def run(value: int, count: int) -> int:
        if count < 0:
            raise ExpressionError("a shift by less than zero")
        bits = int(value) & MASK
        moved = 0 if count >= 64 else (bits << count if left else bits >> count) & MASK
        return UInt(moved) if unsigned else signed(moved)

    return run


ROWS = Rows()

for _name, _choose in (("least", min), ("greatest", max)):
    for _left in _NUMBERS:
        ROWS.function(f"math.{_name}", f"{_left} -> {_left}", lambda value: value)
        ROWS.function(f"math.{_name}", f"list({_left}) -> {_left}", _of_list(_choose, _name), ctx=True)
        for _right in _NUMBERS:
            _result = _left if _left == _right else "dyn"
            ROWS.function(f"math.{_name}", f"{_left}, {_right} -> {_result}", _many(_choose, _name), ctx=True)
    for _count in range(3, 17):
        for _kind in _NUMBERS:
            _text = ", ".join([_kind] * _count)
            ROWS.function(f"math.{_name}", f"{_text} -> {_kind}", _many(_choose, _name), ctx=True)
        ROWS.function(f"math.{_name}", f"{', '.join(['dyn'] * _count)} -> dyn", _many(_choose, _name), ctx=True)

ROWS.shared("math_abs_int", "int -> int")
ROWS.function("math.abs", "uint -> uint", lambda value: value)
ROWS.shared("math_abs_double", "double -> double")
ROWS.shared("math_abs_decimal", "decimal -> decimal")
for _name in ("ceil", "floor", "trunc", "round"):
    ROWS.shared(f"math_{_name}", "double -> double")
    ROWS.shared(f"math_{_name}_decimal", "decimal -> decimal")
ROWS.shared("math_round_decimal_digits", "decimal, int -> decimal")
ROWS.shared("math_sign_int", "int -> int")
ROWS.function("math.sign", "uint -> uint", lambda value: UInt(value > 0))
ROWS.shared("math_sign_double", "double -> double")
ROWS.shared("math_sign_decimal", "decimal -> int")
ROWS.shared("math_is_nan", "double -> bool")
ROWS.shared("math_is_inf", "double -> bool")
ROWS.shared("math_is_finite", "double -> bool")
ROWS.shared("math_sqrt", "double -> double")
ROWS.function("math.sqrt", "int -> double", lambda value: math.sqrt(value) if value >= 0 else math.nan)
ROWS.function("math.sqrt", "uint -> double", math.sqrt)
for _word, _run in (("And", int.__and__), ("Or", int.__or__), ("Xor", int.__xor__)):
    ROWS.function(f"math.bit{_word}", "int, int -> int", _run)
    ROWS.function(f"math.bit{_word}", "uint, uint -> uint", lambda a, b, run=_run: UInt(run(int(a), int(b))))
ROWS.function("math.bitNot", "int -> int", int.__invert__)
ROWS.function("math.bitNot", "uint -> uint", lambda value: UInt(int(value) ^ MASK))
for _word, _left_wards in (("Left", True), ("Right", False)):
    ROWS.function(f"math.bitShift{_word}", "int, int -> int", _shift(_left_wards, unsigned=False))
    ROWS.function(f"math.bitShift{_word}", "uint, int -> uint", _shift(_left_wards, unsigned=True))
