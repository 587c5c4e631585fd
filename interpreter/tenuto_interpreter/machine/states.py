"""The configuration: entering, leaving and completing states, as SCXML has it.

A transition leaves everything inside its domain (the innermost state that contains both its source and its target, and
is not parallel), innermost and last first; runs its actions; then enters from the domain down to its target and on
through initial children, and through every region of a parallel state. What a state was doing when it is left is
interrupted: its calls are asked to stop and stay tracked, its timers and fibers are gone, but for those that owe a
`finally`, which nobody waits for. Transitions that several regions take at once are one: all leave, then all act, then
all enter.

Failures raised by instant blocks become internal error events of their state; "halted" where one keeps something from
being entered or begun.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tenuto_interpreter.events import Failure
from tenuto_interpreter.ir import Transition
from tenuto_interpreter.machine.fibers import answer_open_update, run_instant
from tenuto_interpreter.machine.interruption import interrupt
from tenuto_interpreter.machine.snapshot import Ending
from tenuto_interpreter.machine.timers import arm
from tenuto_interpreter.machine.turn import MAX_TRANSITIONS, Fault, Turn

# -- transitions ---------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Chosen:
    """A transition to take: the state that has it, its place there, and the frame with the event's binding."""

    source: int
    index: int
    frame: list[Any]


def domain_of(turn: Turn, source: int, target: int) -> int:
    """The innermost state, not parallel, that properly contains the target and the source.

    The workflow and a region may be both: what they handle leaves states in them, never themselves (and with a region
    its siblings).
    """
    above_target = turn.exe.ancestors[target][1:]
    chain = turn.exe.ancestors[source]
    for state in chain if turn.exe.states[source].kind in ("root", "region") else chain[1:]:
        if state in above_target and not turn.exe.states[state].regions:
            return state
    return 0


def inside(turn: Turn, domain: int) -> list[int]:
    """The active states properly inside a state, in document order."""
    ancestors = turn.exe.ancestors
    return [s for s in turn.snap.active if s != domain and domain in ancestors[s]]


def take(turn: Turn, chosen: list[Chosen], update: str | None = None) -> None:
    """Take transitions that do not conflict, as one: all leave, then all act, then all enter.

    `update` is the update that the one transition taken for it has to answer.
    """
    moves: list[Chosen] = []
    for each in chosen:
        turn.transitions += 1
        if turn.observe is not None:
            turn.observe(each.source, each.index)
        source = turn.exe.states[each.source]
        if turn.transitions > MAX_TRANSITIONS:
            raise Fault(f"more than {MAX_TRANSITIONS} transitions without waiting", source.path)
        work = source.transitions[each.index].work
        if work is not None:
            turn.add_fiber("work", each.source, work, each.frame, transition=each.index, update=update)
        else:
            moves.append(each)
    if moves:
        move(turn, moves, update)


def move(turn: Turn, chosen: list[Chosen], update: str | None = None) -> None:
    """Leave, act and enter, as the transitions say; one without a target acts only.

    One whose actions fail does not enter its target: what they were to prepare is not there.
    """
    transitions = [turn.exe.states[each.source].transitions[each.index] for each in chosen]
    domains = [
        -1 if transition.target is None else domain_of(turn, each.source, transition.target)
        for each, transition in zip(chosen, transitions, strict=True)
    ]
    left = [state for domain in domains if domain >= 0 for state in inside(turn, domain)]
    if left:
        leave(turn, sorted(left) if len(chosen) > 1 else left)
    enters: list[tuple[int, Transition]] = []
    for each, transition, domain in zip(chosen, transitions, domains, strict=True):
        if transition.actions is not None:
            failure = run_instant(turn, each.source, transition.actions, each.frame, update)
            if failure is not None:
                turn.internal.append(("halted", domain, failure) if domain >= 0 else ("error", each.source, failure))
                continue
        else:
            answer_open_update(turn, update)
        if domain >= 0:
            enters.append((domain, transition))
    for domain, transition in enters:
        target = transition.target
        assert target is not None
        leaves = [target]
        if transition.history and turn.snap.memory.get(target):
            leaves = turn.snap.memory[target]
        path = turn.exe.ancestors[target]
        enter(turn, path[path.index(domain) - 1], leaves)


# -- leaving -------------------------------------------------------------------------------------------------------


