"""Running blocks: one instruction after another until the fiber waits, ends or fails.

`pc` names the instruction in progress; it moves on when the instruction is complete, so while a fiber waits, `pc` is
the place whose handlers cover what it waits for. An instant block (entry, exit, actions) is run here too, by a fiber
that is never registered and must not wait.

An expression that fails is a `Fault` of the program. It is thrown like an error only where a handler, or an `on error`
of an enclosing state, names `Fault`; otherwise it leaves the step, which then parks the run.
"""

from __future__ import annotations

from typing import Any

from tenuto_interpreter.commands import AnswerUpdate, SendSignal, WriteLog
from tenuto_interpreter.events import Failure
from tenuto_interpreter.machine import operations
from tenuto_interpreter.machine.children import start_detached
from tenuto_interpreter.machine.interruption import INTERRUPTED
from tenuto_interpreter.machine.snapshot import Ending, Fiber
from tenuto_interpreter.machine.turn import MAX_INSTRUCTIONS, Fault, Turn, storable
from tenuto_interpreter.machine.waits import begin_condition, begin_fork, begin_receive, begin_undo
from tenuto_interpreter.values.texts import duration_to_us, timestamp_to_us

NEVER_CAUGHT_UNNAMED = ("Cancelled", "Fault")
"""Errors that a handler without codes lets pass: catching them must be meant."""

Outcome = Failure | bool
"""What became of a fiber that ran: True when it ended, False when it waits, or the failure nobody caught."""


def run_instant(turn: Turn, state: int, block: int, frame: list[Any], update: str | None = None) -> Failure | None:
    """Run an entry, exit or actions block to its end; answers the failure it raised, if any.

    An update it was to answer is answered in any case.
    """
    code = turn.exe.blocks[block]
    fiber = Fiber(0, "instant", state, block, frame + [None] * (code.locals - len(frame)), update=update)
    outcome = run(turn, fiber)
    if outcome is False:
        raise Fault("a step that takes time stands in an instant block", code.place)
    failure = outcome if isinstance(outcome, Failure) else None
    answer_open_update(turn, fiber.update, failure)
    return failure


def answer_open_update(turn: Turn, update: str | None, failure: Failure | None = None) -> None:
    """Answer an update whose reaction has ended without `reply`: completed with null, or rejected with the failure."""
    if update is None:
        return
    if failure is None:
        turn.commands.append(AnswerUpdate(update, "completed", None))
    else:
        turn.commands.append(AnswerUpdate(update, "rejected", f"{failure.code}: {failure.message}"))


def run(turn: Turn, fiber: Fiber, thrown: Failure | None = None) -> Outcome:
    """Run a fiber on from its place; with `thrown`, raise that failure there first."""
    while True:
        if thrown is not None and not _catch(turn, fiber, thrown):
            return thrown
        try:
            return _execute(turn, fiber)
        except _Raised as raised:
            thrown = raised.failure
        except Fault as fault:
            if not _faults_are_caught(turn, fiber):
                raise
            thrown = Failure("Fault", fault.args[0], retryable=False)


class _Raised(Exception):
    """A `fail` or a raise again inside a block."""

    def __init__(self, failure: Failure) -> None:
        self.failure = failure


def catches(codes: tuple[str, ...], code: str) -> bool:
    """Whether a handler with these codes takes an error: unnamed ones take all but those that must be named."""
    return code in codes if codes else code not in NEVER_CAUGHT_UNNAMED


def _catch(turn: Turn, fiber: Fiber, failure: Failure) -> bool:
    """Move the fiber to its innermost handler of this failure, if it has one."""
    pc = fiber.pc
    for handler in turn.exe.blocks[fiber.block].handlers:
        taken = handler.always if failure.code == INTERRUPTED else catches(handler.codes, failure.code)
        if taken and handler.start <= pc < handler.end:
            if handler.local is not None:
                fiber.locals[handler.local] = failure.value()
            fiber.pc = handler.target
            fiber.waiting = None
            return True
    return False


def _faults_are_caught(turn: Turn, fiber: Fiber) -> bool:
    """Whether a fault here is named by a handler of the block, of the blocks that forked it, or of a state around.

    A `finally` catches nothing: it runs on the way to somebody who does.
    """
    around: Fiber | None = fiber
    while around is not None:
        for handler in turn.exe.blocks[around.block].handlers:
            if handler.start <= around.pc < handler.end and "Fault" in handler.codes and not handler.always:
                return True
        around = turn.snap.fibers[around.parent] if around.role == "branch" else None
    return any(
        t.trigger == "error" and "Fault" in t.codes
        for s in turn.exe.ancestors[fiber.state]
        if not fiber.leaving or (s != fiber.state and s in turn.snap.active)
        for t in turn.exe.states[s].transitions
    )


