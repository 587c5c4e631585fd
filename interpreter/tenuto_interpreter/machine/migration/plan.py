"""What two versions of a workflow say about the runs that are to go from one to the other, wherever they are.

A plan maps the states of the old version to those of the new, and variables and activities by name. What cannot work is
a problem: `certain` when no run can be migrated, otherwise one for the runs that happen to need what is missing.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Literal

from tenuto_interpreter.ir import Migration, Param, Program, State, Variable
from tenuto_interpreter.machine.migration.shapes import Shapes
from tenuto_interpreter.types import Optional, Ref, Type, type_text
from tenuto_interpreter.values import accepts_null

Kind = Literal["version", "state", "value", "type", "activity", "unknown", "together"]


@dataclass(frozen=True, slots=True)
class Problem:
    """`subject` is the state, variable or activity it is about."""

    kind: Kind
    subject: str
    message: str
    hint: str
    certain: bool = True


@dataclass(frozen=True, slots=True)
class Plan:
    """`states[s]` is where state s of the old version goes, None where it has no counterpart.

    `kept` are (old slot, new slot) of the variables that keep their value.
    """

    old: Shapes
    new: Shapes
    migration: Migration
    states: tuple[int | None, ...]
    kept: tuple[tuple[int, int], ...]
    problems: tuple[Problem, ...]


def plan(old: Program, new: Program) -> Plan:
    """The plan for the runs of `old` that are to go on in `new`."""
    declared = next((m for m in new.migrations if m.version == old.version), Migration(old.version))
    problems: list[Problem] = []
    if old.name != new.name:
        message = f"{new.name} is another workflow than {old.name}"
        problems.append(Problem("version", new.name, message, "migrate between versions of one workflow"))
    states = _states(old, new, declared, problems)
    _together(old, new, states, problems)
    kept = _variables(old, new, declared, problems)
    _activities(old, new, problems)
    return Plan(Shapes(old), Shapes(new), declared, states, kept, tuple(problems))


# -- states --------------------------------------------------------------------------------------------------------


def _states(old: Program, new: Program, declared: Migration, problems: list[Problem]) -> tuple[int | None, ...]:
    known = {state.path for state in old.states}
    for path, _ in declared.states:
        if path not in known:
            message = f"version {old.version} has no state {path}"
            problems.append(Problem("unknown", path, message, "name the states as that version has them"))
    mapped = dict(declared.states)
    by_path = {state.path: index for index, state in enumerate(new.states)}
    found: list[int | None] = []
    for state in old.states:
        target = 0 if state.parent is None else _target(state, mapped, new, by_path)
        if target is not None and not _alike(state, new.states[target]):
            target = None
        found.append(target)
        if target is None and not state.children and not state.regions and not _over(state):
            message = f"the state {state.path} has no counterpart in version {new.version}"
            hint = f"say where its runs go on: `migrate from {old.version} {{ {state.path} -> … }}`"
            problems.append(Problem("state", state.path, message, hint))
    return tuple(found)


def _target(state: State, mapped: dict[str, int], new: Program, by_path: dict[str, int]) -> int | None:
    """Where a state goes: where it is said to, or its namesake below where a state around it is said to."""
    names = state.path.split(".")
    for length in range(len(names), 0, -1):
        above = mapped.get(".".join(names[:length]))
        if above is not None:
            rest = ".".join([new.states[above].path, *names[length:]])
            return by_path.get(rest, above)
    return by_path.get(state.path)


def _alike(old: State, new: State) -> bool:
    """A final state has no way out, and a region is no state: each goes to its like. (A state may become a region.)"""
    return (old.kind == "final") == (new.kind == "final")


def _over(state: State) -> bool:
    """Whether a run in this state has ended."""
    return state.kind == "final" and state.parent == 0


def _together(old: Program, new: Program, states: tuple[int | None, ...], problems: list[Problem]) -> None:
    """States of two regions are active together; so must be those they go to."""
    for parallel in old.states:
        for number, first in enumerate(parallel.regions):
            for second in parallel.regions[number + 1 :]:
                pair = _apart(old, new, states, first, second)
                if pair is not None:
                    a, b = (new.states[s].path for s in pair)
                    message = f"{a} and {b} cannot be active together, as what goes there is in version {old.version}"
                    hint = "map both regions into regions, or to one state"
                    problems.append(Problem("together", parallel.path, message, hint))


def _apart(
    old: Program, new: Program, states: tuple[int | None, ...], first: int, second: int
) -> tuple[int, int] | None:
    for a in _below(old, first):
        for b in _below(old, second):
            one, other = states[a], states[b]
            if one is not None and other is not None and not compatible(new, one, other):
                return one, other
    return None


def _below(program: Program, region: int) -> list[int]:
    """The innermost states in a region."""
    found, pending = [], [region]
    while pending:
        state = pending.pop()
        inner = [*program.states[state].children, *program.states[state].regions]
        pending += inner
        if not inner:
            found.append(state)
    return found


def compatible(program: Program, one: int, other: int) -> bool:
    """Whether two states may be active together: one is the other, or around it, or they are in two regions."""
    above = ancestors(program, one)
    for state in ancestors(program, other):
        if state in above:
            return state in (one, other) or bool(program.states[state].regions)
    return False


def ancestors(program: Program, state: int | None) -> list[int]:
    """A state and those around it, innermost first."""
    chain = []
    while state is not None:
        chain.append(state)
        state = program.states[state].parent
    return chain


# -- variables and activities --------------------------------------------------------------------------------------


def _variables(old: Program, new: Program, declared: Migration, problems: list[Problem]) -> tuple[tuple[int, int], ...]:
    before: list[Param | Variable] = [*old.params, *old.variables]
    after: list[Param | Variable] = [*new.params, *new.variables]
    slots = {variable.name: slot for slot, variable in enumerate(before)}
    types = ({d.name: d.type for d in old.types}, {d.name: d.type for d in new.types})
    given = {slot for slot, _ in declared.sets}
    kept = []
    for name in sorted({name for _, e in declared.sets for name in _read(new.expressions[e])}):
        if name not in slots:
            message = f"version {old.version} has no variable {name}"
            problems.append(Problem("unknown", name, message, "name the variables as that version has them"))
    for slot, expression in declared.sets:
        match new.expressions[expression]:
            case ("field", ("local", 0), str(name)) if name in slots:
                found = before[slots[name]].type
                if not _holds(after[slot].type, types[1], _resolved(found, types[0])):
                    message = f"{after[slot].name} is {type_text(after[slot].type)}, and old.{name} {type_text(found)}"
                    problems.append(Problem("type", after[slot].name, message, "convert it, as in `string(old.x)`"))
    for slot, variable in enumerate(after):
        name = variable.name
        if slot in given:
            continue
        if name in slots:
            kept.append((slots[name], slot))
            if not _holds(variable.type, types[1], _resolved(before[slots[name]].type, types[0])):
                message = f"{name} had another type in version {old.version}"
                problems.append(Problem("type", name, message, f"say what it becomes: `set {name} = … old.{name} …`"))
        elif not _has_value(variable) and not accepts_null(variable.type, types[1]):
            message = f"{name} has no value in a run that comes from version {old.version}"
            problems.append(Problem("value", name, message, f"give it one: `set {name} = …`"))
    return tuple(kept)


def _holds(type_: Type, types: dict[str, Type], resolved: str) -> bool:
    """Whether a variable of this type holds what one of the other held: the same, or the same and null."""
    inner = type_.item if isinstance(type_, Optional) else type_
    return resolved in (_resolved(type_, types), _resolved(inner, types))


def _has_value(variable: Param | Variable) -> bool:
    return (variable.default if isinstance(variable, Param) else variable.initial) is not None


def _read(expression: object) -> list[str]:
    """The old variables that an expression reads: fields of local 0."""
    match expression:
        case ("field", ("local", 0), str(name)):
            return [name]
        case tuple(parts):
            return [name for part in parts for name in _read(part)]
    return []


def _resolved(type_: object, types: dict[str, Type], within: tuple[str, ...] = ()) -> str:
    """A type as text, its names replaced by what they stand for; a name within itself stays one."""
    if isinstance(type_, Ref):
        if type_.name in within or type_.name not in types:
            return type_.name
        return _resolved(types[type_.name], types, (*within, type_.name))
    if isinstance(type_, tuple):
        return "(" + ", ".join(_resolved(item, types, within) for item in type_) + ")"
    if dataclasses.is_dataclass(type_):
        parts = (_resolved(getattr(type_, f.name), types, within) for f in dataclasses.fields(type_))
        return f"{type(type_).__name__}({', '.join(parts)})"
    return repr(type_)


def _activities(old: Program, new: Program, problems: list[Problem]) -> None:
    known = {activity.name: activity for activity in new.activities}
    for activity in old.activities:
        now = known.get(activity.name)
        hint = "keep it while runs may still need it; those that do are refused meanwhile"
        if now is None:
            message = f"runs that still call or undo with {activity.name} cannot go on: it is gone"
            problems.append(Problem("activity", activity.name, message, hint, certain=False))
        elif [p.name for p in now.params] != [p.name for p in activity.params]:
            message = f"runs that still call or undo with {activity.name} cannot go on: it takes other arguments now"
            problems.append(Problem("activity", activity.name, message, hint, certain=False))
