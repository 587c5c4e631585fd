"""Runs that go on in another version: what stays, what begins anew, what is refused; and that history replays."""

from __future__ import annotations

from typing import Any

import pytest
from tenuto_interpreter.commands import CancelActivity, ScheduleActivity
from tenuto_interpreter.events import Event, Migrated
from tenuto_interpreter.machine import Executable, Snapshot, read_record, record
from tenuto_interpreter.machine.migration import Refused, follow, migrate
from tenuto_interpreter.virtual import HANGS, Answer, VirtualRun

from .written import WORSE, answering, calls, complete, status, written


class Migrating(VirtualRun):
    """A run whose history may span versions."""

    def __init__(self, exe: Executable, answer: Answer, given: dict[str, Any]) -> None:
        super().__init__(exe, answer, given)
        self.first = exe
        self.programs: dict[str, Executable] = {}


def run(source: str, answers: dict[str, Any] | None = None, **given: Any) -> Migrating:
    return Migrating(written(source), answering(answers), given)


def to(made: Migrating, source: str, **config: Any) -> None:
    """Migrate a run to another version, and check that its history replays."""
    new = written(source)
    event = Migrated(made.at, new.program.digest(), config)
    before = made.snapshot.encode()
    after, commands = migrate(made.exe, new, made.snapshot, event)
    assert made.snapshot.encode() == before, "migrate changed its argument"
    again, same = migrate(made.exe, new, Snapshot.decode(before), event)
    assert (again.encode(), same) == (after.encode(), commands), "two calls, two answers"
    made.programs[event.definition] = new
    made.exe, made.snapshot = new, after
    made.log.append((event, commands))
    for command in commands:
        made._carry_out(command)
    while made._waiting:
        made.take(made._waiting.popleft())
    replays(made)


def replays(made: Migrating) -> None:
    exe, snapshot = made.first, Snapshot.new()
    for event, commands in made.log:
        stored, _ = read_record(record(event, commands))
        exe, snapshot, again = follow(made.programs.__getitem__, exe, snapshot, stored)
        assert again == commands
    assert snapshot.encode() == made.snapshot.encode()
    assert Snapshot.decode(snapshot.encode()).encode() == snapshot.encode()


def happened(made: VirtualRun, kind: type) -> list[Any]:
    return [c for _, commands in made.log for c in commands if isinstance(c, kind)]


ONE = """workflow w(n: int) -> string { version 1; signal go(); signal other(v: int)
  var mail: string = "a@b"; var count: int = 0
  %s
  initial state s { %s }
  final state e { return "one" } }"""
TWO = """workflow w(n: int) -> string { version 2; signal other(v: int); signal go()
  var extra: int = 5; var count: int = 0; var mail: string = "none"
  migrate from 1 { %s }
  state before { after 1h -> s }
  initial state s { %s }
  final state e { return "two ${mail} ${count} ${extra} ${n}" } }"""


def test_names_carry_states_variables_messages_and_parameters_over() -> None:
    made = run(ONE % ("", "entry { count = count + 1 }; on go -> e"), n=7)
    made.signal("other", v=1)
    to(made, TWO % ("", "entry { count = 100 }; on go -> e"))
    assert made.states() == ["s"]
    assert [m[2] for m in made.snapshot.mailbox] == ["other"]
    made.signal("go")
    assert made.closed.result == "two a@b 1 5 7", "no entry ran, the initial value is of what is new"


def test_states_go_where_they_are_said_to_and_variables_are_set() -> None:
    made = run(ONE % ("", "on go -> e"), n=7)
    to(made, TWO % ('s -> before; set mail = old.mail + "!"; set count = old.n + 1', "on go -> e"))
    assert made.states() == ["before"]
    made.advance(3600)
    made.signal("go")
    assert made.closed.result == "two a@b! 8 5 7"


# -- blocks in progress --------------------------------------------------------------------------------------------

STEPS = 'do { let a = call get(1) undo unget(a); try { wait 1h } catch Worse {}; call put("a ${a}") }; done -> e'


