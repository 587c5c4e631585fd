"""The steps in the description of the language, one after the other, in virtual time."""

from __future__ import annotations

from typing import Any

import pytest
from tenuto_dsl.compiler import compile_source
from tenuto_dsl.diagnostics import Diagnostics
from tenuto_interpreter.commands import SendSignal, StartChild, WriteLog
from tenuto_interpreter.events import ActivityCompleted, Failure
from tenuto_interpreter.machine import Executable
from tenuto_interpreter.virtual import HANGS, SECOND, VirtualRun
from tenuto_interpreter.world import FOLLOW, World

from tests.interpreter.machine.written import DECLARATIONS, WORSE, calls, complete, run, status


def result(made: VirtualRun) -> Any:
    assert made.replayed().encode() == made.snapshot.encode()
    assert made.closed is not None
    return made.closed.result


# -- waiting -------------------------------------------------------------------------------------------------------


def test_wait_takes_a_duration_or_a_time_and_what_has_passed_goes_on_at_once() -> None:
    made = run(
        """workflow w() -> [timestamp] { do {
          wait 30d
          let a = now()
          wait until workflow.started_at + 31d
          let b = now()
          wait until workflow.started_at
          wait 0s - 5s
          return [a, b, now()] } }"""
    )
    made.run_to_end()
    assert [f"{t:%m-%d}" for t in result(made)] == ["01-31", "02-01", "02-01"]


@pytest.mark.parametrize(("when", "expected"), [("before", 0), ("in time", 5), ("too late", 60)])
def test_wait_for_goes_on_when_the_condition_is_true_or_the_time_is_up(when: str, expected: int) -> None:
    made = run(
        """workflow w() -> int { signal set(); var on: bool = false
          initial state s { on set { on = true }; do { wait 1s; wait for on within 1m; wait 0s }; done -> e }
          final state e { return (now() - workflow.started_at) / 1s } }""".replace(
            "(now() - workflow.started_at) / 1s", "int((now() - workflow.started_at).getSeconds())"
        )
    )
    if when == "before":
        made.signal("set")
    made.advance(6)
    if when == "in time":
        made.signal("set")
    made.run_to_end()
    assert result(made) == expected + 1


def test_receive_takes_the_oldest_that_its_guard_takes_and_leaves_the_others() -> None:
    made = run(
        """workflow w(id: string) -> [int] { signal answer(to: string, n: int); var got: [int] = []
          do {
            receive answer as a when a.to == id
            got = got + [a.n]
            receive answer as b when b.to == id within 1m
            got = got + [b == null ? 0 : b.n]
            receive answer
            return got } }""",
        id="me",
    )
    made.signal("answer", to="you", n=1)
    made.signal("answer", to="me", n=2)
    made.advance(59)
    assert made.closed is None
    made.advance(1)
    assert result(made) == [2, 0], "null when the time was up; without a guard the one that was left"
    assert made.snapshot.mailbox == []


def test_receivers_come_before_transitions() -> None:
    made = run(
        """workflow w() -> string { signal go()
          initial state s { do { receive go; return "do" }; on go -> e }
          final state e { return "transition" } }"""
    )
    made.signal("go")
    assert result(made) == "do"


# -- loops and branches --------------------------------------------------------------------------------------------


def test_a_bounded_loop_runs_so_many_at_once_and_yields_in_order() -> None:
    made = run(
        """workflow w() -> [int] { var done: int = 0
          do {
            let all = for x in [1, 2, 3, 4] at most 2 at once { let y = call get(x); done = done + 1; yield y }
            return all + [done] } }""",
        {"get": HANGS},
    )
    assert calls(made) == [("get", 1), ("get", 2)]
    ops = list(made.snapshot.ops.values())
    made.feed(ActivityCompleted(made.at, ops[1].id, 1, 20))
    assert calls(made)[2:] == [("get", 3)], "when one ends the next begins"
    for value in (10, 30, 40):
        complete(made, "get", value)
    assert result(made) == [10, 20, 30, 40, 4]


def test_the_first_error_of_a_concurrent_loop_cancels_the_others() -> None:
    made = run(
        """workflow w() -> string { do {
          try { for x in [1, 2, 3] at most 3 at once { if x == 2 { wait 1s; fail Worse }; call get(x) } }
          catch Worse as e { return e.code }
          return "no" } }""",
        {"get": HANGS},
    )
    made.advance(1)
    assert len([c for _, cs in made.log for c in cs if c.tag == "stop"]) == 2
    assert made.called("get") == 2
    made.advance(1)
    assert result(made) == "Worse"


@pytest.mark.parametrize("limit", ["0", "0 - 3", "1"])
def test_a_bound_below_one_is_one(limit: str) -> None:
    made = run(f"workflow w() {{ do {{ for x in [1, 2] at most {limit} at once {{ call get(x) }} }} }}", {"get": HANGS})
    assert calls(made) == [("get", 1)]


