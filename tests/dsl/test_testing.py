"""Tests in workflow files: what each step means, and what is said when one does not hold."""

from __future__ import annotations

import pytest
from tenuto_dsl import Diagnostics
from tenuto_dsl.format.converter import convert_source
from tenuto_dsl.testing import Failed, Runner, Suite, plan_source

SOURCE = """
error Bad { why: string }
error Worse
config patience: duration = 1h
config place: string
activity get(x: int) -> int { timeout attempt 10s overall 10m; retry 2 times backoff 1s; raises Bad; effect pure }
activity put(x: int) { timeout 10s; effect idempotent }
activity unget(x: int) { timeout 10s; effect idempotent }

workflow main(n: int, kind: string = "plain") -> { sum: int, at: timestamp } {
  signal add(x: int, note: string?)
  signal stop()
  update set(x: int) -> int
  query doubled -> int = sum * 2
  var sum: int = n
  var last: int
  on add as a { sum = sum + a.x }
  on update set as s when s.x > 0 { sum = s.x; reply sum + 1 }
  on cancel -> undone
  initial state working {
    do { let got = call get(x: n) undo unget(x: n); last = got; call put(x: got) }
    done -> waiting
    on error Bad as e -> broken { sum = -1 }
  }
  state waiting { on stop -> over; after config.patience -> over }
  final state over { return { "sum": sum, "at": now() } }
  final state broken { fail Bad(message: "it broke", why: "mock") }
  final state undone { fail Cancelled }
}

workflow parent(count: int) -> [int] {
  var found: [int] = []
  do {
    for i in [1, 2] { let c = call child(n: i * count); found = found + [c] }
    start child(n: 100) id "apart" on close abandon
    return found
  }
}
workflow child(n: int) -> int {
  signal go(x: int)
  do {
    if n > 50 { receive go as g; return g.x }
    let got = call get(x: n)
    wait 1h
    return got
  }
}
workflow chain(n: int) {
  var total: int = n
  initial state on_ { after 1d -> next }
  final state next { continue with (n: total + 1) }
}
workflow faulty(n: int) -> int { do { return 10 / n } }
workflow faulty_later(n: int) -> int { do { wait 1h; return 10 / n } }
workflow placed() -> string { do { return config.place } }
workflow around_placed() -> string { do { let place = call placed(); return place } }
"""


def suite(test: str) -> Suite:
    sink = Diagnostics()
    found = plan_source("w.tenuto", SOURCE + test, sink)
    assert found is not None, [item.message for item in sink.items]
    return found


def failed(steps: str, workflow: str = "main") -> Failed | None:
    runner = Runner(suite(f'test "it" for {workflow} {{\n{steps}\n}}'))
    return runner.run(runner.suite.plans[0]).failed


def diagnostics(test: str) -> list[tuple[str, str]]:
    sink = Diagnostics()
    plan_source("w.tenuto", SOURCE + test, sink)
    return [(item.code, item.message) for item in sink.items if item.span.line > SOURCE.count("\n")]


GET = "given (n: 1); mock get returns 5\n"

HOLD = {
    "a run goes as far as it can without time": GET + 'expect workflow.state == "waiting" && last == 5 && sum == 1',
    "time passes in advance": GET + 'advance 59m; expect active("waiting"); advance 1m; expect active("over")',
    "until a time": GET + 'advance until now() + 1h; expect workflow.status == "completed"',
    "a run begins at a time": """given (n: 1) id "mine" at timestamp("2030-01-01T00:00:00Z")
        mock get returns 5; expect workflow.id == "mine" && string(now()) == "2030-01-01T00:00:00Z\"""",
    "config is given": """given (n: 1); config patience = 1s; mock get returns 5; advance 1s
        expect workflow.status == "completed\"""",
    "a default is taken": GET + 'expect kind == "plain"',
    "signals are sent, absent fields null": GET + "send add(x: 3); expect sum == 4 && query.doubled == 8",
    "updates are answered": GET + "update set(x: 9) replies 10; update set(x: 0) rejected; expect sum == 9",
    "cancel": GET + 'cancel; expect workflow.status == "cancelled" && calls("unget") == 1',
    "a call fails as a whole": """given (n: 1); mock get fails Bad(why: "no")
        expect workflow.error.code == "Bad" && workflow.error.why == "mock" && attempts("get") == 1""",
    "an attempt fails, and is repeated": """given (n: 1); mock get fails attempt Bad(why: "no") then returns 2
        expect active("working") && attempts("get") == 1
        advance 2s; expect active("waiting") && attempts("get") == 2 && calls("get") == 1""",
    "attempts end": """given (n: 1); mock get fails attempt Bad(why: "no"); advance 1m
        expect attempts("get") == 3 && workflow.status == "failed\"""",
    "what hangs times out": """given (n: 1); mock get hangs then returns 7; advance 9s; expect attempts("get") == 1
        advance 3s; expect last == 7""",
    "outcomes read the arguments": "given (n: 4); mock get returns x * 10; expect last == 40",
    "a mock for some arguments goes first": """given (n: 4); mock get(x: 4) returns 1; mock get returns 2
        expect last == 1""",
    "a later mock wins": "given (n: 4); mock get returns 1; mock get returns 2; expect last == 2",
    "arguments of calls": GET + 'expect called.put == [{ "x": 5 }] && called.get[0].x == 1 && called.unget.size() == 0',
}


