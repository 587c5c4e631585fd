from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tenuto.engine import memory_stores, postgres_stores
from tenuto.store.memory import MemoryStore

from tests.runtime.engine.kit import VirtualWorld, World
from tests.runtime.engine.process_kit import CHAIN, Processes


@pytest.fixture
def world(pg_dsn: str) -> Iterator[World]:
    """On Postgres."""
    made = World(postgres_stores(pg_dsn), pg_dsn)
    yield made
    made.client.close()


@pytest.fixture
def memory() -> Iterator[World]:
    """In memory, in real time."""
    made = World(memory_stores(MemoryStore()))
    yield made
    made.client.close()


@pytest.fixture
def virtual() -> Iterator[VirtualWorld]:
    """In memory, with a clock that stands still until it is moved."""
    made = VirtualWorld()
    yield made
    made.client.close()


@pytest.fixture
def processes(world: World, tmp_path: Path) -> Iterator[Processes]:
    """Engines as processes, on Postgres."""
    world.deploy(CHAIN)
    made = Processes(world, tmp_path)
    yield made
    made.end()
