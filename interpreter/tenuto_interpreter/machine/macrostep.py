"""From one event to the next rest: everything a run can do by itself, in SCXML's order.

Eventless transitions to a fixed point; internal events (completion, errors); fibers that can run; then, one at a time,
the oldest message somebody takes. Only when none of that is left does the step end. Once the outcome is decided,
nothing of that applies any more: the run compensates, waits for what is tracked, and closes.
"""

from __future__ import annotations

from typing import Any

from tenuto_interpreter.commands import AnswerUpdate, WriteLog
from tenuto_interpreter.events import Failure
from tenuto_interpreter.machine.ending import begin_ending, cancelled, failed, go_on_ending
from tenuto_interpreter.machine.fibers import answer_open_update, catches, run
from tenuto_interpreter.machine.interruption import INTERRUPTED, PENDING, has_left, stop_branches, waits_for
from tenuto_interpreter.machine.selection import Match, choose, first_up, guard_holds
from tenuto_interpreter.machine.snapshot import Ending, Fiber
from tenuto_interpreter.machine.states import Chosen, announce, domain_of, inside, move, take
from tenuto_interpreter.machine.turn import Fault, Turn
from tenuto_interpreter.machine.waits import begin_undo, branch_ended, conditions_met, deliver, receivers_of


def settle(turn: Turn) -> None:
    """Run on until nothing can happen without another event."""
    snap = turn.snap
    while snap.parked is None and snap.closed is None:
        if turn.internal and turn.internal[0][0] == "end":
            begin_ending(turn, turn.internal.popleft()[2])
        elif snap.ending is not None:
            if not (_go_on_leaving(turn) if snap.fibers else go_on_ending(turn)):
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
    if fiber.waiting is not None and fiber.waiting[0] == "resolve":
        fiber.waiting[1] = [op for op in fiber.waiting[1] if waits_for(turn, id, op)]
        if fiber.waiting[1]:
            return
        how = "go"
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
    if fiber.leaving and fiber.role != "branch":
        has_left(turn, fiber)
        return
    answer_open_update(turn, fiber.update)
    turn.remove_fiber(fiber)
    if fiber.role == "branch":
        branch_ended(turn, fiber)
        return
    if fiber.role == "work":
        transition = turn.exe.states[fiber.state].transitions[fiber.transition]
        if transition.target is not None:
            move(turn, [Chosen(fiber.state, fiber.transition, [])])
            return
        if transition.trigger == "done":
            _may_be_done_again(turn, fiber.state)
            return
    announce(turn, fiber.state)


def _fiber_failed(turn: Turn, fiber: Fiber, failure: Failure) -> None:
    """Raise what nobody in the block caught: a branch in its fork, anything else in its state.

    The other branches are interrupted: what they did next would be done for nobody, and a second failure would be
    thrown to wherever the first has led.
    """
    snap = turn.snap
    if failure.code == INTERRUPTED:
        has_left(turn, fiber)
        if fiber.role == "branch":
            branch_ended(turn, fiber)
        return
    answer_open_update(turn, fiber.update, failure)
    turn.remove_fiber(fiber)
    if fiber.role == "branch":
        fork = turn.fiber(fiber.parent)
        if fork.waiting is not None and len(fork.waiting) > PENDING:
            _superseded(turn, fiber, failure)
            branch_ended(turn, fiber)
        else:
            stop_branches(turn, fork, failure)
        return
    if fiber.leaving:
        _failed_leaving(turn, fiber, failure)
        return
    if fiber.role == "do" and fiber.state not in snap.done:
        snap.done = [*snap.done, fiber.state]
    turn.internal.append(("error", fiber.state, failure))


def _failed_leaving(turn: Turn, fiber: Fiber, failure: Failure) -> None:
    """An interrupted `finally` has failed: that is an error of whoever is active above the state it was left with.

    A run that was about to complete fails instead; the failure of one that fails anyway stays the one that is told.
    """
    ending = turn.snap.ending
    if ending is None:
        turn.internal.append(("left", fiber.state, failure))
    elif ending.kind in ("completed", "continued"):
        turn.snap.ending = failed(failure)
    else:
        _superseded(turn, fiber, failure)


def _superseded(turn: Turn, fiber: Fiber, failure: Failure) -> None:
    """Say of a failure that nobody will hear of, because another came before it."""
    place = turn.exe.blocks[fiber.block].place
    told = {"finally": place, "error": failure.code, "message": failure.message}
    turn.commands.append(WriteLog(told))


# -- transitions ---------------------------------------------------------------------------------------------------


