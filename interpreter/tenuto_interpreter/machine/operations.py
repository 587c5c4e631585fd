"""Operations in flight: scheduling, retries, outcomes, and the undo stack.

An operation is scheduled once and attempted many times; whether another attempt follows is decided here, from recorded
facts alone. Attempts (what was dispatched), failures (what counts against the retry policy) and losses (processes that
vanished) are counted apart, so that an innocent takeover costs no retry, and a callable that kills its process every
time still comes to an end.

Outcomes reach the caller through `Turn.ready`; this file knows nothing of how blocks run.
"""

from __future__ import annotations

from typing import Any

from tenuto_interpreter.commands import CancelActivity, CancelChild, ParkRun, ScheduleActivity, StartChild
from tenuto_interpreter.events import Failure
from tenuto_interpreter.ir import Activity, Call, Retry
from tenuto_interpreter.machine.executable import Executable, Options
from tenuto_interpreter.machine.snapshot import Fiber, Op
from tenuto_interpreter.machine.turn import Turn

SECOND = 1_000_000
DEFAULT_BACKOFF = SECOND
DEFAULT_FACTOR = 2.0
DEFAULT_CAP = 100
"""The longest wait between attempts, as a multiple of the first, when `up to` is not given."""

MIN_LOSSES = 4
"""Lost attempts an operation survives whatever its retry policy: takeovers are not its fault."""


def schedule_call(turn: Turn, fiber: Fiber, index: int, local: int | None, place: str) -> None:
    """Schedule an activity or a child workflow for a fiber, which waits for it."""
    call = turn.exe.calls[index]
    frame = fiber.locals
    value = turn.value
    args = [value(e, frame, place) for e in call.args]
    if call.activity is None:
        op = _start_child(turn, call, index, args, frame, place, fiber.id)
    else:
        activity = turn.exe.program.activities[call.activity]
        undo = None
        if call.undo is not None and not call.undo.uses_result:
            undo = [value(e, frame, place) for e in call.undo.args]
        limits, overall, policy, queue, priority = _options(turn, index, activity, call, args, frame, place)
        op = _add(turn, Op(turn.new_id(), "call", index, call.activity, args, fiber.id,
                           limits=limits, policy=policy, queue=queue, priority=priority, undo=undo))  # fmt: skip
        if overall is not None:
            op.overall = turn.add_timer(turn.at + overall, "overall", op.id)
        _dispatch(turn, op)
    fiber.waiting = ["op", op.id, local]


def start_detached(turn: Turn, fiber: Fiber, index: int, place: str) -> str:
    """Start a child workflow nobody waits for; answers its workflow id."""
    call = turn.exe.calls[index]
    args = [turn.value(e, fiber.locals, place) for e in call.args]
    id = turn.new_id()
    workflow_id = _child_id(turn, call, id, fiber.locals, place)
    assert call.workflow is not None
    turn.commands.append(
        StartChild(id, call.workflow, workflow_id, dict(zip(call.arg_names, args, strict=True)), False, call.on_close)
    )
    return workflow_id


def schedule_undo(turn: Turn, fiber: int | None) -> int:
    """Take the newest entry off the undo stack and run it; answers the operation's number."""
    activity_index, args, _ = turn.snap.undo[-1]
    turn.snap.undo = turn.snap.undo[:-1]
    activity = turn.exe.program.activities[activity_index]
    limits, overall, policy, queue, priority = _options(
        turn, -1 - activity_index, activity, None, args, [], f"undo {activity.name}"
    )
    op = _add(turn, Op(turn.new_id(), "undo", -1, activity_index, args, fiber,
                       limits=limits, policy=policy, queue=queue, priority=priority))  # fmt: skip
    if overall is not None:
        op.overall = turn.add_timer(turn.at + overall, "overall", op.id)
    _dispatch(turn, op)
    return op.id


def succeed(turn: Turn, id: int, result: Any) -> None:
    """An operation has succeeded: its undo is pushed, and who waits for it goes on."""
    op = _remove(turn, id)
    call = turn.exe.calls[op.call] if op.call >= 0 else None
    fiber = turn.fiber(op.fiber) if op.fiber is not None else None
    local = None
    if fiber is not None and op.kind != "undo":
        assert fiber.waiting is not None
        local = fiber.waiting[2]
        if local is not None:
            fiber.locals[local] = result
    if call is not None and call.undo is not None:
        if op.undo is not None:
            args = op.undo
        else:
            if fiber is not None:
                frame = fiber.locals
            else:
                assert op.frame is not None
                frame = list(op.frame[1])
                if op.frame[0] is not None:
                    frame[op.frame[0]] = result
            args = [turn.value(e, frame, "undo") for e in call.undo.args]
        _push_undo(turn, call.undo.activity, args, id)
    if fiber is not None:
        turn.ready.append((fiber.id, "resume", None))


