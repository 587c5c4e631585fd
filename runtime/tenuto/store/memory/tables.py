"""The rows of the in-memory store, and what may be done to them while the one lock is held.

Postgres' functions are the model: every method here is the twin of one of them, and the conformance suite holds both to
the same behaviour. A lock instead of row locks means that nothing is ever deferred or contended.
"""

from __future__ import annotations

import heapq
import itertools
import threading
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field

from tenuto.store import strikes
from tenuto.store.ids import shard_of
from tenuto.store.protocol import ORDERS, Definition, HistoryRow, NewRun, News, Rejected, RunKey, RunView, Status

_LONGEST_ID = 1000
_HOLDING = (Status.OPEN, Status.CLOSING, Status.PARKED)
_TAKES_NEWS = (Status.OPEN, Status.PARKED)


@dataclass(slots=True)
class LaneRow:
    lane: int
    lease_until: int
    ttl_ms: int
    beat: int = 0
    gone: bool = False


@dataclass(slots=True, eq=False)
class RunRow:
    view: RunView
    parent_op: int | None
    on_close: str
    first: RunKey
    """The first of the runs that this one continues; itself when it continues none."""
    pause_until: int = 0
    queue: str | None = None
    queued_at: int | None = None
    history: list[HistoryRow] = field(default_factory=list)
    inbox: dict[int, News] = field(default_factory=dict)

    def waits_in(self, queues: Collection[str] | None) -> bool:
        return self.queue is not None and (queues is None or self.queue in queues)


@dataclass(slots=True)
class RateRow:
    """A ring of groups: when the last attempt of each was admitted. `place` is the present one."""

    size: int
    marks: list[int | None] = field(default_factory=list)
    place: int = -1
    used: int = 0


