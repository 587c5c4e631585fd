from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.runtime.engine.kit import World


@pytest.fixture
def world(pg_dsn: str) -> Iterator[World]:
    made = World(pg_dsn)
    yield made
    made.client.close()
