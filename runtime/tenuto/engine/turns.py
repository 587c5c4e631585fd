"""One turn of one run: everything it has waiting, through `step`, into its share of the next flush.

A turn changes nothing but the run's input queue; what it computes counts once it is committed. Whatever goes wrong in
it is the run's own trouble: the run is parked with the reason, at the last event that went well.
"""

from __future__ import annotations

from dataclasses import replace

import structlog
from tenuto_interpreter import codec
from tenuto_interpreter.commands import CloseRun, Command, ReportViolation, WriteLog
from tenuto_interpreter.events import (
    ActivityCompleted,
    ActivityFailed,
    AttemptFaulted,
    CancelRequested,
    ChildCompleted,
    ChildFailed,
    Event,
    Failure,
    RetryRequested,
    SignalReceived,
    TerminateRequested,
    TimerFired,
    UpdateReceived,
)
from tenuto_interpreter.ir import TERMINATED
from tenuto_interpreter.machine import Snapshot, record, step
from tenuto_interpreter.values import ShapeError

from tenuto.activities.errors import FAULT, INVALID_RESULT, PUT_OFF
from tenuto.engine.carry import Carrier, states_text
from tenuto.engine.metrics import Metrics
from tenuto.engine.migrations import Migrations, refusal
from tenuto.engine.programs import Unready
from tenuto.engine.run import Input, LiveRun, Work
from tenuto.engine.settings import Settings
from tenuto.store.protocol import ORDERS, STORE_TROUBLE, News, NewsKind, Rewrite

_MIGRATE = NewsKind.MIGRATE

_log = structlog.get_logger("tenuto.engine")


