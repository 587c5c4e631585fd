"""The small form of `python -m benchmarks.recovery`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.acceptance.recovery import recover


@pytest.mark.slow
def test_runs_survive_a_daemon_that_is_killed_again_and_again(empty_pg_dsn: str, tmp_path: Path) -> None:
    outcome = recover(empty_pg_dsn, tmp_path, runs=150, kills=3, seed=1, longest_s=0.5)
    print(json.dumps(outcome.figures))
    assert outcome.problems == []
    assert outcome.figures["activities"] == 150 * 5 + 5
    assert outcome.figures["attempts_lost"] > 0
