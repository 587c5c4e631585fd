"""Which undos run, when, and how often: marks, concurrent work, late outcomes, limits."""

from __future__ import annotations

import pytest
from tenuto_interpreter.commands import CancelActivity
from tenuto_interpreter.events import Failure, RetryRequested
from tenuto_interpreter.virtual import HANGS

from .written import WORSE, calls, complete, deaf, run, status


def test_commit_inside_a_try_leaves_later_undos_to_its_compensate() -> None:
    made = run(
        """workflow w() -> string { do {
          call get(1) undo unget(1)
          try { commit; call get(2) undo unget(2); fail Worse } catch Worse { compensate; call put("after") }
          return "ok" } }""",
        {"get": 0},
    )
    assert status(made) == "completed"
    assert calls(made) == [("get", 1), ("get", 2), ("unget", 2), ("put", "after")]


@pytest.mark.parametrize("mine_is_first", [True, False])
def test_compensating_a_try_leaves_another_regions_undos_alone(mine_is_first: bool) -> None:
    before, between = ("1s", "3s") if mine_is_first else ("3s", "1s")
    made = run(
        f"""workflow w() {{
          initial state s {{
            region a {{ do {{ try {{ wait {before}; call get(1) undo unget(1); wait 10s; fail Worse }}
                              catch Worse {{ compensate }}; wait 1m }} }}
            region b {{ do {{ wait {between}; call get(2) undo unget(2); wait 1h; fail Worse }} }}
          }} }}""",
        {"get": 0},
    )
    made.advance(30)
    assert [c for c in calls(made) if c[0] == "unget"] == [("unget", 1)]
    made.run_to_end()
    assert [c for c in calls(made) if c[0] == "unget"] == [("unget", 1), ("unget", 2)]


def test_compensating_a_try_undoes_what_its_branches_did() -> None:
    made = run(
        """workflow w() { do {
          call get(0) undo unget(0)
          try {
            parallel { one { call get(1) undo unget(1) }; two { call get(2) undo unget(2) } }
            for x in [3, 4] at most 2 at once { call get(x) undo unget(x) }
            fail Worse
          } catch Worse { compensate } } }""",
        {"get": 0},
    )
    assert [c for c in calls(made) if c[0] == "unget"] == [("unget", 4), ("unget", 3), ("unget", 2), ("unget", 1)]


BRANCH_INTERRUPTED = """workflow w() -> string { do {
  try { parallel { one { call get(1) undo unget(%s) }; two { wait 1s; fail Worse } } } catch Worse { compensate }
  %s
  return "ok" } }"""


@pytest.mark.parametrize("later", ['call put("after")', "wait 0s"])
def test_a_success_after_its_compensation_has_passed_is_undone_though_the_run_completes(later: str) -> None:
    made = run(BRANCH_INTERRUPTED % ("1", later), {"get": HANGS, "put": None})
    deaf(made)
    made.advance(1)
    assert made.closed is None, "the call is still tracked"
    complete(made, "get", 5)
    assert status(made) == "completed"
    assert calls(made).count(("unget", 1)) == 1
    assert made.replayed().encode() == made.snapshot.encode()


def test_a_success_that_no_compensation_covers_is_kept_by_a_run_that_completes() -> None:
    made = run((BRANCH_INTERRUPTED % ("1", "wait 0s")).replace("compensate", 'call put("kept")'), {"get": HANGS})
    deaf(made)
    made.advance(1)
    complete(made, "get", 5)
    assert status(made) == "completed"
    assert ("unget", 1) not in calls(made)


LIMITED = """
activity charge(order: string) -> string { timeout attempt 20s overall 10s; retry 100 times; effect keyed }
activity refund(order: string) { timeout attempt 20s overall 10s }
"""


def test_an_overall_limit_that_ends_a_wait_between_known_failures_is_not_undone() -> None:
    made = run(LIMITED + 'workflow w() { do { call charge("o") undo refund("o") } }', {"charge": Failure("Busy")})
    closed = made.run_to_end()
    assert closed.failure.code == "Timeout"
    assert not closed.failure.unknown
    assert "refund" not in [name for name, _ in calls(made)]


def test_an_overall_limit_that_ends_an_attempt_is_undone_once_though_it_succeeds_late() -> None:
    made = run(LIMITED + 'workflow w() { do { call charge("o") undo refund("o") } }', {"charge": HANGS, "refund": None})
    deaf(made)
    made.advance(10)
    assert calls(made) == [("charge", "o"), ("refund", "o")]
    complete(made, "charge", "p")
    assert status(made) == "failed"
    assert calls(made) == [("charge", "o"), ("refund", "o")]


def test_a_call_of_a_left_state_stays_tracked_past_its_overall_limit() -> None:
    source = """workflow w() {
      initial state s { do { let p = call charge("o") undo refund(p) }; after 1s -> late }
      final state late { fail Worse } }"""
    made = run(LIMITED + source, {"charge": HANGS, "refund": None})
    deaf(made)
    made.advance(60)
    assert made.closed is None
    complete(made, "charge", "p1")
    assert status(made) == "failed"
    assert calls(made)[-1] == ("refund", "p1")


