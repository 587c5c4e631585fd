"""What lowered code does: each construct compiled from text and run by the machine in virtual time."""

from __future__ import annotations

from typing import Any

import pytest
from tenuto_dsl.compiler import compile_source
from tenuto_dsl.diagnostics import Diagnostics
from tenuto_interpreter.commands import CloseRun, ScheduleActivity
from tenuto_interpreter.events import Failure
from tenuto_interpreter.ir import Program
from tenuto_interpreter.machine import Executable
from tenuto_interpreter.virtual import VirtualRun

DECLARATIONS = """
error Bad { why: string }
error Worse
config factor: int = 2
activity get(x: int, y: int = 7) -> int { timeout 1s }
activity put(x: string) { timeout 1s }
activity undo_get(x: int) { timeout 1s }
"""


def compiled(source: str) -> Program:
    sink = Diagnostics()
    programs = compile_source("w.tenuto", DECLARATIONS + source, sink)
    assert [d.message for d in sink.items if d.severity == "error"] == []
    return programs[-1].program


def run(source: str, answers: dict[str, Any] | None = None, **given: Any) -> VirtualRun:
    """Run a workflow until it rests. An answer is a value, a Failure, or a function of the arguments."""

    def answer(activity: str, args: dict[str, Any], _attempt: int) -> Any:
        found = (answers or {}).get(activity)
        return found(**args) if callable(found) else found

    return VirtualRun(Executable(compiled(source)), answer, given)


def outcome(source: str, answers: dict[str, Any] | None = None, **given: Any) -> Any:
    """What a run comes to: its result, or the code of its failure."""
    closed = run(source, answers, **given).run_to_end()
    assert isinstance(closed, CloseRun)
    return closed.result if closed.failure is None else closed.failure.code


def calls(run: VirtualRun) -> list[Any]:
    """The first argument of every call, in order."""
    return [next(iter(args.values())) for _, args, _ in run.calls]


def failing(code: str, **details: Any) -> Failure:
    return Failure(code, "as asked", details or None, retryable=False)


def test_arguments_are_filled_in_the_order_of_the_parameters() -> None:
    source = "workflow w(n: int) -> int { do { let a = call get(y: 1, x: n); let b = call get(3); return a + b } }"
    made = run(source, {"get": lambda x, y: x * 10 + y}, n=2)
    assert made.run_to_end().result == 21 + 37
    assert [args for _, args, _ in made.calls] == [{"x": 2, "y": 1}, {"x": 3, "y": 7}]


@pytest.mark.parametrize(("n", "expected"), [(1, "one"), (2, "two"), (3, "many")])
def test_if_else_if(n: int, expected: str) -> None:
    source = """workflow w(n: int) -> string {
      do { if n == 1 { return "one" } else if n == 2 { return "two" } else { return "many" } } }"""
    assert outcome(source, n=n) == expected


def test_loops_nest_and_yield_in_order() -> None:
    source = """workflow w() -> [int] {
      do {
        let all = for x in [1, 2, 3] {
          let inner = for y in [10, 20] { if x != 2 { yield x * y } }
          let sum = for z in inner { yield z + 1 }
          yield sum.size()
          if x == 3 { yield sum[1] }
        }
        return all
      } }"""
    assert outcome(source) == [2, 0, 2, 61]


def test_a_loop_over_a_map_takes_its_keys() -> None:
    source = """workflow w(m: map(string, int)) -> int { var sum: int = 0
      do { for k in m { sum = sum + m[k] }; return sum } }"""
    assert outcome(source, m={"a": 1, "b": 2}) == 3


def test_a_concurrent_loop_keeps_the_order_of_its_items() -> None:
    source = """workflow w() -> [int] {
      do {
        let before = 100
        let all = for x in [1, 2, 3] at most 2 at once { let y = call get(x); yield before + y }
        let after = all.size()
        return all + [after]
      } }"""
    assert outcome(source, {"get": lambda x, y: x * 2}) == [102, 104, 106, 3]


def test_parallel_branches_assign_variables() -> None:
    source = """workflow w() -> int { var a: int; var b: int
      do { parallel { one { a = call get(1) }; two { let t = call get(2); b = t } }; return a * 10 + b } }"""
    assert outcome(source, {"get": lambda x, y: x}) == 12


def test_repeat_waits_between_and_counts() -> None:
    source = """workflow w() -> int { var n: int = 0
      do { repeat { n = call get(n) } until n >= 3 every 10s at most 5 times; return n } }"""
    made = run(source, {"get": lambda x, y: x + 1})
    assert made.run_to_end().result == 3
    assert made.at == 20_000_000


