"""A lane of the in-memory store."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Sequence
from itertools import islice, takewhile
from typing import Any

from tenuto.store import strikes
from tenuto.store.memory.tables import RunRow, Tables, check_text
from tenuto.store.protocol import (
    Claimed,
    Closing,
    Doubt,
    Fenced,
    Flush,
    Flushed,
    HistoryRow,
    News,
    NewsKind,
    Post,
    Rejected,
    RunKey,
    Status,
)
from tenuto.store.refusal import PARENT_CLOSED, child_ref, refusal, unanswered
from tenuto.store.watch import Pulse, Watch


class MemoryLane:
    """`fail`, when set, is called before anything else with the method's name: tests raise Doubt or Contended there."""

    def __init__(self, tables: Tables, ttl_ms: int, watch: Watch, fail: Callable[[str], None] | None = None) -> None:
        self._tables = tables
        self._watch = watch
        self._fail = fail
        self._left = False
        self._queued = False
        with tables.changed:
            self._lane = tables.register(ttl_ms)

    @property
    def lane(self) -> int:
        return self._lane

    def claim(
        self, limit: int, *, careful: bool = False, unfit: Collection[bytes] = (), queues: Collection[str] | None = None
    ) -> list[Claimed]:
        tables = self._tables
        with tables.changed:
            self._enter("claim")
            now = tables.clock()
            if careful:
                rows = [row for row in tables.suspects() if row.pause_until <= now]
                rows = [row for row in rows if row.inbox or _due(row, now) or row.waits_in(queues)]
                rows = [row for row in rows if row.view.definition not in unfit]
                rows = [row for row in rows if row.view.strikes == rows[0].view.strikes]
                rows = rows[: min(limit, strikes.group(rows[0].view.strikes))] if rows else []
            else:
                due = [
                    row
                    for row in _until(tables.waiting(), now)
                    if row.view.strikes < strikes.CAREFUL and row.view.definition not in unfit
                ]
                told = (row for row in tables.with_news() if row.view.definition not in unfit or _anybodys(row, unfit))
                news = list(islice((row for row in told if row not in due), limit))
                queued = [
                    row
                    for row in tables.queued(queues)
                    if row.view.strikes < strikes.CAREFUL and row.view.definition not in unfit
                ]
                share = limit // 4 if queued else 0
                rows = due[: limit - min(len(news), limit // 2) - share]
                rows += news[: limit - len(rows) - share]
                rows += [row for row in queued if row not in rows][: limit - len(rows)]
            return [self._take(row) for row in rows]

    def give_back(self, keys: Sequence[RunKey]) -> None:
        with self._tables.changed:
            self._enter("give_back")
            for key in keys:
                row = self._owned(key)
                row.view.owner = None
                self._tables.wake_at(row, row.view.ready_at if row.queued_at is None else self._tables.clock())
            self._tables.hint(news=True)

    def enqueue(self, waiting: Sequence[tuple[RunKey, str]]) -> None:
        with self._tables.changed:
            self._enter("enqueue")
            for key, queue in waiting:
                row = self._owned(key)
                row.queue, row.queued_at = queue, self._tables.clock()
            self._queued = True

    def news(self) -> list[News]:
        tables = self._tables
        with tables.changed:
            self._enter("news")
            owned = (tables.runs[key] for key in tables.unread)
            found = [news for row in owned if row.view.owner == self._lane for news in row.inbox.values()]
        return sorted(found, key=lambda news: news.id)

    def flush(self, flush: Flush, within: Any = None) -> Flushed:
        assert within is None, "no activity has a transaction here"
        tables = self._tables
        with tables.changed:
            self._enter("flush")
            self._check(flush)
            return self._apply(flush)

    def reap(self, *, force: Sequence[int] = ()) -> int:
        tables = self._tables
        with tables.changed:
            self._alive("reap")
            now = tables.clock()
            pulses = [Pulse(r.lane, r.beat, r.ttl_ms, r.lease_until < now, r.gone) for r in tables.lanes.values()]
            gone, silent = self._watch.judge(pulses)
            dead = {pulse.lane for pulse in (*gone, *silent)} | set(force)
            return sum(
                tables.release_lane(lane, strike=True)
                for lane in sorted(dead)
                if lane in tables.lanes and lane != self._lane
            )

    def next_ready_at(self, unfit: Collection[bytes] = ()) -> int | None:
        with self._tables.changed:
            self._alive("next_ready_at")
            trusted = (
                row
                for row in self._tables.waiting()
                if row.view.strikes < strikes.CAREFUL and row.view.definition not in unfit
            )
            times = [row.view.ready_at for row in islice(trusted, 1)]
            times += [
                max(row.view.ready_at or 0, row.pause_until)
                for row in self._tables.suspects()
                if row.view.ready_at and row.view.definition not in unfit
            ]
            return min((at for at in times if at is not None), default=None)

    def now(self) -> int:
        self._alive("now")
        return self._tables.clock()

    def abandon(self) -> None:
        """As when the connection is lost: the next reaper finds the lane dead."""
        with self._tables.changed:
            self._left = True
            if row := self._tables.lanes.get(self._lane):
                row.gone = True

    def close(self) -> None:
        with self._tables.changed:
            if not self._left and self._lane in self._tables.lanes:
                self._tables.release_lane(self._lane, strike=False)
            self._left = True

    # -- inside the lock

    def _alive(self, method: str) -> None:
        if self._fail is not None:
            self._fail(method)
        if self._left:
            raise Doubt("the lane is closed")

    def _enter(self, method: str) -> None:
        self._alive(method)
        if self._lane not in self._tables.lanes:
            raise Fenced(f"lane {self._lane} is gone")

    def _take(self, row: RunRow) -> Claimed:
        run = row.view
        run.owner, run.status, run.parked, row.queue = self._lane, Status.OPEN, None, None
        tail = [event.payload for event in row.history[run.snapshot_seq :]]
        return Claimed(
            run.key, run.workflow_id, run.definition, run.snapshot_seq, run.snapshot, tail, list(row.inbox.values()),
            run.strikes, run.parent, row.parent_op,
        )  # fmt: skip

    def _owned(self, key: RunKey) -> RunRow:
        row = self._tables.runs.get(key)
        if row is None or row.view.owner != self._lane:
            raise Doubt(f"run {key.run_id.hex()} is not ours")
        return row

    def _check(self, flush: Flush) -> None:
        """Everything that can refuse, before anything is changed."""
        next_seq: dict[RunKey, int] = {}
        for key, seq, _ in flush.history:
            expected = next_seq.get(key) or len(self._owned(key).history) + 1
            if seq != expected:
                raise Doubt(f"the history of run {key.run_id.hex()} goes on with {expected}, not {seq}")
            next_seq[key] = seq + 1
        for key, news_id in flush.consumed:
            if news_id not in self._owned(key).inbox:
                raise Doubt("inbox rows to consume are gone")
        for child in flush.children:
            check_text(child.workflow_id, child.workflow)
        for key, value in flush.attributes:
            self._owned(key)
            _check_attributes(value)
        for rewrite in flush.rewrites:
            self._owned(rewrite.key)
        for closing in flush.closing:
            known = len(self._owned(closing.key).history)
            if closing.seq != next_seq.get(closing.key, known + 1) - 1:
                raise Doubt(f"run {closing.key.run_id.hex()} closes after {closing.seq}, its history has {known}")

    def _apply(self, flush: Flush) -> Flushed:
        tables = self._tables
        now = tables.clock()
        not_started = set()
        for child in flush.children:
            if not tables.insert_run(child):
                not_started.add(child.key)
                if child.parent is not None and child.parent_op is not None:
                    tables.put_news(child.parent, NewsKind.CHILD, child.workflow_id, refusal(child))
        for key, seq, payload in flush.history:
            row = tables.runs[key]
            row.history.append(HistoryRow(seq, now, "step", payload))
            if key not in flush.unsettled:
                row.view.strikes = 0
        for key, news_id in flush.consumed:
            tables.take_news(key, news_id)
        for workflow_id, request, outcome in flush.answers:
            if (workflow_id, request) in tables.requests:
                tables.requests[workflow_id, request] = (tables.requests[workflow_id, request][0], outcome)
        self._post(post for post in flush.posts if post.source is None)
        undelivered = []
        for place, (workflow_id, kind, ref, payload) in enumerate(flush.by_workflow_id):
            holder = tables.holder.get(workflow_id)
            if holder is None:
                undelivered.append(place)
            elif kind != NewsKind.CANCEL or ref == _child_ref(tables.runs[holder]):
                tables.put_news(holder, kind, ref, payload)
        for key, value in flush.attributes:
            tables.runs[key].view.attributes = json.dumps(json.loads(value)).encode()
        self._rewrite(flush)
        for closing in flush.closing:
            self._close_run(closing, now)
        closed = {closing.key for closing in flush.closing}
        self._post(post for post in flush.posts if post.source in closed)
        ended = [closing.key for closing in flush.closing if closing.status is not Status.CONTINUED]
        orphans = [child for key in ended for child in tables.open_children(key)]
        for child_row in orphans:
            order = NewsKind.CANCEL if child_row.on_close == "cancel" else NewsKind.TERMINATE
            tables.put_news(child_row.view.key, order, "", PARENT_CLOSED)
        news = (
            flush.children or flush.posts or flush.by_workflow_id or orphans or any(c.successor for c in flush.closing)
        )
        tables.hint(news=bool(news) or self._queued, closed=bool(closed))
        self._queued = False
        return Flushed(closed, not_started, undelivered)

    def _post(self, posts: Iterable[Post]) -> None:
        for post in posts:
            if self._tables.takes_news(post.target):
                self._tables.put_news(post.target, post.kind, post.ref, post.payload)

    def _rewrite(self, flush: Flush) -> None:
        for rewrite in flush.rewrites:
            row = self._tables.runs[rewrite.key]
            run = row.view
            run.snapshot, run.snapshot_seq, run.states = rewrite.snapshot, rewrite.snapshot_seq, rewrite.states
            run.parked = rewrite.parked
            if rewrite.definition is not None:
                run.origin = run.origin or run.definition
                run.definition = rewrite.definition
            if rewrite.key not in flush.unsettled:
                run.strikes = 0
            run.status = Status.OPEN if rewrite.parked is None else Status.PARKED
            if rewrite.release:
                run.owner = None
            self._tables.wake_at(row, rewrite.ready_at)

    def _close_run(self, closing: Closing, now: int) -> None:
        tables = self._tables
        row = tables.runs[closing.key]
        run = row.view
        del tables.holder[run.workflow_id]
        run.status, run.owner, run.ready_at, run.closed_at = closing.status, None, None, now
        run.outcome, run.states, run.strikes, run.parked = closing.outcome, closing.states, 0, None
        left_over = list(row.inbox.values())
        for news in left_over:
            tables.take_news(closing.key, news.id)
        if closing.successor is not None:
            made = tables.insert_run(closing.successor)
            assert made, "a successor's workflow id is free: its predecessor has just given it up"
            successor = tables.runs[closing.successor.key]
            successor.on_close, successor.first = row.on_close, row.first
            for news in left_over:
                successor.inbox[news.id] = News(closing.successor.key, news.id, news.kind, news.ref, news.payload)
                tables.unread.setdefault(closing.successor.key)
        else:
            for news in left_over:
                seq = len(row.history) + 1
                row.history.append(HistoryRow(seq, now, "unhandled", news.payload, news.ref, news.kind))
                asked = (run.workflow_id, news.ref)
                if news.kind == NewsKind.UPDATE and asked in tables.requests:
                    tables.requests[asked] = (tables.requests[asked][0], unanswered(closing.status))
        name = json.dumps([closing.status.name.lower()]).encode()
        row.history.append(HistoryRow(len(row.history) + 1, now, "closed", name))


def _until(rows: Iterable[RunRow], now: int) -> list[RunRow]:
    return list(takewhile(lambda row: _due(row, now), rows))


def _anybodys(row: RunRow, unfit: Collection[bytes]) -> bool:
    """Whether an engine without the activities of the run's definition may have it: to end it, or to migrate it."""
    return any(
        news.kind == NewsKind.TERMINATE
        or (news.kind == NewsKind.MIGRATE and bytes.fromhex(news.payload[2:66].decode()) not in unfit)
        for news in row.inbox.values()
    )


def _due(row: RunRow, now: int) -> bool:
    return row.view.ready_at is not None and row.view.ready_at <= now


def _child_ref(row: RunRow) -> str:
    return child_ref(row.view.parent, row.parent_op)


def _check_attributes(value: bytes) -> None:
    try:
        json.loads(value)
    except ValueError as error:
        raise Rejected(f"attributes are no JSON: {error}") from None
    if b"\\u0000" in value:
        raise Rejected("attributes cannot be stored: they contain NUL")
