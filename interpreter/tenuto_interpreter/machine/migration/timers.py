"""Carrying over the timers of states: one that both versions have keeps its time, a new one is set.

A timed transition is the same one when its trigger and its time say the same. An `after` that has got another length is
counted from the same entry, which is known from a timer that has not fired yet.
"""

from __future__ import annotations

from tenuto_interpreter.machine.executable import Executable
from tenuto_interpreter.machine.migration.plan import Plan
from tenuto_interpreter.machine.snapshot import Snapshot
from tenuto_interpreter.machine.timers import due_of
from tenuto_interpreter.machine.turn import Turn
from tenuto_interpreter.values.texts import duration_to_us

_OF_STATES = ("after", "at", "every")


def carry_timers(plan: Plan, old: Executable, new: Executable, snap: Snapshot, at: int, active: set[int]) -> None:
    """`snap.active` are still the states of the old program, `active` those of the new."""
    pending = {(t[2], t[3]): (id, t[0]) for id, t in snap.timers.items() if t[1] in _OF_STATES}
    for id, _ in pending.values():
        del snap.timers[id]
    turn = Turn(new, snap, at)
    seen: set[int] = set()
    for state in snap.active:
        target = plan.states[state]
        if target is None or target not in active or target in seen:
            continue
        seen.add(target)
        before = [(i, plan.old.timed(t)) for i, t in old.timed[state]]
        entry = _entry(old, state, pending)
        for index, transition in new.timed[target]:
            shape = plan.new.timed(transition)
            same = next((i for i, candidate in before if candidate == shape), None)
            if same is None:
                since = entry if entry is not None and transition.trigger == "after" else at
                turn.add_timer(due_of(turn, target, transition, since), transition.trigger, target, index)
                continue
            before = [(i, candidate) for i, candidate in before if i != same]
            if (state, same) in pending:
                id, due = pending[state, same]
                snap.timers[id] = [due, transition.trigger, target, index]


def _entry(old: Executable, state: int, pending: dict[tuple[int, int], tuple[int, int]]) -> int | None:
    """When a state was entered, if a timer of it tells."""
    for index, transition in old.timed[state]:
        known = old.constants.get(transition.time) if transition.time is not None else None
        if transition.trigger == "after" and known is not None and (state, index) in pending:
            return pending[state, index][1] - duration_to_us(known)
    return None
