"""What the engine's tests share: workflows from text, an engine on a database, a wait with a limit."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from typing import Any

from tenuto.activities import Registry
from tenuto.client import Client
from tenuto.engine import Engine, Settings, postgres_stores
from tenuto_dsl.compiler import Compiled, compile_source
from tenuto_dsl.diagnostics import Diagnostics

QUICK = Settings(
    lanes=1, threads=8, ttl_ms=3_000, linger_s=0.02, poll_max_s=0.2, reap_s=0.3, careful_s=0.1, grace_s=5.0
)


def compiled(text: str, name: str = "test.tenuto") -> list[Compiled]:
    sink = Diagnostics()
    found = compile_source(name, text, sink)
    errors = [str(item) for item in sink.items if item.severity == "error"]
    assert not errors, errors
    return found


class World:
    """A database, a client and the functions that play the activities, by name."""

    def __init__(self, dsn: str) -> None:
        self.dsn = dsn
        self.client = Client(dsn)

    def deploy(self, text: str) -> None:
        self.client.deploy(compiled(text))

    @contextlib.contextmanager
    def engine(self, settings: Settings = QUICK, **activities: Callable[..., Any]) -> Iterator[Engine]:
        registry = Registry()
        for name, function in activities.items():
            registry.register(function, name)
        with Engine(postgres_stores(self.dsn), registry, settings=settings) as engine:
            yield engine

    def result(self, workflow: str, input: dict[str, Any] | None = None, timeout: float = 10.0) -> Any:
        started = self.client.start(workflow, input)
        return self.client.result(started.workflow_id, timeout)


def eventually(condition: Callable[[], Any], timeout: float = 10.0, what: str = "") -> Any:
    """The first true answer of a condition, asked again and again."""
    end = time.monotonic() + timeout
    while True:
        found = condition()
        if found:
            return found
        assert time.monotonic() < end, f"not in {timeout} s: {what or condition}"
        time.sleep(0.01)
