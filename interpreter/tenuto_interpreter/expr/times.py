"""Functions of timestamps and durations: their parts, calendar arithmetic, formatting for people."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from tenuto_interpreter.expr.errors import ExpressionError
from tenuto_interpreter.expr.table import Rows
from tenuto_interpreter.expr.zones import local, moment_of, zone
from tenuto_interpreter.values.texts import duration_to_us

_PERIOD = re.compile(
    r"(-)?P(?=.)(?:([0-9]{1,5})Y)?(?:([0-9]{1,6})M)?(?:([0-9]{1,6})W)?(?:([0-9]{1,7})D)?"
    r"(?:T(?=.)(?:([0-9]{1,8})H)?(?:([0-9]{1,9})M)?(?:([0-9]{1,12})S)?)?"
)

# -- calendar ---------------------------------------------------------------------------------------------------------


def calendar(moment: datetime, period: str, name: str) -> datetime:
    """A moment plus a period of local time: `P1M` later it is the same hour on the wall, whatever the clocks did.

    A day that the month does not have becomes its last. Hours, minutes and seconds are added as elapsed time.
    """
    match = _PERIOD.fullmatch(period)
    if match is None:
        raise ExpressionError(f'"{period[:40]}" is not a period such as "P1M" or "P14D"')
    sign = -1 if match[1] else 1
    years, month_count, weeks, days, hours, minutes, seconds = (int(part or 0) * sign for part in match.groups()[1:])
    place = zone(name)
    if not (years or month_count or weeks or days):
        return moment + timedelta(hours=hours, minutes=minutes, seconds=seconds)
    wall = moment.astimezone(place).replace(tzinfo=None)
    whole = wall.year * 12 + wall.month - 1 + years * 12 + month_count
    year, month = whole // 12, whole % 12 + 1
    if not 1 <= year <= 9999:
        raise ExpressionError("a timestamp outside the years 1 to 9999")
    import calendar as months  # brings what formats dates in other languages along

    wall = wall.replace(year=year, month=month, day=min(wall.day, months.monthrange(year, month)[1]))
    wall += timedelta(weeks=weeks, days=days)
    return moment_of(wall, place) + timedelta(hours=hours, minutes=minutes, seconds=seconds)


# -- formatting -------------------------------------------------------------------------------------------------------

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip


def _offset(t: datetime, colon: str) -> str:
    minutes = duration_to_us(t.utcoffset() or timedelta()) // 60_000_000
    sign = "-" if minutes < 0 else "+"
    return f"{sign}{abs(minutes) // 60:02}{colon}{abs(minutes) % 60:02}"


_FIELDS: dict[str, Callable[[datetime], str]] = {
    "yyyy": lambda t: f"{t.year:04}",
    "yy": lambda t: f"{t.year % 100:02}",
    "MMMM": lambda t: _MONTHS[t.month - 1],
    "MMM": lambda t: _MONTHS[t.month - 1][:3],
    "MM": lambda t: f"{t.month:02}",
    "M": lambda t: str(t.month),
    "dd": lambda t: f"{t.day:02}",
    "d": lambda t: str(t.day),
    "DDD": lambda t: f"{t.timetuple().tm_yday:03}",
    "EEEE": lambda t: _DAYS[t.weekday()],
    "EEE": lambda t: _DAYS[t.weekday()][:3],
    "HH": lambda t: f"{t.hour:02}",
    "H": lambda t: str(t.hour),
    "hh": lambda t: f"{(t.hour - 1) % 12 + 1:02}",
    "h": lambda t: str((t.hour - 1) % 12 + 1),
    "mm": lambda t: f"{t.minute:02}",
    "m": lambda t: str(t.minute),
    "ss": lambda t: f"{t.second:02}",
    "s": lambda t: str(t.second),
    "SSSSSS": lambda t: f"{t.microsecond:06}",
    "SSS": lambda t: f"{t.microsecond // 1000:03}",
    "a": lambda t: "AM" if t.hour < 12 else "PM",
    "XXX": lambda t: "Z" if not t.utcoffset() else _offset(t, ":"),
    "xxx": lambda t: _offset(t, ":"),
    "xx": lambda t: _offset(t, ""),
    "z": lambda t: t.tzname() or "",
    "YYYY": lambda t: f"{t.isocalendar().year:04}",
    "ww": lambda t: f"{t.isocalendar().week:02}",
}
_PATTERN = re.compile(r"([A-Za-z])\1*|'((?:[^']|'')*)'|[^A-Za-z']+")


def format_timestamp(moment: datetime, pattern: str, name: str = "UTC") -> str:
    """A moment as a zone's clocks and calendars show it, by Unicode's pattern letters: `yyyy-MM-dd HH:mm`."""
    if len(pattern) > 200:
        raise ExpressionError("a pattern of more than 200 characters")
    wall = local(moment, name)
    out: list[str] = []
    position = 0
    while position < len(pattern):
        match = _PATTERN.match(pattern, position)
        if match is None:
            raise ExpressionError("a quote without its end in a pattern")
        position = match.end()
        word = match[0]
        if match[2] is not None:
            out.append(match[2].replace("''", "'") or "'")
        elif match[1] is None:
            out.append(word)
        elif word in _FIELDS:
            out.append(_FIELDS[word](wall))
        else:
            raise ExpressionError(f'"{word}" is not a field of a pattern such as "yyyy-MM-dd HH:mm"')
    return "".join(out)


# -- parts ------------------------------------------------------------------------------------------------------------

PARTS: dict[str, Callable[[datetime], int]] = {
    "getFullYear": lambda t: t.year,
    "getMonth": lambda t: t.month - 1,
    "getDate": lambda t: t.day,
    "getDayOfMonth": lambda t: t.day - 1,
    "getDayOfWeek": lambda t: (t.weekday() + 1) % 7,
    "getDayOfYear": lambda t: t.timetuple().tm_yday - 1,
    "getHours": lambda t: t.hour,
    "getMinutes": lambda t: t.minute,
    "getSeconds": lambda t: t.second,
    "getMilliseconds": lambda t: t.microsecond // 1000,
}


def _part_in(part: Callable[[datetime], int]) -> Any:
    return lambda moment, name: part(local(moment, name))


def _whole(size: int) -> Callable[[timedelta], int]:
    """A duration in whole units, cut towards zero."""

    def count(value: timedelta) -> int:
        microseconds = duration_to_us(value)
        return microseconds // size if microseconds >= 0 else -(-microseconds // size)

    return count


ROWS = Rows()

for _name, _part in PARTS.items():
    ROWS.method(_name, _name, "timestamp -> int", _part, total=True)
    ROWS.method(f"{_name}_zone", _name, "timestamp, string -> int", _part_in(_part))
ROWS.method("getHours_duration", "getHours", "duration -> int", _whole(3_600_000_000), total=True)
ROWS.method("getMinutes_duration", "getMinutes", "duration -> int", _whole(60_000_000), total=True)
ROWS.method("getSeconds_duration", "getSeconds", "duration -> int", _whole(1_000_000), total=True)
ROWS.method(
    "getMilliseconds_duration",
    "getMilliseconds",
    "duration -> int",
    lambda value: _whole(1000)(value) - _whole(1_000_000)(value) * 1000,
    total=True,
)
ROWS.function("calendar", "calendar", "timestamp, string, string -> timestamp", calendar)
ROWS.function("format_timestamp", "format", "timestamp, string, string -> string", format_timestamp)
ROWS.function("format_timestamp_utc", "format", "timestamp, string -> string", format_timestamp)
