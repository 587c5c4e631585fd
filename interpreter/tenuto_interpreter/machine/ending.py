"""The end of a run: its outcome is decided, what it owes is done, and it closes.

Every state is left, which interrupts what is at work; interrupted `finally` blocks run to their end; a run that failed
or was cancelled undoes, newest first, one at a time; and when nothing tracked is open any more it closes.
"""

from __future__ import annotations

from typing import Any

from tenuto_interpreter.commands import AnswerUpdate, CancelActivity, CancelChild, CloseRun, ContinueRun
from tenuto_interpreter.events import Failure, UpdateReceived
from tenuto_interpreter.ir import TERMINATED
from tenuto_interpreter.machine import operations
from tenuto_interpreter.machine.snapshot import Ending
from tenuto_interpreter.machine.states import leave
from tenuto_interpreter.machine.turn import Turn


def cancelled(payload: dict[str, Any]) -> Ending:
    """How a run ends that was asked to cancel."""
    reason = payload.get("reason") or "cancelled on request"
    return Ending("cancelled", None, Failure("Cancelled", reason, retryable=False))


def failed(failure: Failure) -> Ending:
    """How a run ends that nobody took the error of."""
    return Ending("cancelled" if failure.code == "Cancelled" else "failed", None, failure)


def begin_ending(turn: Turn, ending: Ending) -> None:
    """The outcome is decided: leave every state; nothing but what that owes, compensation and tracked outcomes follow.

    `active` goes on naming where the run ended, for people; nothing acts on it any more.
    """
    snap = turn.snap
    if snap.ending is not None:
        return
    last = snap.active
    leave(turn, last)
    snap.active = last
    turn.internal.clear()
    for kind, id, _, payload in snap.mailbox:
        if kind == "update":
            turn.commands.append(AnswerUpdate(id, "rejected", "the run has ended"))
        elif kind == "cancel" and ending.kind == "continued":
            ending = cancelled(payload)  # deferred until now; the next run would never hear of it
    snap.ending = ending
    snap.mailbox = [message for message in snap.mailbox if message[0] == "signal"]


def go_on_ending(turn: Turn) -> bool:
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
        if op.is_workflow and op.state in ("running", "stopping"):
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
    failure = Failure(TERMINATED, reason or "terminated on request", retryable=False)
    turn.commands.append(CloseRun("terminated", None, failure))
