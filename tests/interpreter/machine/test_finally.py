"""What an interrupted `finally` is owed: when it runs, in which order, beside what, and how it ends."""

from __future__ import annotations

import pytest
from tenuto_interpreter.commands import WriteLog
from tenuto_interpreter.events import SignalReceived, TerminateRequested, UpdateReceived
from tenuto_interpreter.machine import Snapshot, query
from tenuto_interpreter.virtual import HANGS, VirtualRun

from .written import WORSE, answered, calls, complete, deaf, run, status


def puts(made: VirtualRun) -> list[str]:
    return [args["x"] for name, args, _ in made.calls if name == "put"]


def replays(made: VirtualRun) -> None:
    """The history leads to the same bytes, and every snapshot on the way survives being stored."""
    assert made.replayed().encode() == made.snapshot.encode()
    assert Snapshot.decode(made.snapshot.encode()).encode() == made.snapshot.encode()


LEFT = """workflow w() -> string { signal go()
  query phase -> string = workflow.state
  initial state s {
    do { try { call get(1) undo unget(1); wait 1h } finally { call put("finally"); wait 1m; call put("released") } }
    on go -> t
  }
  state t { do { call put("t") }; after 10s -> e }
  final state e { return "ended" } }"""


def test_a_transition_goes_on_and_the_finally_runs_beside_the_next_state() -> None:
    made = run(LEFT, {"get": 0})
    made.signal("go")
    assert made.states() == ["t"]
    assert sorted(puts(made)) == ["finally", "t"]
    assert made.snapshot.leaving() == [1]
    assert made.snapshot.status == "open"
    made.advance(10)
    assert made.closed is None, "what is owed keeps the run from closing"
    assert made.snapshot.status == "leaving"
    assert query(made.exe, made.snapshot, "phase", made.at) == "e"
    replays(made)
    made.advance(50)
    assert status(made) == "completed"
    assert made.closed.result == "ended"
    assert puts(made)[-1] == "released"
    replays(made)


def test_a_run_that_is_cancelled_leaves_then_compensates_then_closes() -> None:
    made = run(LEFT, {"get": 0})
    made.cancel()
    assert made.snapshot.status == "leaving"
    made.advance(60)
    assert status(made) == "cancelled"
    assert calls(made) == [("get", 1), ("put", "finally"), ("put", "released"), ("unget", 1)]


def test_terminating_runs_nothing() -> None:
    made = run(LEFT, {"get": 0})
    made.feed(TerminateRequested(made.at))
    assert status(made) == "terminated"
    assert puts(made) == []


def test_terminating_a_run_that_is_leaving_cuts_it_short() -> None:
    made = run(LEFT, {"get": 0})
    made.cancel()
    made.feed(TerminateRequested(made.at))
    assert status(made) == "terminated"
    assert puts(made) == ["finally"]


def test_an_error_of_another_region_interrupts_and_the_error_is_kept() -> None:
    made = run(
        """workflow w() { initial state s {
          region a { do { try { wait 1h } finally { call put("a") } } }
          region b { do { wait 1s; fail Worse } } } }"""
    )
    assert made.run_to_end().failure.code == "Worse"
    assert puts(made) == ["a"]


def test_finally_blocks_run_from_the_inside_out() -> None:
    made = run(
        """workflow w() { do {
          try {
            try { try { wait 1h } finally { call put("1"); wait 1s } }
            catch { call put("no") } finally { call put("2") }
          } finally { wait 1s; call put("3") }
          call put("no") } }"""
    )
    made.cancel()
    assert made.run_to_end().status == "cancelled"
    assert puts(made) == ["1", "2", "3"]


def test_a_catch_is_interrupted_as_its_try_is() -> None:
    made = run("""workflow w() { do {
      try { fail Worse } catch Worse { wait 1h } finally { call put("finally") } } }""")
    made.cancel()
    assert status(made) == "cancelled"
    assert puts(made) == ["finally"]


@pytest.mark.parametrize("body", ['call put("body")', "fail Worse"])
def test_a_finally_at_work_is_not_cut_short(body: str) -> None:
    made = run(
        f"""workflow w() {{ do {{
          try {{ try {{ {body} }} finally {{ call put("in"); call get(1); call put("out") }} }}
          catch Worse {{ call put("no") }} finally {{ call put("outer") }}
          call put("no") }} }}""",
        {"get": HANGS},
    )
    made.cancel()
    assert [c.tag for _, commands in made.log for c in commands if c.tag == "stop"] == []
    complete(made, "get", 0)
    assert status(made) == "cancelled"
    assert [p for p in puts(made) if p != "body"] == ["in", "out", "outer"]
    replays(made)


