"""What happens to runs, in words: one line for each event, with what the run asks for and where it stands then.

Values are shown as they would be written. The words serve the tests of a file, and the traces of an exploration.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from tenuto_interpreter.commands import (
    AnswerUpdate,
    CancelActivity,
    CloseRun,
    Command,
    ContinueRun,
    ParkRun,
    ReportViolation,
    ScheduleActivity,
    SendSignal,
    StartChild,
)
from tenuto_interpreter.events import (
    ActivityCompleted,
    ActivityFailed,
    AttemptLost,
    CancelRequested,
    ChildCompleted,
    ChildFailed,
    Event,
    Failure,
    RunStarted,
    SignalReceived,
    TerminateRequested,
    TimerFired,
    UpdateReceived,
)
from tenuto_interpreter.machine import Executable, Snapshot
from tenuto_interpreter.values.texts import (
    write_bytes,
    write_decimal,
    write_duration,
    write_timestamp,
)
from tenuto_interpreter.world import World

from tenuto_dsl.testing.coverage import describe

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


def told(world: World) -> Iterator[str]:
    """The latest events: when, counted from the beginning, of which run where there are several, what, and where the
    run stood then."""
    if not world.journal:
        return
    begin = world.journal[0][1].at
    words: dict[int, Words] = {}
    for run, _, commands in world.journal:
        words.setdefault(id(run), Words(run.exe)).note(commands)
    for happened in world.latest:
        run = happened.run
        who = f" {_short(run.workflow_id)}" if len(world.runs) > 1 else ""
        text = words[id(run)].line(happened.event, happened.before, happened.commands, happened.after)
        yield f"{since(happened.event.at, begin)}{who}  {text}"


def since(at: int, begin: int) -> str:
    """When something was, counted from the beginning."""
    return "+" + write_duration(timedelta(microseconds=at - begin))


def _short(workflow_id: str) -> str:
    """The end of an id: a child's begins with its parent's."""
    return workflow_id if len(workflow_id) <= LONGEST_ID else "…" + workflow_id[1 - LONGEST_ID :]


class Words:
    """What happens to the runs of one program, in words. Operations have the names they were `note`d with."""

    def __init__(self, exe: Executable) -> None:
        self.exe = exe
        self.names: dict[int, str] = {}

    def note(self, commands: Iterable[Command]) -> None:
        """Learn what the operations are that these commands begin."""
        for command in commands:
            if isinstance(command, ScheduleActivity):
                self.names[command.op] = self.exe.program.activities[command.activity].name
            elif isinstance(command, StartChild):
                self.names[command.op] = command.workflow

    def line(self, event: Event, before: Snapshot, commands: Sequence[Command], after: Snapshot) -> str:
        """An event, what the run asked for, and where it stood after it."""
        self.note(commands)
        did = [text for command in commands if (text := self.command(command))]
        return self.event(event, before) + (f"; {', '.join(did)}" if did else "") + f"  [{self.standing(after)}]"

    def standing(self, after: Snapshot) -> str:
        """The states a run is in, and what else it is when it is not simply open."""
        names = ", ".join(name for name in self.exe.state_names(list(after.active)) if name)
        status = after.status if after.closed is None else after.closed
        return names if status == "open" and names else f"{status}, in {names}" if names else status

    def event(self, event: Event, before: Snapshot) -> str:
        """What happened to a run that stood so before."""
        match event:
            case RunStarted():
                given = ", ".join(f"{name}: {shown(value, _VALUE)}" for name, value in event.input.items())
                return f"{self.exe.program.name}({given}) starts"
            case ActivityCompleted(op=op, result=result) | ChildCompleted(op=op, result=result):
                return f"{self._name(op)} returns {shown(result, _VALUE)}"
            case ActivityFailed(op=op, failure=failure) | ChildFailed(op=op, failure=failure):
                return f"{self._name(op)} fails: {_failure(failure)}"
            case AttemptLost(op=op):
                return f"the process that ran {self._name(op)} is lost; it is attempted again"
            case SignalReceived(name=name, payload=payload):
                return f"signal {name}{_fields(payload)}"
            case UpdateReceived(name=name, payload=payload):
                return f"update {name}{_fields(payload)}"
            case CancelRequested():
                return "cancellation is asked for"
            case TerminateRequested():
                return "termination is asked for"
            case TimerFired(timer=timer):
                return self._timer(before.timers.get(timer))
            case _:
                return event.tag

    def _timer(self, timer: list[object] | None) -> str:
        kind = timer[1] if timer is not None else None
        states = self.exe.program.states
        if timer is not None and kind in ("after", "at", "every"):
            state, index = timer[2], timer[3]
            assert isinstance(state, int)
            assert isinstance(index, int)
            transition = describe(states[state].transitions[index], [each.path for each in states])
            return f"time passes: {transition}"
        return f"time passes: {_TIMERS.get(str(kind), 'a timer fires')}"

    def command(self, command: Command) -> str:
        """What a run asks for; nothing for what people need not know."""
        match command:
            case ScheduleActivity(op=op, attempt=attempt):
                return f"calls {self._name(op)}" + (f" (attempt {attempt})" if attempt > 1 else "")
            case StartChild(workflow=workflow):
                return f"starts {workflow}"
            case CancelActivity(op=op):
                return f"gives up {self._name(op)}"
            case SendSignal(name=name, workflow_id=id):
                return f"sends {name} to {_short(id)}"
            case AnswerUpdate(outcome="completed", value=value):
                return f"replies {shown(value, _VALUE)}"
            case AnswerUpdate(value=value):
                return f"rejects it: {value}"
            case CloseRun(status=status, result=result, failure=failure):
                return status + (f": {failure.code}" if failure is not None else f" with {shown(result, _VALUE)}")
            case ContinueRun():
                return "continues as a new run"
            case ParkRun(reason=reason):
                return f"is parked: {reason}"
            case ReportViolation(name=name):
                return f"violates {name}"
            case _:
                return ""

    def _name(self, op: int) -> str:
        return self.names.get(op, "a call")


_VALUE = 100
"""Characters of a value within a line."""

_TIMERS = {
    "wait": "the wait is over", "overall": "the limit of all attempts is over", "retry": "another attempt",
    "cond": "the time to wait for it is up", "receive": "the time to receive it is up",
    "attempt": "the child has taken too long",
}  # fmt: skip


def _failure(failure: Failure) -> str:
    message = f": {failure.message}" if failure.message else ""
    fields = f" {shown(failure.details, _VALUE)}" if failure.details and not failure.unknown else ""
    unknown = " (whether it has happened is not known)" if failure.unknown else ""
    return f"{failure.code}{message}{fields}{unknown}"


def _fields(payload: Mapping[str, object]) -> str:
    return "(" + ", ".join(f"{name}: {shown(value, _VALUE)}" for name, value in payload.items()) + ")"
