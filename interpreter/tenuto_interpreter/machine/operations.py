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
from tenuto_interpreter.ir import Activity, Undo
from tenuto_interpreter.machine.children import dispatch_child, start_child, start_undo
from tenuto_interpreter.machine.limits import options_of
from tenuto_interpreter.machine.snapshot import Fiber, Op
from tenuto_interpreter.machine.turn import Turn

MIN_LOSSES = 5
"""Lost attempts an operation survives whatever its retry policy: takeovers are not its fault."""


def schedule_call(turn: Turn, fiber: Fiber, index: int, local: int | None, place: str) -> None:
    """Schedule an activity or a child workflow for a fiber, which waits for it."""
    call = turn.exe.calls[index]
    frame = fiber.locals
    value = turn.value
    args = [value(e, frame, place) for e in call.args]
    undo = None
    if call.undo is not None and not call.undo.uses_result:
        undo = [value(e, frame, place) for e in call.undo.args]
    if call.activity is None:
        op = start_child(turn, index, args, fiber, undo, place)
    else:
        activity = turn.exe.program.activities[call.activity]
        turn.count(activity.name)
        limits, overall, policy, queue, priority = options_of(turn, index, activity, call, args, frame, place)
        op = turn.add_op(Op(turn.new_id(), "call", index, call.activity, args, fiber.id, limits=limits, policy=policy,
                           queue=queue, priority=priority, undo=undo, owner=turn.owner_of(fiber)))  # fmt: skip
        if overall is not None:
            op.overall = turn.add_timer(turn.at + overall, "overall", op.id)
        _dispatch(turn, op)
    fiber.waiting = ["op", op.id, local]


def newest_undo(turn: Turn, mark: int | None, owner: int) -> int | None:
    """Where the undo stack holds the newest entry of what `owner` has called since `mark` (None: of anything)."""
    for index in range(len(turn.snap.undo) - 1, -1, -1):
        _, _, op, pusher = turn.snap.undo[index]
        if mark is None or (pusher == owner and op >= mark):
            return index
    return None


def pass_by(turn: Turn, mark: int | None, owner: int) -> None:
    """Let what a compensation meets still in flight, and nobody waits for, be undone as soon as it has succeeded."""
    for op in turn.snap.ops.values():
        if op.fiber is None and op.call >= 0 and (mark is None or (op.owner == owner and op.id >= mark)):
            turn.op(op.id).passed = True