def test_what_was_returned_gives_way_to_the_interruption() -> None:
    made = run(
        """workflow w() -> string { do { try { return "x" } finally { call get(1) }; return "y" } }""", {"get": HANGS}
    )
    made.cancel()
    complete(made, "get", 0)
    assert status(made) == "cancelled"


def test_a_try_that_has_not_begun_or_is_over_owes_nothing() -> None:
    source = """workflow w() { do { wait 1m; try { wait 1m } finally { call put("finally") }; wait 1m } }"""
    for seconds, expected in ((30, []), (90, ["finally"]), (150, ["finally"])):
        made = run(source)
        made.advance(seconds)
        made.cancel()
        assert status(made) == "cancelled"
        assert puts(made) == expected


def test_a_call_that_was_interrupted_is_tracked_beside_its_finally() -> None:
    made = run(
        """workflow w() { do { try { let r = call get(1) undo unget(r) } finally { call put("finally") } } }""",
        {"get": HANGS},
    )
    deaf(made)
    made.cancel()
    assert puts(made) == ["finally"], "it does not wait for the call to stop"
    assert made.closed is None
    complete(made, "get", 7)
    assert status(made) == "cancelled"
    assert calls(made)[-1] == ("unget", 7)
    replays(made)


# -- branches ------------------------------------------------------------------------------------------------------

FORK = """workflow w() -> string { signal go()
  do {
    try {
      parallel {
        one { try { wait 1h } finally { call put("one"); wait 10s; call put("one done") } }
        two { try { receive go; fail Worse } finally { call put("two") } }
        three { wait 2h }
      }
    } catch Worse { call put("caught"); return "caught" } finally { call put("outer") }
    return "no" } }"""


def test_the_catch_around_a_fork_waits_for_the_branches_that_are_leaving() -> None:
    made = run(FORK)
    made.signal("go")
    assert puts(made) == ["two", "one"]
    made.advance(9)
    assert puts(made) == ["two", "one"]
    replays(made)
    made.advance(1)
    assert made.closed.result == "caught"
    assert puts(made) == ["two", "one", "one done", "caught", "outer"]
    replays(made)


def test_the_finally_around_a_fork_waits_for_the_branches_that_are_leaving() -> None:
    made = run(FORK)
    made.cancel()
    assert sorted(puts(made)) == ["one", "two"]
    made.advance(10)
    assert status(made) == "cancelled"
    assert puts(made)[-2:] == ["one done", "outer"]


def test_a_fork_that_has_failed_and_is_then_interrupted_does_not_run_its_catch() -> None:
    made = run(FORK)
    made.signal("go")
    made.cancel()
    made.advance(10)
    assert status(made) == "cancelled"
    assert puts(made) == ["two", "one", "one done", "outer"]


def test_a_fork_within_a_finally_goes_on_with_all_its_branches() -> None:
    made = run(
        """workflow w() { do { try { wait 1s } finally {
          let all = for x in [1, 2, 3] at most 2 at once { call get(x); wait 1m; yield x }
          call put("all ${all.size()}") } } }""",
        {"get": 0},
    )
    made.advance(1)
    made.cancel()
    made.advance(200)
    assert status(made) == "cancelled"
    assert [c for c in calls(made) if c[0] == "get"] == [("get", 1), ("get", 2), ("get", 3)]
    assert puts(made) == ["all 3"]
    replays(made)


def test_a_branch_that_fails_in_an_interrupted_finally_stops_its_siblings_there() -> None:
    made = run(
        """workflow w() { do { try { wait 1h } finally {
          try { parallel { one { wait 1s; fail Worse }; two { try { wait 1h } finally { call put("two") } } } }
          catch Worse { call put("mended") } } } }"""
    )
    made.cancel()
    made.advance(1)
    assert status(made) == "cancelled"
    assert puts(made) == ["two", "mended"]


def test_a_return_in_a_branch_passes_the_finally_around_the_fork() -> None:
    made = run(
        """workflow w() -> string { do {
          try { parallel { one { wait 1s; return "first" }; two { try { wait 1h } finally { call put("two") } } } }
          finally { call put("outer") }
          return "no" } }"""
    )
    assert made.run_to_end().result == "first"
    assert puts(made) == ["two", "outer"]


# -- how it may end ------------------------------------------------------------------------------------------------

FAILS = """workflow w() -> string { signal go()
  initial state s {
    initial state inner { do { try { wait 1h } finally { wait 1s; call put("finally") } }; on go -> next }
    state next { %s }
    on error Worse as e -> handled
  }
  state handled { after 1s -> e }
  final state e { return "handled" } }"""


def test_an_interrupted_finally_that_fails_is_an_error_of_the_states_around() -> None:
    made = run(FAILS % "after 1h -> next", {"put": WORSE})
    made.signal("go")
    made.advance(2)
    assert made.closed.result == "handled"


