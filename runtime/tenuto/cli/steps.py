"""What an event and its commands mean, in words: for the progress of `run` and for `history`."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Literal, NamedTuple

from tenuto_interpreter import commands as c
from tenuto_interpreter import events as e
from tenuto_interpreter import ir
from tenuto_interpreter.machine.snapshot import Snapshot

from tenuto.cli.terminal import cell, one_line, span

Tone = Literal["plain", "good", "bad", "quiet", "state"]


class Line(NamedTuple):
    text: str
    tone: Tone = "plain"
    op: int | None = None
    """The operation it is about."""


class Narrator:
    """Remembers the names of a run's operations, which outcomes do not repeat."""

    def __init__(self, program: ir.Program | None) -> None:
        self._program = program
        self._names: dict[int, str] = {}

    def follow(self, program: ir.Program | None) -> None:
        """The run goes on in this program."""
        self._program = program

    def name(self, op: int) -> str:
        return self._names.get(op, f"operation {op}")

    def event(self, event: e.Event, timer: str = "", *, values: bool = False) -> Line:
        """What happened. `timer` says which it was that fired; with `values`, what was given and came back, too."""
        match event:
            case e.RunStarted():
                given = _payload(event.input) if values else ""
                return Line(f"started {given}".rstrip(), "quiet")
            case e.ActivityCompleted():
                return Line(f"{self.name(event.op)} done{_result(event.result, values)}", "good", event.op)
            case e.ActivityFailed():
                return Line(
                    f"{self.name(event.op)} failed{_attempt(event.attempt)}: {_why(event.failure)}", "bad", event.op
                )
            case e.AttemptLost():
                text = f"{self.name(event.op)} lost with its process{_attempt(event.attempt)}"
                return Line(text, "bad", event.op)
            case e.AttemptFaulted():
                what = "'s answer cannot be used" if event.begun else " cannot begin"
                why = f": {one_line(event.reason)}" if event.reason else ", its engine is stopping"
                return Line(f"{self.name(event.op)}{what}{_attempt(event.attempt)}{why}", "bad", event.op)
            case e.AttemptTakenOver():
                return Line(f"{self.name(event.op)} taken over, not begun{_attempt(event.attempt)}", "quiet", event.op)
            case e.TimerFired():
                return Line(one_line(f"timer: {timer}" if timer else "timer"), "quiet")
            case e.SignalReceived():
                return Line(f"signal {one_line(event.name)} {_payload(event.payload)}".rstrip())
            case e.UpdateReceived():
                return Line(f"update {one_line(event.name)} {_payload(event.payload)}".rstrip())
            case e.CancelRequested():
                return Line(f"cancel requested{_reason(event.reason)}", "bad")
            case e.TerminateRequested():
                return Line(f"terminate requested{_reason(event.reason)}", "bad")
            case e.ChildCompleted():
                text = f"child {self.name(event.op)} done{_result(event.result, values)}"
                return Line(text, "good", event.op)
            case e.ChildFailed():
                return Line(f"child {self.name(event.op)} failed: {_why(event.failure)}", "bad", event.op)
            case e.RetryRequested():
                return Line("retry requested")
            case e.Migrated():
                return Line(f"migrated to the definition {event.definition[:12]}")

    def commands(self, commands: Sequence[c.Command]) -> Iterator[Line]:
        """What the run asked for in answer."""
        for command in commands:
            match command:
                case c.ScheduleActivity():
                    self._names[command.op] = self._activity(command.activity)
                    yield Line(f"{self.name(command.op)} begun{_attempt(command.attempt)}", "plain", command.op)
                case c.CancelActivity():
                    yield Line(f"{self.name(command.op)} asked to stop", "quiet", command.op)
                case c.StartChild():
                    self._names[command.op] = one_line(f"{command.workflow} {command.workflow_id}")
                    yield Line(f"child {self.name(command.op)} begun", "plain", command.op)
                case c.CancelChild():
                    yield Line(f"child {self.name(command.op)} asked to cancel", "quiet", command.op)
                case c.SendSignal():
                    yield Line(one_line(f"signal {command.name} sent to {command.workflow_id}"))
                case c.AnswerUpdate():
                    yield Line(f"update {command.outcome}", "quiet")
                case c.SetAttributes():
                    yield Line(f"attributes {_payload(command.values)}", "quiet")
                case c.WriteLog():
                    yield Line(f"log {one_line(cell(command.value))}")
                case c.CloseRun():
                    reason = f": {_why(command.failure)}" if command.failure is not None else ""
                    yield Line(f"{command.status}{reason}", "good" if command.status == "completed" else "bad")
                case c.ContinueRun():
                    yield Line("continues as a new run")
                case c.ParkRun():
                    place = f" (at {command.place})" if command.place else ""
                    yield Line(f"parked: {one_line(command.reason)}{place}", "bad")
                case c.ReportViolation():
                    yield Line(f"property {one_line(command.name)} violated ({command.kind})", "bad")

    def _activity(self, index: int) -> str:
        if self._program is None or index >= len(self._program.activities):
            return f"activity {index}"
        return self._program.activities[index].name


def next_attempt(event: e.Event, after: Snapshot, name: Callable[[int], str]) -> Line | None:
    """When what an event was about is tried again, if it is."""
    op = after.ops.get(getattr(event, "op", -1))
    timer = after.timers.get(op.timer) if op is not None and op.timer is not None else None
    if op is None or op.state != "backoff" or timer is None:
        return None
    return Line(f"{name(op.id)}: next attempt in {span(timer[0] - event.at)}", "quiet", op.id)


def as_data(item: Any) -> dict[str, Any]:
    """An event or a command as JSON: its kind, and its fields."""
    kind = re.sub(r"(?<!^)(?=[A-Z])", "_", type(item).__name__).lower()
    values = {field.name: getattr(item, field.name) for field in dataclasses.fields(item)}
    return {"kind": kind, **{key: _plain(value) for key, value in values.items()}}


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    return value


def _attempt(number: int) -> str:
    return f" (attempt {number})" if number > 1 else ""


def _why(failure: e.Failure) -> str:
    where = f" ({failure.where})" if failure.where else ""
    return one_line((f"{failure.code}: {failure.message}" if failure.message else failure.code) + where)


def _reason(text: str) -> str:
    return f": {one_line(text)}" if text else ""


def _result(value: Any, shown: bool) -> str:
    return f": {one_line(cell(value), 120)}" if shown and value is not None else ""


def _payload(values: Any) -> str:
    return one_line(cell(values), 120) if values else ""
