"""Where two parts of the language meet: errors and eventless transitions, reactions and regions, history and what is
entered again, deferral and whoever else wants the message. Each in virtual time, each replayed.
"""

from __future__ import annotations

import pytest
from tenuto_interpreter.events import Failure, RetryRequested, TimerFired, UpdateReceived
from tenuto_interpreter.virtual import HANGS, SECOND, VirtualRun

from tests.interpreter.machine.written import WORSE, answered, calls, complete, run, status


def sent(made: VirtualRun, *what: str | float) -> VirtualRun:
    """The run after these messages; a number is seconds that pass."""
    for each in what:
        if isinstance(each, str):
            made.signal(each)
        else:
            made.advance(each)
    assert made.replayed().encode() == made.snapshot.encode()
    return made


# -- errors --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("handler", "ends"), [("", "failed"), ("on error Worse -> u", "u"), ("on error -> u", "u")])
def test_an_error_of_a_state_that_a_when_has_left_is_not_lost(handler: str, ends: str) -> None:
    made = run(f"""workflow w() {{ var n: int = 0; {handler}
      initial state s {{ do {{ n = 1; fail Worse }}; when n == 1 -> t; on error -> v }}
      state t {{}}
      state u {{}}
      state v {{}} }}""")
    assert ends in (status(made), *made.states())


def test_a_second_region_that_fails_in_the_same_event_is_interrupted_by_the_handler_of_the_first() -> None:
    made = run(
        """workflow w() { signal go(); var n: int = 0; on error -> u
          initial state s {
            on error Worse -> t
            on go { n = 1 }
            region a { do { wait for n == 1; fail Worse } }
            region b { do { wait for n == 1; fail Worse } }
          }
          state t {}
          state u {} }"""
    )
    assert sent(made, "go").states() == ["t"]


def test_what_the_handler_of_an_error_leaves_may_have_failed_too() -> None:
    """Both regions are at fault in one event: the handler of the first leaves what the second is of."""
    made = run(
        """workflow w() { signal go(); var n: int = 0; on error Fault -> u
          initial state s {
            on error Fault -> t
            region a { initial state a1 { on go -> a2 { n = 1 / n } }; state a2 {} }
            region b { initial state b1 { on go -> b2 { n = 1 / n } }; state b2 {} } }
          state t {}
          state u {} }"""
    )
    assert sent(made, "go").states() == ["t"]


def test_what_the_handler_of_an_error_enters_anew_has_not_failed() -> None:
    made = run(
        """workflow w() { signal go(); var n: int = 0; var m: int = 0
          initial state s {
            on error Fault -> s { m = m + 1 }
            region a { initial state a1 { on go -> a2 { n = 1 / n } }; state a2 {} }
            region b { initial state b1 { on go -> b2 { n = 1 / n } }; state b2 {} } } }"""
    )
    assert sent(made, "go").snapshot.vars == [0, 1]
    assert made.states() == ["s.a.a1", "s.b.b1"]


def test_both_errors_are_told_when_the_handler_leaves_nothing() -> None:
    made = run(
        """workflow w() { signal go(); var n: int = 0
          initial state s {
            on error Worse { n = n + 10 }
            on go { n = 1 }
            region a { do { wait for n > 0; fail Worse } }
            region b { do { wait for n > 0; fail Worse } } } }"""
    )
    assert sent(made, "go").snapshot.vars == [21]


HALTED = """workflow w() { signal go(); var n: int = 0
  on error Fault %s
  initial state s { on go -> t%s }
  state t { %s initial state x {} }
  state u {} }"""


@pytest.mark.parametrize(
    ("action", "entry"), [(" { n = 1 / n }", ""), ("", "entry { n = 1 / n };")], ids=["actions", "entry"]
)
def test_a_fault_on_the_way_to_a_state_is_taken_by_who_leads_elsewhere_only(action: str, entry: str) -> None:
    """Taken without leaving, it would leave the run in a state that nothing has begun in, for ever."""
    assert sent(run(HALTED % ("-> u", action, entry)), "go").states() == ["u"]
    made = sent(run(HALTED % ("{ n = 7 }", action, entry)), "go")
    assert (status(made), made.states()) == ("parked", ["s"])
    assert made.snapshot.parked is not None
    assert made.snapshot.parked[0] == "division by zero"
    made.feed(RetryRequested(made.at))
    assert status(made) == "parked"