def test_nothing_to_loop_over_gives_nothing() -> None:
    made = run(
        "workflow w() -> [int] { do { let a = for x in [0].filter(x, x > 0) at most 2 at once { yield x }; return a } }"
    )
    assert result(made) == []


def test_parallel_branches_assign_variables_one_event_at_a_time() -> None:
    made = run(
        """workflow w() -> int { var n: int = 0
          do { parallel { a { call get(1); n = n + 1 } b { call get(2); n = n * 10 } }; return n } }""",
        {"get": HANGS},
    )
    complete(made, "get", 0)
    assert made.snapshot.vars == [1]
    complete(made, "get", 0)
    assert result(made) == 10


def test_repeat_runs_at_least_once_waits_between_and_is_exhausted() -> None:
    source = """workflow w() -> int { var n: int = 0
      do { try { repeat { n = n + 1; call get(n) } until n >= %d every 10s at most 4 times }
           catch Exhausted { return 0 - n }
           return n } }"""
    for until, expected, seconds in ((0, 1, 0), (4, 4, 30), (9, -4, 30)):
        made = run(source % until, {"get": 0})
        made.run_to_end()
        assert (result(made), made.at) == (expected, seconds * SECOND)


# -- errors --------------------------------------------------------------------------------------------------------


def test_catch_takes_by_code_in_order_and_finally_runs_in_any_case() -> None:
    source = """error Bad { why: string }
      workflow w() -> string { var way: string = ""
      do {
        try { try { %s; way = way + "body " } catch Bad | Worse as e { way = way + e.code + " " }
              finally { way = way + "finally " } } catch as e { way = way + "outer " + e.code }
        return way } }"""
    for body, expected in (
        ("log 1", "body finally "),
        ("fail Worse", "Worse finally "),
        ('fail Bad(why: "x")', "Bad finally "),
        ("call get(1)", "finally outer Timeout"),
    ):
        assert result(run(source % body, {"get": Failure("Timeout", retryable=False)})) == expected


def test_an_unnamed_catch_lets_cancelled_and_fault_pass_and_a_named_one_takes_them() -> None:
    source = 'workflow w() -> string { var z: int = 0; do { try { %s } catch %s { return "caught" }; return "no" } }'
    assert status(run(source % ("fail Cancelled", ""))) == "cancelled"
    assert result(run(source % ("fail Cancelled", "Cancelled"))) == "caught"
    assert status(run(source % ("z = 1 / z", ""))) == "parked"
    assert result(run(source % ("z = 1 / z", "Fault"))) == "caught"


def test_fail_carries_its_fields_and_return_ends_the_run_from_any_depth() -> None:
    made = run(
        """error Bad { why: string }
          workflow w() { do { for x in [1] { if true { try { fail Bad(why: "x", message: "m") } finally {} } } } }"""
    )
    assert made.closed.failure == Failure("Bad", "m", {"why": "x"}, retryable=False)
    made = run(
        """workflow w() -> int { do {
          for x in [1, 2, 3] { repeat { if x == 2 { return x } } until true }
          return 0 } }"""
    )
    assert result(made) == 2


# -- messages and children -----------------------------------------------------------------------------------------


def test_send_names_the_workflow_and_delivers_once() -> None:
    made = run(
        """workflow other() { signal ping(n: int, note: string = "none"); initial state s { on ping {} } }
          workflow w() { do { send ping(n: 3) to "other-1"; send ping(4, "x") to "other-2" } }"""
    )
    sent = [c for _, cs in made.log for c in cs if isinstance(c, SendSignal)]
    assert [(c.workflow_id, c.name, c.payload) for c in sent] == [
        ("other-1", "ping", {"n": 3, "note": "none"}), ("other-2", "ping", {"n": 4, "note": "x"}),
    ]  # fmt: skip
    assert len({c.id for c in sent}) == 2


def test_discard_drops_what_waits_and_nothing_that_comes_later() -> None:
    made = run(
        """workflow w() -> int { signal go(n: int); signal other(); var n: int = 0
          initial state s { after 1m -> t }
          state t { entry { discard go }; on go as m -> e { n = m.n } }
          final state e { return n } }"""
    )
    made.signal("go", n=1)
    made.signal("other")
    made.advance(60)
    assert [m[2] for m in made.snapshot.mailbox] == ["other"]
    made.signal("go", n=2)
    assert result(made) == 2


def test_log_writes_any_value() -> None:
    made = run('workflow w() { do { log { "n": 1, "list": [1, 2] } } }')
    assert [c.value for _, cs in made.log for c in cs if isinstance(c, WriteLog)] == [{"n": 1, "list": [1, 2]}]


