"""What happened in a world, for people: its latest events, one line each; values as they would be written."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from tenuto_interpreter.commands import Command, ScheduleActivity, StartChild
from tenuto_interpreter.events import (
    ActivityCompleted,
    ActivityFailed,
    CancelRequested,
    ChildCompleted,
    ChildFailed,
    Event,
    RunStarted,
    SignalReceived,
    TerminateRequested,
    TimerFired,
    UpdateReceived,
)
from tenuto_interpreter.values.texts import (
    write_bytes,
    write_decimal,
    write_duration,
    write_timestamp,
)
from tenuto_interpreter.world import World, WorldRun

LONGEST = 200
"""Characters of a value that are shown."""


LONGEST_ID = 60
"""Characters of a workflow id that are shown."""


def shown(value: Any, limit: int = LONGEST) -> str:
    """A value as a person would write it, not endlessly."""
    text = json.dumps(_wire(value), ensure_ascii=False)
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _wire(value: Any) -> Any:
    match value:
        case Decimal():
            return write_decimal(value)
        case datetime():
            return write_timestamp(value)
        case timedelta():
            return write_duration(value)
        case bytes():
            return write_bytes(value)
        case dict():
            return {key: _wire(item) for key, item in value.items()}
        case list() | tuple():
            return [_wire(item) for item in value]
        case _:
            return value


def told(world: World, last: int) -> Iterator[str]:
    """The latest events: when, counted from the beginning, of which run where there are several, and what."""
    if not world.journal:
        return
    names = _operations(world)
    begin = world.journal[0][1].at
    for run, event, commands in world.journal[-last:]:
        who = f" {_short(run.workflow_id)}" if len(world.runs) > 1 else ""
        when = "+" + write_duration(timedelta(microseconds=event.at - begin))
        yield f"{when}{who} {_event(run, event, names)}{''.join(_asked(run, command) for command in commands)}"


def _short(workflow_id: str) -> str:
    """The end of an id: a child's begins with its parent's."""
    return workflow_id if len(workflow_id) <= LONGEST_ID else "…" + workflow_id[1 - LONGEST_ID :]


_Operations = dict[tuple[int, int], str]


def _operations(world: World) -> _Operations:
    """The name of every operation, by the run's identity and the operation's number."""
    found: _Operations = {}
    for run, _, commands in world.journal:
        for command in commands:
            match command:
                case ScheduleActivity():
                    found[id(run), command.op] = run.exe.program.activities[command.activity].name
                case StartChild():
                    found[id(run), command.op] = command.workflow
    return found


def _event(run: WorldRun, event: Event, names: _Operations) -> str:
    match event:
        case RunStarted():
            return f"{run.exe.program.name} started"
        case ActivityCompleted(op=op, result=result) | ChildCompleted(op=op, result=result):
            return f"{names.get((id(run), op), 'a call')} returned {shown(result, 80)}"
        case ActivityFailed(op=op, failure=failure) | ChildFailed(op=op, failure=failure):
            text = f": {failure.message}" if failure.message else ""
            return f"{names.get((id(run), op), 'a call')} failed: {failure.code}{text}"
        case SignalReceived(name=name, payload=payload):
            return f"signal {name} {shown(payload, 80)}"
        case UpdateReceived(name=name, payload=payload):
            return f"update {name} {shown(payload, 80)}"
        case TimerFired():
            return "a timer fired"
        case CancelRequested():
            return "cancellation asked for"
        case TerminateRequested():
            return "termination asked for"
        case _:
            return event.tag


def _asked(run: WorldRun, command: Command) -> str:
    match command:
        case ScheduleActivity(attempt=attempt):
            again = f" (attempt {attempt})" if attempt > 1 else ""
            return f"; calls {run.exe.program.activities[command.activity].name}{again}"
        case StartChild():
            return f"; starts {command.workflow}"
        case _:
            return ""
