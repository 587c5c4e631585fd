"""A lane on Postgres: one connection, one row in `lane`, the right to write history while that row exists.

A lane never reconnects: its connection's life is the longest its own can be. Whatever goes wrong in a way that leaves a
doubt ends it, and its runs go back through the reaper, its own successor's first of all.
"""

from __future__ import annotations

import contextlib
import os
import random
import socket
import time
from collections.abc import Collection, Sequence
from typing import Any

from psycopg.pq.abc import PGresult

from tenuto.store.postgres import arrays as a
from tenuto.store.postgres import statements as sql
from tenuto.store.postgres.connect import connect
from tenuto.store.postgres.errors import ServerError, for_lane, is_contention
from tenuto.store.postgres.packing import pack_flush, pack_migrations
from tenuto.store.postgres.reading import integer as _int
from tenuto.store.postgres.reading import read_news
from tenuto.store.postgres.schema import check_connection
from tenuto.store.postgres.session import Session, Statement
from tenuto.store.protocol import Claimed, Doubt, Fenced, Flush, Flushed, News, RunKey
from tenuto.store.watch import Pulse, Watch

_TRIES = 3
"""Of a flush that met a deadlock or a lock timeout, before the caller is told to bisect."""
_DEFERRALS = 3
"""Closes that could not lock their run before its status says `closing` and new news is refused."""
_HINT_INTERVAL = 0.002
_LOOK_BACK_EVERY = 1.0
_LOOK_BACK_SHARE = 20
"""A claim that looks at all runs, however long due, is made every second, and less often if it takes long."""
_MARGIN_US = 2_000_000
"""Others begin so much before the first run found then: transactions commit later than their clock said."""


