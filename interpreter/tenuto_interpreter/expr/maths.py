"""CEL's math extension, for decimals too."""

from __future__ import annotations

import decimal
import math
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from tenuto_interpreter.expr.context import Context, charge_order
from tenuto_interpreter.expr.errors import ExpressionError
from tenuto_interpreter.expr.operators import int_overflow
from tenuto_interpreter.expr.table import Rows
from tenuto_interpreter.values.texts import INT_MAX, UINT_MAX

MASK = UINT_MAX


def _least(*values: Any) -> Any:
    return min(values)


def _greatest(*values: Any) -> Any:
    return max(values)


def _of_list(choose: Callable[..., Any], what: str) -> Callable[[Context, list[Any]], Any]:
    def run(context: Context, items: list[Any]) -> Any:
        if not items:
            raise ExpressionError(f"math.{what} of an empty list")
        charge_order(context, items)
        return choose(items)

    return run


def _abs_int(value: int) -> int:
    return abs(value) if value >= -INT_MAX else int_overflow()


def _round(value: float) -> float:
    """Half away from zero, as CEL does."""
    if not math.isfinite(value):
        return value
    whole = math.floor(abs(value))
    return math.copysign(whole + (1 if abs(value) - whole >= 0.5 else 0), value)


def _floating(function: Any) -> Any:
    """A function to whole numbers which keeps infinities and NaN."""
    return lambda value: float(function(value)) if math.isfinite(value) else value


def _sign(value: float) -> float:
    return value if math.isnan(value) else float((value > 0) - (value < 0))


def _quantize(value: Decimal, rounding: str, digits: int = 0) -> Decimal:
    if not 0 <= digits <= 38:
        raise ExpressionError(f"rounding to {digits} digits")
    exponent = Decimal(1).scaleb(-digits)
    context = decimal.Context(prec=1100, Emin=-7000, Emax=7000, rounding=rounding, traps=[decimal.InvalidOperation])
    return value.quantize(exponent, context=context)


def _shift_left(value: int, count: int) -> int:
    if count < 0:
        raise ExpressionError("a shift by less than zero")
    return signed((value & MASK) << count if count < 64 else 0)


def _shift_right(value: int, count: int) -> int:
    if count < 0:
        raise ExpressionError("a shift by less than zero")
    return signed((value & MASK) >> count if count < 64 else 0)


def signed(value: int) -> int:
    value &= MASK
    return value - (1 << 64) if value > INT_MAX else value


ROWS = Rows()

for _kind in ("int", "uint", "double", "decimal", "duration", "timestamp"):
    ROWS.function(f"math_least_{_kind}", "math.least", f"{_kind}, {_kind} ... -> {_kind}", _least, total=True)
    ROWS.function(f"math_greatest_{_kind}", "math.greatest", f"{_kind}, {_kind} ... -> {_kind}", _greatest, total=True)
    for _name, _choose in (("least", min), ("greatest", max)):
        ROWS.function(
            f"math_{_name}_list_{_kind}",
            f"math.{_name}",
            f"[{_kind}] -> {_kind}",
            _of_list(_choose, _name),
            needs_context=True,
        )
ROWS.function("math_abs_int", "math.abs", "int -> int", _abs_int)
ROWS.function("math_abs_uint", "math.abs", "uint -> uint", lambda value: value, total=True)
ROWS.function("math_abs_double", "math.abs", "double -> double", abs, total=True)
ROWS.function("math_abs_decimal", "math.abs", "decimal -> decimal", Decimal.copy_abs, total=True)
ROWS.function("math_ceil", "math.ceil", "double -> double", _floating(math.ceil), total=True)
ROWS.function("math_floor", "math.floor", "double -> double", _floating(math.floor), total=True)
ROWS.function("math_trunc", "math.trunc", "double -> double", _floating(math.trunc), total=True)
ROWS.function("math_round", "math.round", "double -> double", _round, total=True)
for _name, _rounding in (
    ("ceil", decimal.ROUND_CEILING), ("floor", decimal.ROUND_FLOOR), ("trunc", decimal.ROUND_DOWN),
    ("round", decimal.ROUND_HALF_UP),
):  # fmt: skip
    ROWS.function(
        f"math_{_name}_decimal",
        f"math.{_name}",
        "decimal -> decimal",
        lambda value, how=_rounding: _quantize(value, how),
    )
ROWS.function(
    "math_round_decimal_digits",
    "math.round",
    "decimal, int -> decimal",
    lambda value, digits: _quantize(value, decimal.ROUND_HALF_UP, digits),
)
ROWS.function("math_sign_int", "math.sign", "int -> int", lambda value: (value > 0) - (value < 0), total=True)
ROWS.function("math_sign_uint", "math.sign", "uint -> uint", lambda value: int(value > 0), total=True)
ROWS.function("math_sign_double", "math.sign", "double -> double", _sign, total=True)
ROWS.function("math_sign_decimal", "math.sign", "decimal -> int", lambda value: (value > 0) - (value < 0), total=True)
ROWS.function("math_is_nan", "math.isNaN", "double -> bool", math.isnan, total=True)
ROWS.function("math_is_inf", "math.isInf", "double -> bool", math.isinf, total=True)
ROWS.function("math_is_finite", "math.isFinite", "double -> bool", math.isfinite, total=True)
ROWS.function("math_sqrt", "math.sqrt", "double -> double", lambda v: math.sqrt(v) if v >= 0 else math.nan, total=True)
ROWS.function("math_bit_and", "math.bitAnd", "int, int -> int", lambda a, b: a & b, total=True)
ROWS.function("math_bit_or", "math.bitOr", "int, int -> int", lambda a, b: a | b, total=True)
ROWS.function("math_bit_xor", "math.bitXor", "int, int -> int", lambda a, b: a ^ b, total=True)
ROWS.function("math_bit_not", "math.bitNot", "int -> int", lambda a: ~a, total=True)
ROWS.function("math_bit_left", "math.bitShiftLeft", "int, int -> int", _shift_left)
ROWS.function("math_bit_right", "math.bitShiftRight", "int, int -> int", _shift_right)
ROWS.function("math_sqrt_int", "math.sqrt", "int -> double", lambda v: math.sqrt(v) if v >= 0 else math.nan, total=True)
ROWS.function("math_sqrt_uint", "math.sqrt", "uint -> double", math.sqrt, total=True)
ROWS.function("math_bit_and_uint", "math.bitAnd", "uint, uint -> uint", lambda a, b: a & b, total=True)
ROWS.function("math_bit_or_uint", "math.bitOr", "uint, uint -> uint", lambda a, b: a | b, total=True)
ROWS.function("math_bit_xor_uint", "math.bitXor", "uint, uint -> uint", lambda a, b: a ^ b, total=True)
ROWS.function("math_bit_not_uint", "math.bitNot", "uint -> uint", lambda a: a ^ MASK, total=True)
ROWS.function("math_bit_left_uint", "math.bitShiftLeft", "uint, int -> uint", lambda a, n: _shift_left(a, n) & MASK)
ROWS.function("math_bit_right_uint", "math.bitShiftRight", "uint, int -> uint", lambda a, n: _shift_right(a, n) & MASK)
