"""Where an engine gets its connections from: a lane's, the heartbeat's, a client's, and hints that there is news."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from tenuto.store.admissions import Admissions
from tenuto.store.memory import MemoryStore
from tenuto.store.protocol import ClientStore, Heart, LaneStore


class Hints(Protocol):
    """Waits for a hint that some run has something to do. A hint may be missing or in vain."""

    def wait_for_news(self, timeout: float) -> bool: ...
    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Stores:
    """Factories; each call opens a connection of its own. `lane` takes the lease in milliseconds."""

    lane: Callable[[int], LaneStore]
    heart: Callable[[], Heart]
    client: Callable[[], ClientStore]
    hints: Callable[[], Hints] | None = None
    channel: Callable[[int], Any] | None = None
    """For transactions of activities, with the lease in milliseconds; None where there are none."""
    admissions: Callable[[], Admissions] | None = None
    """For the rates of activities; opened when the first attempt has one."""


def postgres_stores(dsn: str) -> Stores:
    """Connections to a migrated PostgreSQL database."""
    from tenuto.store.postgres import (  # only who uses Postgres needs its driver
        Listener,
        PostgresAdmissions,
        PostgresClient,
        PostgresHeart,
        PostgresLane,
        Watch,
        channels,
    )

    watch = Watch()
    return Stores(
        lane=lambda ttl_ms: PostgresLane(dsn, ttl_ms=ttl_ms, watch=watch),
        heart=lambda: PostgresHeart(dsn),
        client=lambda: PostgresClient(dsn),
        hints=lambda: Listener(dsn),
        channel=lambda ttl_ms: channels(dsn, ttl_ms),
        admissions=lambda: PostgresAdmissions(dsn),
    )


def memory_stores(store: MemoryStore) -> Stores:
    """Connections to a store in this process's memory."""
    return Stores(
        lane=store.lane, heart=store.heart, client=store.client, hints=store.hints, admissions=store.admissions
    )
