"""Which runs a lane keeps in memory: those with something to do, with a timer soon, or idle for a moment only."""

from __future__ import annotations

import heapq
import itertools
import time
from collections import deque
from collections.abc import Iterable

from tenuto.engine.run import LiveRun
from tenuto.engine.settings import Settings
from tenuto.store.protocol import RunKey

_NEVER = float("inf")


class Holding:
    def __init__(self, settings: Settings) -> None:
        self._linger = settings.linger_s
        self._hold_us = int(settings.hold_timer_s * 1_000_000)
        self._runs: dict[RunKey, LiveRun] = {}
        self._queue: list[LiveRun] = []
        self._timers: list[tuple[int, int, LiveRun]] = []
        self._idle: deque[tuple[float, LiveRun]] = deque()
        self._order = itertools.count()

    def __len__(self) -> int:
        return len(self._runs)

    def __contains__(self, key: RunKey) -> bool:
        return key in self._runs

    def get(self, key: RunKey) -> LiveRun | None:
        return self._runs.get(key)

    def all(self) -> Iterable[LiveRun]:
        return list(self._runs.values())

    def add(self, run: LiveRun) -> None:
        assert run.key not in self._runs, "a run is claimed once"
        self._runs[run.key] = run
        self.queue(run)

    def forget(self, run: LiveRun) -> None:
        if self._runs.get(run.key) is run:
            del self._runs[run.key]
        self.unqueue(run)
        run.wake_at = run.idle_until = None

    # -- runs with something to do -------------------------------------------------------------------------------------

    @property
    def has_queued(self) -> bool:
        return bool(self._queue)

    def queue(self, run: LiveRun) -> None:
        """The run has input, or a timer that is due. A blocked one gets its turn when it is blocked no more."""
        if not run.queued and not run.blocked:
            run.queued = True
            self._queue.append(run)

    def unqueue(self, run: LiveRun) -> None:
        run.queued = False

    def take_queued(self) -> list[LiveRun]:
        """Each once. They are not idle any more: a run that takes a turn must not be released by the same flush."""
        queue, self._queue = self._queue, []
        taken = []
        for run in queue:
            if run.queued:
                run.queued = False
                run.idle_until = None
                taken.append(run)
        return taken

    # -- runs that wait ------------------------------------------------------------------------------------------------

    def keep(self, run: LiveRun) -> None:
        """After a commit: note the run's next timer, and from when on it is idle."""
        snapshot = run.snapshot
        if snapshot.timers or run.wake_at is not None:
            wake = snapshot.wakeup()
            if wake != run.wake_at:
                run.wake_at = wake
                if wake is not None:
                    heapq.heappush(self._timers, (wake, next(self._order), run))
        soon = run.wake_at is not None and run.wake_at - run.last_at < self._hold_us
        if run.jobs or run.queued or run.blocked or soon:
            run.idle_until = None
        else:
            now = time.monotonic()
            if run.put_off:  # what it has to do is for others, or for later
                run.idle_until = now
                self._idle.appendleft((now, run))
            else:
                run.idle_until = until = now + self._linger
                self._idle.append((until, run))

    def wake_due(self, at: int) -> None:
        """Queue the runs whose timer has come."""
        timers = self._timers
        while timers and timers[0][0] <= at:
            wake, _, run = heapq.heappop(timers)
            if run.wake_at == wake:
                run.wake_at = None
                self.queue(run)

    @property
    def next_timer(self) -> int | None:
        timers = self._timers
        while timers and timers[0][2].wake_at != timers[0][0]:
            heapq.heappop(timers)
        return timers[0][0] if timers else None

    def idle(self, now: float) -> list[LiveRun]:
        """The runs that have been idle for long enough to be released."""
        found = []
        while self._idle and (self._idle[0][0] <= now or self._idle[0][1].idle_until != self._idle[0][0]):
            until, run = self._idle.popleft()
            if run.idle_until == until and not run.queued and not run.jobs and not run.blocked:
                run.idle_until = None
                found.append(run)
        return found

    @property
    def next_idle(self) -> float:
        return self._idle[0][0] if self._idle else _NEVER