def _eventless(turn: Turn) -> bool:
    if turn.exe.eventless.isdisjoint(turn.snap.active):
        return False
    chosen, _ = choose(turn, lambda t: t.trigger == "when", None, None)
    take(turn, chosen)
    return bool(chosen)


def _internal(turn: Turn) -> None:
    kind, state, value = turn.internal.popleft()
    if kind == "done":
        _done(turn, state)
    else:
        _error(turn, kind, state, value)


def _done(turn: Turn, state: int) -> None:
    """A state is complete. Told once; it may become complete again when a reaction has ended or a region begun anew,
    but not by what it does because it was complete."""
    snap = turn.snap
    if state not in snap.active:
        return
    for index, transition in enumerate(turn.exe.states[state].transitions):
        if transition.trigger == "done" and guard_holds(turn, state, transition, []):
            if transition.work is None:
                _may_be_done_again(turn, state)
            take(turn, [Chosen(state, index, [])])
            return
    _may_be_done_again(turn, state)
    if state == 0:
        turn.internal.appendleft(("end", 0, Ending("completed")))


def _may_be_done_again(turn: Turn, state: int) -> None:
    turn.snap.done = [s for s in turn.snap.done if s != state]


def _error(turn: Turn, kind: str, state: int, failure: Failure) -> None:
    """An error of a state, or of who is active around it when it has been left meanwhile: by a `when`, by a transition
    whose `exit` it was, or ("left") with the `finally` that has failed. Other errors of what its handler leaves are of
    what that interrupts: nobody asks for them.
    """
    snap, exe = turn.snap, turn.exe
    around = exe.ancestors[state][1 if kind == "left" else 0 :]
    state = next(s for s in around if s in snap.active)
    found = first_up(turn, state, lambda t: t.trigger == "error" and catches(t.codes, failure.code), failure.value())
    if found is not None and kind == "halted" and _is_halted(turn, state):
        transition = exe.states[found.source].transitions[found.index]
        found = found if transition.target is not None else None
    if found is None:
        if failure.code == "Fault":  # the guard of whoever might have caught it is false
            raise Fault(failure.message, exe.states[state].path)
        turn.internal.appendleft(("end", 0, failed(failure)))
        return
    reaction = exe.states[found.source].transitions[found.index]
    if reaction.target is not None and reaction.work is None:
        left = inside(turn, domain_of(turn, found.source, reaction.target))  # some may be entered anew, without error
        for each in [each for each in turn.internal if each[0] in ("error", "halted") and each[1] in left]:
            turn.internal.remove(each)
    take(turn, [found])
    announce(turn, state)


def _is_halted(turn: Turn, state: int) -> bool:
    """Whether a fault has kept from beginning what is to be active in a state: it cannot stay as it is."""
    children = turn.exe.states[state].children
    return state in turn.snap.done or (bool(children) and not any(child in turn.snap.active for child in children))


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
            take(turn, chosen[:1], id)
        else:
            take(turn, chosen)
        return True
    return False


def _triggered_by(kind: str, name: str) -> Match:
    return lambda transition: transition.trigger == kind and transition.name in (name, None)


def _nobody_takes(turn: Turn, kind: str, id: str, name: str, payload: Any) -> None:
    if kind == "update":
        why = ": its guard does not hold" if _is_guarded(turn, name) else ""
        turn.commands.append(AnswerUpdate(id, "rejected", f"{name} is not accepted now{why}"))
    else:
        turn.internal.appendleft(("end", 0, cancelled(payload)))


def _is_guarded(turn: Turn, update: str) -> bool:
    """Whether an active state has a handler for an update: nobody took it, so the guard was false."""
    matches = _triggered_by("update", update)
    around = {state for leaf in turn.snap.active for state in turn.exe.ancestors[leaf]}
    return any(matches(transition) for state in around for transition in turn.exe.states[state].transitions)


# -- the end -------------------------------------------------------------------------------------------------------


def _go_on_leaving(turn: Turn) -> bool:
    """Let the interrupted `finally` blocks run; False when they wait for something."""
    turn.internal.clear()
    if turn.ready:
        _run_fiber(turn)
        return True
    return conditions_met(turn) or _receive(turn)


def _receive(turn: Turn) -> bool:
    """Give the oldest message that somebody is receiving to whoever receives it."""
    snap = turn.snap
    for index, (kind, _, name, payload) in enumerate(snap.mailbox):
        if kind == "signal" and any(deliver(turn, fiber, payload) for fiber in receivers_of(turn, name)):
            snap.mailbox = snap.mailbox[:index] + snap.mailbox[index + 1 :]
            return True
    return False
