"""The search: breadth first over the states of a workflow's runs, each reached by the machine's own `step`.

Breadth first, so that the first trace to anything is a shortest one. A state's key (`canonical`) decides whether it was
seen; its snapshot is that of the first run that came there, so every trace is a run that can happen. Of states that
differ only in times and fractions, a few are followed (`TIMES`); where there were more, the report is bounded.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from tenuto_interpreter.commands import Command, ContinueRun, ReportViolation
from tenuto_interpreter.events import Event, RunStarted, TimerFired
from tenuto_interpreter.machine import Observe, Snapshot, step

from tenuto_dsl.explore.canonical import Canonical, Key
from tenuto_dsl.explore.moves import Move, Moves, over_at_once
from tenuto_dsl.explore.report import Bounds, Happened, Notes
from tenuto_dsl.explore.subject import Given, Subject
from tenuto_dsl.explore.values import MOST, Values
from tenuto_dsl.testing.run import RUN_ID, START

TIMES = 32
"""States that differ only in times and fractions, of which so many are followed."""

_LEFT_OUT = object()
"""In place of an argument that is not given: its parameter has a default."""

MOST_TICKS = 500
"""Ticks of recurring timers that may pass before another timer is due."""

MOST_STARTS = 24


@dataclass(slots=True)
class Node:
    """A state that was reached. `parent` and `move` say how; `snapshot` is dropped once it was followed.

    `cut`: not all that can happen was followed. `quiet`: nothing can happen but a cancellation.
    """

    number: int
    parent: int
    move: Move
    depth: int
    at: int
    given: Given
    snapshot: Snapshot | None
    active: tuple[int, ...]
    closed: str | None
    parked: tuple[str, str] | None
    next: list[int] = field(default_factory=list)
    cut: bool = False
    quiet: bool = False


@dataclass(slots=True)
class Space:
    """What was seen. `violations` and `unread` hold the first node that shows one, `faults` each that does."""

    subject: Subject
    nodes: list[Node] = field(default_factory=list)
    moves: int = 0
    starts: int = 0
    taken: set[tuple[int, int]] = field(default_factory=set)
    violations: dict[str, int] = field(default_factory=dict)
    faults: list[int] = field(default_factory=list)
    unread: dict[str, int] = field(default_factory=dict)
    fulfilled: dict[str, set[int]] = field(default_factory=dict)
    bounded: dict[str, None] = field(default_factory=dict)
    notes: Notes = field(default_factory=Notes)

    def trace(self, number: int) -> tuple[Happened, ...]:
        """How a node was reached, run again from its start."""
        way: list[Node] = []
        while number >= 0:
            way.append(self.nodes[number])
            number = way[-1].parent
        snapshot = Snapshot.new()
        found: list[Happened] = []
        for node in reversed(way):
            if isinstance(node.move.event, RunStarted):
                snapshot = Snapshot.new()
            for event, after, commands in _events(self.subject, snapshot, node.move, None):
                found.append(Happened(event, tuple(commands), after))
                snapshot = after
        return tuple(found)


def search(subject: Subject, bounds: Bounds, expired: Callable[[], bool]) -> Space:
    """Explore a workflow. `expired` is asked now and then whether to stop."""
    return _Search(subject, bounds, expired).run()


class _Search:
    def __init__(self, subject: Subject, bounds: Bounds, expired: Callable[[], bool]) -> None:
        self.subject = subject
        self.bounds = bounds
        self.expired = expired
        self.space = Space(subject)
        self.moves = Moves(subject, self.space.notes)
        self.canonical = Canonical(subject.program, subject.flow, self.space.notes)
        self.known: dict[Key, dict[Key, int]] = {}
        self.queue: deque[int] = deque()
        self.has_times = bool(subject.exe.program.blocks) or any(subject.exe.timed)

    def run(self) -> Space:
        for given in self._starts():
            event = RunStarted(given.at, f"{RUN_ID}-1", RUN_ID, dict(given.input), dict(given.config))
            self._take(None, Snapshot.new(), Move("start", event), given)
            self.space.starts += 1
        while self.queue:
            if len(self.space.nodes) >= self.bounds.states:
                self._stop(f"{self.bounds.states} states")
                break
            if self.expired():
                self._stop("the time was up")
                break
            self._follow(self.space.nodes[self.queue.popleft()])
        return self.space

    def _stop(self, why: str) -> None:
        self.space.bounded[why] = None
        for number in self.queue:
            self.space.nodes[number].cut = True

    # -- starts --------------------------------------------------------------------------------------------------------

    def _starts(self) -> Iterator[Given]:
        """The beginnings the tests show, then those made from the types that differ in what is read."""
        subject = self.subject
        values = Values(subject.flow, subject.types, self.space.notes)
        shown = subject.given()
        config = dict(shown[0].config) if shown else {}
        missing: dict[str, Any] = {}
        for each in subject.program.config:
            found = values.of(each.type, ("config", each.name), None, lambda _: [], START)
            if each.default is None and each.name not in config:
                missing[each.name] = found[0]
            if len(found) > 1:
                self.space.notes.add(f"config {each.name} has no other values than tests give it, or its default")
        plain = Given(shown[0].input if shown else {}, {**missing, **config}, shown[0].at if shown else START)
        made = [Given(each.input, {**missing, **each.config}, each.at) for each in shown]
        variants: dict[str, list[Any]] = {}
        for slot, param in enumerate(subject.program.params):
            found = values.of(param.type, ("var", slot), plain.input.get(param.name), lambda _: [], plain.at)
            if param.default is not None and param.name not in plain.input:
                found = [_LEFT_OUT, *found] if len(found) > 1 else [_LEFT_OUT]
            variants[param.name] = found
        first = {name: found[0] for name, found in variants.items()}
        many = 1
        for found in variants.values():
            many *= len(found)
        inputs: list[dict[str, Any]] = [{}]
        if many <= MOST:
            for name, found in variants.items():
                inputs = [{**one, name: value} for one in inputs for value in found]
        else:
            self.space.notes.add("of values with many variants one field varies at a time")
            inputs = [first, *({**first, name: value} for name, found in variants.items() for value in found[1:])]
        made += [
            Given({name: value for name, value in each.items() if value is not _LEFT_OUT}, plain.config, plain.at)
            for each in inputs
        ]
        if len(made) > MOST_STARTS:
            self.space.bounded[f"{MOST_STARTS} of {len(made)} beginnings"] = None
        yield from made[:MOST_STARTS]

    # -- one state -----------------------------------------------------------------------------------------------------

    def _follow(self, node: Node) -> None:
        snapshot = node.snapshot
        assert snapshot is not None
        node.snapshot = None
        if node.depth >= self.bounds.depth:
            self.space.bounded[f"{self.bounds.depth} moves deep"] = None
            node.cut = True
            return
        able = False
        notes = self.space.notes
        notes.lossy = False
        for move in self.moves.of(snapshot, node.at):
            able = able or move.kind != "cancel"
            self._take(node, snapshot, move, node.given)
        node.cut = node.cut or notes.lossy or self.moves.suppressed
        node.quiet = not able and not self.moves.suppressed

    def _take(self, node: Node | None, snapshot: Snapshot, move: Move, given: Given) -> None:
        space = self.space
        commands: list[Command] = []
        event: Event = move.event
        for event, after, more in _events(self.subject, snapshot, move, self._observe):  # noqa: B007
            commands = [*commands, *more]
            snapshot = after
        space.moves += 1
        over = snapshot.closed is not None or snapshot.parked is not None
        if node is not None and move.until is not None and not over and move.until in snapshot.timers:
            space.bounded[f"timers that more than {MOST_TICKS} ticks come before"] = None
            node.cut = True
            return
        number = self._known(node, snapshot, event.at, move, given, commands)
        if node is not None and move.kind != "cancel":
            node.next.append(number)
        following = next((c for c in commands if isinstance(c, ContinueRun)), None)
        if following is not None and not space.nodes[number].next:
            at = event.at
            started = RunStarted(at, f"{RUN_ID}-1", RUN_ID, following.input, dict(given.config), following.messages,
                                 snapshot.next_id)  # fmt: skip
            self._take(space.nodes[number], Snapshot.new(), Move("start", started), given)

    def _known(
        self, node: Node | None, snapshot: Snapshot, at: int, move: Move, given: Given, commands: list[Command]
    ) -> int:
        """The number of the state that was reached, a new one's when it was not known."""
        space, notes = self.space, self.space.notes
        lossy, notes.lossy = notes.lossy, False
        untimed, times = self.canonical.key(snapshot, at)
        following = next((c for c in commands if isinstance(c, ContinueRun)), None)
        if following is not None:
            untimed = (*untimed, repr(following))
        variants = self.known.setdefault(untimed, {})
        number = variants.get(times)
        if number is None and len(variants) >= TIMES:
            space.bounded[f"more than {TIMES} states that differ only in times and fractions"] = None
            number = next(iter(variants.values()))
            notes.lossy = True
        if number is not None:
            notes.lossy = lossy or notes.lossy  # what was seen before may be another than this
            return number
        notes.lossy = lossy
        number = len(space.nodes)
        variants[times] = number
        made = Node(
            number, node.number if node is not None else -1, move, node.depth + 1 if node is not None else 0, at, given,
            snapshot, tuple(snapshot.active), snapshot.closed, snapshot.parked,
        )  # fmt: skip
        space.nodes.append(made)
        for command in commands:
            if isinstance(command, ReportViolation):
                space.violations.setdefault(command.name, number)
        for name in snapshot.fulfilled:
            space.fulfilled.setdefault(name, set()).add(number)
        if snapshot.parked is not None:
            space.faults.append(number)
        if snapshot.closed in ("completed", "failed"):
            for kind, _, name, _ in snapshot.mailbox:
                if kind != "cancel":
                    space.unread.setdefault(name, number)
        if snapshot.closed is None and snapshot.parked is None:
            self.queue.append(number)
        else:
            made.snapshot = None
        return number

    def _observe(self, state: int, index: int) -> None:
        self.space.taken.add((state, index))


