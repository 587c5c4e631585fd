"""The lane: one thread, one connection, the only writer of the runs it owns.

    take outcomes -> claim and read news -> step what waits -> flush -> dispatch -> sleep

Nothing happens outside before the commit of the event that caused it, and nothing of a run is thought to be so before
its commit. When the lane is in doubt (no answer, fenced, anything not understood), it dies: memory is dropped, a new
lane registered, the old one reaped at once, and the runs come back by the ordinary claim. There is no other recovery.

What the files beside this one own: `turns` (one run's events), `batch` (many runs, one flush), `dispatching`
(attempts), `intake` (claims and news), `holding` (which runs stay in memory), `polling`, `gathering`, `mailbox`.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import structlog
from tenuto_interpreter import codec
from tenuto_interpreter.commands import ReportViolation
from tenuto_interpreter.events import AttemptFaulted, AttemptTakenOver, Failure

from tenuto.activities.errors import put_off_failure
from tenuto.engine import batch
from tenuto.engine.carry import Carrier
from tenuto.engine.clock import StoreClock
from tenuto.engine.dispatching import Attempts
from tenuto.engine.gathering import Gathering
from tenuto.engine.holding import Holding
from tenuto.engine.intake import Intake
from tenuto.engine.mailbox import Mailbox
from tenuto.engine.metrics import Metrics
from tenuto.engine.migrations import Migrations, refuse_instead
from tenuto.engine.run import LiveRun, Work
from tenuto.engine.turns import Turns
from tenuto.store.protocol import Closing, Doubt, Fenced, Flushed, LaneStore, NewsKind, Status, Unreachable

if TYPE_CHECKING:
    from tenuto.engine.engine import Shared

_log = structlog.get_logger("tenuto.engine")
_logs = structlog.get_logger("tenuto.workflow")

RUN_PARKED = "run parked"
RUN_FAILED = "run failed"

_RETRY_LEAST_S = 0.05
_RETRY_MOST_S = 5.0
_DRAIN_RETRY_S = 0.5
_CLOSE_RETRY_S = 0.002


class Lane:
    """Runs in its own thread from `start` until `stop` has been called and what is in flight has ended."""

    def __init__(self, shared: Shared, index: int) -> None:
        self._shared = shared
        self._settings = shared.settings
        self.index = index
        self.metrics = Metrics()
        self.mailbox = Mailbox()
        self.identity: int | None = None
        self._stopping = threading.Event()
        self._deadline = float("inf")
        self._thread = threading.Thread(target=self._live, name=f"tenuto-lane-{index}", daemon=True)
        self._dead: list[int] = []
        self._gathering = Gathering(self._settings.gather_s)
        self._fail = shared.failpoints
        self._reset()

    # -- called by other threads ---------------------------------------------------------------------------------------

    def start(self) -> None:
        self._thread.start()

    def stop(self, grace_s: float) -> None:
        """Drain: claim no more, start no more, wait so long for what is in flight, give the runs back."""
        self._deadline = min(self._deadline, time.monotonic() + grace_s)
        self._stopping.set()
        self.mailbox.call()

    def join(self, timeout: float | None = None) -> bool:
        self._thread.join(timeout)
        return not self._thread.is_alive()

    @property
    def deadline(self) -> float:
        """When a drain ends, by the monotonic clock."""
        return self._deadline

    # -- life and death ------------------------------------------------------------------------------------------------

    def _reset(self) -> None:
        """An empty memory. Outcomes of the jobs of an earlier life find no run and are refused."""
        settings, shared = self._settings, self._shared
        self._pending: list[Work] = []
        self.attempts = Attempts(shared.dispatcher, self.mailbox, self.metrics, shared.programs.queues)
        self.holding = Holding(settings)
        self.carrier = Carrier(shared.programs, shared.client.open_children)
        migrations = Migrations(shared.programs)
        self._turns = Turns(self.carrier, migrations, settings, self.metrics, observed=bool(shared.observers))

    def _live(self) -> None:
        try:
            self._lives()
        finally:
            self.mailbox.close()

    def _lives(self) -> None:
        wait = _RETRY_LEAST_S
        while True:
            try:
                self._serve()
                return
            except (Fenced, Doubt) as error:
                _log.warning("lane lost", lane=self.identity, reason=f"{type(error).__name__}: {error}")
            except Unreachable as error:
                _log.warning("store unreachable", reason=str(error))
            except Exception:  # noqa: BLE001  # a fault of ours must not stop the engine: the lane's death is the one recovery
                _log.exception("lane failed", lane=self.identity)
            lived = self.identity is not None
            self._die()
            wait = _RETRY_LEAST_S if lived else min(wait * 2, _RETRY_MOST_S)
            if self._stopping.wait(wait):
                left = self._deadline - time.monotonic()
                if left <= 0:
                    return
                time.sleep(min(wait, left, _DRAIN_RETRY_S))  # nothing else slows a drain's retries down

    def _die(self) -> None:
        if self.identity is not None:
            self.metrics.lost_lanes += 1
            self._dead.append(self.identity)
            self._shared.heartbeat.forget(self.identity)
            self.identity = None
        self.attempts.drop_all()
        self._shared.solitude.lost(run.key for run in self.holding.all())
        self.metrics.runs = 0
        self._reset()

    def _serve(self) -> None:
        store = self._shared.stores.lane(self._settings.ttl_ms)
        try:
            self.identity = store.lane
            self._shared.heartbeat.add(store.lane, self.mailbox)
            if self._dead:
                store.reap(force=self._dead)
                self._dead.clear()
            clock = StoreClock(store.now, every_s=self._settings.clock_s, exact=self._settings.exact_clock)
            self._loop(store, clock)
        except BaseException:
            store.abandon()  # no farewell: a run that brings lanes down is to earn its strikes
            raise
        finally:
            store.close()
        self._shared.heartbeat.forget(self.identity)
        self.identity = None

    # -- the loop ------------------------------------------------------------------------------------------------------

    def _loop(self, store: LaneStore, clock: StoreClock) -> None:
        mailbox, attempts, holding = self.mailbox, self.attempts, self.holding
        intake = Intake(self, self._shared, store, clock, holding)
        turns = self._turns
        refused = self._refused
        while True:
            if mailbox.outcomes:
                self._gathering.wait(mailbox, len(attempts.in_flight))
                self._take_outcomes()
            now = time.monotonic()
            for job, failure in attempts.expired(now):
                self._give(job.run, (job, None, failure))
            stopping = self._stopping.is_set()
            if stopping:
                for job in attempts.unbegun():
                    self._give(job.run, (job, None, put_off_failure(0)))
            mailbox.urgent = False
            self._shared.heartbeat.check(store.lane)
            works = intake.poll(now, stopping=stopping)
            at = clock.now()
            attempts.epoch = time.monotonic() - at / 1_000_000
            holding.wake_due(at)
            for run in holding.take_queued():
                work = turns.take(run, at)
                if run.inputs:
                    holding.queue(run)
                if work:
                    works.append(work)
                else:
                    holding.keep(run)
            works += self._pending
            self._pending = []
            released = [turns.release(run) for run in holding.idle(now)]
            if released:
                self._enqueue(store, released)
                works += released
            if works:
                if self._fail is not None:
                    self._fail("before-flush")
                self.metrics.flushes += 1
                for work in batch.write(store, works, self._committed, refused, self._undone):
                    self._hold_back(work)
                if not self._pending:
                    continue
            if stopping and (not attempts.in_flight or time.monotonic() >= self._deadline):
                self._leave(store)
                return
            if not holding.has_queued:
                self._sleep(clock, intake)

    def _take_outcomes(self) -> None:
        if self._fail is not None:
            self._fail("effect-done-not-recorded")
        outcomes = self.mailbox.outcomes
        attempts = self.attempts
        for _ in range(len(outcomes)):
            outcome = outcomes.popleft()
            if attempts.settled(outcome[0]):
                self._give(outcome[0].run, outcome)
        self.metrics.in_flight = len(attempts.in_flight)

    def _give(self, run: LiveRun, outcome: tuple[object, object, object]) -> None:
        run.inputs.append(outcome)  # type: ignore[arg-type]  # the job's own (job, result, failure)
        self.holding.queue(run)

    def _sleep(self, clock: StoreClock, intake: Intake) -> None:
        now = time.monotonic()
        until = min(intake.next, self.attempts.next_deadline, self.holding.next_idle)
        if self._pending:
            until = min(until, now + _CLOSE_RETRY_S)
        if self._stopping.is_set():
            until = min(until, self._deadline)
        due = self.holding.next_timer
        if due is not None:
            until = min(until, now + (due - clock.now()) / 1_000_000)
        if until > now:
            self.mailbox.sleep(until - now)

    def _leave(self, store: LaneStore) -> None:
        """Give everything back: runs still in flight to whoever comes first, the others until their time."""
        works = [self._turns.release(run, now=bool(run.inputs)) for run in self.holding.all() if not run.blocked]
        self.attempts.drop_all()
        self._enqueue(store, works)
        if works:
            batch.write(store, works, lambda _works, _flushed: None, self._refused, self._undone)

    def _enqueue(self, store: LaneStore, works: list[Work]) -> None:
        """Before they are released: should that not happen, they are due, and whoever has them next does this again."""
        waiting = [(work.run.key, work.queue) for work in works if work.queue is not None]
        if waiting:
            store.enqueue(waiting)

    # -- after a commit ------------------------------------------------------------------------------------------------

    def _committed(self, works: list[Work], flushed: Flushed) -> None:
        if self._fail is not None:
            self._fail("after-flush-before-dispatch")
        for work in works:
            work.run.snapshot = work.after
            work.run.ready = work.ready
        unbegun = self.attempts.start(works, stopping=self._stopping.is_set())
        for work in works:
            self._settle(work, flushed)
        for run, faulted in unbegun:
            if run.snapshot.closed is None and self.holding.get(run.key) is run:
                run.inputs.append(faulted)
                self.holding.queue(run)
        if self._shared.observers:
            self._shared.observe(works)
        if flushed.not_started:
            self.mailbox.hinted = True  # the parents have been told, in their inboxes
        if flushed.undelivered:
            _tell_undelivered(works, flushed)
        self.metrics.runs = len(self.holding)

    def _settle(self, work: Work, flushed: Flushed) -> None:
        """What a run is to this lane now that its work is durable."""
        run = work.run
        run.blocked = False
        if work.transactional is not None:
            self.attempts.let_go(work.transactional)
        if run.strikes and work.settled:
            run.strikes = 0
            self._shared.solitude.ended(run.key)
        if work.logs:
            for log in work.logs:
                ids = {"workflow_id": run.workflow_id, "run_id": run.run_id}
                if isinstance(log, ReportViolation):
                    _logs.warning("property violated", property=log.name, kind=log.kind, **ids)
                else:
                    _logs.info("log", value=log.value, **ids)
        for _, news_id in work.consumed:
            run.seen.discard(news_id)
        if work.closing is not None:
            if run.key in flushed.closed:
                self.metrics.closed += 1
                if work.closing.status is Status.FAILED:
                    _log.warning(RUN_FAILED, workflow_id=run.workflow_id, run_id=run.run_id, **_why(work.closing))
                self._forget(run)
            else:
                again = Work(run, run.snapshot)
                again.closing, again.attributes = work.closing, work.attributes  # which travel with the close
                again.posts = [post for post in work.posts if post.source is not None]
                run.closing = work.closing
                self._hold_back(again)
        elif work.rewrite is not None and work.rewrite.release:
            self.metrics.released += 1
            if work.rewrite.parked is not None:
                reason = work.rewrite.parked
                _log.warning(RUN_PARKED, workflow_id=run.workflow_id, run_id=run.run_id, reason=reason)
            self._forget(run)
        else:
            if work.rewrite is not None:
                run.stored_seq = work.rewrite.snapshot_seq
            if run.inputs:
                self.holding.queue(run)
            self.holding.keep(run)

    def _hold_back(self, work: Work) -> None:
        """Write this work with the next flush; until then its run takes no turn."""
        work.run.blocked = True
        self.holding.unqueue(work.run)
        self._pending.append(work)

    def _forget(self, run: LiveRun) -> None:
        self.attempts.drop(run)
        self.holding.forget(run)
        self._shared.solitude.ended(run.key)

    def _undone(self, work: Work) -> None:
        """An activity's transaction could not be committed: it has done nothing, and its attempt is made again."""
        job, run = work.transactional, work.run
        assert job is not None, "only for work with a transaction"
        self.attempts.let_go(job)
        _log.info("transaction of an activity rolled back", workflow_id=run.workflow_id, activity=job.binding.name)
        run.inputs.appendleft(AttemptTakenOver(run.last_at, job.op, job.attempt))
        run.inputs.appendleft(AttemptFaulted(run.last_at, job.op, job.attempt))
        self.holding.queue(run)

    def _refused(self, work: Work, reason: str) -> Work:
        """The store refuses this run's work even alone: park the run as it was before."""
        self.metrics.rejected += 1
        run = work.run
        _log.error("work refused by the store", workflow_id=run.workflow_id, run_id=run.run_id, reason=reason)
        if work.migrated is not None:
            return refuse_instead(work, reason)
        self.attempts.drop(run)
        parked = Work(run, run.snapshot)
        self._turns.park(parked, f"the store refused what the run did: {reason}")
        parked.consumed += work.orders
        return parked


def _why(closing: Closing) -> dict[str, str]:
    failure = Failure.from_plain(codec.decode(closing.outcome))
    return {"error": failure.code, "message": failure.message} | ({"where": failure.where} if failure.where else {})


def _tell_undelivered(works: list[Work], flushed: Flushed) -> None:
    """A message to nobody is dropped, as the language says; somebody may wonder where it went."""
    sent = [(work, item) for work in works for item in work.by_workflow_id]
    for place in flushed.undelivered:
        work, (to, kind, _, payload) = sent[place]
        if kind == NewsKind.SIGNAL:
            name = codec.decode(payload)[0]
            _log.warning(
                "signal to no open run", workflow_id=work.run.workflow_id, run_id=work.run.run_id, to=to, name=name
            )
