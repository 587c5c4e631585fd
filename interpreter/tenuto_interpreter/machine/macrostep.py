"""From one event to the next rest: everything a run can do by itself, in SCXML's order.

Eventless transitions to a fixed point; internal events (completion, errors); fibers that can run; then, one at a time,
the oldest message somebody takes. Only when none of that is left does the step end. Once the outcome is decided,
nothing of that applies any more: the run compensates, waits for what is tracked, and closes.
"""

from __future__ import annotations

from typing import Any

from tenuto_interpreter.commands import AnswerUpdate, CancelActivity, CancelChild, CloseRun, ContinueRun
from tenuto_interpreter.events import Failure, UpdateReceived
from tenuto_interpreter.machine import operations
from tenuto_interpreter.machine.fibers import answer_open_update, catches, run
from tenuto_interpreter.machine.selection import Match, choose, first_up, guard_holds
from tenuto_interpreter.machine.snapshot import Ending, Fiber
from tenuto_interpreter.machine.states import announce, leave, move, stop_fiber, take
from tenuto_interpreter.machine.turn import Fault, Turn
from tenuto_interpreter.machine.waits import begin_undo, branch_ended, conditions_met, deliver, receivers_of


def settle(turn: Turn) -> None:
    """Run on until nothing can happen without another event."""
    snap = turn.snap
    while snap.parked is None and snap.closed is None:
        if turn.internal and turn.internal[0][0] == "end":
            _begin_ending(turn, turn.internal.popleft()[2])
        elif snap.ending is not None:
            if not _go_on_ending(turn):
                return
        elif _eventless(turn):
            continue
        elif turn.internal:
            _internal(turn)
        elif turn.ready:
            _run_fiber(turn)
        elif not (conditions_met(turn) or _take_message(turn)):
            return


# -- fibers --------------------------------------------------------------------------------------------------------


def _run_fiber(turn: Turn) -> None:
    id, how, value = turn.ready.popleft()
    if id not in turn.snap.fibers:
        return
    fiber = turn.fiber(id)
    if how == "resume":
        waiting = fiber.waiting
        if waiting is not None and waiting[0] == "undo" and begin_undo(turn, fiber, waiting[1]):
            return
        fiber.pc += 1
    fiber.waiting = None
    outcome = run(turn, fiber, value if how == "throw" else None)
    if outcome is True:
        _fiber_ended(turn, fiber)
    elif isinstance(outcome, Failure):
        _fiber_failed(turn, fiber, outcome)


def _fiber_ended(turn: Turn, fiber: Fiber) -> None:
    answer_open_update(turn, fiber.update)
    del turn.snap.fibers[fiber.id]
    if fiber.role == "branch":
        branch_ended(turn, fiber)
        return
    if fiber.role == "work":
        transition = turn.exe.states[fiber.state].transitions[fiber.transition]
        if transition.target is not None:
            move(turn, fiber.state, transition, [])
            return
    announce(turn, fiber.state)


def _fiber_failed(turn: Turn, fiber: Fiber, failure: Failure) -> None:
    """Raise what nobody in the block caught: a branch in its fork, anything else in its state.

    The other branches end here and now: what they did next would be done for nobody, and a second failure would be
    thrown to wherever the first has led.
    """
    snap = turn.snap
    answer_open_update(turn, fiber.update, failure)
    del snap.fibers[fiber.id]
    if fiber.role == "branch":
        waiting = turn.fiber(fiber.parent).waiting
        assert waiting is not None
        others, waiting[5] = waiting[5], []
        for branch in others:
            if branch != fiber.id:
                stop_fiber(turn, branch)
        turn.ready.append((fiber.parent, "throw", failure))
        return
    if fiber.role == "do" and fiber.state not in snap.done:
        snap.done = [*snap.done, fiber.state]
    turn.internal.append(("error", fiber.state, failure))


# -- transitions ---------------------------------------------------------------------------------------------------


def _eventless(turn: Turn) -> bool:
    if turn.exe.eventless.isdisjoint(turn.snap.active):
        return False
    chosen, _ = choose(turn, lambda t: t.trigger == "when", None, None)
    for choice in chosen:
        if choice.source in turn.snap.active:
            take(turn, choice.source, choice.index, choice.frame)
    return bool(chosen)


def _internal(turn: Turn) -> None:
    kind, state, value = turn.internal.popleft()
    if state not in turn.snap.active:
        return
    if kind == "done":
        for index, transition in enumerate(turn.exe.states[state].transitions):
            if transition.trigger == "done" and guard_holds(turn, state, transition, []):
                take(turn, state, index, [])
                return
        if state == 0:
            turn.internal.appendleft(("end", 0, Ending("completed")))
        return
    failure: Failure = value
    found = first_up(turn, state, lambda t: t.trigger == "error" and catches(t.codes, failure.code), failure.value())
    if found is None:
        if failure.code == "Fault":  # the guard of whoever might have caught it is false
            raise Fault(failure.message, turn.exe.states[state].path)
        kind = "cancelled" if failure.code == "Cancelled" else "failed"
        turn.internal.appendleft(("end", 0, Ending(kind, None, failure)))
        return
    take(turn, found.source, found.index, found.frame)
    announce(turn, state)


