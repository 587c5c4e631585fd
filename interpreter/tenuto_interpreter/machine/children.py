"""Child runs: started for a call that waits, as an undo, or to go on by themselves.

How a child ends is an outcome like that of an activity, and `operations` decides what follows from it.
"""

from __future__ import annotations

from typing import Any

from tenuto_interpreter.commands import StartChild
from tenuto_interpreter.ir import Call
from tenuto_interpreter.machine.limits import child_options
from tenuto_interpreter.machine.snapshot import Fiber, Op
from tenuto_interpreter.machine.turn import Turn


def start_child(turn: Turn, index: int, args: list[Any], fiber: Fiber, undo: list[Any] | None, place: str) -> Op:
    """Start a child for a call. Everything that may fault is evaluated first: a caught fault must not leave an
    operation nobody has begun."""
    call, frame = turn.exe.calls[index], fiber.locals
    assert call.workflow is not None
    id = turn.new_id()
    workflow_id = _child_id(turn, call, id, frame, place)
    turn.count(call.workflow)
    input = dict(zip(call.arg_names, args, strict=True))
    limits, overall, policy, _, _ = child_options(turn, index, call, frame, place)
    again = [workflow_id, input] if policy[0] else None
    op = turn.add_op(Op(id, "child", index, -1, again, fiber.id, limits=limits, policy=policy, undo=undo,
                        owner=turn.owner_of(fiber)))  # fmt: skip
    if overall is not None:
        op.overall = turn.add_timer(turn.at + overall, "overall", op.id)
    dispatch_child(turn, op, workflow_id, input)
    return op


def start_undo(turn: Turn, workflow: str, input: dict[str, Any], fiber: int | None) -> int:
    """Run an undo as a child; answers the operation's number. It has no limits of its own: what it calls has them."""
    id = turn.new_id()
    turn.count(workflow)
    workflow_id = _id_of_child(turn, workflow, id)
    op = turn.add_op(Op(id, "undo", -1, -1, [workflow_id, input, workflow], fiber))
    dispatch_child(turn, op, workflow_id, input, workflow)
    return id


def start_detached(turn: Turn, fiber: Fiber, index: int, place: str) -> str:
    """Start a child workflow nobody waits for; answers its workflow id."""
    call = turn.exe.calls[index]
    args = [turn.value(e, fiber.locals, place) for e in call.args]
    id = turn.new_id()
    workflow_id = _child_id(turn, call, id, fiber.locals, place)
    assert call.workflow is not None
    turn.count(call.workflow)
    turn.commands.append(
        StartChild(id, call.workflow, workflow_id, dict(zip(call.arg_names, args, strict=True)), False, call.on_close)
    )
    return workflow_id


def dispatch_child(turn: Turn, op: Op, workflow_id: str, input: dict[str, Any], undo: str | None = None) -> None:
    """Begin an attempt; `undo` is the workflow of an undo, which no call names."""
    if op.limits[0] is not None:
        op.timer = turn.add_timer(turn.at + op.limits[0], "attempt", op.id)
    call = turn.exe.calls[op.call] if op.call >= 0 else None
    workflow = call.workflow if call is not None else undo
    assert workflow is not None
    on_close = call.on_close if call is not None else "terminate"
    turn.commands.append(StartChild(op.id, workflow, workflow_id, input, True, on_close))


def _child_id(turn: Turn, call: Call, op: int, frame: list[Any], place: str) -> str:
    if call.id is not None:
        return str(turn.value(call.id, frame, place))
    assert call.workflow is not None
    return _id_of_child(turn, call.workflow, op)


def _id_of_child(turn: Turn, workflow: str, op: int) -> str:
    return f"{turn.snap.workflow_id}/{workflow}-{op}"
