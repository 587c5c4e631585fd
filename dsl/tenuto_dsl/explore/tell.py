"""A trace for people: one line for each event, with when it comes, what the run then calls, and where it stands."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from tenuto_interpreter.commands import (
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
    RunStarted,
    SignalReceived,
    TimerFired,
    UpdateReceived,
)
from tenuto_interpreter.machine import Snapshot
from tenuto_interpreter.values.texts import write_duration

from tenuto_dsl.explore.report import Happened
from tenuto_dsl.explore.subject import Subject
from tenuto_dsl.testing.coverage import describe
from tenuto_dsl.testing.story import shown

_VALUE = 100


def told(subject: Subject, trace: tuple[Happened, ...]) -> tuple[str, ...]:
    """The lines of a trace."""
    return tuple(_Telling(subject, trace).lines())


class _Telling:
    def __init__(self, subject: Subject, trace: tuple[Happened, ...]) -> None:
        self.subject = subject
        self.trace = trace
        self.names: dict[int, str] = {}
        self.ticks = 0

    def lines(self) -> Iterator[str]:
        begin = self.trace[0].event.at
        before = Snapshot.new()
        for number, one in enumerate(self.trace):
            if self._is_end_of_given_up(one):
                before = one.after
                continue
            if self._is_tick(number):
                self.ticks += 1
                before = one.after
                continue
            when = "+" + write_duration(timedelta(microseconds=one.event.at - begin))
            what = self._event(one.event, before)
            if self.ticks > 1:
                what = f"{self.ticks} ticks, then {what}"
            self.ticks = 0
            did = [text for command in one.commands if (text := self._command(command))]
            yield f"{when}  {what}" + (f"; {', '.join(did)}" if did else "") + f"  [{self._standing(one.after)}]"
            before = one.after

    def _is_tick(self, number: int) -> bool:
        """Whether an event is one of many ticks that change nothing people look at."""
        if number == 0 or number + 1 >= len(self.trace) or self.trace[number].commands:
            return False
        one, following = self.trace[number].event, self.trace[number + 1].event
        return isinstance(one, TimerFired) and isinstance(following, TimerFired)

    def _is_end_of_given_up(self, one: Happened) -> bool:
        """Whether all that happened is that a call is over that was given up before."""
        event = one.event
        return (
            isinstance(event, ActivityFailed | ChildFailed) and event.failure.code == "Cancelled" and not one.commands
        )

    def _standing(self, after: Snapshot) -> str:
        names = ", ".join(name for name in self.subject.exe.state_names(list(after.active)) if name)
        status = after.status if after.closed is None else after.closed
        return names if status == "open" and names else f"{status}, in {names}" if names else status

    def _event(self, event: Event, before: Snapshot) -> str:
        match event:
            case RunStarted():
                given = ", ".join(f"{name}: {shown(value, _VALUE)}" for name, value in event.input.items())
                return f"{self.subject.program.name}({given}) starts"
            case ActivityCompleted(op=op, result=result) | ChildCompleted(op=op, result=result):
                return f"{self._name(op)} returns {shown(result, _VALUE)}"
            case ActivityFailed(op=op, failure=failure) | ChildFailed(op=op, failure=failure):
                fields = f" {shown(failure.details, _VALUE)}" if failure.details and not failure.unknown else ""
                unknown = " (whether it has happened is not known)" if failure.unknown else ""
                return f"{self._name(op)} fails: {failure.code}{fields}{unknown}"
            case AttemptLost(op=op):
                return f"the process that ran {self._name(op)} is lost; it is attempted again"
            case SignalReceived(name=name, payload=payload):
                return f"signal {name}{_fields(payload)}"
            case UpdateReceived(name=name, payload=payload):
                return f"update {name}{_fields(payload)}"
            case CancelRequested():
                return "cancellation is asked for"
            case TimerFired(timer=timer):
                return self._timer(before.timers.get(timer))
            case _:
                return event.tag

    def _timer(self, timer: list[object] | None) -> str:
        kind = timer[1] if timer is not None else None
        states = self.subject.program.states
        if timer is not None and kind in ("after", "at", "every"):
            state, index = timer[2], timer[3]
            assert isinstance(state, int)
            assert isinstance(index, int)
            transition = describe(states[state].transitions[index], [each.path for each in states])
            return f"time passes: {transition}"
        texts = {"wait": "the wait is over", "overall": "the limit of all attempts is over", "retry": "another attempt",
                 "cond": "the time to wait for it is up", "receive": "the time to receive it is up",
                 "attempt": "the child has taken too long"}  # fmt: skip
        return f"time passes: {texts.get(str(kind), 'a timer fires')}"

    def _command(self, command: Command) -> str:
        match command:
            case ScheduleActivity(op=op, activity=activity, attempt=attempt):
                self.names[op] = self.subject.program.activities[activity].name
                return f"calls {self.names[op]}" + (f" (attempt {attempt})" if attempt > 1 else "")
            case StartChild(op=op, workflow=workflow):
                self.names[op] = workflow
                return f"starts {workflow}"
            case CancelActivity(op=op):
                return f"gives up {self._name(op)}"
            case SendSignal(name=name, workflow_id=id):
                return f"sends {name} to {id}"
            case CloseRun(status=status, result=result, failure=failure):
                told = f": {failure.code}" if failure is not None else f" with {shown(result, _VALUE)}"
                return status + told
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


def _fields(payload: dict[str, object]) -> str:
    return "(" + ", ".join(f"{name}: {shown(value, _VALUE)}" for name, value in payload.items()) + ")"