class PostgresLane:
    """Registers a lane. Raises Unreachable or SchemaMismatch. Used from one thread."""

    def __init__(self, dsn: str, *, ttl_ms: int = 10_000, name: str | None = None, watch: Watch | None = None) -> None:
        connection = connect(dsn, "tenuto lane", _settings(ttl_ms), write=True)
        try:
            check_connection(connection)
        except BaseException:
            connection.close()
            raise
        self._session = Session(connection, ttl_ms)
        self._watch = watch or Watch()
        self._suspects: set[RunKey] = set()
        self._deferred: dict[RunKey, int] = {}
        self._hint_news = self._hint_closed = False
        self._hinted = 0.0
        self._left = False
        self._since: bytes = a.LONG_AGO
        self._look_back_at = 0.0
        self._first_queue = 0
        name = name or f"{socket.gethostname()}:{os.getpid()}"
        self._lane = _int(self._call(sql.REGISTER, (a.int4(ttl_ms), name.encode())), 0, 0)

    @property
    def lane(self) -> int:
        return self._lane

    def claim(
        self, limit: int, *, careful: bool = False, unfit: Collection[bytes] = (), queues: Collection[str] | None = None
    ) -> list[Claimed]:
        begun = time.monotonic()
        back = not careful and begun >= self._look_back_at
        since = a.LONG_AGO if back else self._since
        parameters = (
            a.int8(self._lane), a.int4(limit), a.boolean(careful), since, a.byteas(list(unfit)), self._rotated(queues),
        )  # fmt: skip
        result = self._call(sql.CLAIM, parameters)
        if back:
            self._since = a.timestamp(_int(result, 0, 3) - _MARGIN_US)
            now = time.monotonic()
            self._look_back_at = now + max(_LOOK_BACK_EVERY, _LOOK_BACK_SHARE * (now - begun))
        claimed = _read_claim(result)
        self._hint(now=not claimed)
        self._suspects.update(run.key for run in claimed if run.strikes)
        return claimed

    def give_back(self, keys: Sequence[RunKey]) -> None:
        shards, runs = a.int2s([key.shard for key in keys]), a.uuids([key.run_id for key in keys])
        self._call(sql.GIVE_BACK, (a.int8(self._lane), shards, runs))
        self._suspects.difference_update(keys)

    def enqueue(self, waiting: Sequence[tuple[RunKey, str]]) -> None:
        shards, runs = a.int2s([key.shard for key, _ in waiting]), a.uuids([key.run_id for key, _ in waiting])
        self._call(sql.ENQUEUE, (a.int8(self._lane), shards, runs, a.texts([queue for _, queue in waiting])))
        self._hint_news = True  # told with the release that follows

    def news(self) -> list[News]:
        result = self._call(sql.NEWS, (a.int8(self._lane),))
        self._hint()
        return read_news(result)

    def flush(self, flush: Flush, within: Any = None) -> Flushed:
        suspects = self._suspects - flush.unsettled if self._suspects else ()
        forgiven = {key for key, _, _ in flush.history if key in suspects} if suspects else ()
        publish = [key for key, times in self._deferred.items() if times >= _DEFERRALS] if self._deferred else ()
        parameters = pack_flush(self._lane, flush, forgiven, publish)
        migrations = pack_migrations(flush)
        assert not migrations or within is None, "a migration is its run's own turn"
        if within is not None:
            result = within.write(parameters)
        elif migrations:
            result = self._flush(sql.FLUSH_MIGRATED, (*migrations, *parameters))
        else:
            result = self._flush(sql.FLUSH, parameters)
        deferred: set[RunKey] = set()
        not_started: set[RunKey] = set()
        undelivered: list[int] = []
        told = False
        for row in range(result.ntuples):
            part = _int(result, row, 0)
            if part == 3:
                told = True
            elif part == 4:
                undelivered.append(_int(result, row, 1))
            else:
                key = RunKey(_int(result, row, 1), result.get_value(row, 2) or b"")
                (deferred if part == 1 else not_started).add(key)
        closed = {row.key for row in flush.closing} - deferred
        self._remember(flush, closed, deferred)
        self._hint_news |= told or bool(flush.children or flush.posts or flush.by_workflow_id)
        self._hint_news |= any(row.successor for row in flush.closing)
        self._hint_closed |= bool(closed)
        self._hint()
        return Flushed(closed, not_started, undelivered)

    def reap(self, *, force: Sequence[int] = ()) -> int:
        result = self._call(sql.LANES)
        pulses = [
            Pulse(_int(result, row, 0), _int(result, row, 1), _int(result, row, 2),
                  result.get_value(row, 3) == b"\1", result.get_value(row, 4) == b"\1")
            for row in range(result.ntuples)
        ]  # fmt: skip
        gone, silent = self._watch.judge(pulses)
        for pulse in silent:
            if pulse.lane != self._lane:
                self._call(sql.CUT, (a.int8(pulse.lane),))
        beats: dict[int, int | None] = {pulse.lane: pulse.beat for pulse in (*gone, *silent)}
        beats |= dict.fromkeys(force)
        beats.pop(self._lane, None)  # a lane is never its own judge
        if not beats:
            return 0
        parameters = (a.int8s(list(beats)), a.nullable_int8s(list(beats.values())))
        result = self._call(sql.REAP, parameters)
        return _int(result, 0, 1) if result.ntuples else 0

    def next_ready_at(self, unfit: Collection[bytes] = ()) -> int | None:
        return a.read_timestamp(self._call(sql.NEXT_READY_AT, (self._since, a.byteas(list(unfit)))).get_value(0, 0))

    def now(self) -> int:
        micros = a.read_timestamp(self._call(sql.NOW).get_value(0, 0))
        assert micros is not None
        return micros

    def abandon(self) -> None:
        self._left = True
        with contextlib.suppress(Exception):
            self._session.close()

    def close(self) -> None:
        if self._left:
            return
        self._left = True
        with contextlib.suppress(Exception):
            self._hint(now=True)
            if not self._session.closed:
                self._session.call(sql.LEAVE, (a.int8(self._lane),))
        with contextlib.suppress(Exception):
            self._session.close()

    def _rotated(self, queues: Collection[str] | None) -> bytes | None:
        """Each claim begins with another queue: a claim takes from one after the other."""
        if queues is None:
            return None
        names = sorted(queues)
        self._first_queue = (self._first_queue + 1) % max(len(names), 1)
        return a.texts(names[self._first_queue :] + names[: self._first_queue])

    def _call(self, statement: Statement, parameters: Sequence[bytes | None] = ()) -> PGresult:
        try:
            return self._session.call(statement, parameters)
        except ServerError as error:
            raised = for_lane(error)
            # Only a flush has data that can be at fault, and only a flush waits for others.
            raise raised if isinstance(raised, Fenced) else Doubt(str(error)) from None

    def _flush(self, statement: Statement, parameters: Sequence[bytes]) -> PGresult:
        for attempt in range(1, _TRIES + 1):
            try:
                return self._session.call(statement, parameters)
            except ServerError as error:
                if attempt == _TRIES or not is_contention(error):
                    raise for_lane(error) from None
                time.sleep(random.uniform(0.001, 0.01) * attempt)  # noqa: S311 - jitter, no secret
        raise AssertionError("unreachable")

    def _remember(self, flush: Flush, closed: set[RunKey], deferred: set[RunKey]) -> None:
        if self._suspects:
            self._suspects.difference_update(key for key, _, _ in flush.history if key not in flush.unsettled)
            self._suspects.difference_update(row.key for row in flush.rewrites if row.release)
            self._suspects -= closed
        if self._deferred or deferred:
            for key in closed:
                self._deferred.pop(key, None)
            for key in deferred:
                self._deferred[key] = self._deferred.get(key, 0) + 1

    def _hint(self, *, now: bool = False) -> None:
        """Tell those who wait, at most every couple of milliseconds, and at the latest when there is nothing to do."""
        if not (self._hint_news or self._hint_closed):
            return
        moment = time.monotonic()
        if now or moment - self._hinted >= _HINT_INTERVAL:
            self._session.tell(sql.HINT, (a.boolean(self._hint_news), a.boolean(self._hint_closed)))
            self._hint_news = self._hint_closed = False
            self._hinted = moment


