"""Schedules: `cron("0 9 * * MON", "Europe/Paris", "once")` as a value, and the moments at which it fires.

A schedule is a plain dict, so that it can be stored. Wall-clock times come from croniter on naive local time, in which
no clock ever changes; what a zone does to them is resolved here, by the schedule's policy:

    once   a time that is skipped fires when the clocks have changed, a repeated one fires the first time (the default)
    skip   a time that is skipped does not fire, a repeated one fires the first time
    both   a time that is skipped fires when the clocks have changed, a repeated one fires twice

(croniter itself, given a zone, fires some repeated times twice and some once.)
"""

from __future__ import annotations

import functools
import re
from datetime import datetime, timedelta
from typing import Any

from tenuto_interpreter.expr.context import Context, charge
from tenuto_interpreter.expr.errors import ExpressionError
from tenuto_interpreter.expr.table import Rows
from tenuto_interpreter.expr.zones import moment_of, occurrences, zone
from tenuto_interpreter.values.texts import timestamp_from_us

POLICIES = ("once", "skip", "both")
_HORIZON = timedelta(days=366 * 30)
"""How far ahead a schedule is searched: `0 0 29 2 MON` comes every 28 years."""

_LATEST = datetime(9999, 12, 31) - _HORIZON  # noqa: DTZ001  # a wall-clock time has no zone
_DRAWN = re.compile(r"\b[RH]\b", re.IGNORECASE)
"""Fields that croniter draws at random, or by a hash: a schedule has to be the same wherever it is replayed."""


def cron(expression: str, name: str = "UTC", policy: str = "once") -> dict[str, Any]:
    """A schedule of five fields (or six, with seconds last). Raises ExpressionError for a malformed one."""
    if policy not in POLICIES:
        raise ExpressionError(f'"{policy[:40]}" is not a policy: {", ".join(POLICIES)}')
    zone(name)
    _next_wall(expression, datetime(2000, 1, 1))  # noqa: DTZ001  # a wall-clock time has no zone
    return {"cron": expression, "zone": name, "policy": policy}


def next_fire(schedule: dict[str, Any], after: datetime) -> datetime | None:
    """The first moment later than `after` at which a schedule fires, or None when there is none in thirty years, or
    before time ends with the year 9999.

    First occurrences of wall-clock times come in the order of those times, so the first one found is the next. Second
    occurrences, where clocks will go back, may come before it: they are looked for in the stretch that repeats.
    """
    place = zone(schedule["zone"])
    try:
        return _next_fire(schedule["cron"], after, place, schedule["policy"])
    except OverflowError:
        return None


def _next_fire(expression: str, after: datetime, place: Any, policy: str) -> datetime | None:
    wall = after.astimezone(place).replace(tzinfo=None, fold=0)
    best = _first(expression, wall, min(wall, _LATEST) + _HORIZON, after, place, policy)
    if policy != "both":
        return best
    back = _offset(after, place) - _offset(after + timedelta(hours=26), place)
    if back <= timedelta():
        return best
    end = wall if best is None else min(wall, best.astimezone(place).replace(tzinfo=None, fold=0) - back)
    again = _first(expression, wall - back, end, after, place, policy)
    return again if best is None or (again is not None and again < best) else best


def _first(expression: str, wall: datetime, end: datetime, after: datetime, place: Any, policy: str) -> datetime | None:
    """The first moment later than `after` of the wall-clock times after `wall` and up to `end`."""
    while True:
        following = _next_wall(expression, wall)
        if following is None or following > end:
            return None
        wall = following
        for moment in _moments(wall, place, policy):
            if moment > after:
                return moment


def _offset(moment: datetime, place: Any) -> timedelta:
    return moment.astimezone(place).utcoffset() or timedelta()


def _moments(wall: datetime, place: Any, policy: str) -> list[datetime]:
    found = occurrences(wall, place)
    if not found:
        return [] if policy == "skip" else [_end_of_gap(wall, place)]
    return found if policy == "both" else found[:1]


def _end_of_gap(wall: datetime, place: Any) -> datetime:
    """The moment at which the clocks changed over a wall-clock time."""
    after = moment_of(wall, place)
    shift = after.astimezone(place).replace(tzinfo=None, fold=0) - wall
    low, high = after - shift - timedelta(seconds=1), after
    offset = high.astimezone(place).utcoffset()
    while high - low > timedelta(seconds=1):
        middle = (low + (high - low) / 2).replace(microsecond=0)
        if middle <= low:
            break
        if middle.astimezone(place).utcoffset() == offset:
            high = middle
        else:
            low = middle
    return high


@functools.lru_cache(maxsize=1024)
def _next_wall(expression: str, after: datetime) -> datetime | None:
    """Asked for the same again and again where runs are explored, or many have one schedule."""
    iterate = _iterator(expression)
    try:
        found: datetime = iterate(after)
    except _no_date():
        return None
    except (ValueError, KeyError, AttributeError, OverflowError):
        if after > _LATEST:
            return None
        raise _malformed(expression) from None
    return found


def _malformed(expression: str) -> ExpressionError:
    return ExpressionError(f'"{expression[:60]}" is not a cron expression such as "0 9 * * MON-FRI"')


@functools.lru_cache(maxsize=256)
def _iterator(expression: str) -> Any:
    from croniter import croniter

    is_sound = len(expression) <= 200 and len(expression.split()) in (5, 6) and not _DRAWN.search(expression)
    if not is_sound or not croniter.is_valid(expression):
        raise _malformed(expression)
    return lambda after: croniter(expression, after, ret_type=datetime).get_next(datetime)


@functools.cache
def _no_date() -> type[Exception]:
    from croniter import CroniterBadDateError

    return CroniterBadDateError


def _next(context: Context, schedule: dict[str, Any]) -> datetime | None:
    charge(context, 200)
    return next_fire(schedule, timestamp_from_us(context.now))


def _next_after(context: Context, schedule: dict[str, Any], after: datetime) -> datetime | None:
    charge(context, 200)
    return next_fire(schedule, after)


ROWS = Rows()

ROWS.function("cron", "cron", "string -> schedule", cron)
ROWS.function("cron_zone", "cron", "string, string -> schedule", cron)
ROWS.function("cron_zone_policy", "cron", "string, string, string -> schedule", cron)
ROWS.function("next", "next", "schedule -> timestamp?", _next, needs_context=True, pure=False)
ROWS.function("next_after", "next", "schedule, timestamp -> timestamp?", _next_after, needs_context=True)