def _execute(turn: Turn, fiber: Fiber) -> bool:
    """Run until the block ends (True) or the fiber waits (False)."""
    exe, snap = turn.exe, turn.snap
    block = exe.blocks[fiber.block]
    code, place = block.code, block.place
    variables, frame = snap.vars, fiber.locals
    value = turn.value
    while fiber.pc < len(code):
        turn.instructions += 1
        if turn.instructions > MAX_INSTRUCTIONS:
            raise Fault(f"more than {MAX_INSTRUCTIONS} steps without waiting", place)
        instruction = code[fiber.pc]
        operation = instruction[0]
        if operation == "call":
            operations.schedule_call(turn, fiber, instruction[1], instruction[2], place)
            return False
        if operation == "let":
            frame[instruction[1]] = value(instruction[2], frame, place)
        elif operation == "set":
            variables[instruction[1]] = value(instruction[2], frame, place)
        elif operation == "unless":
            if not value(instruction[1], frame, place):
                fiber.pc = instruction[2]
                continue
        elif operation == "jump":
            fiber.pc = instruction[1]
            continue
        elif operation == "put" or operation == "amend":
            _, slot, path, e = instruction
            new = value(e, frame, place)
            keys = [key if kind == "name" else value(key, frame, place) for kind, key in path]
            whole = variables if operation == "put" else frame
            whole[slot] = _replaced(whole[slot], keys, 0, new, place)
            storable(whole[slot], place)
        elif operation == "iterate":
            items = value(instruction[3], frame, place)
            frame[instruction[1]] = list(items)
            frame[instruction[2]] = 0
        elif operation == "next":
            _, n_items, n_next, n_item, end = instruction
            index = frame[n_next]
            if index >= len(frame[n_items]):
                frame[n_items] = None
                fiber.pc = end
                continue
            frame[n_item] = frame[n_items][index]
            frame[n_next] = index + 1
        elif operation == "yield":
            frame[instruction[1]] = [*(frame[instruction[1]] or ()), value(instruction[2], frame, place)]
        elif operation == "wait":
            duration = duration_to_us(value(instruction[1], frame, place))
            fiber.waiting = ["timer", turn.add_timer(turn.at + max(duration, 0), "wait", fiber.id)]
            return False
        elif operation == "wait_until":
            due = value(instruction[1], frame, place)
            fiber.waiting = ["timer", turn.add_timer(max(timestamp_to_us(due), turn.at), "wait", fiber.id)]
            return False
        elif operation == "mark":
            frame[instruction[1]] = snap.next_id
        elif operation == "compensate":
            if begin_undo(turn, fiber, frame[instruction[1]] if instruction[1] is not None else None):
                return False
        elif operation == "commit":
            snap.undo = []
        elif operation == "fail":
            fields = {name: value(e, frame, place) for name, e in instruction[2]}
            message = fields.pop("message", "")
            raise _Raised(Failure(instruction[1], message, fields or None, retryable=False))
        elif operation == "raise":
            raise _Raised(Failure.from_value(frame[instruction[1]]))
        elif operation == "return":
            if fiber.leaving:
                return True  # what was interrupted no longer decides how the run ends
            result = value(instruction[1], frame, place) if instruction[1] is not None else None
            turn.internal.appendleft(("end", 0, Ending("completed", result)))
            fiber.waiting = ["ended"]
            return False
        elif operation == "wait_for":
            if not begin_condition(turn, fiber, instruction, place):
                return False
        elif operation == "receive":
            if not begin_receive(turn, fiber, instruction, place):
                return False
        elif operation == "fork":
            if not begin_fork(turn, fiber, instruction, place):
                return False
        elif operation == "start":
            child = start_detached(turn, fiber, instruction[1], place)
            if instruction[2] is not None:
                frame[instruction[2]] = child
        elif operation == "send":
            _, name, fields, to = instruction
            payload = {field: value(e, frame, place) for field, e in fields}
            target = value(to, frame, place)
            turn.commands.append(SendSignal(str(target), name, payload, f"{snap.run_id}:{turn.new_id()}"))
        elif operation == "reply":
            answer = value(instruction[1], frame, place)
            if fiber.update is None:
                raise Fault("reply where no update waits for an answer", place)
            turn.commands.append(AnswerUpdate(fiber.update, "completed", answer))
            fiber.update = None
        elif operation == "discard":
            snap.mailbox = [m for m in snap.mailbox if not (m[0] == "signal" and m[2] == instruction[1])]
        elif operation == "log":
            turn.commands.append(WriteLog(value(instruction[1], frame, place)))
        else:
            raise Fault(f"unknown instruction {operation!r}", place)
        fiber.pc += 1
    return True


def _replaced(value: Any, path: list[Any], depth: int, new: Any, place: str) -> Any:
    """A copy of `value` in which what stands at the path is `new`; everything off the path is shared."""
    if depth == len(path):
        return new
    key = path[depth]
    if isinstance(value, list):
        if not isinstance(key, int) or not 0 <= key < len(value):
            raise Fault(f"no element {key!r} in a list of {len(value)}", place)
        copied = value[:]
        copied[key] = _replaced(value[key], path, depth + 1, new, place)
        return copied
    if isinstance(value, dict):
        if depth < len(path) - 1 and key not in value:
            raise Fault(f"no key {key!r} in the map", place)
        return {**value, key: _replaced(value.get(key), path, depth + 1, new, place)}
    raise Fault(f"cannot assign {key!r} in {'null' if value is None else type(value).__name__}", place)