def test_an_interrupted_finally_that_fails_fails_a_run_that_was_to_complete() -> None:
    made = run(
        """workflow w() -> string { signal go()
          initial state s { do { call get(1) undo unget(1); try { wait 1h } finally { call put("x") } }; on go -> e }
          final state e { return "no" } }""",
        {"get": 0, "put": WORSE},
    )
    made.signal("go")
    assert status(made) == "failed"
    assert made.closed.failure.code == "Worse"
    assert calls(made)[-1] == ("unget", 1)


def test_an_interrupted_finally_that_fails_leaves_a_failure_as_it_is_and_is_logged() -> None:
    made = run(
        """workflow w() { initial state s {
          region a { do { try { wait 1h } finally { call put("x") } } }
          region b { do { wait 1s; fail Timeout(message: "first") } } } }""",
        {"put": WORSE},
    )
    assert made.run_to_end().failure.code == "Timeout"
    logs = [c.value for _, commands in made.log for c in commands if isinstance(c, WriteLog)]
    assert logs == [{"finally": "s.a.do", "error": "Worse", "message": "as asked"}]


def test_a_fault_in_an_interrupted_finally_parks_the_run() -> None:
    made = run("""workflow w() { var z: int = 0; do { try { wait 1h } finally { z = 1 / z } } }""")
    made.cancel()
    assert status(made) == "parked"


def test_an_interrupted_finally_may_wait_for_anything() -> None:
    made = run(
        """workflow w() { signal go(n: int); var n: int = 0
          do { try { wait 1h } finally {
            wait until workflow.started_at + 2m
            receive go as m when m.n > 1; n = m.n
            receive go as never within 1m
            wait for n == 9 within 1m
            call put("${n} ${never == null}") } } }"""
    )
    made.cancel()
    made.feed(SignalReceived(made.at, "a", "go", {"n": 1}))
    made.feed(SignalReceived(made.at, "b", "go", {"n": 2}))
    made.advance(120)
    assert status(made) == "leaving"
    made.advance(60)
    assert status(made) == "cancelled"
    assert puts(made) == ["2 false"]


@pytest.mark.parametrize(("ending", "outcome"), [("reply 2", "completed"), ("wait 1s", "rejected")])
def test_an_update_is_answered_by_what_its_reaction_still_owes_or_rejected(ending: str, outcome: str) -> None:
    source = f"""workflow w() {{ update set() -> int; var r: bool = false
      initial state s {{ on update set do {{ try {{ wait 1h }} finally {{ {ending} }} %s }} }} }}"""
    made = run(source % ("" if ending == "reply 2" else "; reply 1"))
    made.feed(UpdateReceived(made.at, "u", "set", {}))
    assert answered(made) == []
    made.cancel()
    made.advance(1)
    assert answered(made) == [("u", outcome)]
    assert status(made) == "cancelled"


def test_a_state_left_and_entered_again_knows_nothing_of_what_it_still_owes() -> None:
    made = run(
        """workflow w() -> int { signal again(); var n: int = 0
          initial state s {
            do { n = n + 1; try { wait 1h } finally { wait 2h } }
            on again -> s
            done -> e }
          final state e { return n } }"""
    )
    made.signal("again")
    made.signal("again")
    assert len(made.snapshot.fibers) == 3
    assert made.run_to_end().result == 3
    replays(made)


@pytest.mark.parametrize(
    ("body", "outcome", "result"),
    [
        ("try { return 1 } finally { return 2 }", "completed", 2),
        ("try { log 1 } finally { wait 1m; return 2 }", "completed", 2),
        ("try { fail Worse } finally { return 2 }", "completed", 2),
        ("try { fail Worse } catch Worse { return 1 } finally { return 2 }", "completed", 2),
        ('try { try { return 1 } finally { return 2 } } finally { call put("out") }', "completed", 2),
        ("parallel { a { try { wait 1h } finally { return 2 } } b { wait 5h } }", "completed", 2),
        ("for i in [1, 2, 3] at most 2 at once { try { wait 1h } finally { return i } }", "completed", 1),
        ("parallel { a { wait 1m; fail Worse } b { try { wait 1h } finally { return 2 } } }", "failed", None),
    ],
)
def test_a_return_in_a_finally_ends_the_run(body: str, outcome: str, result: int | None) -> None:
    made = run(f"workflow w() -> int {{ do {{ {body}; return 9 }} }}")
    made.advance(10 * 3600)
    assert status(made) == outcome
    assert made.closed is not None
    assert getattr(made.closed, "result", None) == result
    assert not made.snapshot.fibers
    replays(made)