@pytest.mark.parametrize("steps", HOLD.values(), ids=HOLD)
def test_what_holds(steps: str) -> None:
    assert failed(steps) is None


FAIL = {
    GET + "expect sum == 2": "this does not hold",
    GET + "expect workflow.result.sum == 1": "this has no value: there is no result: the run is running, in waiting",
    GET + 'expect workflow.error.code == ""': "this has no value: there is no error: the run is running, in waiting",
    'given (n: 1); expect calls("get") == 1': "get(x: 1) was called, and it is not mocked",
    'given (n: 1); mock get(x: 2) returns 1; expect calls("get") == 1': "get(x: 1) was called, and no mock fits",
    GET + "update set(x: 9) replies 9; expect true": "the reply was 10, not 9",
    GET + "update set(x: 9) rejected": "the update set was accepted, with the reply 10",
    GET
    + "update set(x: 0); expect true": "the update set was rejected: set is not accepted now: its guard does not hold",
    GET + "send stop(); send stop(); expect true": "the run has ended, completed: nobody takes the signal stop",
    GET + "send stop(); cancel; expect true": "the run has ended, completed: there is nothing to cancel",
    GET + "send stop(); update set(x: 1); expect true": "the run has ended, completed: nobody takes the update set",
    GET + 'send stop() to "other"; expect true': "there is no run other: nobody takes the signal stop",
    GET + "advance -1s; expect true": "time does not go backwards",
    GET + "expect [1][sum] == 1": "this has no value: index 1 out of range: the list has 1 items",
}


@pytest.mark.parametrize("steps", FAIL)
def test_what_is_said_when_it_fails(steps: str) -> None:
    found = failed(steps)
    assert found is not None
    assert found.message == FAIL[steps]


def test_a_failure_shows_the_parts_and_where_the_run_stands() -> None:
    found = failed(GET + "expect last == 5 && (sum + 1 == 7 || called.get.exists(g, g.x == n + 1))")
    assert found is not None
    assert [value for _, value in found.parts] == ["5", "1", "false", '[{"x": 1}]']
    assert found.standing == "running, in waiting"
    assert found.happened == (
        '+0s  main(n: 1) starts; calls get  [working]', "+0s  get returns 5; calls put  [working]",
        "+0s  put returns null  [waiting]",
    )  # fmt: skip


def test_what_nobody_answers_for_is_the_last_that_happened() -> None:
    found = failed('given (n: 1); expect calls("get") == 1')
    assert found is not None
    assert found.happened == ("+0s  main(n: 1) starts; calls get  [working]",)


UPDATES = """
error A { x: int }
error B { y: string }
workflow w(n: int) {
  update ask(n: int) -> int
  update tell(n: int)
  initial state one {
    on update ask as a do { wait 1h; reply a.n * 2 }
    on update tell as t when t.n > 0 do { wait 2h; reply null }
    after 1d -> over
  }
  final state over { fail A(message: "no", x: 3) }
}
"""


@pytest.mark.parametrize("form", ["text", "yaml"])
def test_what_is_answered_later_is_asked_for_later(form: str) -> None:
    source = (
        UPDATES
        + """
test "later" {
  given (n: 1)
  update ask(n: 4)
  update ask(n: 5)
  update tell(n: 0) rejected
  expect answered.ask.all(a, a.outcome == "waiting" && a.reply == null)
  advance 2h
  expect answered.ask == [{ "outcome": "completed", "reply": 8 }, { "outcome": "completed", "reply": 10 }]
  expect answered.tell == [{ "outcome": "rejected", "message": "tell is not accepted now: its guard does not hold" }]
}
"""
    )
    name = "w.tenuto"
    if form == "yaml":
        converted = convert_source(source, name, "text", "yaml", Diagnostics())
        assert converted is not None
        name, source = "w.yaml", converted
    sink = Diagnostics()
    found = plan_source(name, source, sink)
    assert found is not None, [item.message for item in sink.items]
    assert Runner(found).run(found.plans[0]).failed is None


