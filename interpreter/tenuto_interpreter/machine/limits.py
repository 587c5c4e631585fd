"""The limits and the retry policy in force for an operation: what its call says, else what its activity says."""

from __future__ import annotations

from typing import Any

from tenuto_interpreter.ir import Activity, Call, Retry
from tenuto_interpreter.machine.executable import Executable, Options
from tenuto_interpreter.machine.turn import Turn

AT_ONCE = 1
"""A limit that is computed may be zero or less: then it has passed at once, a microsecond after it begins."""

DEFAULT_BACKOFF = 1_000_000
DEFAULT_FACTOR = 2.0
DEFAULT_CAP = 100
"""The longest wait between attempts, as a multiple of the first, when `up to` is not given."""

HIGHEST_PRIORITY, LOWEST_PRIORITY = 1, 5
"""Temporal's: the smaller number goes first."""


def options_of(
    turn: Turn, key: int, activity: Activity, call: Call | None, args: list[Any], frame: list[Any], place: str
) -> Options:
    """The limits in force: what the call says, else what the activity says. Constant ones are computed once.

    `key` names the place: a call's index, or -1 minus an undo's activity.
    """
    cache = turn.exe.options
    known = cache.get(key)
    if known is not None:
        return known
    own = call.timeout if call is not None else None

    def limit(which: str) -> int | None:
        at_call = getattr(own, which) if own is not None else None
        if at_call is not None:
            return _limit(turn, at_call, frame, place)
        return _limit(turn, getattr(activity.timeout, which), args, place)

    retry, scope = (call.retry, frame) if call is not None and call.retry is not None else (activity.retry, args)
    queue = call.queue if call is not None and call.queue is not None else activity.queue
    priority = call.priority if call is not None and call.priority is not None else activity.priority
    queue_scope = frame if call is not None and call.queue is not None else args
    priority_scope = frame if call is not None and call.priority is not None else args
    options: Options = (
        (limit("attempt"), limit("heartbeat"), limit("queued")),
        limit("overall"),
        _policy(turn, retry, scope, place),
        str(turn.value(queue, queue_scope, place)) if queue is not None else None,
        _priority(int(turn.value(priority, priority_scope, place))) if priority is not None else 0,
    )
    if _constant(turn.exe, activity, *([call] if call is not None else [])):
        cache[key] = options
    return options


def _priority(value: int) -> int:
    """A number that is computed may be any; the nearest there is stands for it. 0 in a command: none was given."""
    return min(max(value, HIGHEST_PRIORITY), LOWEST_PRIORITY)


def child_options(turn: Turn, key: int, call: Call, frame: list[Any], place: str) -> Options:
    """The limits of a call to a workflow, as `options_of` has them: none but what the call says."""
    known = turn.exe.options.get(key)
    if known is None:
        attempt = _limit(turn, call.timeout.attempt, frame, place)
        overall = _limit(turn, call.timeout.overall, frame, place)
        known = ((attempt, None, None), overall, _policy(turn, call.retry, frame, place), None, 0)
        if _constant(turn.exe, call):
            turn.exe.options[key] = known
    return known


def _limit(turn: Turn, expression: int | None, frame: list[Any], place: str) -> int | None:
    value = turn.microseconds(expression, frame, place)
    return None if value is None else max(value, AT_ONCE)


def _policy(turn: Turn, retry: Retry | None, frame: list[Any], place: str) -> tuple[int, int, float, int]:
    if retry is None:
        return (0, 0, 0.0, 0)
    backoff = turn.microseconds(retry.backoff, frame, place)
    if backoff is None:
        backoff = DEFAULT_BACKOFF
    factor = float(turn.value(retry.factor, frame, place)) if retry.factor is not None else DEFAULT_FACTOR
    cap = turn.microseconds(retry.up_to, frame, place)
    times = max(int(turn.value(retry.times, frame, place)), 0)
    return (times, backoff, max(factor, 1.0), cap if cap is not None else backoff * DEFAULT_CAP)


def _constant(exe: Executable, *owners: Activity | Call) -> bool:
    """Whether no option depends on anything a run may change."""
    used: list[int | None] = []
    for owner in owners:
        used += [owner.timeout.attempt, owner.timeout.overall, owner.timeout.queued, owner.timeout.heartbeat]
        used += [owner.queue, owner.priority]
        if owner.retry is not None:
            used += [owner.retry.times, owner.retry.backoff, owner.retry.factor, owner.retry.up_to]
    return all(e is None or e in exe.constants for e in used)
