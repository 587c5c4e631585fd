"""A lane's attempts in flight: starting them after the commit, taking their outcomes, and their time limits.

Limits are watched by the lane itself, without a timer per attempt: `next_deadline` is never later than the earliest
limit, and all attempts are looked through only when it has passed. A late outcome finds its job gone and is refused.
"""

from __future__ import annotations

import time
from collections.abc import Iterable

from tenuto_interpreter.commands import ScheduleActivity
from tenuto_interpreter.events import AttemptFaulted, Failure

from tenuto.activities.dispatcher import Dispatcher
from tenuto.activities.errors import TIMEOUT
from tenuto.activities.job import Job
from tenuto.engine.mailbox import Mailbox
from tenuto.engine.metrics import Metrics
from tenuto.engine.programs import Unready
from tenuto.engine.queues import DEFAULT, Queues
from tenuto.engine.run import LiveRun, Work

_MICROSECOND = 1e-6
_LEAST_BETWEEN_SCANS_S = 0.005
_NEVER = float("inf")


class Attempts:
    """`in_flight` holds every job whose outcome the lane still wants."""

    def __init__(self, dispatcher: Dispatcher, mailbox: Mailbox, metrics: Metrics, queues: Queues) -> None:
        self._dispatcher = dispatcher
        self._mailbox = mailbox
        self._metrics = metrics
        self._queues = queues
        self.in_flight: dict[Job, None] = {}
        self._held: set[Job] = set()
        """Jobs that have succeeded, with a transaction to be committed with their history"""
        self.next_deadline = _NEVER
        self.epoch = 0.0
        """What the monotonic clock showed at the beginning of the store's time, by the last look at both"""

    def start(self, works: Iterable[Work], *, stopping: bool = False) -> list[tuple[LiveRun, AttemptFaulted]]:
        """Dispatch what committed works have scheduled; answers what could not begin.

        With `stopping`, nothing is started any more: the next owner does it; nor ever what waits in a queue that is not
        served here.
        """
        jobs: list[Job] = []
        unbegun: list[tuple[LiveRun, AttemptFaulted]] = []
        for work in works:
            run = work.run
            for command in work.schedule:
                reason = ""
                if not self._queues.serves(command.queue):
                    run.put_off[command.op] = command.queue or DEFAULT
                elif not stopping:
                    try:
                        jobs.append(self._job(run, command))
                        continue
                    except Exception as error:  # noqa: BLE001  # any trouble of binding is that attempt's alone
                        reason = str(error) if isinstance(error, Unready) else f"{type(error).__name__}: {error}"
                unbegun.append((run, AttemptFaulted(run.last_at, command.op, command.attempt, reason)))
        if jobs:
            for job in jobs:
                self.in_flight[job] = None
            self._metrics.dispatched += len(jobs)
            self._dispatcher.dispatch(jobs)
        for work in works:
            for op in work.cancel:
                running = work.run.jobs.get(op)
                if running is not None:
                    self._dispatcher.cancel(running)
        self._metrics.in_flight = len(self.in_flight)
        return unbegun

    def _job(self, run: LiveRun, command: ScheduleActivity) -> Job:
        attempt, heartbeat, queued = command.attempt_timeout, command.heartbeat_timeout, command.queued_timeout
        job = Job(
            self._mailbox, run.ready.binding(command.activity), command.args,
            op=command.op, attempt=command.attempt, key=command.key,
            run=run, run_id=run.run_id, workflow_id=run.workflow_id, config=run.snapshot.config,
            timeout=None if attempt is None else attempt * _MICROSECOND,
            heartbeat_timeout=None if heartbeat is None else heartbeat * _MICROSECOND,
            queued_timeout=None if queued is None else queued * _MICROSECOND,
            previous_details=run.details.pop(command.op, None), priority=command.priority,
            queued_at=None if queued is None else self.epoch + run.last_at * _MICROSECOND,
        )  # fmt: skip
        if run.put_off:
            run.put_off.pop(command.op, None)
        if command.activity in run.ready.rates:
            job.hold_to(run.ready.rate(command.activity, job))
        run.jobs[command.op] = job
        if job.has_limit:
            limit = job.deadline(job.queued_at)
            if limit is not None and limit[0] < self.next_deadline:
                self.next_deadline = limit[0]
        return job

    def settled(self, job: Job) -> bool:
        """Take a job's outcome off the list. False: it came too late and does not count."""
        run: LiveRun = job.run
        if run.jobs.get(job.op) is not job:
            self._metrics.refused += 1
            job.discard()
            return False
        del run.jobs[job.op]
        del self.in_flight[job]
        if job.transaction is not None:
            self._held.add(job)
        if job.beat_details is not None:
            run.details[job.op] = job.beat_details
        return True

    def unbegun(self) -> list[Job]:
        """The attempts that may still wait, and now never begin here."""
        found = [job for job in self.in_flight if job.started_at is None and job.withdraw()]
        for job in found:
            self._take_off(job)
        return found

    def expired(self, now: float) -> list[tuple[Job, Failure]]:
        """The attempts that have run out of time, given up."""
        if now < self.next_deadline:
            return []
        found: list[tuple[Job, Failure]] = []
        earliest = _NEVER
        for job in self.in_flight:
            limit = job.deadline(now)
            if limit is None:
                continue
            if limit[0] <= now:
                if limit[1] == "queued" and not job.withdraw():
                    earliest = now  # it begins at this moment: its other limits are known at the next look
                    continue
                found.append((job, _timeout(job, limit[1])))
            elif limit[0] < earliest:
                earliest = limit[0]
        self.next_deadline = max(earliest, now + _LEAST_BETWEEN_SCANS_S)
        for job, _ in found:
            self._take_off(job)
        return found

    def _take_off(self, job: Job) -> None:
        """Nobody waits for this attempt any more."""
        del job.run.jobs[job.op]
        del self.in_flight[job]
        if job.beat_details is not None:
            job.run.details[job.op] = job.beat_details
        self._dispatcher.abandon(job)

    def drop(self, run: LiveRun) -> None:
        """The lane gives this run up: nobody wants its outcomes."""
        for job in run.jobs.values():
            self.in_flight.pop(job, None)
            self._dispatcher.abandon(job)
        run.jobs.clear()
        for job in [job for job in self._held if job.run is run]:
            self.let_go(job)

    def let_go(self, job: Job) -> None:
        """The job's transaction is over: committed, or to be rolled back."""
        self._held.discard(job)
        job.discard()

    def drop_all(self) -> None:
        for job in self.in_flight:
            job.run.jobs.clear()
            self._dispatcher.abandon(job)
        self.in_flight.clear()
        for job in list(self._held):
            self.let_go(job)
        self._metrics.in_flight = 0
        self.next_deadline = _NEVER


def _timeout(job: Job, kind: str) -> Failure:
    name = job.binding.name
    started = job.started_at is not None and not job.binding.transactional
    message = {
        "attempt": f"{name} took longer than {job.timeout:g} s" if job.timeout is not None else name,
        "heartbeat": f"{name} sent no heartbeat for {job.heartbeat_timeout or 0:g} s",
        "queued": f"{name} waited too long to begin",
    }[kind]
    age = time.monotonic() - job.queued_at
    return Failure(TIMEOUT, message, {"kind": kind, "after_s": round(age, 3)}, retryable=True, unknown=started)
