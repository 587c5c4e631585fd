"""Which runs a lane keeps. A run must never take a turn and be released with its older snapshot by the same flush."""

from __future__ import annotations

from typing import Any, cast

from tenuto.engine.holding import Holding
from tenuto.engine.run import LiveRun
from tenuto.store.protocol import Claimed, RunKey
from tenuto_interpreter.machine import Snapshot

from tests.runtime.engine.kit import QUICK

LONG_AFTER = float("inf")


def held() -> tuple[Holding, LiveRun]:
    """A holding with one run that has taken its first turn and waits."""
    claimed = Claimed(RunKey(1, b"r" * 16), "w", b"", 0, b"", [], [], 0, None, None)
    run = LiveRun(claimed, cast("Any", object()), Snapshot.new(), "r")
    holding = Holding(QUICK)
    holding.add(run)
    assert holding.take_queued() == [run]
    holding.keep(run)
    return holding, run


def test_a_run_that_waits_is_idle_after_a_while() -> None:
    holding, run = held()
    assert holding.idle(0.0) == []
    assert holding.idle(LONG_AFTER) == [run]
    assert holding.idle(LONG_AFTER) == []


def test_a_run_that_takes_a_turn_is_not_released_beside_it() -> None:
    holding, run = held()
    holding.queue(run)
    assert holding.take_queued() == [run]
    assert holding.idle(LONG_AFTER) == []
    holding.keep(run)
    assert holding.idle(LONG_AFTER) == [run]


def test_a_run_takes_one_turn_however_often_it_was_queued() -> None:
    holding, run = held()
    holding.queue(run)
    holding.unqueue(run)
    holding.queue(run)
    assert holding.take_queued() == [run]
