"""Carrying over what is in progress: fibers, operations in flight, the undo stack.

A fiber whose block is unchanged keeps its place; only the numbers it remembers are those of the new program. Any other
is made anew, at the beginning of the new block, and waits for the calls that the old one had in flight; their outcomes
are recorded, and their undos pushed, as if the block had been left. What has no counterpart is interrupted.
"""

from __future__ import annotations

from typing import Any

from tenuto_interpreter.ir import Call
from tenuto_interpreter.machine.interruption import stop_fiber, waits_for
from tenuto_interpreter.machine.migration.plan import Plan
from tenuto_interpreter.machine.snapshot import Fiber, Op
from tenuto_interpreter.machine.turn import Turn


class Refused(Exception):
    """A run cannot be migrated, now or ever. Args: the reason."""


def carry_fibers(plan: Plan, turn: Turn, active: set[int]) -> tuple[list[int], dict[int, int]]:
    """Carry over the fibers; `turn` is one of the old program, `active` the states to be active in the new.

    Answers the fibers that begin at once, and the new calls of the operations whose place is kept.
    """
    begin: list[int] = []
    calls: dict[int, int] = {}
    taken: set[tuple[str, int, int]] = set()
    for id in [id for id, fiber in turn.snap.fibers.items() if fiber.role != "branch"]:
        fiber = turn.fiber(id)
        state = plan.states[fiber.state]
        block, transition = (None, -1) if state is None else counterpart(plan, fiber, state)
        unchanged = block is not None and plan.old.block(fiber.block) == plan.new.block(block)
        if fiber.leaving:
            if block is None or state is None or not unchanged:
                place = plan.old.program.blocks[fiber.block].place
                raise Refused(f"the interrupted `finally` of {place} still runs, and the new version does not have it")
        elif block is None or state not in active or (fiber.role, state, transition) in taken:
            stop_fiber(turn, id)
            if id in turn.snap.fibers:
                place = plan.old.program.blocks[fiber.block].place
                raise Refused(f"{place} owes a `finally`, and the new version does not have it")
            continue
        else:
            taken.add((fiber.role, state, transition))
        assert state is not None
        assert block is not None
        fiber.transition = transition
        if unchanged:
            _renumber(plan, turn, fiber, state, block, calls)
        elif _begin_again(plan, turn, fiber, state, block):
            begin.append(id)
    return begin, calls


def counterpart(plan: Plan, fiber: Fiber, state: int) -> tuple[int | None, int]:
    """The block that a fiber runs in the new program, and the transition whose work it is."""
    new = plan.new.program.states[state]
    if fiber.role == "do":
        return new.do, -1
    old = plan.old.program.states[fiber.state]
    wanted = plan.old.trigger(old.transitions[fiber.transition])
    before = [i for i, t in enumerate(old.transitions) if t.work is not None and plan.old.trigger(t) == wanted]
    after = [i for i, t in enumerate(new.transitions) if t.work is not None and plan.new.trigger(t) == wanted]
    number = before.index(fiber.transition)
    if number >= len(after):
        return None, -1
    return new.transitions[after[number]].work, after[number]


def _renumber(plan: Plan, turn: Turn, fiber: Fiber, state: int, block: int, calls: dict[int, int]) -> None:
    """Let a fiber, and the branches it waits for, refer to the new program."""
    instruction = plan.new.program.blocks[block].code[fiber.pc] if fiber.waiting is not None else ()
    waiting = fiber.waiting
    if waiting is not None:
        match waiting[0]:
            case "op":
                calls[waiting[1]] = instruction[1]
            case "cond":
                waiting[1] = instruction[1]
            case "receive":
                waiting[3] = instruction[3]
            case "join":
                blocks = list(instruction[2])
                for branch in waiting[5]:
                    inner = turn.fiber(branch)
                    own = blocks[inner.item] if waiting[1] is None else blocks[0]
                    _renumber(plan, turn, inner, state, own, calls)
                waiting[2] = blocks
    fiber.state = state
    fiber.block = block


