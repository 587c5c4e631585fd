"""What can go wrong while an expression runs, and how Python's own exceptions are told to people."""

from __future__ import annotations

import decimal


class ExpressionError(Exception):
    """An expression has no value: a fault of the program. The message is for its author."""


class LimitError(ExpressionError):
    """The expression would cost too much. `&&`, `||` and their kind never swallow it."""


def translate(error: Exception) -> ExpressionError:
    """The ExpressionError for whatever compiled code raised. It remembers where that was."""
    if isinstance(error, ExpressionError):
        return error
    return _translated(error).with_traceback(error.__traceback__)


def _translated(error: Exception) -> ExpressionError:
    if isinstance(error, KeyError):
        return ExpressionError(f"no such key: {error.args[0]}" if error.args else "no such key")
    if isinstance(error, RecursionError):
        return LimitError("the expression or a value in it is nested too deeply")
    for kind, message in _MESSAGES:
        if isinstance(error, kind):
            return ExpressionError(message)
    if isinstance(error, TypeError | AttributeError):
        return ExpressionError("an operation does not fit the type of its value (is a value null?)")
    return ExpressionError(str(error) or type(error).__name__)


_MESSAGES: tuple[tuple[type[Exception], str], ...] = (
    (IndexError, "index out of range"),
    (ZeroDivisionError, "division by zero"),
    (decimal.DivisionByZero, "division by zero"),
    (decimal.Overflow, "a decimal out of range"),
    (decimal.InvalidOperation, "a decimal operation without a result"),
    (OverflowError, "a number or time out of range"),
    (MemoryError, "out of memory"),
)
