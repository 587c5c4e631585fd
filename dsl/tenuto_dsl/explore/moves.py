"""What can happen to a run that rests: the outcomes of what is in flight, messages, cancellation, time.

*Left out because it changes nothing* (so nothing is missed): attempts that fail and are retried, and processes that are
lost, where that leads back to the same state; messages nobody could take now. The outcome of a call that was given up
and has no undo comes before anything else can happen: only that it is over counts, and in which order, does not.

*Left out to stay finite* (`Notes` says so where it happens): a second message of a name while one waits in the mailbox,
and more than two messages that wait together. Undos succeed in the end: one that fails for good parks its run, whatever
the program. Outcomes and messages come at the moments at which the run has come to rest, not at every moment between.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from tenuto_interpreter.events import (
    ActivityCompleted,
    ActivityFailed,
    AttemptLost,
    CancelRequested,
    ChildCompleted,
    ChildFailed,
    Event,
    Failure,
    SignalReceived,
    TimerFired,
    UpdateReceived,
)
from tenuto_interpreter.ir import Activity, Signal, Update
from tenuto_interpreter.machine import Snapshot
from tenuto_interpreter.machine.snapshot import Op

from tenuto_dsl.explore.atoms import ELEMENT, SIZE, Atom, Place
from tenuto_dsl.explore.report import Notes
from tenuto_dsl.explore.subject import Subject
from tenuto_dsl.explore.values import Now, Values

MOST_WAITING = 2
"""Messages that wait in a mailbox together."""

MOST_TEMPLATES = 4
"""Results that tests show for one call, or messages of one name, that are tried; those that differ in what nobody reads
are one."""

MOST_ELEMENTS = 3
"""Elements of a list that a value is compared with and takes the value of."""

FOR_GOOD = "Exhausted"
"""The error of a call that failed for good, for no reason that is declared."""

Kind: TypeAlias = Literal["start", "outcome", "message", "cancel", "time"]


@dataclass(frozen=True, slots=True)
class Move:
    """Something that may happen. `until`: time goes on, over recurring timers, until this timer fires."""

    kind: Kind
    event: Event
    until: int | None = None


class Moves:
    """Makes the moves of one workflow's runs."""

    def __init__(self, subject: Subject, notes: Notes) -> None:
        self.subject = subject
        self.notes = notes
        self.values = Values(subject.flow, subject.types, notes)
        named = {code for block in subject.program.blocks for h in block.handlers for code in h.codes}
        named |= {code for state in subject.program.states for t in state.transitions for code in t.codes}
        self.unforeseen = [FOR_GOOD, *(["Failed"] if FOR_GOOD in named else [])]
        self.suppressed = False

    def of(self, snap: Snapshot, at: int) -> Iterator[Move]:
        """Everything that can happen next, in an order that is always the same.

        `suppressed` afterwards tells whether a message was left out although somebody might take it.
        """
        self.suppressed = False
        for op in snap.ops.values():
            for event in self._child(snap, op, at) if op.is_workflow else self._activity(snap, op, at):
                yield Move("outcome", event)
        yield from self._messages(snap, at)
        yield from self._time(snap, at)
        if (snap.ending is None or snap.ending.kind == "continued") and all(m[0] != "cancel" for m in snap.mailbox):
            yield Move("cancel", CancelRequested(at))

    # -- outcomes ------------------------------------------------------------------------------------------------------

    def _activity(self, snap: Snapshot, op: Op, at: int) -> Iterator[Event]:
        if op.state != "running":
            return
        activity = self.subject.program.activities[op.activity]
        place: Place = ("result", op.activity)
        for result in self._results(activity.name, activity.returns, place, op.args, snap, at):
            yield ActivityCompleted(at, op.id, op.attempt, result)
        if op.kind == "undo":
            return
        if op.cancelled:
            yield _given_up(op, at)
            return
        codes = dict.fromkeys(code for raises in activity.raises for code in raises.codes)
        for failure in self._failures([*codes, *self.unforeseen], snap, at):
            yield ActivityFailed(at, op.id, op.attempt, failure)
        if self._may_time_out(activity, op):
            failure = Failure("Timeout", "", {"kind": "attempt"}, retryable=False, unknown=True)
            yield ActivityFailed(at, op.id, op.attempt, failure)
        if op.undo is not None and not op.doubt and not activity.transactional and activity.effect != "once":
            yield AttemptLost(at, op.id, op.attempt)

    def _may_time_out(self, activity: Activity, op: Op) -> bool:
        timeout = activity.timeout
        limits = (*op.limits, op.overall, timeout.attempt, timeout.overall, timeout.queued, timeout.heartbeat)
        return activity.effect == "once" or any(limit is not None for limit in limits)

    def _child(self, snap: Snapshot, op: Op, at: int) -> Iterator[Event]:
        if op.state not in ("running", "stopping"):
            return
        if op.kind == "undo":
            yield ChildCompleted(at, op.id, None)
            return
        name = self.subject.program.calls[op.call].workflow or ""
        child = self.subject.children.get(name)
        for result in self._results(name, child.returns if child else None, ("child", name), [], snap, at):
            yield ChildCompleted(at, op.id, result)
        if op.cancelled or op.state == "stopping":
            yield _given_up(op, at)
            return
        declared = {error.code for error in self.subject.program.errors}
        codes = [code for code in (child.codes if child else ()) if code in declared]
        for failure in self._failures([*codes, "ChildFailed"], snap, at):
            yield ChildFailed(at, op.id, failure)

    def _results(self, name: str, returns: Any, place: Place, args: Any, snap: Snapshot, at: int) -> Iterator[Any]:
        seen: dict[str, None] = {}
        templates = self._templates(place, self.subject.results(name, list(args or ()))) or [None]
        for template in templates:
            for value in self.values.of(returns, place, template, self._now(snap), at):
                seen_as = repr(self._projected(place, value))
                if seen_as not in seen:
                    seen[seen_as] = None
                    yield value

    def _templates(self, place: Place, shown: list[Any]) -> list[Any]:
        """What tests show, each that differs in what is read."""
        found = {repr(self._projected(place, value)): value for value in reversed(shown)}
        return self.values.few(list(reversed(found.values())), MOST_TEMPLATES)

    def _projected(self, place: Place, value: Any) -> Any:
        """What of a value is read: values that differ in nothing else are tried once."""
        return _project(value, self.subject.flow.places.get(place, []))

    def _failures(self, codes: list[str], snap: Snapshot, at: int) -> Iterator[Failure]:
        declared = {error.code: error.fields for error in self.subject.program.errors}
        for code in codes:
            for details in self.values.record(declared.get(code, ()), ("error", code), {}, self._now(snap), at):
                yield Failure(code, "", details or None, retryable=False)

    # -- messages ------------------------------------------------------------------------------------------------------

    def _messages(self, snap: Snapshot, at: int) -> Iterator[Move]:
        program = self.subject.program
        taken = self._taken(snap)
        declared: list[Signal | Update] = [*program.signals, *program.updates]
        for each in declared:
            kind = "signal" if isinstance(each, Signal) else "update"
            if (kind, each.name) not in taken:
                continue
            waiting = [m for m in snap.mailbox if m[0] != "cancel"]
            if len(waiting) >= MOST_WAITING or any(m[2] == each.name for m in waiting):
                self.suppressed = True
                self.notes.add("one message of each name, two in all, wait in the mailbox together", lossy=False)
                continue
            seen: dict[str, None] = {}
            for template in self._templates((kind, each.name), self.subject.messages(each.name)) or [{}]:
                fields = [(param.name, param.type) for param in each.params]
                for payload in self.values.record(fields, (kind, each.name), template, self._now(snap), at):
                    seen_as = repr(self._projected((kind, each.name), payload))
                    if seen_as in seen:
                        continue
                    seen[seen_as] = None
                    id = f"m{snap.seq + 1}"
                    made: Event = (
                        SignalReceived(at, id, each.name, payload) if kind == "signal"
                        else UpdateReceived(at, id, each.name, payload)
                    )  # fmt: skip
                    yield Move("message", made)

    def _taken(self, snap: Snapshot) -> set[tuple[str, str]]:
        """The messages somebody could take now, or defers."""
        states = self.subject.program.states
        found: set[tuple[str, str]] = set()
        for fiber in snap.fibers.values():
            if fiber.waiting is not None and fiber.waiting[0] == "receive":
                found.add(("signal", fiber.waiting[1]))
        if snap.ending is not None:
            return found
        for state in snap.active:
            for transition in states[state].transitions:
                if transition.trigger in ("signal", "update") and transition.name is not None:
                    found.add((transition.trigger, transition.name))
            for name in states[state].defers:
                found.update((("signal", name), ("update", name)))
        return found

    # -- time ----------------------------------------------------------------------------------------------------------

    def _time(self, snap: Snapshot, at: int) -> Iterator[Move]:
        due = snap.wakeup()
        if due is None:
            return
        first = snap.due(max(due, at))
        assert first is not None
        yield Move("time", TimerFired(max(due, at), first))
        if snap.timers[first][1] != "every":
            return
        others = sorted((timer[0], id) for id, timer in snap.timers.items() if timer[1] != "every")
        if others:
            yield Move("time", TimerFired(max(others[0][0], at), others[0][1]), until=others[0][1])

    def _now(self, snap: Snapshot) -> Now:
        def values(atom: Atom) -> list[Any]:
            place, path = atom
            if place[0] == "var":
                found = [snap.vars[place[1]]] if place[1] < len(snap.vars) else []
            else:
                found = [snap.config.get(place[1])] if place[0] == "config" else []
            for step in path:
                found = self.values.few([inner for one in found for inner in _inside(one, step)], MOST_ELEMENTS)
            return [one for one in found if one is not None]

        return values