def test_an_answer_that_is_not_there_yet_is_said_to_be_asked_for_later() -> None:
    sink = Diagnostics()
    found = plan_source("w.tenuto", f'{UPDATES}test "it" {{ given (n: 1)\nupdate ask(n: 4) replies 8 }}', sink)
    assert found is not None, [item.message for item in sink.items]
    failed = Runner(found).run(found.plans[0]).failed
    assert failed is not None
    assert failed.message == "the update ask is not answered yet: expect answered.ask[…].outcome once it may be"


def test_an_error_is_compared_as_a_whole_and_lacks_what_others_have() -> None:
    sink = Diagnostics()
    source = (
        UPDATES
        + """
test "it" {
  given (n: 1)
  advance 1d
  expect workflow.error == { "code": "A", "message": "no", "x": 3 } && workflow.error.y == null
}
"""
    )
    found = plan_source("w.tenuto", source, sink)
    assert found is not None, [item.message for item in sink.items]
    assert Runner(found).run(found.plans[0]).failed is None


def test_workflows_that_no_test_runs_count() -> None:
    found = suite('test "it" for chain { given (n: 1); expect total == 1 }'.replace("; ", "\n"))
    whole, part = Runner(found), Runner(found, part=True)
    for runner in (whole, part):
        assert runner.run(found.plans[0]).failed is None
    assert {item.workflow for item in part.coverage.items()} == {"chain"}
    assert {item.workflow for item in whole.coverage.items()} == {"chain", "main"}


def test_children_run_in_the_same_world() -> None:
    steps = """given (count: 3); mock get returns x; expect called.child == [{ "n": 3 }]
      advance 1h; expect called.child.size() == 2; advance 1h
      expect workflow.result == [3, 6] && calls("child") == 3
      send go(x: 1) to "apart"; expect calls("get") == 2"""
    assert failed(steps, "parent") is None


def test_children_are_mocked_by_name() -> None:
    steps = (
        'given (count: 1); mock child(n: 1) returns 7; mock child fails Worse; expect workflow.error.code == "Worse"'
    )
    assert failed(steps, "parent") is None


def test_a_chain_of_runs_is_followed() -> None:
    assert failed("given (n: 1); advance 50d; expect workflow.runs == 51 && total == 51", "chain") is None


def test_a_parked_run_fails_the_test() -> None:
    found = failed('given (n: 0); expect calls("get") == 0', "faulty")
    assert found is not None
    assert found.message == "the run is parked: division by zero (faulty.do)"
    assert failed('given (n: 0); expect workflow.status == "parked"', "faulty") is None
    later = 'given (n: 0); advance 1h; expect calls("get") == 0; advance 1h; expect workflow.status == "parked"'
    assert failed(later, "faulty") is None


def test_to_have_asked_for_the_status_does_not_excuse_what_is_parked_later() -> None:
    steps = 'given (n: 0); expect workflow.status == "running"; advance 2h; expect calls("get") == 0'
    found = failed(steps, "faulty_later")
    assert found is not None
    assert found.message == "the run is parked: division by zero (faulty_later.do)"


def test_config_that_a_child_lacks_is_named() -> None:
    found = failed('expect workflow.result == "here"', "around_placed")
    assert found is not None
    assert found.message == "the config place has no default: give it, `config place = …`"
    assert failed('config place = "here"; expect workflow.result == "here"', "around_placed") is None


def test_config_without_a_default_must_be_given() -> None:
    found = failed('expect workflow.result == "here"', "placed")
    assert found is not None
    assert found.message == "the config place has no default: give it, `config place = …`"
    assert failed('config place = "here"; expect workflow.result == "here"', "placed") is None


