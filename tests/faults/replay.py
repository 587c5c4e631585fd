"""I1, I2, I7 for one run: its history, replayed by `step`, gives what is stored; and nothing in it happens twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from tenuto.store.protocol import HistoryRow, RunView, Status
from tenuto_interpreter import codec
from tenuto_interpreter.commands import CloseRun, ContinueRun, ScheduleActivity, StartChild
from tenuto_interpreter.events import (
    ActivityCompleted,
    ActivityFailed,
    AttemptLost,
    CancelRequested,
    ChildCompleted,
    ChildFailed,
    Event,
    Migrated,
    SignalReceived,
    TerminateRequested,
    TimerFired,
    UpdateReceived,
)
from tenuto_interpreter.machine import Executable, Snapshot, read_record, record
from tenuto_interpreter.machine.migration import follow


@dataclass
class Replayed:
    """What a history says, for comparing with what others say."""

    problems: list[str] = field(default_factory=list)
    snapshot: Snapshot = field(default_factory=Snapshot.new)
    events: int = 0
    scheduled: set[tuple[int, int]] = field(default_factory=set)
    in_sql: set[int] = field(default_factory=set)
    left: list[str] = field(default_factory=list)
    """(op, attempt)"""
    completed: set[tuple[int, int]] = field(default_factory=set)
    lost: int = 0
    messages: Counter[str] = field(default_factory=Counter)
    """Signals by id, cancellations and terminations by reason, and the ids of what the run never took."""
    children: dict[int, str] = field(default_factory=dict)
    """Awaited children: op -> workflow id."""
    migrated: int = 0
    told: Counter[int] = field(default_factory=Counter)
    """Outcomes of children, by op."""
    unhandled: int = 0


def replay(view: RunView, rows: list[HistoryRow], executable: Callable[[bytes], Executable]) -> Replayed:
    """Rows in the order of `seq`, all of them."""
    found = Replayed()
    for problem in _replay(view, rows, executable, found):
        found.problems.append(f"{problem} (run {view.workflow_id})")
    return found


def _replay(
    view: RunView, rows: list[HistoryRow], executable: Callable[[bytes], Executable], found: Replayed
) -> Iterator[str]:
    if [row.seq for row in rows] != list(range(1, len(rows) + 1)):
        yield f"I1 history is not contiguous: {[row.seq for row in rows]}"
        return
    program = executable(view.origin or view.definition)
    ends: Counter[tuple[str, int, int]] = Counter()
    begun: Counter[int] = Counter()
    closed: CloseRun | ContinueRun | None = None
    for row in rows:
        if row.kind == "step":
            event, stored = read_record(row.payload)
            try:
                program, found.snapshot, commands = follow(
                    lambda digest: executable(bytes.fromhex(digest)), program, found.snapshot, event
                )
            except Exception as error:  # noqa: BLE001 - whatever it is, replay is to report it
                yield f"I1 event {row.seq} cannot be replayed: {type(error).__name__}: {error}"
                return
            if record(event, commands) != row.payload:
                yield f"I1 event {row.seq} replayed gives other commands: {commands} instead of {stored}"
            ends.update(_ends(event, begun))
            begun.update(command.op for command in commands if isinstance(command, StartChild))
            for command in commands:
                if isinstance(command, ScheduleActivity):
                    found.scheduled.add((command.op, command.attempt))
                    if program.program.activities[command.activity].sql is not None:
                        found.in_sql.add(command.op)
                elif isinstance(command, StartChild) and not command.awaited:
                    found.left.append(command.workflow_id)
                elif isinstance(command, StartChild) and command.awaited:
                    found.children[command.op] = command.workflow_id
                elif isinstance(command, CloseRun | ContinueRun):
                    closed = command
            _note(event, found)
            found.events += 1
            if row.seq == view.snapshot_seq and found.snapshot.encode() != view.snapshot:
                yield f"I1 the snapshot stored for event {row.seq} is not what replay gives"
            if row.seq == view.snapshot_seq and program is not executable(view.definition):
                yield f"I1 the snapshot stored for event {row.seq} is of another definition than its row's"
        elif row.kind == "unhandled":
            found.messages[row.ref] += 1
            found.unhandled += 1
        elif row.seq != len(rows):
            yield f"I7 history goes on after the close, at {row.seq}"
    for what, count in ends.items():
        if count > 1:
            yield f"I2 {what} happened {count} times"
    yield from _ending(view, rows, closed)


def _ends(event: Event, begun: Mapping[int, int]) -> Iterator[tuple[str, int, int]]:
    """What may happen once only. A child that is tried again, or an undo by one, ends as often as it was begun."""
    match event:
        case ActivityCompleted(_, op, attempt) | ActivityFailed(_, op, attempt) | AttemptLost(_, op, attempt):
            yield "attempt", op, attempt
        case TimerFired(_, timer):
            yield "timer", timer, 0
        case ChildCompleted(_, op) | ChildFailed(_, op):
            yield "child", op, begun[op]
        case UpdateReceived(_, id_) | SignalReceived(_, id_):
            yield id_, 0, 0


def _note(event: Event, found: Replayed) -> None:
    match event:
        case ActivityCompleted(_, op, attempt):
            found.completed.add((op, attempt))
        case AttemptLost():
            found.lost += 1
        case SignalReceived(_, id_) | UpdateReceived(_, id_):
            found.messages[id_] += 1
        case Migrated():
            found.migrated += 1
        case CancelRequested(_, reason) | TerminateRequested(_, reason):
            found.messages[reason] += 1
        case ChildCompleted(_, op) | ChildFailed(_, op):
            found.told[op] += 1


def _ending(view: RunView, rows: list[HistoryRow], closed: CloseRun | ContinueRun | None) -> Iterator[str]:
    if not view.status.closed:
        return
    if not rows or rows[-1].kind != "closed":
        yield "I7 a closed run whose history does not end with its close"
    if closed is None:
        yield "I1 a closed run whose history does not close it"
    elif isinstance(closed, CloseRun):
        if Status[closed.status.upper()] is not view.status:
            yield f"I1 closed as {view.status.name}, its history says {closed.status}"
        if closed.status == "completed" and codec.encode(closed.result) != view.outcome:
            yield "I1 another result than its history's"