def _inside(value: Any, step: str) -> list[Any]:
    if step == ELEMENT:
        items = value.values() if isinstance(value, dict) else value
        return list(items) if isinstance(value, dict | list | tuple) else []
    if step == SIZE:
        return [len(value)] if isinstance(value, dict | list | tuple) else []
    return [value.get(step)] if isinstance(value, dict) else []


def over_at_once(subject: Subject, snap: Snapshot, at: int) -> Event | None:
    """The end of a call that was given up and that nothing undoes.

    Whatever that is, it changes nothing but that it is over, and neither does its place among other events: so it comes
    first, as part of the move before.
    """
    if snap.closed is not None or snap.parked is not None:
        return None
    for op in snap.ops.values():
        alone = op.cancelled and op.fiber is None and op.kind != "undo" and op.state in ("running", "stopping")
        if alone and (op.call < 0 or subject.program.calls[op.call].undo is None):
            return _given_up(op, at)
    return None


def _given_up(op: Op, at: int) -> Event:
    if op.is_workflow:
        return ChildFailed(at, op.id, Failure("Cancelled", "", retryable=False))
    failure = Failure("Cancelled", "", retryable=False, unknown=True)
    return ActivityFailed(at, op.id, op.attempt, failure)


def _project(value: Any, paths: list[tuple[str, ...]]) -> Any:
    if () in paths or not isinstance(value, dict):
        return value if paths else None
    return {
        key: _project(item, [path[1:] for path in paths if path[0] in (key, "*")])
        for key, item in value.items()
        if any(path[0] in (key, "*") for path in paths)
    }
