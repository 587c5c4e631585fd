"""What a timer of a run is for, in words: `after 2h in waiting`, `wait 30d in reminding.do`, `the wait before attempt 3
of charge`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from tenuto_interpreter import ir
from tenuto_interpreter.expr.compiler import constant
from tenuto_interpreter.machine import Snapshot
from tenuto_interpreter.machine.snapshot import Fiber
from tenuto_interpreter.values.texts import write_duration, write_timestamp

NameOf = Callable[[int], str]


def timer_text(program: ir.Program, snapshot: Snapshot, timer: int, name: NameOf) -> str:
    """What a timer that `snapshot` has set is for; `name` gives the names of operations."""
    found = snapshot.timers.get(timer)
    if found is None:
        return "timer"
    _, kind, subject, *more = found
    if kind in ("after", "at", "every"):
        state = program.states[subject]
        transition = state.transitions[more[0]]
        return f"{kind} {_time(program, transition.time)} in {state.path or program.name}".replace("  ", " ")
    if kind in ("wait", "cond", "receive"):
        fiber = snapshot.fibers.get(subject)
        return "wait" if fiber is None else _waited(program, fiber)
    op = snapshot.ops.get(subject)
    if kind == "retry":
        return f"the wait before attempt {op.attempt + 1 if op is not None else 2} of {name(subject)}"
    limit = {"attempt": "an attempt", "overall": "all attempts", "queued": "waiting to begin"}
    return f"the limit of {limit.get(kind, kind)} of {name(subject)}"


def _waited(program: ir.Program, fiber: Fiber) -> str:
    block = program.blocks[fiber.block]
    instruction = block.code[fiber.pc] if fiber.pc < len(block.code) else ("wait", None)
    match instruction:
        case ("wait", e):
            text = f"wait {_time(program, e)}"
        case ("wait_until", e):
            text = f"wait until {_time(program, e)}"
        case ("wait_for", _, within, _):
            text = f"wait for … within {_time(program, within)}"
        case ("receive", signal, _, _, within):
            text = f"receive {signal} within {_time(program, within)}"
        case _:
            text = "wait"
    return f"{text.rstrip()} in {block.place}"


def _time(program: ir.Program, e: int | None) -> str:
    """A duration or a time as its author wrote it, when it is the same for all runs."""
    if e is None:
        return ""
    expression = program.expressions[e]
    if expression[:2] == ("do", "cron"):
        return f"cron({', '.join(_written(part) for part in expression[2:])})"
    return _written(expression) if constant(expression)[0] else "(computed)"


def _written(expression: Any) -> str:
    known, value = constant(expression)
    if not known:
        return "…"
    if isinstance(value, timedelta):
        return write_duration(value)
    return write_timestamp(value) if isinstance(value, datetime) else f'"{value}"'
