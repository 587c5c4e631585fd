"""From one event to the next rest: everything a run can do by itself, in SCXML's order.

Eventless transitions to a fixed point; internal events (completion, errors); fibers that can run; then, one at a time,
the oldest message somebody takes. Only when none of that is left does the step end. Once the outcome is decided,
nothing of that applies any more: the run compensates, waits for what is tracked, and closes.
"""

from __future__ import annotations

from typing import Any

from tenuto_interpreter.commands import AnswerUpdate, CancelActivity, CancelChild, CloseRun, ContinueRun
from tenuto_interpreter.events import Failure
from tenuto_interpreter.machine import operations
from tenuto_interpreter.machine.fibers import answer_open_update, catches, run
from tenuto_interpreter.machine.selection import Match, choose, first_up, guard_holds
from tenuto_interpreter.machine.snapshot import Ending, Fiber
from tenuto_interpreter.machine.states import announce, leave, move, stop_fiber, take
from tenuto_interpreter.machine.turn import Turn
from tenuto_interpreter.machine.waits import branch_ended, conditions_met, deliver, receivers_of


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
        if waiting is not None and waiting[0] == "undo" and len(turn.snap.undo) > waiting[1]:
            waiting[2] = operations.schedule_undo(turn, id)
            return
        fiber.pc += 1
    if how == "throw" and fiber.waiting is not None and fiber.waiting[0] == "join":
        for branch in fiber.waiting[5]:
            if branch in turn.snap.fibers:
                stop_fiber(turn, branch)
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
    answer_open_update(turn, fiber.update, failure)
    del turn.snap.fibers[fiber.id]
    if fiber.role == "branch":
        turn.ready.append((fiber.parent, "throw", failure))
    else:
        turn.internal.append(("error", fiber.state, failure))


# -- transitions ---------------------------------------------------------------------------------------------------


def _eventless(turn: Turn) -> bool:
    if not any(turn.exe.eventless[s] for s in turn.snap.active):
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
        turn.internal.appendleft(("end", 0, Ending("failed", None, failure)))
        return
    if state not in turn.snap.done:
        turn.snap.done = [*turn.snap.done, state]
    take(turn, found.source, found.index, found.frame)


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
        update = id if kind == "update" else None
        for choice in chosen:
            if choice.source in turn.snap.active:
                take(turn, choice.source, choice.index, choice.frame, update)
                update = None
        return True
    return False


def _triggered_by(kind: str, name: str) -> Match:
    return lambda transition: transition.trigger == kind and transition.name in (name, None)


def _nobody_takes(turn: Turn, kind: str, id: str, name: str, payload: Any) -> None:
    if kind == "update":
        turn.commands.append(AnswerUpdate(id, "rejected", f"{name} is not accepted now"))
    else:
        reason = payload.get("reason") or "cancelled on request"
        turn.internal.appendleft(("end", 0, Ending("cancelled", None, Failure("Cancelled", reason, retryable=False))))


# -- the end -------------------------------------------------------------------------------------------------------


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
    snap.ending = ending
    if ending.kind in ("completed", "continued"):
        snap.undo = []
    for kind, id, _, _ in snap.mailbox:
        if kind == "update":
            turn.commands.append(AnswerUpdate(id, "rejected", "the run has ended"))
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
        operations.schedule_undo(turn, None)
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
    snap.ops.clear()
    snap.timers.clear()
    snap.fibers.clear()
    snap.parked = None
    snap.held = []
    snap.closed = "terminated"
    failure = Failure("Terminated", reason or "terminated on request", retryable=False)
    turn.commands.append(CloseRun("terminated", None, failure))
