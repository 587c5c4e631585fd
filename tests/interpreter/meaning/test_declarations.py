"""What a workflow declares, and what the description of the language says of it, in virtual time."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from tenuto_dsl.compiler import compile_source
from tenuto_dsl.diagnostics import Diagnostics
from tenuto_interpreter.commands import SetAttributes
from tenuto_interpreter.events import Failure
from tenuto_interpreter.machine import Fault, query
from tenuto_interpreter.virtual import HANGS, VirtualRun

from tests.interpreter.machine.written import DECLARATIONS, calls, complete, run, status, written


def result(made: VirtualRun) -> Any:
    assert made.closed is not None
    return made.closed.result


def codes(source: str) -> list[str]:
    sink = Diagnostics()
    compile_source("w.tenuto", DECLARATIONS + source, sink)
    return [d.code for d in sink.items if d.severity == "error"]


# -- types ---------------------------------------------------------------------------------------------------------


def test_ints_are_exact_to_64_bits_and_never_leave_them_silently() -> None:
    source = "workflow w(n: int) -> int { do { return n + 1 } }"
    assert result(run(source, n=2**53)) == 2**53 + 1
    made = run(source, n=2**63 - 1)
    assert made.snapshot.parked is not None
    assert "64" in made.snapshot.parked[0]


def test_decimals_are_exact() -> None:
    source = 'workflow w() -> decimal { do { return decimal("0.1") + decimal("0.2") } }'
    assert result(run(source)) == Decimal("0.3")


def test_absent_equals_null() -> None:
    source = """type T = {{ a: int?, b: string }}
      workflow w() -> bool {{ var t: T = {0}; do {{ return t.a == null }} }}"""
    assert result(run(source.format('{ "b": "x" }'))) is True
    assert result(run(source.format('{ "b": "x", "a": null }'))) is True
    assert result(run(source.format('{ "b": "x", "a": 0 }'))) is False


def test_literal_unions_hold_their_words_only_and_any_is_cast_before_use() -> None:
    assert codes('workflow w() { var c: "red" | "green" = "red"; do { c = "green" } }') == []
    assert codes('workflow w() { var c: "red" | "green" = "blue"; do {} }') == ["TEN249"]
    assert codes("workflow w(a: any) -> int { do { return a + 1 } }") == ["TEN246"]


def test_an_optional_is_tested_before_it_is_used_and_waiting_forgets_the_test() -> None:
    source = """workflow w() -> int { signal s(); var x: int? = 5
      on s { x = null }
      do { if x != null { %s; return x }; return 0 } }"""
    assert codes(source % "log 1") == []
    assert codes(source % "wait 1s") == ["TEN245"]


# -- errors, config ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", ["Timeout", "Cancelled", "Exhausted", "ChildFailed", "Fault"])
def test_the_built_in_errors_are_declared_and_cannot_be_again(code: str) -> None:
    assert codes(f"workflow w() {{ do {{ try {{ call get(1) }} catch {code} {{}} }} }}") == []
    assert codes(f"error {code}\nworkflow w() {{ do {{}} }}") == ["TEN205"]


def test_config_is_captured_at_the_start() -> None:
    exe = written("config rate: int = 3\nworkflow w() -> int { do { wait 1d; return config.rate } }")
    made = VirtualRun(exe, lambda *_: None, {}, config={"rate": 7})
    assert made.run_to_end().result == 7
    assert VirtualRun(exe, lambda *_: None, {}).run_to_end().result == 3


# -- queries, attributes, variables --------------------------------------------------------------------------------


def test_queries_are_answered_at_any_moment_and_see_what_has_no_value_as_null() -> None:
    made = run(
        """workflow w() { var at: string; var n: int = 0
          query where -> { state: string, at: string? } = { "state": workflow.state, "at": at }
          query ratio -> int = 10 / n
          initial state a { after 1m -> b { at = "b" } }
          state b { do { n = 5; wait 1h }; done -> c }
          final state c {} }"""
    )
    assert made.query("where") == {"state": "a", "at": None}
    with pytest.raises(Fault, match="division by zero"):
        made.query("ratio")
    made.advance(60)
    assert made.query("where") == {"state": "b", "at": "b"}
    assert made.query("ratio") == 2
    made.run_to_end()
    assert query(made.exe, made.snapshot, "where", made.at) == {"state": "c", "at": "b"}


def test_a_query_changes_nothing() -> None:
    made = run("workflow w() { query dice -> double = random(); do { wait 1h } }")
    before = made.snapshot.encode()
    assert made.query("dice") == made.query("dice")
    assert made.snapshot.encode() == before


def test_attributes_are_told_when_they_change_and_null_while_they_cannot_be_computed() -> None:
    made = run(
        """workflow w(customer: string) { var n: int = 0; var late: string
          attribute customer: keyword = customer
          attribute share: int = 10 / n
          attribute late: keyword = late
          do { wait 1s; n = 5; wait 1s; wait 1s; late = "x"; wait 1s } }""",
        customer="c7",
    )
    made.run_to_end()
    told = [c.values for _, cs in made.log for c in cs if isinstance(c, SetAttributes)]
    assert told == [
        {"customer": "c7", "share": None, "late": None},
        {"customer": "c7", "share": 2, "late": None},
        {"customer": "c7", "share": 2, "late": "x"},
    ]


def test_assignment_before_use_is_checked_over_the_states() -> None:
    source = """workflow w() -> int {{ signal out(); var x: int
      initial state a {{ do {{ {0}; wait 1s; {1} }}; {2} -> b }}
      final state b {{ return x }} }}"""
    assert codes(source.format("log 1", "x = 1", "done")) == []
    assert codes(source.format("log 1", "x = 1", "done -> b; on out")) == ["TEN230"]
    assert codes(source.format("log 1", "x = 1", "done -> b; on error")) == ["TEN230"]
    assert codes(source.format("x = 1", "log 1", "done -> b; on out")) == ["TEN230"], "what held before the `do` counts"


# -- the meaning ---------------------------------------------------------------------------------------------------


def test_now_uuid_and_random_come_from_the_event_and_repeat_in_replay() -> None:
    made = run(
        """workflow w() { var all: [string] = []; var n: double = 0.0; var t: timestamp = now()
          do { repeat { all = all + [uuid(), uuid()]; n = random(); t = now(); wait 1s } until all.size() > 5 } }"""
    )
    made.run_to_end()
    ids = made.snapshot.vars[0]
    assert len(set(ids)) == 6
    assert made.replayed().encode() == made.snapshot.encode()


def test_a_run_closes_when_nothing_tracked_is_open() -> None:
    made = run(
        """workflow w() -> string { signal go()
          initial state s { do { let r = call get(1) undo unget(r) }; on go -> e }
          final state e { return "x" } }""",
        {"get": HANGS},
    )
    made._hanging.clear()  # the worker does not hear that it is to stop
    made.signal("go")
    assert (made.closed, made.snapshot.status) == (None, "closing")
    complete(made, "get", 5)
    assert result(made) == "x"
    assert "unget" not in [c[0] for c in calls(made)], "a run that completed undoes nothing"


def test_a_fault_parks_and_never_compensates() -> None:
    made = run("workflow w() { var z: int = 0; do { call get(1) undo unget(1); z = 1 / z } }", {"get": 0})
    assert status(made) == "parked"
    assert "unget" not in [c[0] for c in calls(made)]


@pytest.mark.parametrize(("loop", "reason"), [("repeat { log 1 } until false", "steps"), ("", "transitions")])
def test_what_never_waits_parks_when_its_budget_is_spent(loop: str, reason: str) -> None:
    source = f"workflow w() {{ initial state s {{ do {{ {loop} }}; done -> t }}; state t {{ when true -> s }} }}"
    made = run(source)
    assert made.snapshot.parked is not None
    assert f"{reason} without waiting" in made.snapshot.parked[0]


def test_options_of_a_call_replace_those_of_its_activity() -> None:
    made = run(
        """activity slow() { timeout 1h; retry 9 times backoff 1s }
          workflow w() -> string { do {
            try { call slow() with timeout 5s, retry 1 times backoff 2s factor 1.0 }
            catch Timeout as e { return e.code }
            return "no" } }""",
        {"slow": HANGS},
    )
    assert made.run_to_end().result == "Timeout"
    assert made.called("slow") == 2
    assert 11_600_000 <= made.at <= 12_400_000


def test_effect_once_is_never_attempted_again() -> None:
    made = run(
        "activity pay() { timeout 5s; effect once }\nworkflow w() { do { call pay() } }", {"pay": Failure("Busy")}
    )
    assert made.run_to_end().failure.code == "Busy"
    assert made.called("pay") == 1