def test_repeat_is_exhausted() -> None:
    source = 'workflow w() { do { repeat { call put("x") } until false every 10s at most 3 times } }'
    made = run(source)
    closed = made.run_to_end()
    assert isinstance(closed, CloseRun)
    assert closed.failure is not None
    assert closed.failure.code == "Exhausted"
    assert made.called("put") == 3


def test_catch_by_code_and_the_innermost_first() -> None:
    source = """workflow w() -> string {
      do {
        try {
          try { call get(1) } catch Worse { return "worse" }
        } catch Bad as e { return "bad: ${e.why} ${e.message}" }
        return "none"
      } }"""
    assert outcome(source, {"get": failing("Bad", why="rust")}) == "bad: rust as asked"
    assert outcome(source, {"get": failing("Worse")}) == "worse"
    assert outcome(source, {"get": 1}) == "none"


def test_an_error_in_a_catch_leaves_the_try() -> None:
    source = """workflow w() -> string {
      do {
        try { try { fail Worse } catch Worse { fail Bad(why: "again") } } catch as e { return e.code }
        return "none"
      } }"""
    assert outcome(source) == "Bad"


FINALLY = """workflow w(how: string) -> string {
  do {
    try {
      try {
        if how == "return" { return "returned" }
        if how == "fail" { fail Bad(why: "x") }
        if how == "cancel" { fail Cancelled }
      } catch Worse { call put("caught") } finally { call put("inner") }
      call put("between")
    } finally { call put("outer") }
    return "went on"
  } }"""


@pytest.mark.parametrize(
    ("how", "expected", "called"),
    [
        ("return", "returned", ["inner", "outer"]),
        ("fail", "Bad", ["inner", "outer"]),
        ("cancel", "Cancelled", ["inner", "outer"]),
        ("", "went on", ["inner", "between", "outer"]),
    ],
)
def test_finally_runs_on_every_way_out(how: str, expected: str, called: list[str]) -> None:
    made = run(FINALLY, how=how)
    closed = made.run_to_end()
    assert isinstance(closed, CloseRun)
    assert (closed.result if closed.failure is None else closed.failure.code) == expected
    assert calls(made) == called


def test_finally_in_a_loop_starts_afresh() -> None:
    source = """workflow w() -> int { var n: int = 0
      do {
        for x in [1, 2, 3] {
          try { try { if x == 1 { fail Worse } } finally { n = n + 1 } } catch Worse { n = n + 10 }
        }
        return n
      } }"""
    assert outcome(source) == 13


def test_compensate_in_a_catch_undoes_that_try_only() -> None:
    source = """workflow w() -> string {
      do {
        let a = call get(1) undo undo_get(a)
        try {
          let b = call get(2) undo undo_get(b)
          fail Worse
        } catch Worse { compensate; call put("done") }
        return "ok"
      } }"""
    made = run(source, {"get": lambda x, y: x * 10})
    assert made.run_to_end().result == "ok"
    assert [(name, next(iter(args.values()))) for name, args, _ in made.calls] == [
        ("get", 1), ("get", 2), ("undo_get", 20), ("put", "done"),
    ]  # fmt: skip


def test_an_undo_of_an_assigned_call_sees_its_result() -> None:
    source = """workflow w() -> string { var a: int = -1
      do { a = call get(1) undo undo_get(a); fail Worse } }"""
    made = run(source, {"get": 5})
    made.run_to_end()
    assert calls(made) == [1, 5]


def test_an_undo_without_the_result_is_known_beforehand() -> None:
    program = compiled("workflow w(n: int) { do { let a = call get(n) undo undo_get(n); log a } }")
    undo = program.calls[0].undo
    assert undo is not None
    assert not undo.uses_result


def test_path_assignments() -> None:
    source = """workflow w() -> { m: map(string, { a: [int] }) } {
      var m: map(string, { a: [int] }) = { "x": { "a": [1, 2] } }
      var i: int = 1
      do { m["x"].a[i] = 9; m["y"] = { "a": [] }; return { "m": m } } }"""
    assert outcome(source) == {"m": {"x": {"a": [1, 9]}, "y": {"a": []}}}


def test_signals_bind_guard_and_assign() -> None:
    source = """workflow w() -> string {
      signal approve(by: string, level: int = 1)
      var who: string = ""
      initial state waiting {
        on approve as a when a.by.startsWith("x") -> done_ { who = a.by }
        on approve as a { who = who + a.by }
        after 1h -> late
      }
      final state done_ { return who }
      final state late { return "late: " + who }
    }"""
    made = run(source)
    made.signal("approve", by="a", level=1)
    made.signal("approve", by="xb", level=1)
    assert made.run_to_end().result == "xb"
    made = run(source)
    made.signal("approve", by="a", level=1)
    assert made.run_to_end().result == "late: a"