class Tables:
    """All rows. `changed` is the one lock, and the condition hints are waited for on."""

    def __init__(self, clock: Callable[[], int]) -> None:
        self.clock = clock
        self.changed = threading.Condition(threading.RLock())
        self.news_hints = 0
        self.closed_hints = 0
        self.lanes: dict[int, LaneRow] = {}
        self.runs: dict[RunKey, RunRow] = {}
        self.by_workflow: dict[str, list[RunKey]] = {}
        self.holder: dict[str, RunKey] = {}
        self.requests: dict[tuple[str, str], tuple[RunKey | None, bytes | None]] = {}
        self.posted_at: dict[tuple[str, str], int] = {}
        """When those of `requests` that are news were sent."""
        self.definitions: dict[bytes, Definition] = {}
        self.deployed: dict[str, bytes] = {}
        self.rates: dict[str, RateRow] = {}
        self.unread: dict[RunKey, None] = {}
        """Runs with inbox rows, oldest news first."""
        self._lane_ids = itertools.count(1)
        self._inbox_ids = itertools.count(1)
        self._due: list[tuple[int, int, RunKey]] = []
        self._pushes = itertools.count()

    # -- lanes

    def register(self, ttl_ms: int) -> int:
        lane = next(self._lane_ids)
        self.lanes[lane] = LaneRow(lane, self.clock() + ttl_ms * 1000, ttl_ms)
        return lane

    def release_lane(self, lane: int, *, strike: bool) -> int:
        """Delete a lane and give its runs back; returns how many."""
        del self.lanes[lane]
        count = 0
        for row in self.runs.values():
            run = row.view
            if run.owner != lane:
                continue
            count += 1
            run.owner = None
            if run.status == Status.CLOSING:
                run.status = Status.OPEN
            run.strikes += strike
            if strike and run.strikes >= strikes.PARKED:
                run.status, run.parked, run.ready_at = Status.PARKED, strikes.parked_reason(run.strikes), None
            else:
                row.pause_until = self.clock() + (strikes.pause_ms(run.strikes) * 1000 if strike else 0)
                self.wake_at(row, self.clock())
        self.hint(news=bool(count))
        return count

    # -- runs

    def insert_run(self, new: NewRun) -> bool:
        """False when the workflow id is taken."""
        check_text(new.workflow_id, new.workflow)
        if new.workflow_id in self.holder or new.key in self.runs:
            return False
        assert new.key.shard == shard_of(new.workflow_id), "the shard is a hash of the workflow id"
        now = self.clock()
        view = RunView(
            key=new.key, workflow_id=new.workflow_id, workflow=new.workflow, definition=new.definition,
            status=Status.OPEN, states="", started_at=now, closed_at=None, ready_at=None, owner=None, strikes=0,
            parked=None, snapshot_seq=0, snapshot=new.start, outcome=None, attributes=None, parent=new.parent,
        )  # fmt: skip
        row = self.runs[new.key] = RunRow(view, new.parent_op, new.on_close, new.key)
        self.by_workflow.setdefault(new.workflow_id, []).append(new.key)
        self.holder[new.workflow_id] = new.key
        self.wake_at(row, now if new.ready_at is None else new.ready_at)
        return True

    def wake_at(self, row: RunRow, at: int | None) -> None:
        row.view.ready_at = at
        if at is not None:
            heapq.heappush(self._due, (at, next(self._pushes), row.view.key))

    def waiting(self) -> Iterable[RunRow]:
        """Unowned open runs with a wake-up, earliest first. What the heap holds beside them is dropped on the way."""
        kept = []
        seen: set[RunKey] = set()
        try:
            while self._due:
                entry = heapq.heappop(self._due)
                row = self.runs[entry[2]]
                run = row.view
                if run.ready_at != entry[0] or run.status != Status.OPEN or run.owner is not None or run.key in seen:
                    continue
                kept.append(entry)
                seen.add(run.key)
                yield row
        finally:
            for entry in kept:
                heapq.heappush(self._due, entry)

    def suspects(self) -> list[RunRow]:
        """Unowned open runs that are to be handed out alone, the longest waiting first."""
        rows = self.runs.values()
        found = [
            row
            for row in rows
            if row.view.strikes >= strikes.CAREFUL and row.view.owner is None and row.view.status == Status.OPEN
        ]
        return sorted(found, key=lambda row: row.pause_until)

    def queued(self, queues: Collection[str] | None) -> list[RunRow]:
        """Unowned runs that wait in one of these queues, or in any, the longest waiting first."""
        found = [
            row
            for row in self.runs.values()
            if row.view.owner is None and row.view.status == Status.OPEN and row.waits_in(queues)
        ]
        return sorted(found, key=lambda row: row.queued_at or 0)

    def with_news(self) -> Iterable[RunRow]:
        """Unowned runs that an inbox row wakes. A parked run wakes only for an order."""
        for key in self.unread:
            row = self.runs[key]
            run = row.view
            if run.owner is None and run.strikes < strikes.CAREFUL:
                ordered = run.status == Status.PARKED and any(n.kind in ORDERS for n in row.inbox.values())
                if ordered or run.status == Status.OPEN:
                    yield row

    # -- inbox

    def put_news(self, key: RunKey, kind: int, ref: str, payload: bytes) -> None:
        row = self.runs[key]
        news_id = next(self._inbox_ids)
        row.inbox[news_id] = News(key, news_id, int(kind), ref, payload)
        self.unread.setdefault(key)

    def take_news(self, key: RunKey, news_id: int) -> None:
        row = self.runs[key]
        del row.inbox[news_id]
        if not row.inbox:
            del self.unread[key]

    def takes_news(self, key: RunKey) -> bool:
        row = self.runs.get(key)
        return row is not None and row.view.status in _TAKES_NEWS

    def open_children(self, parent: RunKey) -> list[RunRow]:
        """Those of this run and of the runs it continues, but for those that its end means nothing to."""
        first = self.runs[parent].first
        chain = {key for key, row in self.runs.items() if row.first == first}
        return [
            row
            for row in self.runs.values()
            if row.view.parent in chain and row.on_close != "abandon" and row.view.status in _HOLDING
        ]

    # -- hints

    def hint(self, *, news: bool = False, closed: bool = False) -> None:
        self.news_hints += news
        self.closed_hints += closed
        if news or closed:
            self.changed.notify_all()


def check_text(*values: str) -> None:
    """What Postgres would refuse. Raises Rejected."""
    for value in values:
        try:
            size = len(value.encode())
        except UnicodeEncodeError as error:
            raise Rejected(f"a text cannot be stored: {error}") from None
        if "\0" in value:
            raise Rejected("a text cannot be stored: it contains NUL")
        if size > _LONGEST_ID:
            raise Rejected(f"an id of {size} bytes is too long: at most {_LONGEST_ID}")
    if not values[0]:
        raise Rejected("a workflow id must not be empty")
