"""The command line as a person meets it: real processes, a database of the test's own."""

from __future__ import annotations

import pytest

from tests.runtime.cli.calling import Tenuto


@pytest.fixture
def tenuto(pg_dsn: str) -> Tenuto:
    """Runs `tenuto` in the folder of these tests, with TENUTO_DB set."""
    return Tenuto({"TENUTO_DB": pg_dsn})


@pytest.fixture
def bare(tmp_path: object) -> Tenuto:
    """Runs `tenuto` with no database named and a home that holds none."""
    return Tenuto({"TENUTO_HOME": f"{tmp_path}/home"})
