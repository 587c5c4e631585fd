"""Functions whose answer comes with the context: the time of the event, its random numbers, the run's own state."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tenuto_interpreter.expr.context import Context
from tenuto_interpreter.expr.errors import ExpressionError
from tenuto_interpreter.expr.table import Rows
from tenuto_interpreter.values.texts import timestamp_from_us


def _now(context: Context) -> datetime:
    return timestamp_from_us(context.now)


def _given(provider: Any, what: str) -> Any:
    if provider is None:
        raise ExpressionError(f"{what} has no value here")
    return provider


def _random(context: Context) -> float:
    return float(_given(context.random, "random()")())


def _uuid(context: Context) -> str:
    return str(_given(context.uuid, "uuid()")())


def _active(context: Context, path: str) -> bool:
    return bool(_given(context.active, "active(…)")(path))


def _calls(context: Context, activity: str) -> int:
    return int(_given(context.calls, "calls(…)")(activity))


def _attempts(context: Context, activity: str) -> int:
    return int(_given(context.attempts, "attempts(…)")(activity))


def _secret(context: Context, name: str) -> str:
    return str(_given(context.secret, "secret(…)")(name))


ROWS = Rows()

ROWS.function("now", "now", "-> timestamp", _now, needs_context=True, pure=False, total=True)
ROWS.function("random", "random", "-> double", _random, needs_context=True, pure=False)
ROWS.function("uuid", "uuid", "-> string", _uuid, needs_context=True, pure=False)
ROWS.function("active", "active", "string -> bool", _active, needs_context=True, pure=False)
ROWS.function("calls", "calls", "string -> int", _calls, needs_context=True, pure=False)
ROWS.function("attempts", "attempts", "string -> int", _attempts, needs_context=True, pure=False)
ROWS.function("secret", "secret", "string -> string", _secret, needs_context=True, pure=False)