@pytest.mark.parametrize("at", ["call", "wait"])
def test_an_unchanged_block_keeps_its_place(at: str) -> None:
    made = run(ONE % ("", STEPS), {"get": HANGS if at == "call" else 3}, n=1)
    to(made, TWO % ("", "entry { count = 9 }; " + STEPS + "; on other {}"))
    if at == "call":
        complete(made, "get", 3)
    made.advance(3600)
    assert calls(made) == [("get", 1), ("put", "a 3")]
    assert status(made) == "completed"
    replays(made)


def test_a_changed_block_begins_again_when_its_calls_have_resolved() -> None:
    made = run(ONE % ("", STEPS), {"get": HANGS}, n=1)
    to(made, TWO % ("", STEPS.replace("1h", "2h")))
    assert calls(made) == [("get", 1)]
    assert happened(made, CancelActivity) == [], "what is in flight is not interrupted"
    complete(made, "get", 3)
    assert calls(made) == [("get", 1), ("get", 1)], "then it begins again"
    assert [entry[1] for entry in made.snapshot.undo] == [[3]], "and what had been done can be undone"
    replays(made)
    complete(made, "get", 4)
    made.advance(7200)
    assert calls(made)[-1] == ("put", "a 4")
    replays(made)


@pytest.mark.parametrize("outcome", ["fails", "is left", "hangs past its limit"])
def test_a_block_that_waits_to_begin_again(outcome: str) -> None:
    made = run(ONE % ("", STEPS), {"get": HANGS}, n=1)
    to(made, TWO % ("", STEPS.replace("1h", "2h") + "; on go -> e; on error -> e"))
    match outcome:
        case "is left":
            made.signal("go")
            assert len(happened(made, CancelActivity)) == 1
            assert status(made) == "completed"
        case _:
            made._answer = lambda *_: 4
            made.advance(3600)
            assert calls(made) == [("get", 1), ("get", 1)]
    replays(made)


def test_a_changed_block_that_only_waits_begins_again_at_once() -> None:
    made = run(ONE % ("", STEPS), {"get": 3}, n=1)
    to(made, TWO % ("", STEPS.replace("1h", "2h")))
    assert calls(made) == [("get", 1), ("get", 1)]
    made.advance(7200)
    assert status(made) == "completed"


FORK = """do { parallel { one { call get(count); call put("one") }
                        two { for x in [1, 2] at most 1 at once {
                                wait for count > 5; receive other as o when o.v == n } } } }
          done -> e"""


def test_branches_conditions_and_receivers_of_an_unchanged_block_go_on() -> None:
    made = run(ONE % ("", FORK + "; on go { count = 6 }"), {"get": HANGS}, n=1)
    to(made, TWO % ("", "on go { count = 6 }; " + FORK))
    made.signal("go")
    replays(made)
    to(made, (TWO % ("", FORK + "; on go { count = 7 }")).replace("version 2", "version 3"))
    made.signal("other", v=3)
    made.signal("other", v=1)
    made.signal("other", v=1)
    complete(made, "get")
    assert status(made) == "completed"
    assert calls(made) == [("get", 0), ("put", "one")]
    replays(made)


def test_branches_of_a_changed_block_resolve_before_it_begins_again() -> None:
    source = """do { try { parallel { one { let r = call get(1) undo unget(r) }; two { call get(2) undo unget(2) }
                                      three { wait 1h } } } catch Worse {} %s }; done -> e"""
    made = run(ONE % ("", source % ""), {"get": HANGS}, n=1)
    to(made, TWO % ("", source % '; call put("new")'))
    complete(made, "get", 11)
    assert len(happened(made, ScheduleActivity)) == 2
    complete(made, "get", 12)
    assert len(happened(made, ScheduleActivity)) == 4
    assert [entry[1] for entry in made.snapshot.undo] == [[11], [2]]
    replays(made)


def test_a_reaction_goes_on_under_its_trigger() -> None:
    made = run(ONE % ("", 'on other as o do { wait 1h; call put("${o.v}!") }; on go -> e'), n=1)
    made.signal("other", v=4)
    to(made, TWO % ("", 'on go -> e; on other as o do { wait 1h; call put("${o.v}!") }'))
    made.advance(3600)
    assert calls(made) == [("put", "4!")]
    made.signal("other", v=5)
    to(made, (TWO % ("", 'on other as o do { call put("${o.v}?") }; on go -> e')).replace("version 2", "version 3"))
    assert calls(made) == [("put", "4!"), ("put", "5?")]
    replays(made)


