"""What a lane takes in from the store: due runs, news of the runs it holds, dead lanes, the time.

It decides when to ask; each answer becomes runs and inputs in the lane's memory. A run that cannot be loaded is parked,
with the reason, and its neighbours go on.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, cast

import structlog
from tenuto_interpreter import codec
from tenuto_interpreter.commands import CloseRun, Command, ContinueRun, SetAttributes
from tenuto_interpreter.events import Failure
from tenuto_interpreter.ir import TERMINATED
from tenuto_interpreter.machine import Snapshot

from tenuto.engine.carry import STATUS
from tenuto.engine.clock import StoreClock
from tenuto.engine.holding import Holding
from tenuto.engine.loading import load
from tenuto.engine.migrations import refusal
from tenuto.engine.polling import PollPolicy
from tenuto.engine.programs import Unfit, Unready
from tenuto.engine.run import LiveRun, Work
from tenuto.store.ids import run_id_text
from tenuto.store.protocol import Claimed, Closing, LaneStore, NewsKind, Rewrite

if TYPE_CHECKING:
    from tenuto.engine.engine import Shared
    from tenuto.engine.lane import Lane

_log = structlog.get_logger("tenuto.engine")


class Intake:
    def __init__(self, lane: Lane, shared: Shared, store: LaneStore, clock: StoreClock, holding: Holding) -> None:
        self._lane = lane
        self._shared = shared
        self._store = store
        self._clock = clock
        self._holding = holding
        settings = shared.settings
        self._settings = settings
        self._claims = PollPolicy(settings.poll_min_s, settings.poll_max_s)
        self._news = PollPolicy(settings.poll_min_s, settings.poll_max_s)
        # Lanes start at different times of the cycle, so that they don't all reap at once.
        self._reap_at = time.monotonic() + settings.reap_s * (0.2 + 0.3 * lane.index)
        self.next = 0.0

    def poll(self, now: float, *, stopping: bool) -> list[Work]:
        """Ask whatever is due to be asked. Answers works for runs that are parked or closed at once."""
        mailbox = self._lane.mailbox
        hinted, mailbox.hinted = mailbox.hinted, False
        works: list[Work] = []
        held = len(self._holding)  # a claim brings the news of what it takes along
        room = held < self._settings.max_runs
        claiming = not stopping and room and not self._shared.solitude.occupied
        if claiming and self._claims.due(now, hinted=hinted):
            works = self._claim()
        if held and self._news.due(now, hinted=hinted):
            self._read_news()
        if claiming and self._shared.solitude.may_look(now, quiet=self._quiet()):
            works += self._claim_careful()
        if now >= self._reap_at:
            self._reap_at = now + self._settings.reap_s
            if self._store.reap():
                self._claims.no_later_than(now)
        self._clock.sync_if_due()
        self.next = self._reap_at
        if claiming:
            self.next = min(self.next, self._claims.next)
        if len(self._holding):
            self.next = min(self.next, self._news.next)
        return works

    def _quiet(self) -> bool:
        return self._shared.in_flight() == 0

    def _claim(self) -> list[Work]:
        limit = min(self._settings.claim_limit, self._settings.max_runs - len(self._holding))
        before = time.monotonic()
        claimed = self._store.claim(limit, unfit=self._shared.programs.unfit, queues=self._shared.programs.queues.names)
        self._lane.metrics.claims += 1
        due = self._store.next_ready_at(self._shared.programs.unfit) if not claimed else None
        after = time.monotonic()
        more = len(claimed) >= limit
        self._claims.polled(after, after - before, found=bool(claimed), more=more)
        if due is not None:
            self._claims.no_later_than(after + (due - self._clock.now()) / 1_000_000)
        if more:
            self._shared.spread(self._lane)
        return self._take(claimed)

    def _claim_careful(self) -> list[Work]:
        programs = self._shared.programs
        claimed = self._store.claim(
            self._settings.claim_limit, careful=True, unfit=programs.unfit, queues=programs.queues.names
        )
        self._lane.metrics.claims += 1
        if claimed:
            _log.warning(
                "runs with strikes taken apart", runs=len(claimed), strikes=claimed[0].strikes,
                workflow_id=claimed[0].workflow_id,
            )  # fmt: skip
            self._shared.solitude.began(item.key for item in claimed)
        return self._take(claimed)

    def _take(self, claimed: list[Claimed]) -> list[Work]:
        if not claimed:
            return []
        if self._shared.failpoints is not None:
            self._shared.failpoints("claimed")
        self._lane.metrics.claimed += len(claimed)
        works: list[Work] = []
        foreign: list[Claimed] = []
        at = self._clock.now()
        for item in claimed:
            try:
                run, last = load(item, self._shared.programs, at)
            except Unfit as reason:
                if _to_be_terminated(item):
                    works.append(self._give_up(item, str(reason)))
                else:
                    foreign.append(item)
                continue
            except Unready as reason:
                works.append(self._give_up(item, str(reason)))
                continue
            if last:
                works.append(self._close_again(run, last))
            else:
                self._holding.add(run)
        if foreign:
            self._leave_to_others(foreign)
        return works

    def _leave_to_others(self, foreign: list[Claimed]) -> None:
        """Runs that are not for this process: give them back, and claim none of their kind any more."""
        for reason in filter(None, {self._shared.programs.unfit[item.definition] for item in foreign}):
            _log.warning("runs left to other engines", reason=reason)
        self._store.give_back([item.key for item in foreign])
        self._shared.solitude.lost([item.key for item in foreign])

    def _close_again(self, run: LiveRun, last: list[Command]) -> Work:
        """The last owner recorded the end of this run and died before it could close it."""
        work = Work(run, run.snapshot)
        commands = [command for command in last if isinstance(command, CloseRun | ContinueRun | SetAttributes)]
        assert commands, "the event that closes a run says how"
        self._lane.carrier.carry(work, commands)
        run.closing = work.closing
        return work

    def _give_up(self, item: Claimed, reason: str) -> Work:
        """Park a run that cannot be loaded; one that is to be terminated needs no loading."""
        if _to_be_terminated(item):
            _log.warning("run terminated unloaded", workflow_id=item.workflow_id, reason=reason)
        stray = LiveRun(item, cast("Any", None), Snapshot.new(), run_id_text(item.key.run_id))
        work = Work(stray, stray.snapshot)
        if _to_be_terminated(item):
            failure = Failure(TERMINATED, f"terminated; {reason}", retryable=False)
            seq = item.snapshot_seq + len(item.tail)
            work.closing = Closing(item.key, STATUS["terminated"], seq, codec.encode(failure.to_plain()), "")
            stray.closing = work.closing
        else:
            orders = [news for news in item.news if news.kind in (NewsKind.RETRY, NewsKind.MIGRATE)]
            work.consumed = [(news.key, news.id) for news in orders]
            work.answers = [refusal(stray, news, reason) for news in orders if news.kind == NewsKind.MIGRATE]
            work.rewrite = Rewrite(item.key, item.snapshot_seq, item.snapshot, None, "", True, reason[:2000])
            self._lane.metrics.parked += 1
        return work

    def _read_news(self) -> None:
        before = time.monotonic()
        found = 0
        for news in self._store.news():
            run = self._holding.get(news.key)
            if run is None or run.closing is not None or news.id in run.seen:
                continue
            found += 1
            run.seen.add(news.id)
            run.inputs.append(news)
            self._holding.queue(run)
        after = time.monotonic()
        self._news.polled(after, after - before, found=bool(found))


def _to_be_terminated(item: Claimed) -> bool:
    return any(news.kind == NewsKind.TERMINATE for news in item.news)