def test_errors_narrow_to_their_states() -> None:
    source = """workflow w() -> string {
      var why: string = ""
      initial state a { do { call put("x") }; done -> b; on error Bad as e -> c { why = e.why } }
      final state b { return "fine" }
      final state c { return why }
    }"""
    assert outcome(source, {"put": failing("Bad", why="rust")}) == "rust"
    assert outcome(source) == "fine"
    assert outcome(source, {"put": failing("Worse")}) == "Worse"


def test_nested_states_entry_exit_and_when() -> None:
    source = """workflow w() -> [string] {
      var t: [string] = []
      initial state p {
        entry { t = t + ["p+"] }
        exit { t = t + ["p-"] }
        initial state a { entry { t = t + ["a+"] }; exit { t = t + ["a-"] }; when t.size() >= 2 -> b { t = t + ["!"] } }
        final state b {}
        done -> q
      }
      final state q { return t }
    }"""
    assert outcome(source) == ["p+", "a+", "a-", "!", "p-"]


def test_active_takes_the_short_name_of_a_state() -> None:
    source = """workflow w() {
      query deep -> bool = active("inner")
      initial state p { initial state inner { after 1h -> x }; final state x {}; done -> e }
      final state e {}
    }"""
    made = run(source)
    assert made.query("deep") is True


def test_receive_gives_null_when_the_time_is_up() -> None:
    source = """workflow w() -> string {
      signal answer(text: string)
      do { receive answer as a when a.text != "" within 1h; return a == null ? "nothing" : a.text } }"""
    assert outcome(source) == "nothing"
    made = run(source)
    made.signal("answer", text="")
    made.signal("answer", text="yes")
    assert made.run_to_end().result == "yes"


def test_continue_with_fills_in_defaults() -> None:
    source = """workflow w(n: int, step: int = 1) {
      initial state a { after 1s -> b }
      final state b { continue with (n: n + step) }
    }"""
    closed = run(source, n=1).run_to_end()
    assert getattr(closed, "input", None) == {"n": 2, "step": 1}


def test_options_of_a_call_replace_the_activity_s() -> None:
    source = 'workflow w(n: int) { do { call put("x") with timeout 5s overall 1m, retry n times backoff 2s } }'
    made = run(source, {"put": failing("Worse")}, n=3)
    commands = [c for _, caused in made.log for c in caused if isinstance(c, ScheduleActivity)]
    assert commands[0].attempt_timeout == 5_000_000


def test_config_is_captured_with_its_default() -> None:
    assert outcome("workflow w() -> int { do { return config.factor * 2 } }") == 4


@pytest.mark.parametrize("block", ["%s", "try { %s; fail Worse } catch Worse {}", "for i in [1] { %s }"])
def test_parts_of_a_let_are_assigned(block: str) -> None:
    assigns = 'm.a = 5; m.b.c = "y"; xs[1] = m.a; d["k"] = call get(1); d.l = 4'
    source = f"""workflow w() -> string {{ do {{
      let m = {{ "a": 1, "b": {{ "c": "x" }} }}
      let xs = [1, 2, 3]
      let d: map(string, int) = {{}}
      let before = m
      {block % assigns}
      return "${{m.a}} ${{m.b.c}} ${{xs[1]}} ${{d["k"]}} ${{d["l"]}} ${{before.a}}" }} }}"""
    assert outcome(source, {"get": 3}) == "5 y 5 3 4 1"


def test_a_part_of_a_let_that_is_not_there_is_a_fault() -> None:
    made = run("workflow w() { do { let xs = [1]; xs[1] = 2 } }")
    assert made.snapshot.parked == ("no element 1 in a list of 1", "w.do")


def test_what_a_message_leaves_out_has_its_default_or_is_null() -> None:
    source = """workflow w() -> [string] {
      signal note(text: string, by: string = "nobody", factor: int = config.factor, why: string?)
      var notes: [string] = []
      on note as n { notes = notes + ["${n.text} ${n.by} ${n.factor} ${n.why.orValue("-")}"] }
      initial state s { when notes.size() == 3 -> done_ }
      final state done_ { return notes }
    }"""
    made = run(source)
    made.signal("note", text="a")
    made.signal("note", text="b", by=None, factor=3)
    made.signal("note", text="c", by="me", factor=4, why="so")
    assert made.run_to_end().result == ["a nobody 2 -", "b nobody 3 -", "c me 4 so"]
