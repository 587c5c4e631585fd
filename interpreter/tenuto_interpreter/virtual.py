"""A run in virtual time: no server, no clock, no waiting. What `step` asks for is answered by a function.

`Driven` is what any run in virtual time needs; `VirtualRun` is one that is alone (children and signals to others are
for `tenuto_interpreter.world`).

The clock stands still while anything can happen and then jumps to the next timer, so that a sleep of thirty days takes
as long as its steps. Activities take no time unless they hang; one that hangs ends when its attempt's limit has passed.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable
from typing import Any

from tenuto_interpreter.commands import CancelActivity, CloseRun, Command, ContinueRun, ScheduleActivity
from tenuto_interpreter.events import (
    ActivityCompleted,
    ActivityFailed,
    CancelRequested,
    Event,
    Failure,
    RunStarted,
    SignalReceived,
    TimerFired,
)
from tenuto_interpreter.machine import Executable, Observe, Snapshot, query, step

SECOND = 1_000_000
MAX_EVENTS = 100_000


class NeverRests(Exception):
    """So much has happened that it will not end."""


HANGS = object()
"""Answered by an activity that never comes back."""

Answer = Callable[[str, dict[str, Any], int], Any]
"""(activity, arguments by name, attempt) to a result, a `Failure`, or `HANGS`."""


class Driven(ABC):
    """A run whose events are fed by hand. `log` holds every event with its commands; `calls` every attempt of an
    activity: (activity, arguments, attempt)."""

    at: int

    def __init__(self, exe: Executable, answer: Answer, observe: Observe | None = None) -> None:
        self.exe = exe
        self.snapshot = Snapshot.new()
        self.log: list[tuple[Event, list[Command]]] = []
        self.calls: list[tuple[str, dict[str, Any], int]] = []
        self.closed: CloseRun | ContinueRun | None = None
        self._answer = answer
        self._observe = observe
        self._hanging: dict[int, tuple[int, int | None]] = {}

    @abstractmethod
    def feed(self, event: Event) -> None:
        """Let an event happen now, and everything that follows from it without time passing."""

    @abstractmethod
    def post(self, event: Event) -> None:
        """Let an event happen once those before it have."""

    def take(self, event: Event) -> None:
        """Let one event happen, and carry out what the run asks for."""
        if self.closed is not None:
            return
        if len(self.log) >= MAX_EVENTS:
            raise NeverRests(f"more than {MAX_EVENTS} events: a run that never rests")
        self.snapshot, commands = step(self.exe, self.snapshot, event, self._observe)
        self.log.append((event, commands))
        for command in commands:
            self._carry_out(command)

    def states(self) -> list[str]:
        return self.exe.state_names(self.snapshot.active)

    def query(self, name: str) -> Any:
        return query(self.exe, self.snapshot, name, self.at)

    def _carry_out(self, command: Command) -> None:
        if isinstance(command, ScheduleActivity):
            activity = self.exe.program.activities[command.activity]
            args = {param.name: value for param, value in zip(activity.params, command.args, strict=True)}
            self.calls.append((activity.name, args, command.attempt))
            answer = self._answer(activity.name, args, command.attempt)
            if answer is HANGS:
                limit = command.heartbeat_timeout if command.heartbeat_timeout is not None else command.attempt_timeout
                self._hanging[command.op] = (command.attempt, None if limit is None else self.at + limit)
            elif isinstance(answer, Failure):
                self.post(ActivityFailed(self.at, command.op, command.attempt, answer))
            else:
                self.post(ActivityCompleted(self.at, command.op, command.attempt, answer))
        elif isinstance(command, CancelActivity):
            hanging = self._hanging.pop(command.op, None)
            if hanging is not None:
                failure = Failure("Cancelled", "cancelled", retryable=False, unknown=True)
                self.post(ActivityFailed(self.at, command.op, hanging[0], failure))
        elif isinstance(command, CloseRun | ContinueRun):
            self.closed = command

    def next_due(self) -> int | None:
        """When the earliest timer is due; None for a run that has closed or waits for something else."""
        if self.closed is not None:
            return None
        times = [due for _, due in self._hanging.values() if due is not None]
        wakeup = self.snapshot.wakeup()
        if wakeup is not None:
            times.append(wakeup)
        return min(times, default=None)

    def fire(self, due: int) -> None:
        """Let happen what is due by then: the limit of an attempt that hangs, else the oldest timer."""
        self.at = max(self.at, due)
        for op, (attempt, limit) in list(self._hanging.items()):
            if limit is not None and limit <= self.at:
                del self._hanging[op]
                failure = Failure("Timeout", "the attempt took too long", {"kind": "attempt"}, unknown=True)
                self.feed(ActivityFailed(self.at, op, attempt, failure))
                return
        timer = self.snapshot.due(self.at)
        if timer is not None:
            self.feed(TimerFired(self.at, timer))


class VirtualRun(Driven):
    """One run, alone."""

    def __init__(
        self, exe: Executable, answer: Answer, input: dict[str, Any] | None = None, *,
        config: dict[str, Any] | None = None, at: int = 0, workflow_id: str = "run",
    ) -> None:  # fmt: skip
        super().__init__(exe, answer)
        self.at = at
        self._waiting: deque[Event] = deque()
        self._messages = 0
        self.feed(RunStarted(at, f"{workflow_id}-1", workflow_id, input or {}, config or {}))

    def feed(self, event: Event) -> None:
        self.post(event)
        while self._waiting:
            self.take(self._waiting.popleft())

    def post(self, event: Event) -> None:
        self._waiting.append(event)

    def signal(self, name: str, /, **payload: Any) -> None:
        self._messages += 1
        self.feed(SignalReceived(self.at, f"m{self._messages}", name, payload))

    def cancel(self, reason: str = "") -> None:
        self.feed(CancelRequested(self.at, reason))

    def advance(self, seconds: float) -> None:
        """Let time pass, with everything that falls due in it, in order."""
        end = self.at + int(seconds * SECOND)
        while self.closed is None:
            due = self.next_due()
            if due is None or due > end:
                break
            self.fire(due)
        self.at = max(self.at, end)

    def run_to_end(self, limit_seconds: float = 1e10) -> CloseRun | ContinueRun:
        """Jump from timer to timer until the run has closed. AssertionError when it waits for something else."""
        end = self.at + int(limit_seconds * SECOND)
        while self.closed is None:
            due = self.next_due()
            assert due is not None, f"the run waits for a message: {self.states()}"
            assert due <= end, "the run did not end in time"
            self.fire(due)
        return self.closed

    def called(self, activity: str) -> int:
        """How many attempts of an activity were made."""
        return sum(name == activity for name, _, _ in self.calls)

    def replayed(self) -> Snapshot:
        """The snapshot that the recorded events alone lead to."""
        snapshot = Snapshot.new()
        for event, commands in self.log:
            snapshot, again = step(self.exe, snapshot, event)
            assert again == commands, "replay gave other commands"
        return snapshot