def leave(turn: Turn, states: list[int]) -> None:
    """Leave these active states, last in document order first."""
    _remember(turn, states)
    for state in reversed(states):
        interrupt(turn, state)
        snap = turn.snap
        for id in [
            id for id, timer in snap.timers.items() if timer[1] in ("after", "at", "every") and timer[2] == state
        ]:
            del snap.timers[id]
        block = turn.exe.states[state].exit
        if block is not None:
            failure = run_instant(turn, state, block, [])
            if failure is not None:
                turn.internal.append(("error", turn.exe.states[state].parent or 0, failure))
        snap.active = [s for s in snap.active if s != state]
        if state in snap.done:
            snap.done = [s for s in snap.done if s != state]


def _remember(turn: Turn, states: list[int]) -> None:
    for state in turn.exe.remembered.intersection(states):
        leaves = leaves_of(turn, [s for s in turn.snap.active if turn.exe.within(s, state)])
        turn.snap.memory = {**turn.snap.memory, state: leaves}


def leaves_of(turn: Turn, active: list[int]) -> list[int]:
    """The innermost of these active states, in document order."""
    if len(active) < 2:
        return active
    parents = {turn.exe.states[s].parent for s in active}
    return [s for s in active if s not in parents]


# -- entering ------------------------------------------------------------------------------------------------------


def enter(turn: Turn, state: int, leaves: list[int]) -> None:
    """Enter a state and, inside it, the way to each of `leaves`; by its initial child and all regions elsewhere."""
    exe, snap = turn.exe, turn.snap
    if turn.observe is not None:
        turn.observe(state, -1)
    definition = exe.states[state]
    active = [*snap.active, state]
    active.sort()
    snap.active = active
    if not begin(turn, state):
        return
    for region in definition.regions:
        enter(turn, region, [leaf for leaf in leaves if leaf != region and exe.within(leaf, region)])
    if definition.children:
        inner = [leaf for leaf in leaves if leaf != state and exe.within(leaf, state)]
        child = definition.initial
        if inner:
            path = exe.ancestors[inner[0]]
            child = path[path.index(state) - 1]
        assert child is not None
        enter(turn, child, inner)
    if definition.kind == "final":
        _finish(turn, state)


def begin(turn: Turn, state: int) -> bool:
    """What belongs to a state itself when it is entered: entry, timers, `do`. False when the entry fails."""
    definition = turn.exe.states[state]
    if definition.entry is not None:
        failure = run_instant(turn, state, definition.entry, [])
        if failure is not None:
            turn.snap.done = [*turn.snap.done, state]  # its `do` will not begin
            turn.internal.append(("halted", state, failure))
            return False
    if turn.exe.timed[state]:
        arm(turn, state)
    if definition.do is not None:
        turn.add_fiber("do", state, definition.do, [])
    return True


def _finish(turn: Turn, state: int) -> None:
    """A final state was entered: the run ends, or the state around it may be complete."""
    definition = turn.exe.states[state]
    assert definition.parent is not None
    if definition.parent != 0:
        announce(turn, definition.parent)
        return
    ending = definition.ending
    place = definition.path
    if ending is None:
        outcome = Ending("completed")
    elif ending.kind == "return":
        result = turn.value(ending.fields[0][1], [], place) if ending.fields else None
        outcome = Ending("completed", result)
    elif ending.kind == "continue":
        outcome = Ending("continued", {name: turn.value(e, [], place) for name, e in ending.fields})
    else:
        fields = {name: turn.value(e, [], place) for name, e in ending.fields}
        message = fields.pop("message", "")
        assert ending.code is not None
        failure = Failure(ending.code, message, fields or None, retryable=False)
        outcome = Ending("cancelled" if ending.code == "Cancelled" else "failed", None, failure)
    turn.internal.appendleft(("end", 0, outcome))


# -- completion ----------------------------------------------------------------------------------------------------


def announce(turn: Turn, state: int) -> None:
    """Announce that a state is complete, once, if it is: its `do`, its regions and its reactions have ended."""
    snap = turn.snap
    if state in snap.done or state not in snap.active or not is_complete(turn, state):
        return
    definition = turn.exe.states[state]
    if definition.kind == "region":
        assert definition.parent is not None
        announce(turn, definition.parent)
        return
    if definition.do is None and not definition.regions and not definition.children:
        return
    snap.done = [*snap.done, state]
    turn.internal.append(("done", state, None))


def is_complete(turn: Turn, state: int) -> bool:
    """Whether all that a state does has ended, so that it is done, or would be if its `do` had not failed."""
    definition = turn.exe.states[state]
    if any(fiber.state == state and not fiber.leaving for fiber in turn.snap.fibers.values()):
        return False
    if definition.kind == "region" and state in turn.snap.done:
        return False
    if definition.children:
        current = next((s for s in turn.snap.active if turn.exe.states[s].parent == state), None)
        if current is None or turn.exe.states[current].kind != "final":
            return False
    return all(is_complete(turn, region) for region in definition.regions)
