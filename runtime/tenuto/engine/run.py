"""A run in a lane's memory, and its share of the lane's next flush."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Any

from tenuto_interpreter.commands import Command, ReportViolation, ScheduleActivity, WriteLog
from tenuto_interpreter.events import Event
from tenuto_interpreter.machine import Snapshot

from tenuto.activities.job import Job
from tenuto.engine.programs import Ready
from tenuto.store.protocol import Claimed, Closing, NewRun, News, Post, Rewrite, RunKey

Input = News | Event | tuple[Job, Any, Any]
"""What a run has waiting: an inbox row, an event of the engine's own, or the outcome of one of its jobs."""


class LiveRun:
    """Owned by one lane and touched by its thread only.

    A `blocked` run has work that is still to be written, and takes no turn until then.
    `ready` is missing (`loaded` False) only in a run that is given back as soon as it was claimed.
    A `guest` is a run that this process cannot carry on as it is, and was given only to be migrated.
    `children` are the workflow ids of children it has started here, by operation; with `children_read`, also of those
    that were open when it was claimed.
    `put_off` says of attempts that this engine is not to begin now, by operation, when it may, or in which queue they
    wait.
    `snapshot` is what has been made durable; a turn works on copies. `stored_seq` and `start` are what the run's row
    holds: the sequence number its snapshot covers, and the start payload while that is 0.
    """

    __slots__ = (
        "blocked", "children", "children_read", "claimed", "closing", "details", "guest", "idle_until", "inputs",
        "jobs", "key", "last_at", "loaded", "put_off", "queued", "ready", "run_id", "seen", "snapshot", "stored_seq",
        "strikes", "wake_at", "workflow_id",
    )  # fmt: skip

    def __init__(self, claimed: Claimed, ready: Ready, snapshot: Snapshot, run_id: str) -> None:
        self.claimed = claimed
        self.key: RunKey = claimed.key
        self.workflow_id = claimed.workflow_id
        self.run_id = run_id
        self.ready = ready
        self.snapshot = snapshot
        self.loaded = ready is not None
        self.stored_seq = claimed.snapshot_seq
        self.strikes = claimed.strikes
        self.inputs: deque[Input] = deque()
        self.jobs: dict[int, Job] = {}
        self.seen: set[int] = set()
        self.details: dict[int, Any] = {}
        self.children: dict[int, str] = {}
        self.children_read = False
        self.put_off: dict[int, int | str] = {}
        self.closing: Closing | None = None
        self.last_at = 0
        self.wake_at: int | None = None
        self.idle_until: float | None = None
        self.queued = False
        self.blocked = False
        self.guest = False

    def row(self) -> tuple[int, bytes]:
        """What the run's row is to hold: (sequence number, snapshot)."""
        if self.snapshot.seq == 0:
            return 0, self.claimed.snapshot
        return self.snapshot.seq, self.snapshot.encode()


@dataclass(slots=True)
class Work:
    """What one turn of one run adds to a flush, and what is to happen after its commit."""

    run: LiveRun
    after: Snapshot
    history: list[tuple[RunKey, int, bytes]] = field(default_factory=list)
    consumed: list[tuple[RunKey, int]] = field(default_factory=list)
    orders: list[tuple[RunKey, int]] = field(default_factory=list)
    """Those of `consumed` that wake a parked run: consumed even when the rest is given up, or they never stop."""
    children: list[NewRun] = field(default_factory=list)
    child_ops: dict[RunKey, int] = field(default_factory=dict)
    posts: list[Post] = field(default_factory=list)
    by_workflow_id: list[tuple[str, int, str, bytes]] = field(default_factory=list)
    attributes: bytes | None = None
    answers: list[tuple[str, str, bytes]] = field(default_factory=list)
    rewrite: Rewrite | None = None
    closing: Closing | None = None
    schedule: list[ScheduleActivity] = field(default_factory=list)
    cancel: list[int] = field(default_factory=list)
    logs: list[WriteLog | ReportViolation] = field(default_factory=list)
    queue: str | None = None
    """Where the run is to wait for another engine, once it is released"""
    transactional: Job | None = None
    """The job whose transaction this work is to be written in, alone."""
    settled: bool = False
    """An attempt of this lane has ended, one way or the other: the run does not kill its engine every time."""
    migrated: Ready | None = None
    """What the run goes on in, when this turn migrates it."""
    seen: list[tuple[int, Event, list[Command], Snapshot]] = field(default_factory=list)
    """(seq, event, commands, snapshot after), kept for observers only"""

    @property
    def ready(self) -> Ready:
        """The definition that `after` is of."""
        return self.migrated or self.run.ready

    def __bool__(self) -> bool:
        return bool(self.history or self.consumed or self.rewrite or self.closing or self.answers)
