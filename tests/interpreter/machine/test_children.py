"""Child workflows: what their call raises, its limits and retries, and what becomes of them when their caller goes."""

from __future__ import annotations

from typing import Any

import pytest
from tenuto_interpreter.commands import CancelChild, StartChild
from tenuto_interpreter.events import ChildCompleted, ChildFailed, Failure, RetryRequested
from tenuto_interpreter.virtual import VirtualRun

from .written import calls, run, status

CHILD = "workflow child(n: int) -> int { do { return n } }\n"
CALLS = """workflow w() -> string { signal go()
  initial state s {
    do { try { let x = call child(2) %s undo put("undo"); return "got ${x}" } catch as e { return e.code } }
    on go -> e }
  final state e { return "left" } }"""


def sent(made: VirtualRun, kind: type) -> list[Any]:
    return [c for _, commands in made.log for c in commands if isinstance(c, kind)]


def ends(made: VirtualRun, result: Any = None, failure: Failure | None = None) -> None:
    op = next(op.id for op in made.snapshot.ops.values() if op.kind == "child")
    event = ChildFailed(made.at, op, failure) if failure else ChildCompleted(made.at, op, result)
    made.feed(event)
    assert made.replayed().encode() == made.snapshot.encode()


@pytest.mark.parametrize(
    ("failure", "raised"),
    [(Failure("Worse"), "Worse"), (Failure("Elsewhere"), "ChildFailed"), (Failure("Terminated"), "ChildFailed")],
)
def test_declared_errors_keep_their_name_and_others_are_childfailed(failure: Failure, raised: str) -> None:
    made = run(CHILD + CALLS % "")
    ends(made, failure=failure)
    assert made.closed.result == raised


def test_a_child_is_tried_again_under_its_own_id() -> None:
    made = run(CHILD + CALLS % "with retry 2 times backoff 10s factor 1.0 unless Worse")
    for _ in range(2):
        ends(made, failure=Failure("Broken", retryable=False))
        made.advance(15)
    started = sent(made, StartChild)
    assert len(started) == 3
    assert {(c.workflow_id, c.op, str(c.input)) for c in started} == {("run/child-2", 2, "{'n': 2}")}
    ends(made, 7)
    assert made.closed.result == "got 7"


def test_retries_of_a_child_come_to_an_end() -> None:
    made = run(CHILD + CALLS % "with retry 1 times backoff 10s unless Worse")
    ends(made, failure=Failure("Broken"))
    made.advance(15)
    ends(made, failure=Failure("Broken"))
    assert made.closed.result == "ChildFailed"
    made = run(CHILD + CALLS % "with retry 5 times unless Worse")
    ends(made, failure=Failure("Worse"))
    assert made.closed.result == "Worse"


def test_a_child_past_its_overall_limit_is_asked_to_stop_and_stays_tracked() -> None:
    made = run(CHILD + CALLS % "with timeout overall 1h")
    made.advance(3600)
    assert made.closed is None
    assert len(sent(made, CancelChild)) == 1
    ends(made, 7)
    assert made.closed.result == "Timeout"


@pytest.mark.parametrize("in_time", [True, False])
def test_a_child_past_the_limit_of_an_attempt_ends_before_anything_follows(in_time: bool) -> None:
    made = run(CHILD + CALLS % "with timeout 1h, retry 1 times backoff 10s")
    made.advance(3600)
    assert len(sent(made, CancelChild)) == 1
    assert len(sent(made, StartChild)) == 1
    if in_time:
        ends(made, 7)
        assert made.closed.result == "got 7"
        return
    ends(made, failure=Failure("Cancelled"))
    made.advance(15)
    assert len(sent(made, StartChild)) == 2
    made.advance(3600)
    ends(made, failure=Failure("Cancelled"))
    assert made.closed.result == "Timeout"


@pytest.mark.parametrize("when", ["running", "stopping", "waiting"])
def test_leaving_the_state_of_a_call_to_a_child(when: str) -> None:
    made = run(CHILD + CALLS % "with timeout 1h, retry 1 times backoff 10s")
    if when == "waiting":
        ends(made, failure=Failure("Broken"))
    made.advance(0 if when == "running" else 3600 if when == "stopping" else 1)
    made.signal("go")
    assert len(sent(made, CancelChild)) == (0 if when == "waiting" else 1)
    if when != "waiting":
        assert made.closed is None
        made.advance(3600 * 5)
        ends(made, failure=Failure("Cancelled"))
    assert made.closed.result == "left"
    assert len(sent(made, StartChild)) == 1


def test_an_operator_may_end_the_wait_before_a_child_is_tried_again() -> None:
    made = run(CHILD + CALLS % "with retry 1 times backoff 10h")
    ends(made, failure=Failure("Broken"))
    made.feed(RetryRequested(made.at))
    assert len(sent(made, StartChild)) == 2


def test_the_undo_of_a_child_is_pushed_when_it_has_completed() -> None:
    made = run(CHILD + """workflow w() { do { let x = call child(2) undo unget(x); fail Worse } }""")
    ends(made, 7)
    assert status(made) == "failed"
    assert calls(made) == [("unget", 7)]


@pytest.mark.parametrize(("written", "policy"), [("", "terminate"), ("on close abandon", "abandon")])
def test_a_child_that_is_started_goes_on_by_itself(written: str, policy: str) -> None:
    made = run(
        CHILD
        + f"""workflow w() -> string {{ do {{
      let a = start child(1) id "child-of-${{workflow.id}}" {written}
      let b = start child(2) {written}
      return a + " " + b }} }}"""
    )
    assert made.closed.result == "child-of-run run/child-3"
    assert [(c.workflow_id, c.awaited, c.on_close) for c in sent(made, StartChild)] == [
        ("child-of-run", False, policy), ("run/child-3", False, policy),
    ]  # fmt: skip
