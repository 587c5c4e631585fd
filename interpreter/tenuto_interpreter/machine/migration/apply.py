"""Migrating one run: the new snapshot out of the old one, and what follows at once."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from tenuto_interpreter.commands import Command
from tenuto_interpreter.events import Event, Migrated, RetryRequested
from tenuto_interpreter.ir import Param, Program, Variable
from tenuto_interpreter.machine.executable import Executable
from tenuto_interpreter.machine.migration.plan import Plan, ancestors, plan
from tenuto_interpreter.machine.migration.timers import carry_timers
from tenuto_interpreter.machine.migration.work import Refused, carry_fibers, carry_operations
from tenuto_interpreter.machine.snapshot import Snapshot
from tenuto_interpreter.machine.states import announce, begin, enter, is_complete, leaves_of
from tenuto_interpreter.machine.step import come_to_rest, settle_rest, step, unpark
from tenuto_interpreter.machine.turn import Fault, Observe, Turn
from tenuto_interpreter.types import Type
from tenuto_interpreter.values import ShapeError, reader


def migrate(old: Executable, new: Executable, snapshot: Snapshot, event: Migrated) -> tuple[Snapshot, list[Command]]:
    """Carry a run from one program to another and on to its next rest. Raises Refused; `snapshot` is left as it was."""
    assert snapshot.closed is None, "a closed run is not migrated"
    assert snapshot.seq, "a run that has not begun is started in the new version"
    found = _plan(old.program, new.program)
    certain = next((problem for problem in found.problems if problem.certain), None)
    if certain is not None:
        raise Refused(certain.message)
    snap = snapshot.copy()
    snap.seq += 1
    held, parked, snap.held, snap.parked = snap.held, snap.parked, [], None
    try:
        turn = _carried(found, old, new, snap, event)
        come_to_rest(turn)
    except Fault as fault:
        raise Refused(f"it would be at fault at once: {fault.args[0]} ({fault.args[1]})") from None
    if snap.closed is not None:
        return snap, settle_rest(turn.commands, held)
    if parked is None:
        return snap, turn.commands
    snap.held = held
    snap, commands = unpark(new, snap, RetryRequested(event.at), None, turn.randoms)
    return snap, [*turn.commands, *commands]


def follow(
    find: Callable[[str], Executable],
    exe: Executable,
    snapshot: Snapshot,
    event: Event,
    observe: Observe | None = None,
) -> tuple[Executable, Snapshot, list[Command]]:
    """`step` for a history that may span versions: with the program that the run is pinned to afterwards.

    `find` gives the program of a definition; a migration takes no transitions that `observe` could hear of.
    """
    if isinstance(event, Migrated):
        new = find(event.definition)
        return new, *migrate(exe, new, snapshot, event)
    return exe, *step(exe, snapshot, event, observe)


@lru_cache(maxsize=64)
def _plan(old: Program, new: Program) -> Plan:
    return plan(old, new)


def _carried(found: Plan, old: Executable, new: Executable, snap: Snapshot, event: Migrated) -> Turn:
    """The snapshot in terms of the new program, changed in place, and a turn to go on with."""
    before = Turn(old, snap, event.at)
    leaves = leaves_of(before, snap.active)
    told = {found.states[s] for s in snap.active if _has_told(before, s)}
    active = _active(found, new, leaves)
    fibers, calls = carry_fibers(found, before, active)
    carry_operations(found, before, calls)
    entered = {found.states[s] for s in snap.active}
    if snap.ending is None:  # else `active` only names where the run ended, and nothing is timed there
        carry_timers(found, old, new, snap, event.at, active)
    idle = {found.states[s] for s in snap.active if old.states[s].do is None}
    snap.done = sorted({t for s in snap.done if (t := found.states[s]) is not None and t in active})
    snap.memory = {
        t: [leaf for s in inner if (leaf := found.states[s]) is not None]
        for state, inner in snap.memory.items() if (t := found.states[state]) is not None
    }  # fmt: skip
    snap.active = sorted(active)
    turn = Turn(new, snap, event.at)
    turn.commands += before.commands
    turn.randoms = before.randoms
    _config(new, turn, event)
    if snap.vars or not old.slots:
        snap.vars = _variables(found, new, turn)
    turn.ready.extend((id, "go", None) for id in fibers)
    if snap.ending is None and snap.active:
        _enter_rest(new, turn, entered, idle)
        for state in turn.snap.active[1:]:
            if state not in told:
                announce(turn, state)
    return turn


def _has_told(before: Turn, state: int) -> bool:
    """Whether a state was done, and did something about it that has not left it. One that was done while no `done` of
    it could be taken is done again: the new version may know better."""
    transitions = before.exe.states[state].transitions
    return any(t.trigger == "done" and t.target is None for t in transitions) and is_complete(before, state)


def _active(found: Plan, new: Executable, leaves: list[int]) -> set[int]:
    """The states around and including those that the innermost active ones go to."""
    active: set[int] = set()
    for leaf in leaves:
        target = found.states[leaf]
        if target is not None:  # a final state in which the run is ending is nowhere to go on from
            active.update(ancestors(new.program, target))
    for state in active:
        if len(active.intersection(new.states[state].children)) > 1:
            raise Refused(f"two states of {new.states[state].path or new.program.name} would be active at once")
    return active


def _enter_rest(new: Executable, turn: Turn, entered: set[int | None], idle: set[int | None]) -> None:
    """Enter what the new version has beside what came over: states around, regions, children; begin new `do` blocks."""
    for state in list(turn.snap.active):
        definition = new.states[state]
        if state not in entered:
            begin(turn, state)
        elif state in idle and definition.do is not None:
            turn.add_fiber("do", state, definition.do, [])
        for inner in definition.regions:
            if inner not in turn.snap.active:
                enter(turn, inner, [])
        if definition.children and not set(definition.children).intersection(turn.snap.active):
            assert definition.initial is not None
            enter(turn, definition.initial, [])


# -- values --------------------------------------------------------------------------------------------------------


def _config(new: Executable, turn: Turn, event: Migrated) -> None:
    """A run keeps the config it began with; what the new version needs beside it is captured now."""
    config = {**event.config, **turn.snap.config}
    turn.snap.config = turn.context.config = config
    for declared in new.program.config:
        if declared.name not in config and declared.default is not None:
            config[declared.name] = turn.value(declared.default, [], f"config {declared.name}")


def _variables(found: Plan, new: Executable, turn: Turn) -> list[Any]:
    """The variables by name, then what is set, then initial values where there is neither."""
    before = turn.snap.vars
    program = new.program
    types = {declared.name: declared.type for declared in program.types}
    declared: list[Param | Variable] = [*program.params, *program.variables]
    values: list[Any] = [None] * new.slots
    known = set()
    for source, slot in found.kept:
        values[slot] = before[source]
        known.add(slot)
    turn.snap.vars = values
    old = dict(zip(found.old.names, before, strict=True))
    for slot, expression in found.migration.sets:
        value = turn.value(expression, [old], f"migrate set {declared[slot].name}")
        values[slot] = _read(declared[slot].type, types, value, declared[slot].name)
        known.add(slot)
    for slot, param in enumerate(program.params):
        if slot not in known and param.default is not None:
            values[slot] = turn.value(param.default, [], f"parameter {param.name}")
    for slot, variable in enumerate(program.variables, len(program.params)):
        if slot not in known and variable.initial is not None:
            values[slot] = turn.value(variable.initial, [], f"variable {variable.name}")
    return values


def _read(type_: Type, types: dict[str, Type], value: Any, name: str) -> Any:
    try:
        return reader(type_, types, strict=False)(value, name)
    except ShapeError as error:
        raise Refused(f"what it sets has not its type: {error}") from None