def test_a_fault_in_an_exit_is_taken_from_the_state_around_those_that_are_left() -> None:
    source = """workflow w() { signal go(); var n: int = 0; %s
      initial state s { %s; initial state x { exit { n = 1 / n }; on go -> t } }
      state t {} }"""
    around, left = "on error Fault { n = 8 }", "on error Fault { n = 9 }"
    made = sent(run(source % (around, left)), "go")
    assert (made.states(), made.snapshot.vars) == (["t"], [8])
    assert status(sent(run(source % ("", left)), "go")) == "parked"


def test_an_error_whose_handler_has_a_false_guard_is_taken_further_out() -> None:
    made = run(
        """workflow w() { var n: int = 0; on error as e -> t { n = n + 100 }
          initial state s { on error Worse when n == 1 -> s { n = 7 }; do { n = 2; fail Worse } }
          state t {} }"""
    )
    assert (made.states(), made.snapshot.vars) == (["t"], [102])


def test_retries_come_before_on_error_and_each_attempt_sees_the_same_arguments() -> None:
    made = run(
        """activity flaky(x: int) { timeout 1m; retry 1 times backoff 1s }
          workflow w() { signal go(); var n: int = 1
            initial state s { do { call flaky(n) }; on go { n = 9 }; on error -> t }
            state t {} }""",
        {"flaky": WORSE.__class__("Worse", "again")},
    )
    assert sent(made, "go", 5).states() == ["t"]
    assert calls(made) == [("flaky", 1), ("flaky", 1)]


# -- regions and reactions -----------------------------------------------------------------------------------------

RIVALS = """workflow w() { signal go(); var n: int = 0
  initial state s { region a { %s }; region b { %s } }
  state t {} }"""
LEAVES, REACTS = "initial state x { on go -> t }", "on go do { n = n + 1 }"


def test_of_a_reaction_and_a_transition_that_leaves_it_the_first_is_taken() -> None:
    """A reaction leaves its idle state, which the other would leave too."""
    made = sent(run(RIVALS % (REACTS, LEAVES)), "go")
    assert (made.states(), made.snapshot.vars) == (["s.a", "s.b.x"], [1])
    made = sent(run(RIVALS % (LEAVES, REACTS)), "go")
    assert (made.states(), made.snapshot.vars) == (["t"], [0])


def test_a_message_is_taken_by_the_regions_that_can_and_waits_for_none_that_is_busy() -> None:
    made = run(
        """workflow w() { signal go(); var n: int = 0
          initial state s { region a { on go do { call get(0); n = n + 1 } }; region b { on go { n = n + 10 } } } }""",
        {"get": HANGS},
    )
    sent(made, "go", "go")
    assert (made.snapshot.vars, made.snapshot.mailbox) == ([20], [])
    complete(made, "get", 0)
    assert (made.snapshot.vars, calls(made)) == ([21], [("get", 0)])


def test_a_message_that_is_deferred_here_is_taken_by_another_region_but_by_nobody_around() -> None:
    made = run(
        """workflow w() { signal go(); signal free(); var n: int = 0
          initial state s {
            on go -> t
            region a { initial state a1 { defer go; on free -> a2 }; state a2 {} }
            region b { initial state b1 { on go -> b2 }; state b2 {} } }
          state t {} }"""
    )
    assert sent(made, "go").states() == ["s.a.a1", "s.b.b2"]
    assert len(sent(made, "go").snapshot.mailbox) == 1
    assert sent(made, "free").states() == ["t"]


def test_done_waits_for_a_reaction_of_a_region_and_a_reaction_that_leads_out_interrupts_the_others() -> None:
    made = run(
        """workflow w() { signal go(); signal slow()
          initial state s {
            region a { on slow do { call get(1) }; do {} }
            region b { on go do { wait 1s } -> t; do {} }
            region c { do {} }
            done -> u }
          state t {}
          state u {} }""",
        {"get": HANGS},
    )
    assert made.states() == ["u"], "all is finished at once"
    made = run(
        """workflow w() { signal go(); signal slow()
          initial state s {
            region a { on slow do { call get(1) }; do { wait 1m } }
            region b { on go do { wait 1s } -> t; do {} }
            done -> u }
          state t {}
          state u {} }""",
        {"get": HANGS},
    )
    sent(made, "slow", 70)
    assert made.states() == ["s.a", "s.b"], "the reaction is still at work"
    assert sent(made, "go", 1).states() == ["t"]
    assert [c.tag for _, cs in made.log for c in cs if c.tag == "stop"] == ["stop"]


