"""Branches, regions and reactions side by side: whose error goes where, and what a transition restarts."""

from __future__ import annotations

import pytest
from tenuto_interpreter.events import RetryRequested, SignalReceived, TerminateRequested, UpdateReceived
from tenuto_interpreter.virtual import HANGS

from .written import WORSE, answered, calls, complete, run, status


@pytest.mark.parametrize("put", [None, HANGS])
def test_two_branches_that_fail_at_once_raise_one_error(put: object) -> None:
    made = run(
        """workflow w() -> string { do {
          try { parallel { one { fail Worse }; two { fail Worse }; three { call put("late") } } }
          catch Worse { call put("caught") }
          return "ok" } }""",
        {"put": put},
    )
    if put is HANGS:
        assert calls(made) == [("put", "caught")], "the third branch had not begun"
        complete(made, "put")
    assert status(made) == "completed"


def test_a_failed_branch_starts_no_further_items() -> None:
    made = run(
        """workflow w() { do {
          try { for x in [1, 2, 3, 4] at most 2 at once { if x == 1 { fail Worse } } } catch Worse {}
          for x in [1, 2, 3] at most 1 at once { call get(x) } } }""",
        {"get": 0},
    )
    assert status(made) == "completed"
    assert calls(made) == [("get", 1), ("get", 2), ("get", 3)]


def test_a_fault_in_a_branch_reaches_the_catch_around_the_fork() -> None:
    made = run("""workflow w() -> string { var z: int = 0
      do { try { parallel { one { z = 1 / z }; two { wait 1s } } } catch Fault { return "caught" }; return "no" } }""")
    assert made.run_to_end().result == "caught"


def test_a_finally_runs_on_the_way_to_whoever_catches_a_fault() -> None:
    source = """workflow w() -> string { var z: int = 0
      do { try { try { z = 1 / z } finally { call put("finally") } } catch %s { return "caught" }; return "no" } }"""
    made = run(source % "Fault")
    assert made.run_to_end().result == "caught"
    assert calls(made) == [("put", "finally")]
    made = run(source % "Worse")
    assert status(made) == "parked"
    assert calls(made) == []


def test_a_fault_whose_handler_has_a_false_guard_parks() -> None:
    made = run("""workflow w() { var z: int = 0
      initial state s { do { z = 1 / z }; on error Fault when z == 5 -> e; done -> e }
      final state e {} }""")
    assert status(made) == "parked"
    assert made.snapshot.parked == ("division by zero", "s")


def test_what_a_region_handles_leaves_its_siblings_at_work() -> None:
    made = run(
        """workflow w() { signal reset()
          initial state s {
            region a { on reset -> a1; initial state a1 { after 1h -> a2 }; final state a2 {} }
            region b { do { call put("b"); wait 2h } }
            done -> e }
          final state e {} }"""
    )
    made.advance(1800)
    made.signal("reset")
    made.advance(1900)
    assert made.states() == ["s.a.a1", "s.b"], "the timer of a1 began again"
    assert made.run_to_end().status == "completed"
    assert calls(made) == [("put", "b")]


@pytest.mark.parametrize("work", ["1s", "20s"])
def test_a_reaction_that_fails_and_is_handled_does_not_take_the_states_done_away(work: str) -> None:
    made = run(
        f"""workflow w() {{ signal ping()
          initial state s {{
            do {{ wait 10s }}
            on ping do {{ wait {work}; fail Worse }}
            on error Worse {{}}
            done -> e
          }}
          final state e {{}} }}"""
    )
    made.signal("ping")
    assert made.run_to_end().status == "completed"


@pytest.mark.parametrize("fails_after", ["1s", "3s"])
def test_a_region_whose_do_failed_is_never_done_whichever_ends_first(fails_after: str) -> None:
    made = run(
        f"""workflow w() -> string {{
          initial state s {{
            region a {{ do {{ wait {fails_after}; fail Worse }}; on error Worse {{}} }}
            region b {{ do {{ wait 2s }} }}
            done -> e; after 1h -> l }}
          final state e {{ return "done" }}
          final state l {{ return "later" }} }}"""
    )
    assert made.run_to_end().result == "later"


def test_leaving_a_state_in_the_event_that_ends_its_call() -> None:
    made = run(
        """workflow w() { var began: timestamp = now()
          initial state s { do { call get(1) undo unget(1); call put("x") }; when now() > began + 5s -> e }
          final state e { fail Worse } }""",
        {"get": HANGS},
    )
    made.at += 10_000_000
    complete(made, "get", 0)
    assert status(made) == "failed"
    assert calls(made) == [("get", 1), ("unget", 1)]