def test_what_has_no_counterpart_is_interrupted() -> None:
    made = run(ONE % ("", "do { call get(1) undo unget(1) }; on go -> e"), {"get": HANGS}, n=1)
    to(made, TWO % ("", "after 1h -> e; on go do { call get(1) undo unget(1) }"))
    assert len(happened(made, CancelActivity)) == 1
    made.advance(3600)
    assert status(made) == "completed"


# -- states --------------------------------------------------------------------------------------------------------


def test_a_state_that_is_put_into_another_enters_what_is_around_it() -> None:
    made = run(ONE % ("", "on go -> e"), n=1)
    to(
        made,
        """workflow w(n: int) -> string { version 2; signal go()
          var mail: string; var count: int = 0; var seen: string = ""
          migrate from 1 { s -> outer.left.s }
          initial state outer {
            entry { seen = seen + "outer " }
            do { call put("outer") }
            after 1h -> e
            region left { state s { on go -> f }; initial state t { when true -> s }; final state f {} }
            region right { initial state a { entry { seen = seen + "a " }; after 10m -> b }
                           state b { entry { seen = seen + "b " } } }
          }
          final state e { return seen } }""",
    )
    assert made.states() == ["outer.left.s", "outer.right.a"]
    assert calls(made) == [("put", "outer")]
    made.run_to_end()
    assert made.closed.result == "outer a b "


def test_timers_keep_their_time_and_a_new_length_counts_from_the_same_entry() -> None:
    made = run(ONE % ("", "after 10m { count = count + 1 }; after 1h -> e; every 25m { count = count + 10 }"), n=1)
    made.advance(20 * 60)
    to(
        made,
        TWO % ("", "every 25m { count = count + 10 }; after 45m -> e; after 10m { count = count + 1 }; on go -> e"),
    )
    made.advance(24 * 60 + 59)
    assert made.closed is None
    made.advance(1)
    assert made.closed.result == "two a@b 11 5 1"
    replays(made)


def test_a_block_a_state_did_not_have_begins() -> None:
    made = run(ONE % ("", "on go -> e"), n=1)
    to(made, TWO % ("", 'do { call put("new") }; done -> e'))
    assert status(made) == "completed"
    assert calls(made) == [("put", "new")]


def test_history_is_remembered_under_the_new_names() -> None:
    source = """workflow w() {{ version {0}; signal go()
      {1}
      initial state {2} {{ initial state {3} {{ after 1m -> y }}; state y {{}}; on go -> t }}
      state t {{ on go -> history({2}) }} }}"""
    made = run(source.format(1, "", "s", "x"))
    made.advance(60)
    made.signal("go")
    to(made, source.format(2, "migrate from 1 { s -> u; s.x -> u.z }", "u", "z"))
    made.signal("go")
    assert made.states() == ["u.y"]


# -- parked, ending, closed ----------------------------------------------------------------------------------------


def test_a_parked_run_goes_on_in_a_repaired_version() -> None:
    made = run(ONE % ("var zero: int = 0", "on go { count = 1 / zero }; on other as o -> e { count = o.v }"), n=1)
    made.signal("go")
    made.signal("other", v=3)
    assert status(made) == "parked"
    to(made, TWO % ("", "on go { count = 1 }; on other as o -> e { count = count + o.v }"))
    assert made.closed.result == "two a@b 4 5 1"
    replays(made)


def test_a_run_whose_start_was_at_fault_starts_in_a_repaired_version() -> None:
    made = run("""workflow w() -> int { version 1; var a: int = 1 / config.d; do { return a } }
                  config d: int = 0""")
    assert status(made) == "parked"
    to(made, "workflow w() -> int { version 2; var a: int = 1; do { return a } }")
    assert made.closed.result == 1