MISTAKES = {
    'test "a" { expect true }': ("TEN206", "main lacks the argument n"),
    'test "a" for mian { given (n: 1); expect true }': ("TEN201", "no workflow mian is declared"),
    'test "a" { given (n: "1"); expect true }': ("TEN244", "expected int, found string"),
    'test "a" { given (n: 1); given (n: 2); expect true }': ("TEN291", "a test has one `given`"),
    'test "a" { expect true; given (n: 2) }': ("TEN291", "the run has begun, with the step at line 2"),
    'test "a" { given (n: 1); mock got returns 1; expect true }': ("TEN201", "no activity or workflow got is declared"),
    'test "a" { given (n: 1); mock get returns "1"; expect true }': ("TEN244", "expected int, found string"),
    'test "a" { given (n: 1); mock put returns 1; expect true }': (
        "TEN292", "put returns nothing, so a mock of it can return nothing else"),
    'test "a" { given (n: 1); mock get fails Worse; expect true }': ("TEN292", "get does not raise Worse"),
    'test "a" { given (n: 1); mock get fails Bad; expect true }': ("TEN206", "Bad lacks the argument why"),
    'test "a" { given (n: 1); mock child fails attempt Bad(why: ""); expect true }': (
        "TEN292", "child is a workflow: it is started once and has no attempts"),
    'test "a" { given (n: 1); send set(); expect true }': ("TEN203", "set is an update, not a signal"),
    'test "a" { given (n: 1); send add(y: 1); expect true }': ("TEN207", "add has no argument y"),
    'test "a" { given (n: 1); config patinece = 1s; expect true }': ("TEN240", "no config value patinece is declared"),
    'test "a" { given (n: 1); expect active("waitng") }': ("TEN251", 'there is no state "waitng"'),
    'test "a" { given (n: 1); expect calls("gte") == 1 }': ("TEN201", "no activity or workflow gte is declared"),
    'test "a" { given (n: 1); expect workflow.result.total == 1 }': (
        "TEN243", "{ sum: int, at: timestamp } has no field total"),
    'test "a" { given (n: 1); expect workflow.status == "done" }': (
        "TEN249", '"done" is not one of "running" | "completed" | "failed" | "cancelled" | "terminated" | "parked"'),
    'test "a" { given (n: 1); expect last == 5 || last + 1 == 2 }': ("TEN245", "last may be null (int?)"),
    'test "a" { given (n: 1) }': ("TEN293", 'the test "a" expects nothing'),
    'test "a" { given (n: 1); expect true }\ntest "a" { given (n: 1); expect true }': (
        "TEN200", 'there is a test "a" already, at line 60'),
}  # fmt: skip


@pytest.mark.parametrize("test", MISTAKES)
def test_mistakes_are_found_before_anything_runs(test: str) -> None:
    found = diagnostics(test.replace("; ", "\n"))
    code, message = MISTAKES[test]
    assert [c for c, _ in found][:1] == [code], found
    assert found[0][1].startswith(message.split(", with the step")[0].split(", at line")[0]), found
    assert len(found) == 1, found


def test_tests_may_stand_beside_what_they_test() -> None:
    sink = Diagnostics()
    files = {"main.tenuto": SOURCE.encode()}
    source = 'import "main.tenuto"\ntest "it" for chain { given (n: 1); advance 1d; expect total == 2 }'
    found = plan_source("main_test.tenuto", source, sink, files.__getitem__)
    assert found is not None, [item.message for item in sink.items]
    runner = Runner(found)
    assert runner.run(found.plans[0]).failed is None
    assert {item.name for item in runner.coverage.items() if item.taken} == {"on_", "on_: after -> next", "next"}


def test_a_run_that_never_rests_fails_its_test() -> None:
    sink = Diagnostics()
    source = """workflow w() {
        var n: int = 0
        every 1s { n = n + 1 }
        initial state s { after 9999d -> t }
        final state t {}
      }
      test "endless" { advance 9000d; expect n == 0 }"""
    found = plan_source("w.tenuto", source, sink)
    assert found is not None, [item.message for item in sink.items]
    failed = Runner(found).run(found.plans[0]).failed
    assert failed is not None
    assert failed.message == "more than 100000 events: a run that never rests"


def test_what_is_due_at_once_happens_at_once() -> None:
    sink = Diagnostics()
    source = """workflow w() -> int {
        signal go()
        initial state past { at workflow.started_at - 1d -> waiting }
        state waiting { on go -> soon; after 1d -> over }
        state soon { after 0s -> over }
        final state over { return 1 }
      }
      test "due" { expect active("waiting"); send go(); expect active("over") }"""
    found = plan_source("w.tenuto", source, sink)
    assert found is not None, [item.message for item in sink.items]
    assert Runner(found).run(found.plans[0]).failed is None