def test_a_state_is_done_again_when_its_reaction_has_ended_but_never_when_its_do_has_failed() -> None:
    source = """workflow w() { signal go(); var n: int = 0
      initial state s { do { %s }; on error Worse {}; on go do { wait 1s; n = n + 1 }; done when n == 2 -> t }
      state t {} }"""
    made = run(source % "log n")
    assert sent(made, "go", 1).states() == ["s"]
    assert sent(made, "go", 1).states() == ["t"]
    assert sent(run(source % "fail Worse"), "go", "go", 9).states() == ["s"]


def test_done_without_a_target_is_told_once_for_each_completion() -> None:
    made = run(
        """workflow w() { signal go(); var n: int = 0
          initial state s { do {}; done { n = n + 1 }; on go do { wait 1s } ; after 1h { n = n + 100 } } }"""
    )
    assert made.snapshot.vars == [1]
    assert sent(made, 5, "go", 1).snapshot.vars == [2]
    assert sent(made, 3600).snapshot.vars == [102]


# -- history -------------------------------------------------------------------------------------------------------


def test_history_begins_the_work_timers_and_entries_of_what_it_enters_anew() -> None:
    made = run(
        """workflow w() { signal out(); signal back(); var way: string = ""
          initial state s {
            entry { way = way + "s" }
            on out -> t
            region a { initial state a1 { after 1m -> a2 }
                       state a2 { entry { way = way + "a" }; do { call get(2) }; after 1m -> a1 } }
            region b { do { call put("b") }; on error {} } }
          state t { on back -> history(s) } }""",
        {"get": HANGS, "put": HANGS},
    )
    sent(made, 110, "out")
    assert made.states() == ["t"]
    sent(made, 3600, "back", 59)
    assert made.states() == ["s.a.a2", "s.b"], "a minute from now"
    assert sent(made, 1).states() == ["s.a.a1", "s.b"]
    assert made.snapshot.vars == ["sasa"]
    assert calls(made) == [("put", "b"), ("get", 2), ("get", 2), ("put", "b")]


def test_history_of_a_state_that_was_left_complete_is_complete_again() -> None:
    made = run(
        """workflow w() { signal out(); signal back(); var n: int = 0
          initial state s { on out -> t; done when n > 0 -> u
            initial state x { when true -> y }; final state y {} }
          state t { on back -> history(s) { n = n + 1 } }
          state u {} }"""
    )
    assert sent(made, "out", "back").states() == ["u"]


def test_history_from_inside_enters_again_what_is_left() -> None:
    made = run(
        """workflow w() { signal next(); signal again(); var n: int = 0
          initial state s { entry { n = n + 1 }; on again -> history(s)
            initial state x { on next -> y }; state y { on again -> history(s) } } }"""
    )
    assert sent(made, "next", "again").states() == ["s.y"]
    assert made.snapshot.vars == [2]


# -- cancellation --------------------------------------------------------------------------------------------------


def test_a_second_cancellation_while_compensating_changes_nothing() -> None:
    made = run(
        "workflow w() { initial state s { do { call get(1) undo unget(1); wait 1h } } }", {"get": 0, "unget": HANGS}
    )
    made.cancel("first")
    assert made.snapshot.status == "compensating"
    made.cancel("second")
    assert calls(made) == [("get", 1), ("unget", 1)]
    complete(made, "unget")
    assert status(made) == "cancelled"
    assert made.closed is not None
    assert made.closed.failure.message == "first"


def test_a_cancellation_waits_in_order_behind_what_is_deferred_and_is_taken_once() -> None:
    made = run(
        """workflow w() { signal go(); signal free(); var way: string = ""
          initial state s { defer go, cancel; on free -> t }
          state t { on go { way = way + "go " }; on cancel { way = way + "cancel " } } }"""
    )
    made.signal("go")
    made.cancel()
    made.cancel()
    made.signal("go")
    assert sent(made, "free").snapshot.vars == ["go cancel go "]


