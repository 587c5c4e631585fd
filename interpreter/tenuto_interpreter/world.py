"""Several runs in one virtual time: a workflow with its children, its next runs, and whoever it sends signals to.

A world is a clock, the runs by workflow id, and one queue of what is about to happen, oldest first. Time stands still
until the queue is empty, and then jumps to the timer that is due next, of whatever run. It knows no server and does
what a server would: starts and ends children, follows `continue with`, delivers signals, keeps answers to updates.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from tenuto_interpreter.commands import (
    AnswerUpdate,
    CancelChild,
    CloseRun,
    Command,
    ContinueRun,
    ParkRun,
    SendSignal,
    StartChild,
)
from tenuto_interpreter.events import (
    CancelRequested,
    ChildCompleted,
    ChildFailed,
    Event,
    Failure,
    RunStarted,
    SignalReceived,
    TerminateRequested,
    UpdateReceived,
)
from tenuto_interpreter.machine import Executable, Observe, Snapshot
from tenuto_interpreter.virtual import HANGS, MAX_EVENTS, Driven, NeverRests

FOLLOW = object()
"""Answered for a child workflow that is to run in this world."""


MAX_RUNS = 1_000
"""Workflow ids a world may know."""

LATEST = 12
"""How many of the latest events are kept with how the run stood."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Something a run asks of the world that may be answered in its place: an attempt of an activity, or a child."""

    kind: Literal["activity", "workflow"]
    name: str
    args: dict[str, Any]
    attempt: int
    run: WorldRun


@dataclass(frozen=True, slots=True)
class Parent:
    """Who started a child. `op` is None when nobody waits for it."""

    run: WorldRun
    op: int | None
    on_close: Literal["abandon", "cancel", "terminate"]


@dataclass(frozen=True, slots=True)
class Happened:
    """An event, what the run asked for, and how it stood before and after it."""

    run: WorldRun
    event: Event
    before: Snapshot
    commands: list[Command]
    after: Snapshot


