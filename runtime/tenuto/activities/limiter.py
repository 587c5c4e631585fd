"""Holds attempts back that would begin more often than their activity's rate allows, in all processes together.

Whether an attempt may begin is asked of the store at the moment when it could: by the thread that is about to run it,
or, for what the event loop runs, by this file's own thread. So nobody holds an admission that he cannot use at once,
but for the few that are asked for together. An attempt that is not admitted waits here, without a thread, until the
store has said that it is worth asking again; when that is far away, it is put off: its run is given back until then.

An admission that its process does not use (it was killed, or found no thread in time) is lost, never used late.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from typing import NamedTuple, Protocol

import structlog

from tenuto.activities.backlog import Backlog
from tenuto.activities.errors import cancelled_failure, put_off_failure
from tenuto.activities.job import Job

_log = structlog.get_logger("tenuto.engine")

PUT_OFF_S = 5.0
"""Longer waits are not for this process's memory."""
_KEPT_S = 0.05
"""An admission that was asked for together with another's is good for so long."""
_AFTER_TROUBLE_S = 1.0
_PACE_S = 0.005
"""Between two looks at how many threads are free: those woken by the last look are on their way."""
_NEVER = float("inf")


class Rate(NamedTuple):
    """At most `most` attempts of an activity begin in a period. Attempts with equal rates count together."""

    activity: str
    most: int
    period_us: int

    @property
    def key(self) -> str:
        return f"{self.activity} {self.most}/{self.period_us}"


class Admissions(Protocol):
    """The store's side: `tenuto.store.admissions` says what it promises."""

    def admit(self, key: str, count: int, period_us: int, wanted: int) -> tuple[int, int]: ...
    def close(self) -> None: ...


class _Gate:
    """One rate, as this process knows it. `waiting` are the attempts that are not to ask before `opens_at`."""

    __slots__ = ("kept", "kept_until", "opens_at", "put_off", "rate", "waiting")

    def __init__(self, rate: Rate) -> None:
        self.rate = rate
        self.waiting = Backlog()
        self.opens_at = 0.0
        self.kept = 0
        self.kept_until = 0.0
        self.put_off = 0
        """How many have been sent away since the gate was last open: the next is to come back after them"""

    def line(self, more: int) -> float:
        """For how long those before the next one will keep the gate busy, in seconds."""
        return (len(self.waiting) + more) // self.rate.most * self.rate.period_us / 1_000_000


