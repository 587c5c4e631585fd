"""`"%s has %d".format([name, count])`: CEL's string formatting, with bounded precision."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from tenuto_interpreter.expr.context import Context, charge, charge_text
from tenuto_interpreter.expr.errors import ExpressionError
from tenuto_interpreter.expr.running import kind_of
from tenuto_interpreter.values.texts import write_decimal, write_duration, write_timestamp

_CLAUSE = re.compile(r"%(?:\.([0-9]{1,20}))?(.?)", re.DOTALL)
MAX_PRECISION = 100


def printf(context: Context, pattern: str, values: list[Any]) -> str:
    """The pattern with its clauses filled in. Raises ExpressionError when values and clauses do not fit."""
    rest = iter(values)

    def fill(match: re.Match[str]) -> str:
        precision, verb = match.groups()
        if verb == "%":
            return "%"
        if verb not in _VERBS:
            raise ExpressionError(f"format has no clause %{verb}")
        clause = _VERBS[verb]
        digits = 6 if precision is None else int(precision)
        if digits > MAX_PRECISION:
            raise ExpressionError(f"a precision of more than {MAX_PRECISION} digits")
        try:
            value = next(rest)
        except StopIteration:
            raise ExpressionError("format has more clauses than values") from None
        return charge_text(context, text_of(context, value) if clause is None else clause(value, digits))

    text = charge_text(context, _CLAUSE.sub(fill, pattern))
    if next(rest, rest) is not rest:
        raise ExpressionError("format has more values than clauses")
    return text


def text_of(context: Context, value: Any) -> str:
    """A value as `%s` shows it."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case str():
            return value
        case float():
            return _special(value) or repr(value).removesuffix(".0")
        case Decimal():
            return write_decimal(value)
        case datetime():
            return write_timestamp(value)
        case timedelta():
            return write_duration(value)
        case bytes():
            return value.decode(errors="replace")
        case list() | tuple():
            charge(context, 1 + 4 * len(value))
            return charge_text(context, "[" + ", ".join(text_of(context, item) for item in value) + "]")
        case dict():
            charge(context, 1 + 4 * len(value))
            parts = (f"{key}: {text_of(context, value[key])}" for key in sorted(value))
            return charge_text(context, "{" + ", ".join(parts) + "}")
        case _:
            return str(value)


def _special(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    return ("Infinity" if value > 0 else "-Infinity") if math.isinf(value) else ""


def _number(value: Any, verb: str) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise ExpressionError(f"%{verb} needs a number, found {kind_of(value)}")
    return value


def _whole(value: Any, verb: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ExpressionError(f"%{verb} needs an int, found {kind_of(value)}")
    return value


def _decimal(value: Any, _: int) -> str:
    number = _number(value, "d")
    if isinstance(number, float) and not number.is_integer():
        return _special(number) or _refuse("d", number)
    return str(int(number)) if not isinstance(number, Decimal) else write_decimal(number)


def _refuse(verb: str, value: Any) -> str:
    raise ExpressionError(f"%{verb} needs an int, found {value}")


def _fixed(value: Any, digits: int) -> str:
    number = _number(value, "f")
    return (isinstance(number, float) and _special(number)) or format(number, f".{digits}f")


def _scientific(value: Any, digits: int) -> str:
    number = _number(value, "e")
    return (isinstance(number, float) and _special(number)) or format(float(number), f".{digits}e")


def _binary(value: Any, _: int) -> str:
    return str(int(value)) if isinstance(value, bool) else format(_whole(value, "b"), "b")


def _hexadecimal(value: Any, _: int) -> str:
    if isinstance(value, str):
        return value.encode(errors="replace").hex()
    return value.hex() if isinstance(value, bytes) else format(_whole(value, "x"), "x")


_VERBS: dict[str, Callable[[Any, int], str] | None] = {
    "s": None,
    "d": _decimal,
    "f": _fixed,
    "e": _scientific,
    "b": _binary,
    "o": lambda value, _: format(_whole(value, "o"), "o"),
    "x": _hexadecimal,
    "X": lambda value, digits: _hexadecimal(value, digits).upper(),
}