# -- updates and cancellation --------------------------------------------------------------------------------------


def test_an_update_that_two_regions_take_is_answered_by_the_first() -> None:
    made = run(
        """workflow w() { update set(v: int) -> int
          initial state s {
            region a { initial state a1 { on update set { reply 1 }; after 1h -> a2 }; final state a2 {} }
            region b { initial state b1 { on update set { reply 2 }; after 1h -> b2 }; final state b2 {} } } }"""
    )
    made.feed(UpdateReceived(made.at, "u", "set", {"v": 1}))
    assert answered(made) == [("u", "completed")]
    assert status(made) == "open"


@pytest.mark.parametrize("reaction", ["{ n = n + 1 }", "do { n = n + 1 }", "-> late"])
def test_a_region_that_defers_keeps_a_message_from_the_states_around(reaction: str) -> None:
    made = run(
        f"""workflow w() {{ signal a(); var n: int = 0
          initial state s {{
            on a {reaction}
            region p {{ initial state x {{ defer a; after 5s -> y }}; state y {{}} }}
            region q {{ initial state z {{}} }} }}
          state late {{ entry {{ n = n + 1 }} }} }}"""
    )
    made.signal("a")
    assert made.snapshot.vars == [0]
    made.advance(5)
    assert made.snapshot.vars == [1]
    assert made.snapshot.mailbox == []


def test_failing_with_cancelled_in_a_do_ends_as_cancelled() -> None:
    made = run(
        """workflow w() {
          initial state s { do { call get(1) undo unget(1); wait 1h }; on cancel -> c }
          state c { do { call put("told"); fail Cancelled(message: "enough") } } }""",
        {"get": 0},
    )
    made.cancel()
    assert status(made) == "cancelled"
    assert calls(made) == [("get", 1), ("put", "told"), ("unget", 1)]


FAULTY = """workflow w() { var n: int = 0; var open: bool = true
  update set(v: int) -> int
  signal go()
  signal more()
  on go when 1 / n == 1 -> e
  on update set as m { n = m.v; reply n }
  initial state s {}
  state e { when true -> %s }
  final state f {}
  final state again { continue with () } }"""


def test_updates_held_by_a_parked_run_are_answered_when_it_is_terminated() -> None:
    made = run(FAULTY % "f")
    made.signal("go")
    assert status(made) == "parked"
    made.feed(UpdateReceived(made.at, "u", "set", {"v": 1}))
    made.feed(TerminateRequested(made.at))
    assert answered(made) == [("u", "rejected")]


HELD = """workflow w() { signal go(); signal more(); update set(v: int) -> int
  initial state s { on go -> e; on update set { reply 1 } }
  state e { entry { let n = 1 / config.divisor }; when true -> %s }
  final state f {}
  final state again { continue with () } }
config divisor: int = 0"""


@pytest.mark.parametrize("end", ["f", "again"])
def test_what_a_parked_run_held_and_came_too_late_is_answered_or_handed_on(end: str) -> None:
    made = run(HELD % end)
    made.signal("go")
    assert status(made) == "parked"
    made.feed(UpdateReceived(made.at, "u", "set", {"v": 1}))
    made.feed(SignalReceived(made.at, "s2", "more", {}))
    made.snapshot.config["divisor"] = 1  # repaired
    made.feed(RetryRequested(made.at))
    assert answered(made) == [("u", "rejected")]
    assert made.closed is not None
    assert getattr(made.closed, "messages", ()) == ((("s2", "more", {}),) if end == "again" else ())


@pytest.mark.parametrize("when", ["deferred", "while closing"])
def test_a_cancellation_is_not_lost_where_a_run_continues_as_new(when: str) -> None:
    made = run(
        """workflow w(n: int) {
          initial state s { defer cancel; do { parallel { a { call get(1) }; b { call put("x"); fail Worse } } }
                            on error Worse -> e }
          final state e { continue with (n: n + 1) } }""",
        {"put": HANGS, "get": HANGS},
        n=1,
    )
    made._hanging.clear()
    if when == "deferred":
        made.cancel("enough")
    complete(made, "put")
    assert made.closed is None
    if when == "while closing":
        made.cancel("enough")
    complete(made, "get", 0)
    assert status(made) == "cancelled"
    assert made.closed.failure.message == "enough"


def test_a_reaction_that_nobody_caught_the_error_of_ends_the_run() -> None:
    made = run(
        """workflow w() { signal ping()
          initial state s { on ping do { call put("x") }; after 1h -> e }
          final state e {} }""",
        {"put": WORSE},
    )
    made.signal("ping")
    assert status(made) == "failed"