class Turns:
    def __init__(
        self, carrier: Carrier, migrations: Migrations, settings: Settings, metrics: Metrics, *, observed: bool
    ) -> None:
        self._carrier = carrier
        self._migrations = migrations
        self._settings = settings
        self._metrics = metrics
        self._observed = observed

    def take(self, run: LiveRun, at: int) -> Work:
        """Run what waits, at most `events_per_turn` events; the caller looks whether the run has more."""
        if at < run.last_at:
            at = run.last_at  # the store's clock was set back: a run's own time never is
        run.last_at = at
        work = Work(run, run.snapshot)
        budget = self._settings.events_per_turn
        inputs = run.inputs
        item: Input | None = None
        try:
            while budget > 0 and work.after.closed is None:
                budget -= 1
                item = None
                if inputs:
                    if _stands_alone(inputs[0]):
                        if work.history or work.consumed:
                            break  # its turn is the next, and its own
                        budget = 0
                    item = inputs.popleft()
                    self._input(work, item, at)
                else:
                    timer = work.after.due(at) if work.after.timers else None
                    if timer is None:
                        break
                    self._apply(work, TimerFired(at, timer), None, at)
        except STORE_TROUBLE:
            raise
        except Exception as error:  # noqa: BLE001  # whatever it is, it belongs to this run alone
            reason = str(error) if isinstance(error, Unready) else f"{type(error).__name__}: {error}"
            if not isinstance(error, Unready):
                _log.exception("step failed", workflow_id=run.workflow_id, run_id=run.run_id)
            if item is not None:
                inputs.appendleft(item)
            self.park(work, reason)
            return work
        self._finish(work)
        return work

    def park(self, work: Work, reason: str) -> None:
        """Let the work end with the run parked, with what went well before kept. An order to terminate is obeyed."""
        run = work.run
        orders = [item for item in run.inputs if isinstance(item, News) and item.kind in ORDERS]
        run.inputs.clear()
        if any(order.kind == NewsKind.TERMINATE for order in orders):
            failure = Failure(TERMINATED, f"terminated; {reason}", retryable=False)
            self._carrier.carry(work, [CloseRun("terminated", failure=failure)])
            return
        work.consumed += [(order.key, order.id) for order in orders]  # else they would wake it again at once
        work.answers += [refusal(run, order, f"it is parked: {reason}") for order in orders if order.kind == _MIGRATE]
        work.rewrite = _rewrite(work, None, parked=reason[:2000])
        self._metrics.parked += 1

    def release(self, run: LiveRun, *, now: bool = False) -> Work:
        """Give a run back until its next timer or news; with `now`, to be taken by others at once.

        So is a run with an attempt that was recorded and, in a drain, not started: nothing else would wake it. Attempts
        that were put off wait for their time, or in the queue of the first of them.
        """
        work = Work(run, run.snapshot)
        self._release(work, now=now)
        return work

    def _release(self, work: Work, *, now: bool) -> None:
        run, after = work.run, work.after
        ready_at = 0 if now or after.in_flight() else after.wakeup()
        for op, _ in after.unbegun():
            wanted = run.put_off.get(op, 0)
            if isinstance(wanted, int):
                ready_at = wanted if ready_at is None else min(ready_at, wanted)
            elif work.queue is None:
                work.queue = wanted
        work.rewrite = _rewrite(work, ready_at)

    def _finish(self, work: Work) -> None:
        run, after = work.run, work.after
        if run.strikes and not after.waits_for_runtime():
            work.settled = True  # it has nothing out that could kill anybody
        if after.closed is not None:
            assert work.closing is not None, "a closed run says how it ended"
            return
        if run.guest and work.migrated is None:
            run.inputs.clear()  # they are for an engine that can carry it on
        if after.parked is not None and not run.jobs and not work.schedule and not run.inputs:
            reason, place = after.parked
            self.park(work, f"{reason} (at {place})" if place else reason)
        elif run.guest and work.migrated is None:
            self._release(work, now=after.seq != run.stored_seq or bool(after.unbegun()))
        elif work.migrated is not None or after.seq - run.stored_seq >= self._settings.checkpoint_events:
            work.rewrite = _rewrite(work, None, release=False)
        run.guest = run.guest and work.migrated is None

    # -- events --------------------------------------------------------------------------------------------------------

    def _input(self, work: Work, item: Input, at: int) -> None:
        run = work.run
        if type(item) is tuple:
            job, result, failure = item
            if failure is not None and failure.code == PUT_OFF:
                if wait := failure.details["wait_s"]:
                    run.put_off[job.op] = at + int(wait * 1_000_000)
                self._apply(work, AttemptFaulted(at, job.op, job.attempt), None, at)
                return
            work.settled = True
            if _has_transaction(item):
                work.transactional = job
            if failure is not None and failure.code == FAULT:
                # Not the outside world's doing: the program or its deployment is to be repaired and the attempt
                # made again. Nothing is compensated because of a missing secret.
                found: Event = AttemptFaulted(at, job.op, job.attempt, failure.message, begun=failure.unknown)
            elif failure is None:
                found = ActivityCompleted(at, job.op, job.attempt, result)
            else:
                found = ActivityFailed(at, job.op, job.attempt, job.binding.failure(failure))
            self._apply(work, found, None, at)
        elif isinstance(item, News) and item.kind == _MIGRATE:
            self._migrate(work, item, at)
        elif isinstance(item, News):
            event = self._event_of(work, item, at)
            if event is None:
                work.consumed.append((item.key, item.id))
            else:
                self._apply(work, event, item, at)
        else:
            assert not isinstance(item, tuple), "outcomes are plain tuples"
            self._apply(work, item, None, at)

    def _apply(self, work: Work, event: Event, news: News | None, at: int) -> None:
        after, commands = step(work.ready.executable, work.after, event)
        try:
            payload = record(event, commands)
        except codec.PayloadError as error:
            replacement = _unstorable(event, error)
            if replacement is None:
                raise
            self._apply(work, replacement, news, at)
            return
        self._note(work, event, after, commands, payload, news)

    def _migrate(self, work: Work, order: News, at: int) -> None:
        done = self._migrations.carry_out(work, order, at)
        if done is None:
            work.consumed.append((order.key, order.id))
            return
        work.migrated, event, after, commands, payload = done
        self._note(work, event, after, commands, payload, order)

    def _note(
        self, work: Work, event: Event, after: Snapshot, commands: list[Command], payload: bytes, news: News | None
    ) -> None:
        self._metrics.steps += 1
        before, work.after = work.after, after
        work.history.append((work.run.key, after.seq, payload))
        if news is not None:
            work.consumed.append((news.key, news.id))
            if news.kind in ORDERS:
                work.orders.append((news.key, news.id))
        if commands:
            logged = len(work.logs)
            self._carrier.carry(work, commands)
            for index in range(logged, len(work.logs)):
                work.logs[index] = _shown(work.logs[index], work, before, event)
        if self._observed:
            work.seen.append((after.seq, event, commands, after))

    def _event_of(self, work: Work, news: News, at: int) -> Event | None:
        """The event an inbox row stands for; None for one that does not fit the program."""
        body = codec.decode(news.payload)
        match news.kind:
            case NewsKind.SIGNAL | NewsKind.UPDATE:
                return self._message(work, news, body[0], body[1], at)
            case NewsKind.CANCEL:
                return CancelRequested(at, body[0] if body else "")
            case NewsKind.TERMINATE:
                return TerminateRequested(at, body[0] if body else "")
            case NewsKind.RETRY:
                return RetryRequested(at)
            case NewsKind.CHILD if body[0] == "completed":
                return ChildCompleted(at, body[1], body[2])
            case NewsKind.CHILD:
                return ChildFailed(at, body[1], Failure.from_plain(body[2]))
            case _:
                raise Unready(f"its inbox holds news of kind {news.kind}, which a newer version wrote")

    def _message(self, work: Work, news: News, name: str, payload: object, at: int) -> Event | None:
        run, ready = work.run, work.ready
        is_signal = news.kind == NewsKind.SIGNAL
        read = ready.messages.get(name)
        if read is not None and is_signal == (name in ready.signals):
            try:
                value = read(payload, "")
            except ShapeError as error:
                problem = str(error)
            else:
                event = SignalReceived if is_signal else UpdateReceived
                return event(at, news.ref, name, value)
        else:
            problem = f"the workflow takes no {'signal' if is_signal else 'update'} {name}"
        _log.warning("message refused", workflow_id=run.workflow_id, message=name, problem=problem)
        if not is_signal:
            work.answers.append((run.workflow_id, news.ref, codec.encode(["rejected", problem])))
        return None


