"""Runs that are undone by workflows and go on in another version: what is on the undo stack, in flight, and parked."""

from __future__ import annotations

from typing import Any

import pytest
from tenuto_interpreter.commands import StartChild
from tenuto_interpreter.events import ChildCompleted, ChildFailed, Failure, RetryRequested
from tenuto_interpreter.machine.migration import Refused

from .test_migration import Migrating, happened, replays, run, to
from .written import status

FAMILY = """
workflow order(n: int) -> int { do { return n } }
workflow cancel_order(id: string) { do { call put(id) } }
"""
ONE = FAMILY + 'workflow w() { version 1; do { call order(1) undo cancel_order(id: "o"); wait 1h; fail Worse } }'
TWO = (
    FAMILY
    + """workflow w() { version 2; migrate from 1 {}
  do { call order(1) undo cancel_order(id: "o"); wait 2h; fail Worse } }"""
)
WITHOUT = "workflow w() { version 2; migrate from 1 {}; do { wait 2h; fail Worse } }"


def ends(made: Migrating, kind: str, result: Any = None, failure: Failure | None = None) -> None:
    op = next(op.id for op in made.snapshot.ops.values() if op.kind == kind and op.is_workflow)
    made.feed(ChildFailed(made.at, op, failure) if failure else ChildCompleted(made.at, op, result))
    replays(made)


def begun(made: Migrating) -> list[tuple[str, Any]]:
    return [(child.workflow, child.input) for child in happened(made, StartChild)]


UNDO = ("cancel_order", {"id": "o"})


def test_an_undo_that_waits_on_the_stack_is_run_by_a_version_that_does_not_know_the_workflow() -> None:
    """What undoes is a run of its own, of whatever is deployed then."""
    made = run(ONE)
    ends(made, "child", 1)
    to(made, WITHOUT)
    made.advance(2 * 3600)
    assert begun(made) == [("order", {"n": 1}), UNDO]
    ends(made, "undo")
    assert status(made) == "failed"


def test_an_undo_in_flight_goes_on() -> None:
    made = run(ONE)
    ends(made, "child", 1)
    made.advance(3600)
    assert made.snapshot.status == "compensating"
    to(made, WITHOUT)
    assert len(begun(made)) == 2, "it is not begun a second time"
    ends(made, "undo")
    assert status(made) == "failed"


def test_an_undo_that_failed_for_good_stays_parked_and_is_begun_again_under_its_id() -> None:
    made = run(ONE)
    ends(made, "child", 1)
    made.advance(3600)
    ends(made, "undo", failure=Failure("Worse", "no"))
    to(made, WITHOUT)
    made.feed(RetryRequested(made.at))
    first, second = happened(made, StartChild)[1:]
    assert first == second
    ends(made, "undo")
    assert status(made) == "failed"


def test_a_child_in_flight_keeps_its_undo() -> None:
    made = run(ONE)
    to(made, TWO)
    ends(made, "child", 1)
    assert begun(made) == [("order", {"n": 1})] * 2, "the changed block begins again"
    assert [entry[:2] for entry in made.snapshot.undo] == [["cancel_order", {"id": "o"}]]


@pytest.mark.parametrize(
    "other", ["call order(1)", 'call order(1) undo put("o")', 'call order(1) undo cancel_order(id: "p")']
)
def test_a_child_in_flight_is_not_left_to_a_version_that_undoes_it_otherwise(other: str) -> None:
    made = run(ONE)
    with pytest.raises(Refused, match="a call of order is in flight"):
        to(made, TWO.replace('call order(1) undo cancel_order(id: "o")', other))
