"""A trace for people: one line for each event, with when it comes, what the run then calls, and where it stands."""

from __future__ import annotations

from collections.abc import Iterator

from tenuto_interpreter.events import ActivityFailed, ChildFailed, TimerFired
from tenuto_interpreter.machine import Snapshot

from tenuto_dsl.explore.report import Happened
from tenuto_dsl.explore.subject import Subject
from tenuto_dsl.testing.story import Words, since


def told(subject: Subject, trace: tuple[Happened, ...]) -> tuple[str, ...]:
    """The lines of a trace."""
    return tuple(_lines(subject, trace))


def _lines(subject: Subject, trace: tuple[Happened, ...]) -> Iterator[str]:
    words = Words(subject.exe)
    before = Snapshot.new()
    ticks = 0
    for number, one in enumerate(trace):
        if _is_tick(trace, number):
            ticks += 1
        elif not _is_end_of_given_up(one):
            many = f"{ticks} ticks, then " if ticks > 1 else ""
            text = words.line(one.event, before, one.commands, one.after)
            yield f"{since(one.event.at, trace[0].event.at)}  {many}{text}"
            ticks = 0
        before = one.after


def _is_tick(trace: tuple[Happened, ...], number: int) -> bool:
    """Whether an event is one of many ticks that change nothing people look at."""
    if number == 0 or number + 1 >= len(trace) or trace[number].commands:
        return False
    return isinstance(trace[number].event, TimerFired) and isinstance(trace[number + 1].event, TimerFired)


def _is_end_of_given_up(one: Happened) -> bool:
    """Whether all that happened is that a call is over that was given up before."""
    event = one.event
    return isinstance(event, ActivityFailed | ChildFailed) and event.failure.code == "Cancelled" and not one.commands
