"""The short form of the stress and its mutation gate; the long forms are commands (`stress`, `mutation_gate`)."""

from __future__ import annotations

import json

import pytest

from tests.faults.mutations import NAMES
from tests.faults.stress import stress

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("seed", [1, 2])
def test_nothing_is_lost_doubled_or_orphaned(empty_pg_dsn: str, seed: int) -> None:
    report = stress(empty_pg_dsn, 6, seed)
    print(json.dumps(report.figures))
    assert report.violations == []
    assert report.figures["lanes_reaped"] > 0
    assert report.figures["messages_acknowledged"] > 100


@pytest.mark.parametrize("mutation", NAMES)
def test_each_rule_removed_is_noticed(empty_pg_dsn: str, mutation: str) -> None:
    report = stress(empty_pg_dsn, 45, 1, mutation)
    assert report.violations, f"{mutation} went unnoticed: {json.dumps(report.figures)}"