def _begin_again(plan: Plan, turn: Turn, fiber: Fiber, state: int, block: int) -> bool:
    """Put a fiber at the beginning of its new block; answers whether nothing is in flight that it has to wait for."""
    ops = _in_flight(turn, fiber)
    for id in ops:
        op = turn.op(id)
        op.fiber = op.owner = fiber.id
    binding = fiber.locals[:1] if fiber.role == "work" and _binds(plan, fiber, state) else []
    fiber.locals = binding + [None] * (plan.new.program.blocks[block].locals - len(binding))
    fiber.state, fiber.block, fiber.pc = state, block, 0
    fiber.waiting = ["resolve", ops] if ops else None
    return not ops


def _binds(plan: Plan, fiber: Fiber, state: int) -> bool:
    return plan.new.program.states[state].transitions[fiber.transition].binding


def _in_flight(turn: Turn, fiber: Fiber) -> list[int]:
    """The calls that a fiber and its branches wait for. Whatever else they wait for is given up."""
    waiting = fiber.waiting
    if waiting is None:
        return []
    match waiting[0]:
        case "op":
            op = turn.op(waiting[1])
            op.frame = [waiting[2], fiber.locals[:]]  # what an undo may read
            return [op.id]
        case "resolve":
            return [id for id in waiting[1] if waits_for(turn, fiber.id, id)]
        case "undo":
            if waiting[2] in turn.snap.ops:
                turn.op(waiting[2]).fiber = None
        case "join":
            found: list[int] = []
            for branch in waiting[5]:
                inner = turn.fiber(branch)
                found += _in_flight(turn, inner)
                turn.remove_fiber(inner)
            return found
        case "timer":
            turn.drop_timer(waiting[1])
        case "cond":
            turn.drop_timer(waiting[2])
        case "receive":
            turn.drop_timer(waiting[4])
    return []


# -- operations ----------------------------------------------------------------------------------------------------


def carry_operations(plan: Plan, turn: Turn, calls: dict[int, int]) -> None:
    """Let operations in flight and the undo stack refer to the new program."""
    for id in list(turn.snap.ops):
        op = turn.op(id)
        if op.activity >= 0:
            op.activity = _activity(plan, op.activity)
        if op.call >= 0:
            op.call = calls[id] if id in calls else _call(plan, op)
    turn.snap.undo = [
        entry if isinstance(entry[0], str) else [_activity(plan, entry[0]), *entry[1:]] for entry in turn.snap.undo
    ]


def _activity(plan: Plan, index: int) -> int:
    activity = plan.old.program.activities[index]
    for number, candidate in enumerate(plan.new.program.activities):
        if candidate.name == activity.name:
            if [p.name for p in candidate.params] == [p.name for p in activity.params]:
                return number
            raise Refused(f"{activity.name} is still needed, and takes other arguments in the new version")
    raise Refused(f"{activity.name} is still needed, and the new version does not have it")


def _call(plan: Plan, op: Op) -> int:
    """A call of the new program that stands for the one an operation was made by: of the same, with the same undo."""
    old = plan.old.program.calls[op.call]
    wanted = (plan.old.callee(old), plan.old.undo(old.undo))
    for number, call in enumerate(plan.new.program.calls):
        if (plan.new.callee(call), plan.new.undo(call.undo)) == wanted:
            return number
    if old.undo is not None or _may_be_tried_again(old, op):
        name = plan.old.callee(old)[1]
        raise Refused(f"a call of {name} is in flight, and the new version has none with its undo and its retries")
    return -1


def _may_be_tried_again(call: Call, op: Op) -> bool:
    return op.kind == "child" and call.retry is not None


__all__: list[Any] = ["Refused", "carry_fibers", "carry_operations", "counterpart"]