def _take_message(turn: Turn) -> bool:
    """Give the oldest message that somebody takes to whoever takes it."""
    snap = turn.snap
    for index, (kind, id, name, payload) in enumerate(snap.mailbox):
        if kind == "signal" and any(deliver(turn, fiber, payload) for fiber in receivers_of(turn, name)):
            snap.mailbox = snap.mailbox[:index] + snap.mailbox[index + 1 :]
            return True
        message = "" if kind == "cancel" else name
        chosen, later = choose(turn, _triggered_by(kind, name), payload, message)
        if not chosen and (later or kind == "signal"):
            continue
        snap.mailbox = snap.mailbox[:index] + snap.mailbox[index + 1 :]
        if not chosen:
            _nobody_takes(turn, kind, id, name, payload)
            return True
        if kind == "update":  # answered once, so taken once
            take(turn, chosen[0].source, chosen[0].index, chosen[0].frame, id)
            return True
        for choice in chosen:
            if choice.source in turn.snap.active:
                take(turn, choice.source, choice.index, choice.frame)
        return True
    return False


def _triggered_by(kind: str, name: str) -> Match:
    return lambda transition: transition.trigger == kind and transition.name in (name, None)


def _nobody_takes(turn: Turn, kind: str, id: str, name: str, payload: Any) -> None:
    if kind == "update":
        turn.commands.append(AnswerUpdate(id, "rejected", f"{name} is not accepted now"))
    else:
        turn.internal.appendleft(("end", 0, cancelled(payload)))


# -- the end -------------------------------------------------------------------------------------------------------


def cancelled(payload: dict[str, Any]) -> Ending:
    """How a run ends that was asked to cancel."""
    reason = payload.get("reason") or "cancelled on request"
    return Ending("cancelled", None, Failure("Cancelled", reason, retryable=False))


def _begin_ending(turn: Turn, ending: Ending) -> None:
    """The outcome is decided: leave every state; nothing but compensation and tracked outcomes follows.

    `active` goes on naming where the run ended, for people; nothing acts on it any more.
    """
    snap = turn.snap
    if snap.ending is not None:
        return
    last = snap.active
    leave(turn, last)
    snap.active = last
    turn.internal.clear()
    turn.ready.clear()
    for kind, id, _, payload in snap.mailbox:
        if kind == "update":
            turn.commands.append(AnswerUpdate(id, "rejected", "the run has ended"))
        elif kind == "cancel" and ending.kind == "continued":
            ending = cancelled(payload)  # deferred until now; the next run would never hear of it
    snap.ending = ending
    if ending.kind in ("completed", "continued"):
        snap.undo = []
    snap.mailbox = [message for message in snap.mailbox if message[0] == "signal"]


def _go_on_ending(turn: Turn) -> bool:
    """One step towards the close; False when there is something to wait for, or nothing left to do."""
    snap = turn.snap
    ending = snap.ending
    assert ending is not None
    turn.ready.clear()
    turn.internal.clear()
    if ending.kind in ("completed", "continued"):
        snap.undo = []
    elif snap.undo and not any(op.kind == "undo" for op in snap.ops.values()):
        operations.schedule_undo(turn, len(snap.undo) - 1, None)
        return True
    if snap.ops:
        return False
    snap.closed = ending.kind
    snap.timers.clear()
    if ending.kind == "continued":
        messages = tuple((id, name, payload) for _, id, name, payload in snap.mailbox)
        turn.commands.append(ContinueRun(ending.result, messages))
    else:
        status: Any = ending.kind
        turn.commands.append(CloseRun(status, ending.result, ending.failure))
    return False


def terminate(turn: Turn, reason: str) -> None:
    """End at once: nothing is undone and nothing waited for; what is in flight is asked to stop."""
    snap = turn.snap
    for op in snap.ops.values():
        if op.kind == "child":
            turn.commands.append(CancelChild(op.id))
        elif op.state == "running":
            turn.commands.append(CancelActivity(op.id))
    for kind, id, _, _ in snap.mailbox:
        if kind == "update":
            turn.commands.append(AnswerUpdate(id, "rejected", "the run was terminated"))
    for fiber in snap.fibers.values():
        if fiber.update is not None:
            turn.commands.append(AnswerUpdate(fiber.update, "rejected", "the run was terminated"))
    for event in snap.held:
        if isinstance(event, UpdateReceived):
            turn.commands.append(AnswerUpdate(event.id, "rejected", "the run was terminated"))
    snap.ops.clear()
    snap.timers.clear()
    snap.fibers.clear()
    snap.parked = None
    snap.held = []
    snap.closed = "terminated"
    failure = Failure("Terminated", reason or "terminated on request", retryable=False)
    turn.commands.append(CloseRun("terminated", None, failure))