def attempt_failed(turn: Turn, op: Op, failure: Failure) -> None:
    """One attempt failed: wait and try again, or give up. `op` must be the turn's own."""
    op.failures += 1
    times = op.policy[0]
    activity = turn.exe.program.activities[op.activity]
    if op.cancelled or not failure.retryable or op.failures > times or failure.code in _unless(turn, op, activity):
        fail(turn, op.id, failure)
        return
    if failure.unknown:
        op.doubt = True
    _, backoff, factor, cap = op.policy
    wait = min(backoff * factor ** (op.failures - 1), cap)
    jitter = 0.8 + 0.4 * turn.random()
    op.state = "backoff"
    op.timer = turn.add_timer(turn.at + int(wait * jitter), "retry", op.id)


def attempt_lost(turn: Turn, op: Op) -> None:
    """The process that ran the attempt is gone: dispatch the next, unless that is not allowed or happens too often."""
    op.losses += 1
    activity = turn.exe.program.activities[op.activity]
    if op.cancelled:
        fail(turn, op.id, Failure("Cancelled", "cancelled; the process that ran it is gone", unknown=True))
    elif activity.effect == "once":
        message = "the process that ran it is gone, and its effect must not be repeated: the outcome is unknown"
        fail(turn, op.id, Failure("Timeout", message, {"kind": "lost"}, retryable=False, unknown=True))
    elif op.losses > max(op.policy[0], MIN_LOSSES):
        message = f"the process that ran it was lost {op.losses} times"
        fail(turn, op.id, Failure("Exhausted", message, retryable=False, unknown=True))
    else:
        op.doubt = True
        op.attempt += 1
        _dispatch(turn, op)


def retry_now(turn: Turn, op: Op) -> None:
    """Dispatch the next attempt of an operation that waits for one. `op` must be the turn's own."""
    turn.drop_timer(op.timer)
    op.timer = None
    if op.state == "stuck":
        op.failures = op.losses = 0
    op.state = "running"
    op.attempt += 1
    _dispatch(turn, op)


def timed_out(turn: Turn, op: Op) -> None:
    """The limit over all attempts has passed. An attempt still out stays tracked, without its caller."""
    failure = Failure("Timeout", "timed out over all attempts", {"kind": "overall"}, retryable=False, unknown=True)
    op.overall = None
    if op.state != "running" or op.kind == "undo" or op.cancelled:
        fail(turn, op.id, failure)
        return
    fiber = op.fiber
    if op.undo is not None:
        _push_undo(turn, _undo_of(turn, op), op.undo, op.id)
        op.call = -1
    detach(turn, op)
    if fiber is not None:
        turn.ready.append((fiber, "throw", failure))


def fail(turn: Turn, id: int, failure: Failure) -> None:
    """An operation has failed for good. An undo that fails parks the run; it stays, to be tried again."""
    op = turn.op(id)
    if op.kind == "undo":
        turn.drop_timer(op.timer)
        turn.drop_timer(op.overall)
        op.timer = op.overall = None
        op.state = "stuck"
        name = turn.exe.program.activities[op.activity].name
        reason = f"the undo {name} failed for good: {failure.code}: {failure.message}"
        turn.snap.parked = (reason, f"undo {name}")
        turn.commands.append(ParkRun(reason, f"undo {name}"))
        return
    _remove(turn, id)
    if (failure.unknown or op.doubt) and op.undo is not None and op.call >= 0:
        _push_undo(turn, _undo_of(turn, op), op.undo, id)
    if op.fiber is not None:
        turn.ready.append((op.fiber, "throw", failure))


def detach(turn: Turn, op: Op) -> None:
    """The caller is gone: ask the operation to stop, and keep what its outcome may still need.

    What this very event scheduled has not begun, and never will: a deferred cancellation, released by the end of one
    call, does not see the next one start.
    """
    if _take_back(turn, op.id):
        fail(turn, op.id, Failure("Cancelled", "its state was left before it began", unknown=op.doubt))
        return
    fiber = turn.snap.fibers.get(op.fiber) if op.fiber is not None else None
    if fiber is not None and op.call >= 0 and op.undo is None:
        call = turn.exe.calls[op.call]
        if call.undo is not None and fiber.waiting is not None:
            op.frame = [fiber.waiting[2], fiber.locals]
    op.fiber = None
    op.cancelled = True
    if op.kind == "child":
        turn.commands.append(CancelChild(op.id))
    elif op.state == "running":
        turn.commands.append(CancelActivity(op.id))
    else:
        fail(turn, op.id, Failure("Cancelled", "its state was left", unknown=op.doubt))


