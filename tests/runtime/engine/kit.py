"""What the engine's tests share: workflows from text, an engine on a database, a wait with a limit."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from typing import Any

from tenuto.activities import Registry
from tenuto.client import Client
from tenuto.engine import Engine, Settings, Stores, memory_stores
from tenuto.store.memory import MemoryStore
from tenuto_dsl.compiler import Compiled, compile_source
from tenuto_dsl.diagnostics import Diagnostics

QUICK = Settings(
    lanes=1, threads=8, ttl_ms=3_000, linger_s=0.02, poll_max_s=0.2, reap_s=0.3, careful_s=0.1, grace_s=5.0
)


VIRTUAL = replace(QUICK, exact_clock=True, reap_s=0.05)
"""For a clock that only moves when it is told to: the store is asked for the time at every turn."""


def compiled(text: str, name: str = "test.tenuto") -> list[Compiled]:
    sink = Diagnostics()
    found = compile_source(name, text, sink)
    errors = [str(item) for item in sink.items if item.severity == "error"]
    assert not errors, errors
    return found


class World:
    """A store, a client and the functions that play the activities, by name."""

    def __init__(self, stores: Stores, dsn: str = "") -> None:
        self.dsn = dsn
        self.stores = stores
        self.client = Client(stores.client())

    def deploy(self, text: str) -> None:
        self.client.deploy(compiled(text))

    @contextlib.contextmanager
    def engine(
        self,
        settings: Settings = QUICK,
        *,
        only: Collection[str] | None = None,
        queues: Collection[str] | None = None,
        **activities: Callable[..., Any],
    ) -> Iterator[Engine]:
        registry = Registry()
        for name, function in activities.items():
            registry.register(function, name)
        with Engine(self.stores, registry, settings=settings, only=only, queues=queues) as engine:
            yield engine

    def result(self, workflow: str, input: dict[str, Any] | None = None, timeout: float = 10.0) -> Any:
        started = self.client.start(workflow, input)
        return self.client.result(started.workflow_id, timeout)


class VirtualWorld(World):
    """`advance` moves the time; `fail` is asked before each call of a lane's store, and may raise."""

    def __init__(self) -> None:
        self.at = 1_700_000_000_000_000
        self.store = MemoryStore(lambda: self.at)
        self.fail: Callable[[str], None] = lambda _: None
        stores = memory_stores(self.store)
        super().__init__(replace(stores, lane=lambda ttl_ms: self.store.lane(ttl_ms, fail=lambda m: self.fail(m))))

    def advance(self, seconds: float) -> None:
        self.at += int(seconds * 1_000_000)
        self.store.wake()


def eventually(condition: Callable[[], Any], timeout: float = 10.0, what: str = "") -> Any:
    """The first true answer of a condition, asked again and again."""
    end = time.monotonic() + timeout
    while True:
        found = condition()
        if found:
            return found
        assert time.monotonic() < end, f"not in {timeout} s: {what or condition}"
        time.sleep(0.01)