def schedule_undo(turn: Turn, index: int, fiber: int | None) -> int:
    """Take an entry off the undo stack and run it; answers the operation's number."""
    stack = turn.snap.undo
    by, args, _, _ = stack[index]
    turn.snap.undo = stack[:index] + stack[index + 1 :]
    if isinstance(by, str):
        return start_undo(turn, by, args, fiber)
    activity = turn.exe.program.activities[by]
    turn.count(activity.name)
    limits, overall, policy, queue, priority = options_of(
        turn, -1 - by, activity, None, args, [], f"undo {activity.name}"
    )
    op = turn.add_op(Op(turn.new_id(), "undo", -1, by, args, fiber,
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
        local = fiber.waiting[2] if fiber.waiting[0] == "op" else None
        if local is not None:
            fiber.locals[local] = result
    if call is not None and call.undo is not None:
        if op.undo is not None:
            args = op.undo
        else:
            if op.frame is None:
                assert fiber is not None
                frame = fiber.locals
            else:
                frame = list(op.frame[1])
                if op.frame[0] is not None:
                    frame[op.frame[0]] = result
            args = [turn.value(e, frame, "undo") for e in call.undo.args]
        _push_undo(turn, op, call.undo, args)
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
    _back_off(turn, op)


def child_failed(turn: Turn, op: Op, failure: Failure) -> None:
    """A child has failed: try again as the call says, or give up. `op` must be the turn's own."""
    turn.drop_timer(op.timer)
    op.timer = None
    if op.state == "stopping":
        message, unknown = "the workflow took too long", failure.unknown
        failure = Failure("Timeout", message, {"kind": "attempt"}, retryable=False, unknown=unknown)
    op.failures += 1
    retry = turn.exe.calls[op.call].retry if op.call >= 0 else None
    final = retry is None or failure.code == "Cancelled" or failure.code in retry.unless
    if op.cancelled or final or op.failures > op.policy[0]:
        fail(turn, op.id, failure)
        return
    op.doubt = op.doubt or failure.unknown
    _back_off(turn, op)


def child_took_too_long(turn: Turn, op: Op) -> None:
    """The limit of one attempt has passed: ask the child to stop. How it ends says what follows."""
    op.timer = None
    op.state = "stopping"
    turn.commands.append(CancelChild(op.id))


def _back_off(turn: Turn, op: Op) -> None:
    jitter = 0.8 + 0.4 * turn.random()
    op.state = "backoff"
    op.timer = turn.add_timer(turn.at + int(_wait_before(op) * jitter), "retry", op.id)


def _wait_before(op: Op) -> float:
    """Microseconds before the next attempt, without the jitter."""
    _, backoff, factor, cap = op.policy
    try:
        grown: float = backoff * factor ** (op.failures - 1)
    except OverflowError:
        return float(cap)
    return min(grown, float(cap))


def attempt_lost(turn: Turn, op: Op) -> None:
    """The process that ran the attempt is gone: dispatch the next, unless that is not allowed or happens too often."""
    op.losses += 1
    activity = turn.exe.program.activities[op.activity]
    uncertain = not activity.transactional  # else its effect was in the transaction that would have recorded it
    if op.cancelled:
        fail(turn, op.id, Failure("Cancelled", "cancelled; the process that ran it is gone", unknown=uncertain))
    elif activity.effect == "once" and uncertain:
        message = "the process that ran it is gone, and its effect must not be repeated: the outcome is unknown"
        fail(turn, op.id, Failure("Timeout", message, {"kind": "lost"}, retryable=False, unknown=True))
    elif op.losses > max(op.policy[0], MIN_LOSSES):
        message = f"the process that ran it was lost {op.losses} times"
        fail(turn, op.id, Failure("Exhausted", message, retryable=False, unknown=uncertain))
    else:
        op.doubt = op.doubt or uncertain
        op.attempt += 1
        _dispatch(turn, op)


def attempt_faulted(turn: Turn, op: Op, reason: str, *, begun: bool) -> None:
    """The attempt could not begin, or its answer not be read. Unless nobody wants it any more, it is made when the run
    is retried, or by the next owner when there is no reason."""
    name = turn.exe.program.activities[op.activity].name
    if op.cancelled and op.kind != "undo":
        how = "its answer could not be read" if begun else "it had not begun"
        fail(turn, op.id, Failure("Cancelled", f"cancelled; {how}", unknown=begun or op.doubt))
        return
    op.state = "unread" if begun else "unbegun"
    op.doubt = op.doubt or begun
    if not reason:
        if op.since is not None and op.limits[2] is not None:
            op.timer = turn.add_timer(op.since + op.limits[2], "queued", op.id)
        return
    op.since = None  # while the run is parked nobody is to begin it: its waiting counts from the repair
    if op.overall is not None:
        turn.snap.timers[op.overall] = [*turn.snap.timers[op.overall], turn.at]  # it stands still: see `_go_on`
    if turn.snap.parked is None:
        what = "the answer of {} cannot be used: {}" if begun else "{} cannot begin: {}"
        fault = (what.format(name, reason), "")
        turn.snap.parked = fault
        turn.commands.append(ParkRun(*fault))


def begin(turn: Turn, op: Op) -> None:
    """Dispatch an attempt that had not begun, under its own number: it never counted. `op` must be the turn's own."""
    turn.drop_timer(op.timer)
    op.timer = None
    op.state = "running"
    _dispatch(turn, op, again=True)


def waited_too_long(turn: Turn, op: Op) -> None:
    """An attempt that nobody has begun in the time it may wait: it has failed, and nothing has happened."""
    op.timer = None
    name = turn.exe.program.activities[op.activity].name
    after = 0 if op.since is None else round((turn.at - op.since) / 1_000_000, 3)
    attempt_failed(
        turn, op, Failure("Timeout", f"{name} waited too long to begin", {"kind": "queued", "after_s": after})
    )


def retry_now(turn: Turn, op: Op) -> None:
    """Dispatch the next attempt of an operation that waits for one. `op` must be the turn's own."""
    turn.drop_timer(op.timer)
    op.timer = None
    _go_on(turn, op)
    if op.state == "unbegun":
        begin(turn, op)
        return
    if op.state == "stuck":
        op.failures = op.losses = 0
        op.cancelled = False
    if op.state == "unread" and turn.exe.program.activities[op.activity].effect == "once":
        message = "its answer could not be used, and its effect must not be repeated: the outcome is unknown"
        fail(turn, op.id, Failure("Timeout", message, {"kind": "unread"}, retryable=False, unknown=True))
        return
    op.state = "running"
    op.attempt += 1
    if op.is_workflow:
        dispatch_child(turn, op, *op.args)
    else:
        _dispatch(turn, op)


def _go_on(turn: Turn, op: Op) -> None:
    """The limit over all attempts stood still while the run was parked because of this one."""
    timer = turn.snap.timers.get(op.overall) if op.overall is not None else None
    if timer is not None and len(timer) > 3:
        turn.snap.timers[op.overall or 0] = [timer[0] + turn.at - timer[3], *timer[1:3]]


def timed_out(turn: Turn, op: Op) -> None:
    """The limit over all attempts has passed. An attempt still out stays tracked, without its caller: it may yet
    succeed. One of an undo is asked to stop, and how it ends says whether the undo has failed. What an activity has
    done by then is not known; a child will tell."""
    out = op.state in ("running", "stopping")
    details = {"kind": "overall"}
    failure = Failure("Timeout", "timed out over all attempts", details, retryable=False, unknown=out or op.doubt)
    op.overall = None
    if not out:
        fail(turn, op.id, failure)
        return
    if op.kind == "undo":
        op.cancelled = True
        turn.commands.append(CancelActivity(op.id))
        return
    fiber = op.fiber
    if op.undo is not None and not op.is_workflow:
        _push_undo(turn, op, _undo_of(turn, op), op.undo)
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
        name = op.args[2] if op.is_workflow else turn.exe.program.activities[op.activity].name
        reason = f"the undo {name} failed for good: {failure.code}: {failure.message}"
        turn.snap.parked = (reason, f"undo {name}")
        turn.commands.append(ParkRun(reason, f"undo {name}"))
        return
    _remove(turn, id)
    if (failure.unknown or op.doubt) and op.undo is not None and op.call >= 0:
        _push_undo(turn, op, _undo_of(turn, op), op.undo)
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
        if call.undo is not None and fiber.waiting is not None and op.frame is None:
            op.frame = [fiber.waiting[2], fiber.locals[:]]  # the caller may live on, and change its own
    op.fiber = None
    op.cancelled = True
    turn.drop_timer(op.overall)
    op.overall = None
    if op.is_workflow and op.state != "backoff":
        turn.drop_timer(op.timer)
        op.timer = None
        if op.state == "running":
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


def _remove(turn: Turn, id: int) -> Op:
    op = turn.snap.ops.pop(id)
    turn.drop_timer(op.timer)
    turn.drop_timer(op.overall)
    return op


def _push_undo(turn: Turn, op: Op, undo: Undo, args: list[Any]) -> None:
    if undo.workflow is None:
        entry: list[Any] = [undo.activity, args, op.id, op.owner]
    else:
        entry = [undo.workflow, dict(zip(undo.arg_names, args, strict=True)), op.id, op.owner]
    turn.snap.undo = [*turn.snap.undo, entry]
    if op.passed:
        schedule_undo(turn, len(turn.snap.undo) - 1, None)


def _undo_of(turn: Turn, op: Op) -> Undo:
    undo = turn.exe.calls[op.call].undo
    assert undo is not None
    return undo


def _unless(turn: Turn, op: Op, activity: Activity) -> tuple[str, ...]:
    call = turn.exe.calls[op.call] if op.call >= 0 else None
    retry = (call.retry if call is not None else None) or activity.retry
    return retry.unless if retry is not None else ()


def _dispatch(turn: Turn, op: Op, *, again: bool = False) -> None:
    """`again`: it has been scheduled before, and has waited since."""
    attempt, heartbeat, queued = op.limits
    if queued is not None:
        if op.since is None or not again:
            op.since = turn.at
        queued = max(0, queued - (turn.at - op.since))
    key = f"{turn.snap.run_id}:{op.id}"
    turn.commands.append(
        ScheduleActivity(op.id, op.attempt, op.activity, tuple(op.args), key, attempt, heartbeat,
                         op.queue, op.priority, queued)
    )  # fmt: skip
