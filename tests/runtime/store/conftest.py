from __future__ import annotations

from collections.abc import Iterator

import pytest
from tenuto.store.protocol import ClientStore, LaneStore

from tests.runtime.store.kit import Face, MemoryFace, PostgresFace


@pytest.fixture(params=["memory", "postgres"])
def face(request: pytest.FixtureRequest) -> Iterator[Face]:
    made: Face = MemoryFace() if request.param == "memory" else PostgresFace(request.getfixturevalue("pg_dsn"))
    yield made
    made.close()


@pytest.fixture
def client(face: Face) -> ClientStore:
    return face.client()


@pytest.fixture
def lane(face: Face) -> LaneStore:
    return face.lane()