def _settings(ttl_ms: int) -> dict[str, str]:
    limit = max(100, ttl_ms * 3 // 4)
    return {
        # A transaction of a lane ends before its lease can: what is frozen lets go of its locks by itself.
        "transaction_timeout": str(limit),
        "idle_in_transaction_session_timeout": str(limit),
        **flush_settings(ttl_ms),
    }


def flush_settings(ttl_ms: int) -> dict[str, str]:
    """What holds for a flush on whatever connection."""
    limit = max(100, ttl_ms * 3 // 4)
    return {
        "statement_timeout": str(limit),
        "lock_timeout": str(max(50, min(2000, limit // 3))),
        # Every statement of a lane goes by keys; the planner's statistics of queues are always out of date, so it gets
        # no chance to scan a million runs because an inbox was empty when it last looked.
        "enable_seqscan": "off",
        "enable_hashjoin": "off",
        "enable_mergejoin": "off",
        "plan_cache_mode": "force_generic_plan",
        "jit": "off",
    }


def _read_claim(result: PGresult) -> list[Claimed]:
    """Runs come first, then their tails in order, then their news. Raises Doubt for a tail with a gap."""
    value = result.get_value
    runs: dict[bytes, Claimed] = {}
    for row in range(result.ntuples):
        part, run_id, number = _int(result, row, 0), value(row, 2) or b"", _int(result, row, 3)
        if part == 0:
            parent_run, parent_op = value(row, 9), value(row, 10)
            runs[run_id] = Claimed(
                key=RunKey(_int(result, row, 1), run_id),
                workflow_id=(value(row, 5) or b"").decode(),
                definition=value(row, 7) or b"",
                snapshot_seq=number,
                snapshot=value(row, 6) or b"",
                tail=[],
                news=[],
                strikes=_int(result, row, 4),
                parent=RunKey(_int(result, row, 8), parent_run) if parent_run is not None else None,
                parent_op=None if parent_op is None else a.read_int(parent_op),
            )
        elif part == 1:
            run = runs[run_id]
            if number != run.snapshot_seq + len(run.tail) + 1 or _int(result, row, 4) != 0:
                raise Doubt(f"the history of run {run_id.hex()} is not what follows its snapshot: row {number}")
            run.tail.append(value(row, 6) or b"")
        elif part == 2:
            run = runs[run_id]
            run.news.append(
                News(run.key, number, _int(result, row, 4), (value(row, 5) or b"").decode(), value(row, 6) or b"")
            )
    return list(runs.values())