CHAIN = """workflow w(n: int, note: string = "first") -> string { signal add(k: int); var sum: int = 0
  initial state s { after 1m -> t }
  state t { on add as m { sum = sum + m.k }; after 1m -> next }
  state fin { when true -> over }
  final state next { continue with (n: n + 1) }
  final state over { return note } }"""


def test_continue_with_begins_a_new_run_with_the_messages_nobody_took() -> None:
    made = run(CHAIN.replace("on add as m { sum = sum + m.k }; ", ""), n=1, note="x")
    made.signal("add", k=1)
    made.signal("add", k=2)
    made.advance(120)
    assert status(made) == "continued"
    assert made.closed.input == {"n": 2, "note": "first"}
    assert [(name, payload) for _, name, payload in made.closed.messages] == [("add", {"k": 1}), ("add", {"k": 2})]


def world(source: str, *names: str) -> World:
    programs = compile_source("w.tenuto", DECLARATIONS + source, Diagnostics())
    by_name = {c.program.name: Executable(c.program) for c in programs}
    assert set(names) <= by_name.keys()
    return World(by_name, lambda asked: FOLLOW if asked.kind == "workflow" else 0)


PARENT = """
workflow child(n: int) -> int {
  initial state s { do { call get(n) undo unget(n); wait 1m }; done when n < 9 -> e; done -> bad }
  final state e { return n * 2 }
  final state bad { fail Worse(message: "too many") }
}
workflow parent() -> string {
  initial state s {
    do {
      let a = call child(2)
      let id = start child(3) id "aside" on close abandon
      try { call child(9) } catch Worse as e { return "${a} ${id} ${e.message}" }
      return "no" } }
}
"""


def test_a_call_waits_for_its_child_and_a_start_does_not() -> None:
    made = world(PARENT, "parent", "child")
    parent = made.start("parent", "p", {})
    made.advance_to(119 * SECOND)
    assert parent.closed is None
    made.advance_to(200 * SECOND)
    assert parent.closed.result == "4 aside too many"
    assert made.runs["aside"].closed.result == 6


@pytest.mark.parametrize(
    ("policy", "expected"), [("abandon", "completed"), ("cancel", "cancelled"), ("terminate", "terminated")]
)
def test_what_becomes_of_a_started_child_when_its_parent_closes(policy: str, expected: str) -> None:
    source = (
        PARENT.replace("workflow parent()", "workflow unused()")
        + f"""
      workflow w() {{ do {{ let id = start child(3) id "c" on close {policy}; wait 1s }} }}"""
    )
    made = world(source, "w", "child")
    made.start("w", "p", {})
    made.advance_to(3600 * SECOND)
    assert made.runs["c"].closed.status == expected


def test_a_start_gives_an_id_of_its_own_when_none_is_said() -> None:
    made = run(
        "workflow child() { do { wait 1s } }\nworkflow w() -> string { do { let id = start child(); return id } }"
    )
    (started,) = [c for _, cs in made.log for c in cs if isinstance(c, StartChild)]
    assert result(made) == started.workflow_id == f"run/child-{started.op}"


# -- compensation --------------------------------------------------------------------------------------------------


def test_undos_run_newest_first_when_the_run_fails_and_none_when_it_completes() -> None:
    source = """workflow w() { do { call get(1) undo unget(1); let r = call get(2) undo unget(r); %s } }"""
    made = run(source % "fail Worse", {"get": lambda x: x * 10})
    assert status(made) == "failed"
    assert [c[1] for c in calls(made) if c[0] == "unget"] == [20, 1]
    made = run(source % "log 1", {"get": 0})
    assert "unget" not in [c[0] for c in calls(made)]


def test_an_unknown_outcome_pushes_the_undo_that_does_not_use_the_result() -> None:
    source = "workflow w() { do { let r = call get(1) undo unget(%s) } }"
    unknown = Failure("Timeout", "t", retryable=False, unknown=True)
    assert ("unget", 1) in calls(run(source % "1", {"get": unknown}))
    assert "unget" not in [c[0] for c in calls(run(source % "r", {"get": unknown}))]
    assert "unget" not in [c[0] for c in calls(run(source % "1", {"get": WORSE}))], "a known failure had no effect"


def test_commit_forgets_the_undos_so_far() -> None:
    made = run(
        "workflow w() { do { call get(1) undo unget(1); commit; call get(2) undo unget(2); fail Worse } }", {"get": 0}
    )
    assert [c[1] for c in calls(made) if c[0] == "unget"] == [2]


def test_an_undo_that_fails_for_good_parks_the_run() -> None:
    made = run("workflow w() { do { call get(1) undo unget(1); fail Worse } }", {"get": 0, "unget": WORSE})
    assert made.snapshot.parked == ("the undo unget failed for good: Worse: as asked", "undo unget")
