"""Time zones: names to offsets, and local times that a zone skips or repeats.

A local time in a gap (clocks go forward) means the instant as far after the change as it would have been without one;
a repeated local time (clocks go back) means the first of the two. That is what calendars and people mostly expect, and
Temporal of JavaScript calls "compatible".
"""

from __future__ import annotations

import functools
import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo

from tenuto_interpreter.expr.errors import ExpressionError

_OFFSET = re.compile(r"([+-])?([0-9]{2}):([0-9]{2})")


def zone(name: str) -> tzinfo:
    """The zone of an IANA name, `UTC`, or a fixed offset such as `+02:00`."""
    found = _found(name)
    if found is None:
        raise ExpressionError(f'there is no time zone "{name[:60]}"')
    return found


@functools.lru_cache(maxsize=1024)
def _found(name: str) -> tzinfo | None:
    """None is kept, too: a search for what is not there goes through many folders."""
    if name in ("UTC", "Z", ""):
        return UTC
    offset = _OFFSET.fullmatch(name)
    if offset is not None:
        minutes = int(offset[2]) * 60 + int(offset[3])
        if minutes < 24 * 60 and int(offset[3]) < 60:
            return timezone(timedelta(minutes=-minutes if offset[1] == "-" else minutes))
    from zoneinfo import ZoneInfo  # most expressions name no zone

    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None


def local(moment: datetime, name: str) -> datetime:
    """The wall-clock time of a moment in a zone."""
    return moment.astimezone(zone(name))


def moment_of(wall: datetime, place: tzinfo) -> datetime:
    """The moment of a naive wall-clock time in a zone; gaps and repeats as the head of this file says."""
    return wall.replace(tzinfo=place, fold=0).astimezone(UTC)


def occurrences(wall: datetime, place: tzinfo) -> list[datetime]:
    """The moments at which a zone's clocks show a wall-clock time: none in a gap, two where it repeats."""
    moments: list[datetime] = []
    for fold in (0, 1):
        moment = wall.replace(tzinfo=place, fold=fold).astimezone(UTC)
        if moment.astimezone(place).replace(tzinfo=None, fold=0) == wall and moment not in moments:
            moments.append(moment)
    return moments