Steps = Iterator[tuple[Event, Snapshot, list[Command]]]


def _events(subject: Subject, snapshot: Snapshot, move: Move, observe: Observe | None) -> Steps:
    """The events of a move, with what each makes of the run: one, but for time that goes over several timers, and the
    ends of what was given up."""
    for event, after, commands in _moved(subject, snapshot, move, observe):
        yield event, after, commands
        snapshot = after
        while (end := over_at_once(subject, snapshot, event.at)) is not None:
            snapshot, commands = step(subject.exe, snapshot, end, observe)
            yield end, snapshot, commands


def _moved(subject: Subject, snapshot: Snapshot, move: Move, observe: Observe | None) -> Steps:
    exe, last = subject.exe, None
    if move.until is None:
        after, commands = step(exe, snapshot, move.event, observe)
        yield move.event, after, commands
        return
    for _ in range(MOST_TICKS):
        due = snapshot.wakeup()
        if due is None:
            return
        if last is not None and move.event.at - due > (due - last) * MOST_TICKS:
            return  # too many are to come
        last = due
        timer = snapshot.due(due)
        assert timer is not None
        event = TimerFired(max(due, snapshot.started_at), timer)
        snapshot, commands = step(exe, snapshot, event, observe)
        yield event, snapshot, commands
        if timer == move.until or move.until not in snapshot.timers:
            return
        if snapshot.closed is not None or snapshot.parked is not None:
            return