def test_an_undo_at_its_overall_limit_is_asked_to_stop_and_may_still_succeed() -> None:
    source = 'workflow w() { do { call get(1) undo refund("o"); fail Worse } }'
    made = run(LIMITED + source, {"get": 0, "refund": HANGS})
    deaf(made)
    made.advance(10)
    assert isinstance(made.log[-1][1][-1], CancelActivity)
    complete(made, "refund")
    assert status(made) == "failed"
    assert calls(made) == [("get", 1), ("refund", "o")]


def test_an_undo_that_stops_at_its_overall_limit_parks_and_can_be_retried() -> None:
    source = 'workflow w() { do { call get(1) undo refund("o"); fail Worse } }'
    made = run(LIMITED + source, {"get": 0, "refund": HANGS})
    made.advance(10)
    assert status(made) == "parked"
    made._answer = lambda *_: None
    made.feed(RetryRequested(made.at))
    assert status(made) == "failed"


def test_a_backoff_beyond_all_floats_is_capped() -> None:
    source = """activity poll() { timeout 1s; retry 1100 times backoff 1ms }
      workflow w() { do { call poll() } }"""
    made = run(source, {"poll": Failure("Busy")})
    assert made.run_to_end().failure.code == "Busy"
    assert len(made.calls) == 1101


def test_a_run_that_fails_undoes_what_a_compensate_was_interrupted_at() -> None:
    source = """workflow w() {
      initial state s { do { call get(1) undo unget(1); call get(2) undo unget(2); compensate }; after 1m -> late }
      final state late { fail Worse } }"""
    made = run(source, {"get": 0, "unget": lambda x: HANGS if x == 2 else None})
    deaf(made)
    made.advance(60)
    assert [c for c in calls(made) if c[0] == "unget"] == [("unget", 2)], "one at a time, newest first"
    complete(made, "unget")
    assert status(made) == "failed"
    assert [c for c in calls(made) if c[0] == "unget"] == [("unget", 2), ("unget", 1)]


def test_a_known_failure_in_a_branch_is_not_undone() -> None:
    made = run(BRANCH_INTERRUPTED % ("1", "wait 0s"), {"get": WORSE})
    assert made.run_to_end().status == "completed"
    assert ("unget", 1) not in calls(made)


# -- in the branches of a fork -------------------------------------------------------------------------------------


def test_compensating_in_a_branch_undoes_what_that_branch_did() -> None:
    made = run(
        """workflow w() { do {
          call get(0) undo unget(0)
          parallel {
            one { call get(1) undo unget(1); wait 1s
                  try { call get(2) undo unget(2); for x in [3, 4] at most 2 at once { call get(x) undo unget(x) }
                        wait 9s; fail Worse }
                  catch Worse { compensate }
                  call get(5) undo unget(5) }
            two { wait 5s; call get(6) undo unget(6) }
          }
          wait 1m; fail Worse } }""",
        {"get": 0},
    )
    made.advance(20)
    assert [c[1] for c in calls(made) if c[0] == "unget"] == [4, 3, 2]
    made.run_to_end()
    assert [c[1] for c in calls(made) if c[0] == "unget"] == [4, 3, 2, 5, 6, 1, 0]
    assert made.replayed().encode() == made.snapshot.encode()


def test_compensating_in_a_branch_of_a_catch_undoes_that_try() -> None:
    made = run(
        """workflow w() { do {
          call get(0) undo unget(0)
          try { call get(1) undo unget(1); parallel { one { call get(2) undo unget(2) } }; fail Worse }
          catch Worse { for n in [1] at most 1 at once { parallel { one { compensate; call put("done") } } } } } }""",
        {"get": 0},
    )
    assert status(made) == "completed"
    assert calls(made)[3:] == [("unget", 2), ("unget", 1), ("put", "done")]


def test_compensating_elsewhere_undoes_all_there_is_and_commit_forgets_all_there_is() -> None:
    made = run(
        """workflow w() { do {
          call get(0) undo unget(0)
          parallel { one { call get(1) undo unget(1); compensate }; two { wait 1m } }
          fail Worse } }""",
        {"get": 0},
    )
    assert calls(made)[2:] == [("unget", 1), ("unget", 0)]
    made = run(
        """workflow w() { do {
          call get(0) undo unget(0)
          parallel { one { call get(1) undo unget(1); commit; call get(2) undo unget(2) }; two { wait 1m } }
          fail Worse } }""",
        {"get": 0},
    )
    made.run_to_end()
    assert calls(made)[3:] == [("unget", 2)]


def test_what_an_interrupted_branch_still_does_is_its_forks() -> None:
    made = run(
        """workflow w() { do {
          try { parallel {
            one { try { let r = call get(1) undo unget(r) } catch Worse { compensate } }
            two { wait 1s; fail Worse }
          } } catch Worse { compensate }
          wait 1h } }""",
        {"get": HANGS},
    )
    deaf(made)
    made.advance(1)
    complete(made, "get", 7)
    assert calls(made)[-1] == ("unget", 7)
