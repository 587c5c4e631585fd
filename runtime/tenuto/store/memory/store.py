"""One in-memory database: makes the lanes, hearts, clients and listeners that share it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from tenuto.store.memory.admissions import MemoryAdmissions
from tenuto.store.memory.client import MemoryClient
from tenuto.store.memory.lane import MemoryLane
from tenuto.store.memory.tables import Tables
from tenuto.store.watch import Watch


def _wall_clock() -> int:
    return time.time_ns() // 1000


class MemoryStore:
    """`clock` gives microseconds since 1970: a test's virtual time goes in here."""

    def __init__(self, clock: Callable[[], int] = _wall_clock, *, watch: Watch | None = None) -> None:
        self._tables = Tables(clock)
        self._watch = watch or Watch()

    def lane(self, ttl_ms: int = 10_000, *, fail: Callable[[str], None] | None = None) -> MemoryLane:
        """`fail` is called before each of the lane's methods with its name: a place for tests to raise from."""
        return MemoryLane(self._tables, ttl_ms, self._watch, fail)

    def heart(self) -> MemoryHeart:
        return MemoryHeart(self._tables)

    def admissions(self) -> MemoryAdmissions:
        return MemoryAdmissions(self._tables)

    def client(self) -> MemoryClient:
        return MemoryClient(self._tables)

    def hints(self) -> MemoryListener:
        return MemoryListener(self._tables)

    def wake(self) -> None:
        """Hint at everybody: a virtual clock has moved."""
        with self._tables.changed:
            self._tables.hint(news=True, closed=True)


class MemoryHeart:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def beat(self, lanes: Sequence[int], ttl_ms: int) -> set[int]:
        with self._tables.changed:
            alive = {lane for lane in lanes if lane in self._tables.lanes}
            for lane in alive:
                row = self._tables.lanes[lane]
                row.lease_until, row.beat, row.ttl_ms = self._tables.clock() + ttl_ms * 1000, row.beat + 1, ttl_ms
        return alive

    def close(self) -> None:
        pass


class MemoryListener:
    """Hints for engines."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._seen = tables.news_hints

    def wait_for_news(self, timeout: float) -> bool:
        tables = self._tables
        with tables.changed:
            heard = tables.changed.wait_for(lambda: tables.news_hints != self._seen, timeout)
            self._seen = tables.news_hints
        return heard

    def close(self) -> None:
        with self._tables.changed:
            self._tables.changed.notify_all()