class Limiter:
    """One per process. `admit` is called by threads, `submit` and `look_again` by lanes.

    `resume` takes attempts that may be worth another try by a thread; `begin` those of the loop that have been
    admitted; `idle` says how many threads have nothing to do.
    """

    def __init__(
        self,
        open_admissions: Callable[[], Admissions],
        resume: Callable[[list[Job]], None],
        begin: Callable[[list[Job]], None],
        idle: Callable[[], int],
    ) -> None:
        self._open = open_admissions
        self._resume = resume
        self._begin = begin
        self._idle = idle
        self._store: Admissions | None = None
        self._gates: dict[Rate, _Gate] = {}
        self._lock = threading.Lock()
        """Held while the store is asked; so lanes never take it"""
        self._incoming: deque[Job] = deque()
        self._wake = threading.Event()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None
        self._closed = False

    def admit(self, job: Job) -> bool:
        """Whether a thread may begin this attempt now. False: it waits here, and nobody else need care for it."""
        with self._lock:
            gate = self._gate(job)
            now = time.monotonic()
            if gate.kept > 0 and now < gate.kept_until:
                gate.kept -= 1
                return True
            if now >= gate.opens_at:
                # For others as well, if they are on their way and there are threads for them.
                admitted = self._ask(gate, 1 + min(self._idle(), len(gate.waiting), gate.rate.most - 1))
                if admitted:
                    gate.kept, gate.kept_until = admitted - 1, now + _KEPT_S
                    return True
            self._wait(gate, job)
        self._ensure_served()
        return False

    def submit(self, jobs: Iterable[Job]) -> None:
        """Attempts that the event loop is to run."""
        self._incoming.extend(jobs)
        self._ensure_served()

    def look_again(self) -> None:
        """Some attempt that may wait here is wanted no more."""
        self._wake.set()

    def close(self) -> None:
        self._closed = True
        self._wake.set()
        with self._lock:
            if self._store is not None:
                self._store.close()

    def _ensure_served(self) -> None:
        self._wake.set()
        if self._thread is None:
            with self._starting:
                if self._thread is None:
                    self._thread = threading.Thread(target=self._serve, name="tenuto-rates", daemon=True)
                    self._thread.start()

    # -- inside the lock

    def _gate(self, job: Job) -> _Gate:
        assert job.rate is not None, "only what has a rate is held back"
        gate = self._gates.get(job.rate)
        if gate is None:
            gate = self._gates[job.rate] = _Gate(job.rate)
        return gate

    def _ask(self, gate: _Gate, wanted: int) -> int:
        """How many may begin now. Notes when it is worth asking again if these are fewer than wanted."""
        rate = gate.rate
        try:
            if self._store is None:
                self._store = self._open()
            admitted, wait_us = self._store.admit(rate.key, rate.most, rate.period_us, wanted)
        except Exception as error:  # noqa: BLE001  # the store's trouble is the lanes' to end; nobody begins meanwhile
            _log.warning("rates cannot be asked for", reason=f"{type(error).__name__}: {error}")
            gate.opens_at = time.monotonic() + _AFTER_TROUBLE_S
            return 0
        if admitted:
            gate.put_off = 0
        gate.opens_at = time.monotonic() + wait_us / 1_000_000 if admitted < wanted else 0.0
        return admitted

    def _wait(self, gate: _Gate, job: Job) -> None:
        now = time.monotonic()
        if gate.opens_at <= now:
            gate.put_off = 0
        wait = max(gate.opens_at - now, 0.0) + gate.line(gate.put_off)
        if wait <= PUT_OFF_S:
            gate.waiting.extend([job])
            return
        gate.put_off += 1
        if job.withdraw():
            job.sink.settle(job, None, put_off_failure(wait))

    # -- the thread

    def _serve(self) -> None:
        while not self._closed:
            self._wake.clear()
            resumed: list[Job] = []
            begun: list[Job] = []
            with self._lock:
                while self._incoming:
                    job = self._incoming.popleft()
                    self._wait(self._gate(job), job)
                now = time.monotonic()
                for gate in self._gates.values():
                    self._forget_cancelled(gate)
                    if gate.waiting and gate.opens_at <= now:
                        self._serve_gate(gate, now, resumed, begun)
                opens = min((gate.opens_at for gate in self._gates.values() if gate.waiting), default=None)
            if resumed:
                self._resume(resumed)
            if begun:
                self._begin(begun)
            self._wake.wait(None if opens is None else max(opens - time.monotonic(), 0.0))

    def _forget_cancelled(self, gate: _Gate) -> None:
        for job in [job for job in gate.waiting if job.cancelled]:
            if gate.waiting.remove(job) and job.withdraw():
                job.sink.settle(job, None, cancelled_failure("the workflow no longer wanted it before it started"))

    def _serve_gate(self, gate: _Gate, now: float, resumed: list[Job], begun: list[Job]) -> None:
        """Let those go who may: admitted here, for the loop, or while there are threads; else to ask again when they
        have got one."""
        looped = [job for job in gate.waiting if job.binding.kind != "sync"]
        threaded = [job for job in gate.waiting if job.binding.kind == "sync"]
        if looped:
            for job in looped[: self._ask(gate, min(len(looped), gate.rate.most))]:
                gate.waiting.remove(job)
                begun.append(job)
        if not threaded or gate.opens_at > now:
            return
        going = min(len(threaded), gate.rate.most)
        idle = min(going, self._idle())
        if idle:
            going = self._ask(gate, idle)
            gate.kept, gate.kept_until = going, time.monotonic() + _KEPT_S
        for job in threaded[:going]:
            gate.waiting.remove(job)
            resumed.append(job)
        gate.opens_at = max(gate.opens_at, now + (_PACE_S if idle else _KEPT_S))
