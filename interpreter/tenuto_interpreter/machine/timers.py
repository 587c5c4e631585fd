"""Timed triggers: arming them when their state is entered, and what a recurring one does next.

`after` and `at` fire once, counted from entry; internal transitions do not touch them. `every` is armed again from the
time it was due, so that no tick is lost while nobody ran the run.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tenuto_interpreter.expr.schedules import next_fire
from tenuto_interpreter.ir import Transition
from tenuto_interpreter.machine.turn import Fault, Turn
from tenuto_interpreter.values.texts import duration_to_us, timestamp_from_us, timestamp_to_us, write_duration

MIN_PERIOD = 1_000
"""The shortest recurrence, in microseconds: below it a run would do nothing but tick."""


def arm(turn: Turn, state: int) -> None:
    """Set the timers of a state that is being entered."""
    for index, transition in turn.exe.timed[state]:
        turn.add_timer(due_of(turn, state, transition, turn.at), transition.trigger, state, index)


def due_of(turn: Turn, state: int, transition: Transition, entry: int) -> int:
    """When a timed transition fires first, in a state that was entered then."""
    assert transition.time is not None
    place = turn.exe.states[state].path
    value = turn.value(transition.time, [], place)
    if transition.trigger == "after":
        return max(entry + max(duration_to_us(value), 0), turn.at)
    if transition.trigger == "at":
        return max(timestamp_to_us(value), turn.at)
    return _next(value, turn.at, place)


def rearm(turn: Turn, state: int, index: int, transition: Transition, fired: int) -> None:
    """Set a recurring timer again, from the time it was due."""
    assert transition.time is not None
    place = turn.exe.states[state].path
    value = turn.value(transition.time, [], place)
    turn.add_timer(_next(value, fired, place), "every", state, index)


def _next(schedule: Any, after: int, place: str) -> int:
    if isinstance(schedule, timedelta):
        period = duration_to_us(schedule)
        if period < MIN_PERIOD:
            raise Fault(f"a recurrence of {write_duration(schedule)} is too short", place)
        return after + period
    due = next_fire(schedule, timestamp_from_us(after))
    if due is None:
        raise Fault("the schedule has no further time", place)
    return timestamp_to_us(due)
