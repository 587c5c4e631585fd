"""Undos of children, and undos that are workflows: pushed, run, tracked, repaired."""

from __future__ import annotations

from typing import Any

import pytest
from tenuto_interpreter.commands import CancelChild, StartChild
from tenuto_interpreter.events import (
    CancelRequested,
    ChildCompleted,
    ChildFailed,
    Failure,
    RetryRequested,
    TerminateRequested,
)
from tenuto_interpreter.machine import Snapshot
from tenuto_interpreter.virtual import HANGS, VirtualRun

from .written import calls, run, status

FAMILY = """
activity slow(x: int) { timeout 1h }
workflow order(n: int) -> int { do { return n } }
workflow cancel_order(id: string, n: int = 5) { do { call put(id) } }
"""
FAILS = (
    FAMILY + 'workflow w() { do { call order(1) undo cancel_order(id: "o"); call get(7) undo unget(7); fail Worse } }'
)


def sent(made: VirtualRun, kind: type) -> list[Any]:
    return [c for _, commands in made.log for c in commands if isinstance(c, kind)]


def ends(made: VirtualRun, kind: str, result: Any = None, failure: Failure | None = None) -> None:
    """The child that is in flight as a call ("child") or as an undo comes to its end."""
    op = next(op.id for op in made.snapshot.ops.values() if op.kind == kind and op.is_workflow)
    made.feed(ChildFailed(made.at, op, failure) if failure else ChildCompleted(made.at, op, result))
    assert made.replayed().encode() == made.snapshot.encode()
    assert Snapshot.decode(made.snapshot.encode()).encode() == made.snapshot.encode()


def test_a_workflow_undoes_a_child_newest_first() -> None:
    made = run(FAILS)
    ends(made, "child", 7)
    assert calls(made) == [("get", 7), ("unget", 7)]
    assert made.snapshot.status == "compensating"
    undo = sent(made, StartChild)[-1]
    assert (undo.workflow, undo.input, undo.awaited) == ("cancel_order", {"id": "o", "n": 5}, True)
    assert undo.workflow_id == f"run/cancel_order-{undo.op}"
    ends(made, "undo")
    assert status(made) == "failed"


def test_an_undo_by_a_workflow_that_fails_parks_and_is_begun_again_by_a_retry() -> None:
    made = run(FAILS)
    ends(made, "child", 7)
    ends(made, "undo", failure=Failure("Worse", "no"))
    assert made.snapshot.parked == ("the undo cancel_order failed for good: Worse: no", "undo cancel_order")
    first = sent(made, StartChild)[-1]
    made.feed(RetryRequested(made.at))
    assert made.snapshot.parked is None
    assert sent(made, StartChild)[-1] == first
    assert len(sent(made, StartChild)) == 3
    ends(made, "undo")
    assert status(made) == "failed"


def test_an_activity_is_undone_by_a_workflow_when_its_outcome_is_unknown() -> None:
    source = FAMILY + 'workflow w() { do { call slow(1) undo cancel_order(id: "s") } }'
    made = run(source, {"slow": HANGS})
    made.advance(3600)
    assert [c.input["id"] for c in sent(made, StartChild)] == ["s"]
    ends(made, "undo")
    assert status(made) == "failed"


def test_the_arguments_of_a_workflow_may_use_the_result() -> None:
    made = run(FAMILY + 'workflow w() { do { let x = call order(1) undo cancel_order(id: "o-${x}"); fail Worse } }')
    ends(made, "child", 7)
    assert sent(made, StartChild)[-1].input["id"] == "o-7"


@pytest.mark.parametrize(
    ("failure", "undone"),
    [(Failure("Worse"), False), (Failure("Cancelled"), False), (Failure("Terminated"), True)],
)
def test_a_child_that_ended_by_itself_has_undone_its_work_and_one_that_was_terminated_has_not(
    failure: Failure, undone: bool
) -> None:
    made = run(FAMILY + 'workflow w() { do { call order(1) undo cancel_order(id: "o") } }')
    ends(made, "child", failure=failure)
    assert len(sent(made, StartChild)) == (2 if undone else 1)


def test_a_child_that_took_too_long_and_was_terminated_before_it_had_stopped_is_undone() -> None:
    made = run(FAMILY + 'workflow w() { do { call order(1) with timeout 1h undo cancel_order(id: "o") } }')
    made.advance(3600)
    ends(made, "child", failure=Failure("Terminated"))
    assert [c.workflow for c in sent(made, StartChild)] == ["order", "cancel_order"]
    ends(made, "undo")
    assert made.closed.failure.code == "Timeout"


@pytest.mark.parametrize("late", [True, False])
def test_a_child_past_its_limit_is_undone_when_it_completes_late_and_only_then(late: bool) -> None:
    """What it has done is known when it has ended; to undo beside it would be a race."""
    made = run(FAMILY + 'workflow w() { do { call order(1) with timeout overall 1h undo cancel_order(id: "o") } }')
    made.advance(3600)
    assert len(sent(made, CancelChild)) == 1
    assert len(sent(made, StartChild)) == 1
    if late:
        ends(made, "child", 7)
        assert len(sent(made, StartChild)) == 2
        ends(made, "undo")
    else:
        ends(made, "child", failure=Failure("Cancelled"))
    assert status(made) == "failed"
    assert made.closed.failure.code == "Timeout"


def test_a_compensate_waits_for_the_workflow_and_goes_on() -> None:
    made = run(
        FAMILY
        + """workflow w() -> string { do {
      try { call order(1) undo cancel_order(id: "o"); fail Worse } catch Worse { compensate; return "so" }
    } }"""
    )
    ends(made, "child", 7)
    assert made.closed is None
    ends(made, "undo")
    assert made.closed.result == "so"


def test_cancelling_does_not_stop_an_undo_and_terminating_does() -> None:
    made = run(FAILS)
    ends(made, "child", 7)
    made.feed(CancelRequested(made.at))
    assert sent(made, CancelChild) == []
    made.feed(TerminateRequested(made.at))
    assert len(sent(made, CancelChild)) == 1
    assert status(made) == "terminated"


def test_a_child_that_completes_after_the_compensation_has_passed_is_undone_at_once() -> None:
    made = run(
        FAMILY
        + """workflow w() -> string { do {
          try { call order(1) with timeout overall 1h undo cancel_order(id: "o"); return "?" }
          catch Timeout { compensate; return "so" }
        } }"""
    )
    made.advance(3600)
    assert made.closed is None
    assert [c.workflow for c in sent(made, StartChild)] == ["order"]
    ends(made, "child", 7)
    assert [c.workflow for c in sent(made, StartChild)] == ["order", "cancel_order"]
    ends(made, "undo")
    assert made.closed.result == "so"