def test_an_undo_that_failed_for_good_is_tried_again_by_a_repaired_version() -> None:
    made = run(ONE % ("", "do { call get(1) undo unget(1); fail Worse }"), {"get": 0, "unget": WORSE}, n=1)
    assert status(made) == "parked"
    made._answer = lambda *_: None
    to(made, TWO % ("", "do { call get(1) undo unget(1) }; done -> e"))
    assert status(made) == "failed"
    replays(made)


def test_a_run_that_is_ending_goes_on_ending_and_nothing_is_timed() -> None:
    block = 'do { try { wait 1h } finally { call get(1); call put("x") } }; after %s -> e'
    made = run(ONE % ("", block % "2h"), {"get": HANGS}, n=1)
    made.cancel()
    to(made, TWO % ("", block % "3h"))
    assert [t for t in made.snapshot.timers.values() if t[1] == "after"] == []
    complete(made, "get", 0)
    assert status(made) == "cancelled"
    assert calls(made)[-1] == ("put", "x")
    replays(made)


# -- values --------------------------------------------------------------------------------------------------------


def test_config_is_kept_and_what_is_new_is_captured() -> None:
    first = ONE % ("", "on go -> e { mail = config.a }") + '\nconfig a: string = "first"'
    second = TWO % ("", "on go -> e { mail = config.a + config.b + config.c }")
    second += '\nconfig a: string = "changed"\nconfig b: string\nconfig c: string = "!"'
    made = run(first, n=1)
    to(made, second, b="given", a="ignored")
    made.signal("go")
    assert made.closed.result == "two firstgiven! 0 5 1"


def test_a_value_of_another_type_is_refused_when_it_is_set() -> None:
    made = run(ONE % ("", "on go -> e"), n=1)
    with pytest.raises(Refused, match=r"count is int, and old.mail string"):
        to(made, TWO % ("set count = old.mail", "on go -> e"))
    with pytest.raises(Refused, match=r"count: expected int, found \"a@b\""):
        to(made, TWO % ("set count = old.n > 0 ? old.mail : old.count", "on go -> e"))
    with pytest.raises(Refused, match="at fault at once: division by zero"):
        to(made, TWO % ("set count = 1 / old.count", "on go -> e"))


# -- refusals ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "two", "reason"),
    [
        ("do { call get(1) undo unget(1); wait 1h }", "do { call get(1) }", "unget is still needed"),
        ("do { call get(1) undo unget(1); wait 1h }",
         "do { call get(2) undo unget(2) }", None),
        ("do { call get(2) undo unget(2); call get(1) undo put(\"x\") }",
         'do { call get(1) undo unget(1); call put("x") }', "a call of get is in flight"),
        ("do { try { wait 1h } finally { call put(\"x\") } }", "on go -> e", "owes a `finally`"),
    ],
)  # fmt: skip
def test_a_run_that_still_needs_what_is_gone_is_refused(one: str, two: str, reason: str | None) -> None:
    def answer(x: int) -> Any:
        return HANGS if x == 1 and "undo put" in one else 0

    made = run(ONE % ("", one), {"get": answer}, n=1)
    if reason is None:
        to(made, TWO % ("", two))
        return
    with pytest.raises(Refused, match=reason):
        to(made, TWO % ("", two))


def test_a_finally_that_is_leaving_goes_on_if_the_new_version_has_it() -> None:
    block = 'do { try { wait 1h } finally { call get(1); call put("x") } }; on go -> t'
    extra = "}; state t { on go -> e"
    made = run(ONE % ("", block + extra), {"get": HANGS}, n=1)
    made.signal("go")
    with pytest.raises(Refused, match="still runs"):
        to(made, TWO % ("", block.replace('"x"', '"y"') + extra))
    to(made, TWO % ("", "entry { count = 1 }; " + block + extra))
    complete(made, "get", 0)
    made.signal("go")
    assert status(made) == "completed"
    assert calls(made) == [("get", 1), ("put", "x")]
    replays(made)


def test_a_step_refuses_the_event_and_a_stored_one_reads_back() -> None:
    event: Event = Migrated(5, "abc", {"a": 1})
    assert read_record(record(event, [])) == (event, [])
    made = run(ONE % ("", "on go -> e"), n=1)
    with pytest.raises(AssertionError, match="both programs"):
        made.feed(event)
