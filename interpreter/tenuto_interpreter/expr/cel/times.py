"""Functions of timestamps and durations."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from tenuto_interpreter.expr.cel.table import Rows
from tenuto_interpreter.expr.cel.values import Duration, Timestamp
from tenuto_interpreter.expr.context import Context
from tenuto_interpreter.expr.times import PARTS
from tenuto_interpreter.expr.zones import local


def _part(part: Callable[[datetime], int]) -> Callable[[Timestamp], int]:
    return lambda moment: part(moment.datetime())


def _part_in(part: Callable[[datetime], int]) -> Callable[[Timestamp, str], int]:
    return lambda moment, zone: part(local(moment.datetime(), zone))


def _whole(size: int) -> Callable[[Any], int]:
    """A duration in whole units, cut towards zero."""
    return lambda value: value.ns // size if value.ns >= 0 else -(-value.ns // size)


def _milliseconds(value: Duration) -> int:
    count = abs(value.ns) // 1_000_000 % 1000
    return count if value.ns >= 0 else -count


def _now(context: Context) -> Timestamp:
    return Timestamp(context.now * 1000)


ROWS = Rows()

for _name, _function in PARTS.items():
    ROWS.method(_name, "timestamp -> int", _part(_function))
    ROWS.method(_name, "timestamp, string -> int", _part_in(_function))
ROWS.method("getHours", "duration -> int", _whole(3_600_000_000_000))
ROWS.method("getMinutes", "duration -> int", _whole(60_000_000_000))
ROWS.method("getSeconds", "duration -> int", _whole(1_000_000_000))
ROWS.method("getMilliseconds", "duration -> int", _milliseconds)
ROWS.shared("calendar", "timestamp, string, string -> timestamp")
ROWS.shared("format_timestamp", "timestamp, string, string -> string")
ROWS.shared("format_timestamp_utc", "timestamp, string -> string")
ROWS.function("now", "-> timestamp", _now, ctx=True)