def _take_back(turn: Turn, id: int) -> bool:
    """Withdraw the command that would begin an operation, if it is still ours to withdraw."""
    kept = [c for c in turn.commands if not (isinstance(c, ScheduleActivity | StartChild) and c.op == id)]
    withdrawn = len(kept) < len(turn.commands)
    turn.commands[:] = kept
    return withdrawn


def _add(turn: Turn, op: Op) -> Op:
    turn.snap.ops[op.id] = op
    turn.owned.add(op.id)
    return op


def _remove(turn: Turn, id: int) -> Op:
    op = turn.snap.ops.pop(id)
    turn.drop_timer(op.timer)
    turn.drop_timer(op.overall)
    return op


def _push_undo(turn: Turn, activity: int, args: list[Any], op: int) -> None:
    turn.snap.undo = [*turn.snap.undo, [activity, args, op]]


def _undo_of(turn: Turn, op: Op) -> int:
    undo = turn.exe.calls[op.call].undo
    assert undo is not None
    return undo.activity


def _unless(turn: Turn, op: Op, activity: Activity) -> tuple[str, ...]:
    call = turn.exe.calls[op.call] if op.call >= 0 else None
    retry = (call.retry if call is not None else None) or activity.retry
    return retry.unless if retry is not None else ()


def _dispatch(turn: Turn, op: Op) -> None:
    attempt, heartbeat, queued = op.limits
    key = f"{turn.snap.run_id}:{op.id}"
    turn.commands.append(
        ScheduleActivity(op.id, op.attempt, op.activity, tuple(op.args), key, attempt, heartbeat,
                         op.queue, op.priority, queued)
    )  # fmt: skip


def _start_child(turn: Turn, call: Call, index: int, args: list[Any], frame: list[Any], place: str, fiber: int) -> Op:
    assert call.workflow is not None
    op = _add(turn, Op(turn.new_id(), "child", index, -1, None, fiber))
    if call.undo is not None and not call.undo.uses_result:
        op.undo = [turn.value(e, frame, place) for e in call.undo.args]
    workflow_id = _child_id(turn, call, op.id, frame, place)
    turn.commands.append(
        StartChild(op.id, call.workflow, workflow_id, dict(zip(call.arg_names, args, strict=True)), True, call.on_close)
    )
    return op


def _child_id(turn: Turn, call: Call, op: int, frame: list[Any], place: str) -> str:
    if call.id is not None:
        return str(turn.value(call.id, frame, place))
    return f"{turn.snap.workflow_id}/{call.workflow}-{op}"


def _options(
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
            return turn.microseconds(at_call, frame, place)
        return turn.microseconds(getattr(activity.timeout, which), args, place)

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
        int(turn.value(priority, priority_scope, place)) if priority is not None else 0,
    )
    if _constant(turn.exe, activity, call):
        cache[key] = options
    return options


def _policy(turn: Turn, retry: Retry | None, frame: list[Any], place: str) -> tuple[int, int, float, int]:
    if retry is None:
        return (0, 0, 0.0, 0)
    backoff = turn.microseconds(retry.backoff, frame, place)
    if backoff is None:
        backoff = DEFAULT_BACKOFF
    factor = float(turn.value(retry.factor, frame, place)) if retry.factor is not None else DEFAULT_FACTOR
    cap = turn.microseconds(retry.up_to, frame, place)
    times = int(turn.value(retry.times, frame, place))
    return (times, backoff, max(factor, 1.0), cap if cap is not None else backoff * DEFAULT_CAP)


def _constant(exe: Executable, activity: Activity, call: Call | None) -> bool:
    """Whether no option depends on anything a run may change."""
    used: list[int | None] = [activity.queue, activity.priority]
    for owner in (activity, call):
        if owner is None:
            continue
        used += [owner.timeout.attempt, owner.timeout.overall, owner.timeout.queued, owner.timeout.heartbeat]
        used += [owner.queue, owner.priority]
        if owner.retry is not None:
            used += [owner.retry.times, owner.retry.backoff, owner.retry.factor, owner.retry.up_to]
    return all(e is None or e in exe.constants for e in used)