@dataclass(slots=True)
class World:
    """`answer` gives the outcome of what is asked: a result, a `Failure`, `HANGS`, or `FOLLOW` for a child.

    `observe` makes, for a workflow's name, who is told of its states and transitions. `runs` holds the latest run of
    each workflow id; `answers` what became of updates, by their id; `parked` why runs were parked; `journal` all that
    happened, in order, of which `latest` is the end.
    """

    programs: Mapping[str, Executable]
    answer: Callable[[Asked], Any]
    config: dict[str, Any] = field(default_factory=dict)
    at: int = 0
    observe: Callable[[str], Observe | None] = lambda _: None
    runs: dict[str, WorldRun] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    answers: dict[str, AnswerUpdate] = field(default_factory=dict)
    parked: dict[str, ParkRun] = field(default_factory=dict)
    journal: list[tuple[WorldRun, Event, list[Command]]] = field(default_factory=list)
    latest: deque[Happened] = field(default_factory=lambda: deque(maxlen=LATEST))
    _queue: deque[tuple[WorldRun, Event]] = field(default_factory=deque)
    _messages: int = 0

    # -- what is done to it --------------------------------------------------------------------------------------------

    def start(self, workflow: str, workflow_id: str, input: dict[str, Any]) -> WorldRun:
        """Begin a run, and everything that follows from it without time passing."""
        run = self._begin(workflow, workflow_id, input, None)
        self.settle()
        self.advance_to(self.at)
        return run

    def signal(self, workflow_id: str, name: str, payload: dict[str, Any]) -> bool:
        """Whether there was an open run to take it."""
        return self._deliver(workflow_id, lambda given: SignalReceived(self.at, given, name, payload)) is not None

    def update(self, workflow_id: str, name: str, payload: dict[str, Any]) -> str | None:
        """The id under which `answers` holds the answer when there is one; None when the run has ended."""
        return self._deliver(workflow_id, lambda given: UpdateReceived(self.at, given, name, payload))

    def cancel(self, workflow_id: str) -> bool:
        return self._deliver(workflow_id, lambda _: CancelRequested(self.at)) is not None

    def advance_to(self, end: int) -> None:
        """Let time pass, with everything that falls due in it, in order; until now: what is due already."""
        while True:
            due, run = min(
                ((due, run) for run in self.runs.values() if (due := run.next_due()) is not None),
                key=lambda item: item[0], default=(None, None),
            )  # fmt: skip
            if due is None or run is None or due > end:
                break
            self.at = max(self.at, due)
            run.fire(self.at)
        self.at = max(self.at, end)

    # -- what runs ask of it -------------------------------------------------------------------------------------------

    def post(self, run: WorldRun, event: Event) -> None:
        self._queue.append((run, event))

    def settle(self) -> None:
        """Let everything happen that is about to, oldest first."""
        while self._queue:
            run, event = self._queue.popleft()
            self._take(run, event)

    def _take(self, run: WorldRun, event: Event) -> None:
        if run.closed is not None:
            return
        before, taken = run.snapshot, len(run.log)
        try:
            run.take(event)
        finally:  # what nobody answers for ends a test, and is part of what happened
            if len(run.log) > taken:
                commands = run.log[-1][1]
                self.journal.append((run, event, commands))
                self.latest.append(Happened(run, event, before, commands, run.snapshot))
        if len(self.journal) > MAX_EVENTS:
            raise NeverRests(f"more than {MAX_EVENTS} events: runs that never rest")

    def _deliver(self, workflow_id: str, make: Callable[[str], Event]) -> str | None:
        run = self.runs.get(workflow_id)
        if run is None or run.closed is not None:
            return None
        self._messages += 1
        id = f"m{self._messages}"
        run.feed(make(id))
        self.advance_to(self.at)
        return id

    def _begin(
        self, workflow: str, workflow_id: str, input: dict[str, Any], parent: Parent | None, *,
        number: int = 1, messages: tuple[tuple[str, str, dict[str, Any]], ...] = (), first_id: int = 1,
    ) -> WorldRun:  # fmt: skip
        if len(self.runs) >= MAX_RUNS:
            raise NeverRests(f"more than {MAX_RUNS} runs: they start each other without end")
        run = WorldRun(self, workflow, workflow_id, parent, number)
        self.runs[workflow_id] = run
        declared = {item.name for item in run.exe.program.config}
        config = {name: value for name, value in self.config.items() if name in declared}
        started = RunStarted(self.at, f"{workflow_id}-{number}", workflow_id, input, config, messages, first_id)
        self.post(run, started)
        return run

    def start_child(self, parent: WorldRun, command: StartChild) -> None:
        """Start a child run, or answer in its place."""
        op = command.op if command.awaited else None
        asked = Asked("workflow", command.workflow, command.input, 1, parent)
        self.asked.append(asked)
        answer = self.answer(asked)
        taken = self.runs.get(command.workflow_id)
        if answer is FOLLOW and taken is not None and taken.closed is None:
            answer = Failure("ChildFailed", f"the workflow id {command.workflow_id} is taken by an open run")
        if answer is FOLLOW:
            child = Parent(parent, op, command.on_close)
            self._begin(command.workflow, command.workflow_id, command.input, child)
        elif op is None or answer is HANGS:
            return
        elif isinstance(answer, Failure):
            self.post(parent, ChildFailed(self.at, op, answer))
        else:
            self.post(parent, ChildCompleted(self.at, op, answer))

    def cancel_child(self, parent: WorldRun, op: int) -> None:
        """Ask the child of an operation to stop. A mocked one that hangs stops at once."""
        for run in self.runs.values():
            if run.parent is not None and run.parent.run is parent and run.parent.op == op and run.closed is None:
                self.post(run, CancelRequested(self.at, "by its parent"))
                return
        failure = Failure("Cancelled", "cancelled", retryable=False)
        self.post(parent, ChildFailed(self.at, op, failure))

    def ended(self, run: WorldRun, closed: CloseRun) -> None:
        """Tell the parent of a run that has closed, and end the children it leaves behind as they were started to."""
        parent = run.parent
        if parent is not None and parent.op is not None:
            if closed.status == "completed":
                self.post(parent.run, ChildCompleted(self.at, parent.op, closed.result))
            else:
                failure = closed.failure or Failure("ChildFailed", f"the child was {closed.status}")
                self.post(parent.run, ChildFailed(self.at, parent.op, failure))
        for child in self.runs.values():
            if child.parent is None or child.parent.run is not run or child.closed is not None:
                continue
            if child.parent.on_close == "cancel":
                self.post(child, CancelRequested(self.at, "its parent has closed"))
            elif child.parent.on_close == "terminate":
                self.post(child, TerminateRequested(self.at, "its parent has closed"))

    def continued(self, run: WorldRun, command: ContinueRun) -> None:
        """The next run of a chain: same id, same parent, the messages handed on."""
        self._begin(
            run.exe.program.name, run.workflow_id, command.input, run.parent,
            number=run.number + 1, messages=command.messages, first_id=run.snapshot.next_id,
        )  # fmt: skip
        for child in self.runs.values():
            if child.parent is not None and child.parent.run is run:
                child.parent = Parent(self.runs[run.workflow_id], None, child.parent.on_close)


class WorldRun(Driven):
    """A run among others. `number` counts the runs of its chain."""

    def __init__(self, world: World, workflow: str, workflow_id: str, parent: Parent | None, number: int) -> None:
        self.world = world
        self.workflow_id = workflow_id
        self.parent = parent
        self.number = number
        super().__init__(world.programs[workflow], self._asked, world.observe(workflow))

    @property
    def at(self) -> int:  # the world's clock, which only the world sets
        return self.world.at

    @at.setter
    def at(self, value: int) -> None:
        assert value == self.world.at, "the world's clock"

    def feed(self, event: Event) -> None:
        self.world.post(self, event)
        self.world.settle()

    def post(self, event: Event) -> None:
        self.world.post(self, event)

    def _asked(self, activity: str, args: dict[str, Any], attempt: int) -> Any:
        asked = Asked("activity", activity, args, attempt, self)
        self.world.asked.append(asked)
        return self.world.answer(asked)

    def _carry_out(self, command: Command) -> None:
        world = self.world
        match command:
            case StartChild():
                world.start_child(self, command)
            case CancelChild(op):
                world.cancel_child(self, op)
            case SendSignal(workflow_id, name, payload, id):
                receiver = world.runs.get(workflow_id)
                if receiver is not None and receiver.closed is None:
                    receiver.post(SignalReceived(world.at, id, name, payload))
            case AnswerUpdate(id):
                world.answers[id] = command
            case ParkRun():
                world.parked[self.workflow_id] = command
            case CloseRun():
                super()._carry_out(command)
                world.ended(self, command)
            case ContinueRun():
                super()._carry_out(command)
                world.continued(self, command)
            case _:
                super()._carry_out(command)
