"""What the store's tests share: one face for every implementation, and short ways to make runs and flushes."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import psycopg
from tenuto.store.admissions import Admissions
from tenuto.store.ids import new_run_id, shard_of
from tenuto.store.memory import MemoryStore
from tenuto.store.postgres import PostgresAdmissions, PostgresClient, PostgresHeart, PostgresLane
from tenuto.store.protocol import (
    Claimed,
    ClientStore,
    Closing,
    Flush,
    Heart,
    LaneStore,
    NewRun,
    Rewrite,
    RunKey,
    Status,
)
from tenuto.store.watch import Watch

TTL_MS = 5_000


class Face:
    """A store under test. `advance` moves its clock; `monotonic` is the watchers' own."""

    def __init__(self) -> None:
        self.monotonic = 0.0
        self._opened: list[Any] = []

    def watch(self) -> Watch:
        return Watch(lambda: self.monotonic)

    def lane(self, ttl_ms: int = TTL_MS) -> LaneStore:
        return self._keep(self._lane(ttl_ms))

    def client(self) -> ClientStore:
        return self._keep(self._client())

    def heart(self) -> Heart:
        return self._keep(self._heart())

    def admissions(self) -> Admissions:
        return self._keep(self._admissions())

    def close(self) -> None:
        for thing in reversed(self._opened):
            thing.close()

    def advance(self, seconds: float) -> None:
        raise NotImplementedError

    def _keep(self, thing: Any) -> Any:
        self._opened.append(thing)
        return thing

    _lane: Callable[[int], LaneStore]
    _client: Callable[[], ClientStore]
    _heart: Callable[[], Heart]
    _admissions: Callable[[], Admissions]


class MemoryFace(Face):
    def __init__(self) -> None:
        super().__init__()
        self._ahead = 0
        self.store = MemoryStore(lambda: time.time_ns() // 1000 + self._ahead, watch=self.watch())
        self._lane = self.store.lane
        self._client = self.store.client
        self._heart = self.store.heart
        self._admissions = self.store.admissions

    def advance(self, seconds: float) -> None:
        self._ahead += int(seconds * 1_000_000)


class PostgresFace(Face):
    def __init__(self, dsn: str) -> None:
        super().__init__()
        self.dsn = dsn
        self._seconds = 0.0
        watch = self.watch()
        self._lane = lambda ttl_ms: PostgresLane(dsn, ttl_ms=ttl_ms, watch=watch)
        self._client = lambda: PostgresClient(dsn)
        self._heart = lambda: PostgresHeart(dsn)
        self._admissions = lambda: PostgresAdmissions(dsn)

    def advance(self, seconds: float) -> None:
        self._seconds += seconds
        with psycopg.connect(self.dsn, autocommit=True) as connection:
            connection.execute(
                "create or replace function tenuto.clock() returns timestamptz language sql volatile as "
                f"$$select clock_timestamp() + {self._seconds} * interval '1 second'$$".encode()
            )


def new(workflow_id: str, **fields: Any) -> NewRun:
    values: dict[str, Any] = {"workflow": "flow", "definition": b"digest", "start": b"start of " + workflow_id.encode()}
    return NewRun(RunKey(shard_of(workflow_id), new_run_id()), workflow_id, **{**values, **fields})


def take(lane: LaneStore, limit: int = 100, *, careful: bool = False) -> dict[str, Claimed]:
    return {run.workflow_id: run for run in lane.claim(limit, careful=careful)}


def started(client: ClientStore, lane: LaneStore, *ids: str) -> list[Claimed]:
    """Start these runs and claim them."""
    client.start_many([new(name) for name in ids])
    taken = take(lane)
    return [taken[name] for name in ids]


def steps(run: Claimed, *payloads: bytes, after: int | None = None) -> list[tuple[RunKey, int, bytes]]:
    first = (run.snapshot_seq + len(run.tail) if after is None else after) + 1
    return [(run.key, first + n, payload) for n, payload in enumerate(payloads)]


def rest(key: RunKey, seq: int = 0, ready_at: int | None = None, **fields: Any) -> Rewrite:
    """Idle until news, or `ready_at`."""
    return Rewrite(key, seq, b"snapshot", ready_at, "resting", **fields)


def closing(key: RunKey, seq: int, status: Status = Status.COMPLETED, **fields: Any) -> Closing:
    return Closing(key, status, seq, b"outcome", "done", **fields)


def close(lane: LaneStore, key: RunKey, seq: int = 0, status: Status = Status.COMPLETED) -> None:
    assert lane.flush(Flush(closing=[closing(key, seq, status)])).closed == {key}