def test_a_cancellation_is_offered_to_every_region_and_by_nobody_taken_ends_the_run() -> None:
    made = run(
        """workflow w() { var n: int = 0
          initial state s { region a { on cancel { n = n + 1 } }; region b { on cancel { n = n + 10 } } } }"""
    )
    made.cancel()
    assert (status(made), made.snapshot.vars) == ("open", [11])


def test_signals_that_come_while_a_run_is_ending_are_handed_to_the_next() -> None:
    made = run(
        """workflow w(n: int) { signal go()
          initial state s { do { try { wait 1h } finally { call get(n) } }; after 1m -> c }
          final state c { continue with (n: n + 1) } }""",
        {"get": HANGS},
        n=1,
    )
    made.signal("go")
    made.advance(60)
    assert made.snapshot.status == "leaving"
    made.signal("go")
    complete(made, "get", 0)
    assert made.closed is not None
    assert [m[1] for m in made.closed.messages] == ["go", "go"]
    assert made.closed.input == {"n": 2}


def test_work_that_can_go_on_comes_before_the_next_message() -> None:
    made = run(
        """workflow w() { signal go(); signal later(); var n: int = 0; var way: string = ""
          initial state s {
            do { wait for n > 0; way = way + "do " }
            on go { n = 1 }
            on later when n > 0 { way = way + "later " } } }"""
    )
    assert sent(made, "later", "go").snapshot.vars == [1, "do later "]


# -- time and updates ----------------------------------------------------------------------------------------------


def test_ticks_that_are_late_are_delivered_in_order_and_skipped_by_a_reaction_that_is_busy() -> None:
    made = run(
        """workflow w() { signal go(); var way: [string] = []
          initial state s {
            every 10s { way = way + ["t"] }
            every 10s do { way = way + ["w"]; wait 25s }
            on go { way = way + ["go"] } } }"""
    )
    made.at += 35 * SECOND
    while (due := made.snapshot.due(made.at)) is not None:
        made.feed(TimerFired(made.at, due))
    made.signal("go")
    assert "".join(made.snapshot.vars[0]) == "twttgo"
    assert made.replayed().encode() == made.snapshot.encode()


def test_a_timer_whose_guard_is_false_when_it_fires_has_fired() -> None:
    made = run(
        """workflow w() { signal go(); var n: int = 0
          initial state s { on go { n = 1 }; after 1m when n > 0 -> t; every 1m when n > 0 { n = n + 1 } }
          state t {} }"""
    )
    assert sent(made, 90, "go", 60).states() == ["s"]
    assert made.snapshot.vars == [2]


def test_an_update_is_refused_at_once_where_its_guard_is_false_while_another_is_deferred() -> None:
    made = run(
        """workflow w() { signal go(); update set(v: int) -> int; update other() -> int; var x: int = 0
          on update other { reply x }
          initial state s {
            region a { initial state a1 { defer other; on go -> a2 }; state a2 {} }
            region b { on update set as u when u.v > x { x = u.v; reply x } } } }"""
    )
    for id, name, v in (("a", "set", 2), ("b", "set", 1), ("c", "other", 0)):
        made.feed(UpdateReceived(made.at, id, name, {"v": v} if name == "set" else {}))
    assert answered(made) == [("a", "completed"), ("b", "rejected")]
    assert answered(sent(made, "go"))[2:] == [("c", "completed")]


# -- limits that are computed --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("times", "attempts"), [(-3, 1), (0, 1), (2, 3)])
def test_a_computed_number_of_retries_below_zero_is_none(times: int, attempts: int) -> None:
    made = run(
        "workflow w(n: int) { do { call get(x: 1) with retry n times } }", {"get": Failure("Worse", "")}, n=times
    )
    made.advance(60)
    assert (len(calls(made)), status(made)) == (attempts, "failed")


@pytest.mark.parametrize("limit", [-5, 0])
def test_a_computed_limit_that_is_not_above_zero_has_passed_at_once(limit: int) -> None:
    for option in ("overall", "attempt"):
        source = f"""workflow w(n: int) -> int {{ do {{
          try {{ let v = call get(x: 1) with timeout {option} n * 1s; return v }} catch Timeout {{ return 7 }}
        }} }}"""
        made = sent(run(source, {"get": HANGS}, n=limit), 1)
        assert made.closed is not None
        assert made.closed.result == 7
