"""Threads that run sync activities: cheap to hand work to, and never held up by one that blocks.

A batch costs one wake-up. At most one thread is on its way to wake at any moment, and a thread that takes a job while
more are waiting wakes the next: an activity that blocks lets go of the interpreter lock and so lets the next thread
start at once, while activities that never block are all run by the thread that is already awake, without a switch
between them.

A job that its lane has given up (timed out) still occupies its thread, since a thread cannot be killed; the pool may
grow by one until that thread comes back.
"""

from __future__ import annotations

import _thread
import threading
from collections.abc import Callable, Iterable

from tenuto.activities.backlog import Backlog
from tenuto.activities.context import CURRENT
from tenuto.activities.errors import cancelled_failure, failure_of, report
from tenuto.activities.job import Job


class ThreadPool:
    def __init__(
        self, limit: int = 64, name: str = "tenuto-activity", *, admit: Callable[[Job], bool] = lambda _: True
    ) -> None:
        """`admit` is asked whether an attempt with a rate may begin; one that may not is no more the pool's."""
        assert limit >= 1, "a pool needs a thread"
        self.limit = limit
        self._admit = admit
        self._name = name
        self._queue = Backlog()
        self._lock = threading.Lock()
        self._parked: list[_Worker] = []
        self._count = 0
        self._waking = False
        self._closed = False

    def submit(self, jobs: Iterable[Job]) -> None:
        self._queue.extend(jobs)
        if not self._waking:
            self._wake()

    def put_back(self, jobs: Iterable[Job]) -> None:
        """Attempts that had their turn and were not admitted: the next of their priority."""
        self._queue.put_back(jobs)
        if not self._waking:
            self._wake()

    def abandon(self, job: Job) -> None:
        """Nobody waits for this job any more: do without its thread until it returns."""
        with self._lock:
            job.abandoned = True
            if not job.finished and job.started_at is not None:
                job.compensated = True
                self.limit += 1
        self._wake()

    def close(self) -> None:
        """Let idle threads go. Busy ones are daemon threads and go with the process."""
        with self._lock:
            self._closed = True
            parked, self._parked = self._parked, []
        for worker in parked:
            worker.gate.release()

    @property
    def queued(self) -> int:
        return len(self._queue)

    def idle(self) -> int:
        """How many threads have nothing to do, now or soon."""
        return max(0, self.limit - self._count + len(self._parked) - len(self._queue))

    @property
    def threads(self) -> int:
        return self._count

    def _wake(self) -> None:
        """Wake or start one more thread, unless one is on its way."""
        with self._lock:
            if self._waking or self._closed or not self._queue:
                return
            if self._parked:
                self._waking = True
                self._parked.pop().gate.release()
            elif self._count < self.limit:
                self._waking = True
                self._count += 1
                # Not Thread.start, which waits until the thread runs: the one who submits would lose the interpreter
                # lock to it, and a batch that one thread could run at once would make as many threads as it has jobs.
                _thread.start_new_thread(self._serve, (_Worker(f"{self._name}-{self._count}"),))

    def _serve(self, worker: _Worker) -> None:
        threading.current_thread().name = worker.name
        queue = self._queue
        self._waking = False
        while True:
            try:
                job = queue.popleft()
            except IndexError:
                if not self._park(worker):
                    return
                continue
            if queue and not self._waking:
                self._wake()
            if job.rate is not None and not job.cancelled and not self._admit(job):
                continue
            _run(job)
            job.finished = True
            if job.abandoned and not self._come_back(job):
                return

    def _park(self, worker: _Worker) -> bool:
        """Sleep until woken. False: the pool is closed."""
        with self._lock:
            if self._closed:
                self._count -= 1
                return False
            if self._queue:
                return True
            self._parked.append(worker)
        worker.gate.acquire()
        self._waking = False
        return True

    def _come_back(self, job: Job) -> bool:
        """A thread returns from an abandoned job. False: it is one too many now."""
        with self._lock:
            if job.compensated:
                self.limit -= 1
            if self._count > self.limit:
                self._count -= 1
                return False
        return True


class _Worker:
    """A thread's place to sleep: `gate` is released to wake it."""

    __slots__ = ("gate", "name")

    def __init__(self, name: str) -> None:
        self.name = name
        self.gate = threading.Lock()
        self.gate.acquire()


def _run(job: Job) -> None:
    if job.cancelled:
        job.sink.settle(job, None, cancelled_failure("the workflow no longer wanted it before it started"))
        return
    if not job.start():
        return
    CURRENT.set(job)
    try:
        result = job.binding.call(job)
    except BaseException as error:  # noqa: BLE001  # whatever user code raises is this attempt's failure, even SystemExit
        job.discard()
        report(job, error)
        job.sink.settle(job, None, failure_of(error))
    else:
        job.sink.settle(job, result, None)