def _rewrite(work: Work, ready_at: int | None, *, release: bool = True, parked: str | None = None) -> Rewrite:
    """The run's row as the work leaves it."""
    run = work.run
    seq, snapshot = (work.after.seq, work.after.encode()) if work.after.seq else run.row()
    definition = None if work.migrated is None else work.migrated.digest
    return Rewrite(run.key, seq, snapshot, ready_at, states_text(run, work), release, parked, definition)


def _shown(log: WriteLog | ReportViolation, work: Work, before: Snapshot, event: Event) -> WriteLog | ReportViolation:
    """A line without what is sensitive."""
    if isinstance(log, ReportViolation):
        return log
    return WriteLog(work.ready.shown(log.value, work.run.ready, before, event, work.after))


def _stands_alone(item: Input) -> bool:
    """A transaction commits this event and no other; what a migration follows belongs to another definition."""
    return _has_transaction(item) or (isinstance(item, News) and item.kind == _MIGRATE)


def _has_transaction(item: Input) -> bool:
    """A success, that is: whatever else comes of a job, its transaction is rolled back."""
    return type(item) is tuple and item[2] is None and item[0].transaction is not None


def _unstorable(event: Event, error: codec.PayloadError) -> Event | None:
    """A result that cannot be stored is a failure of its attempt, which the workflow can catch."""
    if isinstance(event, ActivityCompleted):
        message = f"its result cannot be stored: {_inside(error)}"
        return ActivityFailed(event.at, event.op, event.attempt, Failure(INVALID_RESULT, message, retryable=False))
    if isinstance(event, ActivityFailed) and event.failure.details is not None:
        message = f"{event.failure.message} (its details cannot be stored: {_inside(error)})"
        failure = replace(event.failure, message=message, details=None)
        return ActivityFailed(event.at, event.op, event.attempt, failure)
    return None


def _inside(error: codec.PayloadError) -> str:
    """The path within the result, without the record around it (`[0][4].items[1]` is `items[1]` of the result)."""
    path = error.path.removeprefix("[0][4]").lstrip(".")
    return f"{path}: {error.reason}" if path else error.reason
