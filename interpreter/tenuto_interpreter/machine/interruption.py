"""Interrupting what is at work: its operations are detached, its timers dropped, and what it owes is still done.

What a block owes is its `finally`: when the block is interrupted within the range of one, or in the midst of one, its
fiber lives on as a *leaving* one. It belongs to no state any more, so whatever interrupted it goes on at once, as the
transition that leaves a state does not wait for the calls of that state either. It unwinds from the inside out: an
interruption is thrown at its place that nobody but a `finally` takes, each runs to its end, calls and waits included,
and raises the interruption again. One that was already running when the interruption came is not cut short; at its end
the interruption takes the place of whatever error or value it had held back.

Branches unwind before the fork they belong to, so a fork whose branches are leaving waits for them, and only then goes
on to its own `finally`, or to the `catch` of the error that interrupted them. A run closes, and its undos begin, only
when nobody is leaving any more.
"""

from __future__ import annotations

from tenuto_interpreter.commands import AnswerUpdate
from tenuto_interpreter.events import Failure
from tenuto_interpreter.machine import operations
from tenuto_interpreter.machine.snapshot import Fiber
from tenuto_interpreter.machine.turn import Turn

INTERRUPTED = "$interrupted"
"""The code of an interruption. No author can declare, catch or raise it."""

_INTERRUPTION = Failure(INTERRUPTED, "interrupted", retryable=False)

PENDING = 8
"""Where the `waiting` of a fork holds the failure that it raises when its leaving branches have ended, if any."""


def interrupt(turn: Turn, state: int) -> None:
    """Interrupt everything durable that belongs to a state."""
    for id, fiber in list(turn.snap.fibers.items()):
        if fiber.state == state and not fiber.leaving and fiber.role != "branch":
            stop_fiber(turn, id)


def stop_fiber(turn: Turn, id: int) -> None:
    """Interrupt a fiber: it is gone, or leaving. One that is leaving already may be interrupted again."""
    fiber = turn.fiber(id)
    if fiber.waiting is not None and fiber.waiting[0] == "ended":
        has_left(turn, fiber)  # it has returned: whatever it owed lies behind it
        return
    if _within_finally(turn, fiber):
        _keep(turn, fiber)
        return
    waiting = fiber.waiting
    if waiting is not None and waiting[0] == "join" and _branches_leave(turn, waiting):
        fiber.leaving = True
        waiting[PENDING:] = [_INTERRUPTION.to_plain()]
        _forget_resumption(turn, id)
        return
    _let_go(turn, fiber)
    if any(h.always and h.start <= fiber.pc < h.end for h in turn.exe.blocks[fiber.block].handlers):
        fiber.leaving = True
        fiber.waiting = None
        _forget_resumption(turn, id)
        turn.ready.append((id, "throw", _INTERRUPTION))
        return
    has_left(turn, fiber)


def stop_branches(turn: Turn, fork: Fiber, failure: Failure) -> None:
    """A branch has failed: interrupt the others, and raise the failure in the fork when none of them is leaving."""
    waiting = fork.waiting
    assert waiting is not None
    if _branches_leave(turn, waiting):
        waiting[PENDING:] = [failure.to_plain()]
    else:
        turn.ready.append((fork.id, "throw", failure))


def has_left(turn: Turn, fiber: Fiber) -> None:
    """An interrupted fiber is gone, having done what it owed."""
    if fiber.update is not None:
        turn.commands.append(AnswerUpdate(fiber.update, "rejected", "interrupted before it was answered"))
    turn.remove_fiber(fiber)


def waits_for(turn: Turn, fiber: int, op: int) -> bool:
    """Whether an operation is in flight for a fiber: one past its overall limit no longer is."""
    found = turn.snap.ops.get(op)
    return found is not None and found.fiber == fiber


def _within_finally(turn: Turn, fiber: Fiber) -> bool:
    """Whether a `finally` is running; the interruption then waits at the end of the outermost."""
    finals = [final for final in turn.exe.finals[fiber.block] if final[0] <= fiber.pc < final[1]]
    if not finals:
        return False
    _, _, local = max(finals, key=lambda final: final[1] - final[0])
    fiber.locals[local] = _INTERRUPTION.value()
    return True


def _keep(turn: Turn, fiber: Fiber) -> None:
    """Let a fiber, and the branches it waits for, go on as they are, for no state."""
    fiber.leaving = True
    if fiber.waiting is not None and fiber.waiting[0] == "join":
        for branch in fiber.waiting[5]:
            _keep(turn, turn.fiber(branch))


def _branches_leave(turn: Turn, waiting: list[object]) -> bool:
    """Interrupt the branches of a fork; answers whether any is leaving."""
    live = waiting[5]
    assert isinstance(live, list)
    for branch in live:
        if branch in turn.snap.fibers:
            stop_fiber(turn, branch)
    waiting[5] = [branch for branch in live if branch in turn.snap.fibers]
    return bool(waiting[5])


def _let_go(turn: Turn, fiber: Fiber) -> None:
    """Detach what a fiber waits for."""
    waiting = fiber.waiting
    if waiting is None:
        return
    kind = waiting[0]
    if kind == "op":
        if waiting[1] in turn.snap.ops:  # else its outcome is here, and the fiber had not gone on yet
            operations.detach(turn, turn.op(waiting[1]))
    elif kind == "resolve":
        for id in waiting[1]:
            if waits_for(turn, fiber.id, id):
                operations.detach(turn, turn.op(id))
    elif kind == "undo":
        if waiting[2] in turn.snap.ops:
            turn.op(waiting[2]).fiber = None
    elif kind == "timer":
        turn.drop_timer(waiting[1])
    elif kind == "cond":
        turn.drop_timer(waiting[2])
    elif kind == "receive":
        turn.drop_timer(waiting[4])


def _forget_resumption(turn: Turn, id: int) -> None:
    """What would have let a fiber go on in this very event comes too late."""
    kept = [entry for entry in turn.ready if entry[0] != id]
    turn.ready.clear()
    turn.ready.extend(kept)
