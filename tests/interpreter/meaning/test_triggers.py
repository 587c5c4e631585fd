"""The table of triggers in the description of the language, sentence by sentence, in virtual time."""

from __future__ import annotations

import pytest
from tenuto_interpreter.events import SignalReceived, TimerFired, UpdateReceived
from tenuto_interpreter.virtual import HANGS, SECOND, VirtualRun

from tests.interpreter.machine.written import WORSE, answered, calls, complete, run, status

DAY = 86_400 * SECOND


def update(made: VirtualRun, id: str, **payload: object) -> None:
    made.feed(UpdateReceived(made.at, id, "set", payload))


def result(made: VirtualRun) -> object:
    assert made.closed is not None
    assert made.replayed().encode() == made.snapshot.encode()
    return made.closed.result


# -- done ----------------------------------------------------------------------------------------------------------


def test_done_waits_for_the_do_all_regions_and_all_reactions() -> None:
    made = run(
        """workflow w() { signal poke()
          initial state s {
            do { wait 10s }
            on poke do { wait 1m }
            region a { do { wait 20s } }
            region b { initial state b1 { after 30s -> b2 }; final state b2 {} }
            done -> e
          }
          final state e {} }"""
    )
    made.advance(5)
    made.signal("poke")
    made.advance(59)
    assert made.states() == ["s.a", "s.b.b2"]
    made.advance(1)
    assert status(made) == "completed"
    assert made.at == 65 * SECOND


def test_the_first_done_whose_guard_holds_is_taken() -> None:
    made = run(
        """workflow w(n: int) -> string {
          initial state s { do {}; done when n == 1 -> a; done when n >= 1 -> b; done -> c }
          final state a { return "a" }
          final state b { return "b" }
          final state c { return "c" } }""",
        n=2,
    )
    assert result(made) == "b"


# -- messages ------------------------------------------------------------------------------------------------------


def test_a_signal_is_kept_while_nobody_handles_it_or_a_guard_is_false() -> None:
    made = run(
        """workflow w() -> [int] { signal add(n: int); var all: [int] = []
          initial state deaf { after 1m -> picky }
          state picky { on add as m when m.n > all.size() + 1 { all = all + [m.n] }; after 1m -> open }
          state open { on add as m { all = all + [m.n] }; after 1m -> e }
          final state e { return all } }"""
    )
    for n in (1, 2, 1, 3):
        made.signal("add", n=n)
    assert len(made.snapshot.mailbox) == 4
    made.advance(60)
    assert made.snapshot.vars == [[2, 3]]
    made.advance(60)
    assert made.snapshot.vars == [[2, 3, 1, 1]], "the oldest first"
    made.advance(60)
    assert result(made) == [2, 3, 1, 1]


def test_a_signal_is_offered_to_every_region_and_consumed_once() -> None:
    made = run(
        """workflow w() { signal go(); var n: int = 0
          initial state s {
            region a { initial state a1 { on go -> a2 { n = n + 1 } }; state a2 { on go { n = n + 100 } } }
            region b { initial state b1 { on go -> b2 { n = n + 10 } }; state b2 {} }
            region c { initial state c1 {} } } }"""
    )
    made.signal("go")
    assert made.states() == ["s.a.a2", "s.b.b2", "s.c.c1"]
    assert made.snapshot.vars == [11]
    assert made.snapshot.mailbox == []


def test_an_empty_reaction_discards() -> None:
    made = run(
        """workflow w() { signal go(); var n: int = 0
          initial state s { on go when n == 0 {}; on go { n = 5 }; after 1m { n = 1 } } }"""
    )
    made.signal("go")
    assert (made.snapshot.vars, made.snapshot.mailbox) == ([0], [])
    made.advance(60)
    made.signal("go")
    assert made.snapshot.vars == [5]


UPDATES = """workflow w() { signal go(); update set(v: int) -> int; var x: int = 0
  initial state s {
    on update set as u when u.v > 0 { x = u.v; reply x * 2 }
    on update set as u when u.v == 0 -> later { reply 0 }
    on go -> later
  }
  state later { defer set; on go -> work }
  state work { on update set as u do { x = u.v; wait 1m; if x > 5 { reply x } else { reply 0 - x } }; on go -> e }
  final state e {} }"""


def test_an_update_is_validated_by_its_guard_and_answered_at_once() -> None:
    made = run(UPDATES)
    update(made, "a", v=3)
    update(made, "b", v=-1)
    assert answered(made) == [("a", "completed"), ("b", "rejected")]
    assert [c.value for _, cs in made.log for c in cs] == [
        6,
        "set is not accepted now: its guard does not hold",
    ]
    assert made.snapshot.vars == [3]


def test_a_deferred_update_waits_and_one_at_a_time_is_worked_at() -> None:
    made = run(UPDATES)
    update(made, "a", v=0)
    assert answered(made) == [("a", "completed")]
    update(made, "b", v=7)
    update(made, "c", v=4)
    assert answered(made)[1:] == []
    made.signal("go")
    made.advance(60)
    assert answered(made)[1:] == [("b", "completed")]
    made.advance(60)
    assert [c.value for _, cs in made.log for c in cs if c.tag == "answer"] == [0, 7, -4]


def test_an_update_at_work_is_rejected_when_its_state_is_left_and_one_deferred_when_the_run_ends() -> None:
    made = run(UPDATES)
    made.signal("go")
    made.signal("go")
    update(made, "a", v=7)
    update(made, "b", v=8)
    made.signal("go")
    assert answered(made) == [("a", "rejected"), ("b", "rejected")]
    assert status(made) == "completed"


def test_an_update_whose_reaction_fails_is_rejected_with_the_error() -> None:
    made = run(
        """workflow w() { update set() -> int
          initial state s { on update set do { call put("x"); reply 1 }; on error Worse {} } }""",
        {"put": WORSE},
    )
    update(made, "a")
    assert [c.value for _, cs in made.log for c in cs if c.tag == "answer"] == ["Worse: as asked"]
    assert status(made) == "open"


def test_a_message_meets_only_a_run_that_has_come_to_rest() -> None:
    made = run(
        """workflow w() { update set() -> string; signal go()
          initial state s { on go -> a; on update set { reply "s" } }
          state a { when true -> b; on update set { reply "a" } }
          state b { on update set { reply "b" } } }"""
    )
    made.signal("go")
    update(made, "u")
    assert [c.value for _, cs in made.log for c in cs if c.tag == "answer"] == ["b"]


# -- errors and cancellation ---------------------------------------------------------------------------------------


def test_on_error_takes_what_is_named_after_all_retries_and_binds_it() -> None:
    made = run(
        """error Bad { why: string }
          activity flaky() { timeout 1m; retry 2 times backoff 1s; raises Bad }
          workflow w() -> string { var seen: string = ""
            initial state s { do { call flaky() }; on error Timeout -> no
                              on error Bad | Worse as e when e.message == "m" -> e { seen = e.code } }
            final state no { return "no" }
            final state e { return seen } }""",
        {"flaky": WORSE.__class__("Bad", "m", {"why": "x"})},
    )
    made.advance(10)
    assert result(made) == "Bad"
    assert made.called("flaky") == 3


def test_an_unnamed_on_error_lets_cancelled_and_fault_pass() -> None:
    source = """workflow w() -> string { var z: int = 0
      initial state s { do { %s }; on error -> e }
      final state e { return "caught" } }"""
    assert status(run(source % 'fail Cancelled(message: "x")')) == "cancelled"
    assert status(run(source % "z = 1 / z")) == "parked"
    assert result(run(source % "fail Worse")) == "caught"


def test_a_failed_region_raises_in_its_parent_and_its_siblings_are_interrupted() -> None:
    made = run(
        """workflow w() -> string {
          initial state s {
            region a { do { call put("a") } }
            region b { do { call get(1) } }
            on error Worse as e -> e
          }
          final state e { return "handled" } }""",
        {"put": HANGS, "get": WORSE},
    )
    assert result(made) == "handled"
    assert [c.tag for _, cs in made.log for c in cs if c.tag == "stop"] == ["stop"]
    assert calls(made) == [("put", "a"), ("get", 1)]


def test_cancellation_without_a_handler_undoes_and_ends_as_cancelled_and_with_one_goes_where_it_says() -> None:
    source = """workflow w() -> string { initial state s { do { call get(1) undo unget(1); wait 1h } %s }
      final state e { return "kindly" } }"""
    made = run(source % "", {"get": 0})
    made.cancel("enough")
    assert status(made) == "cancelled"
    assert calls(made)[-1] == ("unget", 1)
    made = run(source % "; on cancel -> e", {"get": 0})
    made.cancel()
    assert result(made) == "kindly"
    assert ("unget", 1) not in calls(made)


# -- time ----------------------------------------------------------------------------------------------------------


def test_after_and_at_fire_once_counted_from_entry_whatever_happens_inside() -> None:
    made = run(
        """workflow w() -> int { signal poke(); var n: int = 0
          initial state s {
            after 1m { n = n + 1 }
            at workflow.started_at + 90s { n = n + 10 }
            on poke { n = n + 100 }
            after 5m -> e
          }
          final state e { return n } }"""
    )
    made.advance(30)
    made.signal("poke")
    made.advance(30)
    assert made.snapshot.vars == [101]
    made.run_to_end()
    assert result(made) == 111
    assert made.at == 300 * SECOND


def test_entering_a_state_again_begins_its_timers_anew() -> None:
    made = run(
        """workflow w() { signal again(); initial state s { on again -> s; after 1m -> e }; final state e {} }"""
    )
    made.advance(50)
    made.signal("again")
    made.advance(59)
    assert made.closed is None
    made.advance(1)
    assert status(made) == "completed"


def test_a_time_that_has_passed_fires_at_once() -> None:
    made = run("""workflow w() { initial state s { at timestamp("1969-01-01T00:00:00Z") -> e }; final state e {} }""")
    made.advance(0)
    assert status(made) == "completed"


EVERY = """workflow w() { var ticks: [timestamp] = []
  initial state s { every %s { ticks = ticks + [workflow.fired_at] } } }"""


def ticks(made: VirtualRun) -> list[str]:
    return [f"{tick:%m-%d %H:%M}" for tick in made.snapshot.vars[0]]


def test_every_tick_is_delivered_with_its_time_however_late() -> None:
    made = run(EVERY % "10m")
    made.at += 35 * 60 * SECOND  # nobody ran it
    while (due := made.snapshot.due(made.at)) is not None:
        made.feed(TimerFired(made.at, due))
    assert ticks(made) == ["01-01 00:10", "01-01 00:20", "01-01 00:30"]


@pytest.mark.parametrize(
    ("policy", "spring", "autumn"),
    [
        ("", ["03-29 01:00", "03-30 00:30"], ["10-25 00:30", "10-26 01:30"]),
        (', "once"', ["03-29 01:00", "03-30 00:30"], ["10-25 00:30", "10-26 01:30"]),
        (', "skip"', ["03-30 00:30", "03-31 00:30"], ["10-25 00:30", "10-26 01:30"]),
        (', "both"', ["03-29 01:00", "03-30 00:30"], ["10-25 00:30", "10-25 01:30"]),
    ],
)
def test_cron_in_a_zone_whose_clocks_change(policy: str, spring: list[str], autumn: list[str]) -> None:
    """Half past two in Paris, 2026: skipped on March 29th, twice on October 25th. Times here are UTC."""
    exe = run(EVERY % f'cron("30 2 * * *", "Europe/Paris"{policy})').exe
    for begin, expected in ((1_774_733_400, spring), (1_792_803_600, autumn)):
        made = VirtualRun(exe, lambda *_: None, {}, at=begin * SECOND)
        made.advance(3 * 86_400)
        assert [t for t in ticks(made) if t >= expected[0]][:2] == expected


def test_every_do_skips_ticks_while_it_is_busy() -> None:
    made = run(
        """workflow w() { initial state s { every 10s do { call put("at ${workflow.fired_at}"); wait 25s } } }"""
    )
    made.advance(65)
    assert [c[1][17:22] for c in calls(made)] == ["00:10", "00:40"]


# -- when ----------------------------------------------------------------------------------------------------------


def test_when_is_level_triggered_and_goes_to_a_fixed_point() -> None:
    made = run(
        """workflow w() { signal add(); var n: int = 0; var way: string = ""
          on add { n = n + 1 }
          initial state a { when n > 0 -> b { way = way + "b" } }
          state b { when n > 0 -> c { way = way + "c" }; when true -> a }
          state c { when n > 1 -> d { way = way + "d" } }
          state d {} }"""
    )
    assert made.states() == ["a"]
    made.signal("add")
    assert (made.states(), made.snapshot.vars[1]) == (["c"], "bc")
    made.signal("add")
    assert made.states() == ["d"]


# -- reactions -----------------------------------------------------------------------------------------------------

REACTION = """workflow w() { signal go(n: int); signal out(); var n: int = 0
  initial state s { on go as m do { call get(m.n); n = n + m.n } %s; on out -> t; after 1h -> t }
  state t { on go {} } }"""


def test_durable_reactions_run_one_at_a_time_and_stay_in_the_state() -> None:
    made = run(REACTION % "", {"get": HANGS})
    made.signal("go", n=1)
    made.signal("go", n=2)
    assert calls(made) == [("get", 1)]
    complete(made, "get", 0)
    assert calls(made) == [("get", 1), ("get", 2)]
    complete(made, "get", 0)
    assert (made.states(), made.snapshot.vars) == (["s"], [3])


def test_leaving_interrupts_a_reaction_and_what_waited_for_it_is_kept() -> None:
    made = run(REACTION % "", {"get": HANGS})
    made.signal("go", n=1)
    made.signal("go", n=2)
    made.signal("out")
    assert made.states() == ["t"]
    assert made.snapshot.mailbox == [], "the next state discards it"
    assert [c.tag for _, cs in made.log for c in cs if c.tag == "stop"] == ["stop"]


def test_a_reaction_may_lead_elsewhere_when_it_has_ended() -> None:
    made = run(REACTION % "-> t", {"get": HANGS})
    made.signal("go", n=5)
    assert made.states() == ["s"]
    complete(made, "get", 0)
    assert (made.states(), made.snapshot.vars) == (["t"], [5])


def test_deep_history_enters_again_what_was_active_at_every_depth() -> None:
    made = run(
        """workflow w() { signal next(); signal out(); signal back()
          initial state s {
            on out -> t
            region a { initial state a1 { on next -> a2 }
                       state a2 { initial state x { on next -> y }; state y {} } }
            region b { initial state b1 {} ; state b2 {} } }
          state t { on back -> history(s) } }"""
    )
    made.signal("next")
    made.signal("next")
    made.signal("out")
    made.signal("back")
    assert made.states() == ["s.a.a2.y", "s.b.b1"]


# -- order ---------------------------------------------------------------------------------------------------------


def test_states_are_left_from_the_inside_and_entered_from_the_outside_with_the_actions_between() -> None:
    made = run(
        """workflow w() { signal go(); var way: [string] = []
          initial state a {
            entry { way = way + ["+a"] }; exit { way = way + ["-a"] }
            region l { initial state a1 { entry { way = way + ["+a1"] }; exit { way = way + ["-a1"] } } }
            region r { initial state a2 { entry { way = way + ["+a2"] }; exit { way = way + ["-a2"] } } }
            on go -> b.b2 { way = way + ["go"] }
          }
          state b {
            entry { way = way + ["+b"] }
            initial state b1 { entry { way = way + ["+b1"] } }
            state b2 { entry { way = way + ["+b2"] } } } }"""
    )
    made.signal("go")
    assert " ".join(made.snapshot.vars[0]) == "+a +a1 +a2 -a2 -a1 -a go +b +b2"


def test_the_innermost_state_takes_a_message_first_then_document_order() -> None:
    source = """workflow w() {{ signal go(); var who: string = ""
      on go {{ who = "root" }}
      initial state s {{ on go {{ who = "outer" }}
        initial state i {{ {} }} }} }}"""
    for inner, expected in (
        ('on go { who = "first" }; on go { who = "second" }', "first"),
        ('on go when false { who = "first" }; on go { who = "second" }', "second"),
        ("", "outer"),
    ):
        made = run(source.format(inner))
        made.signal("go")
        assert made.snapshot.vars == [expected]


def test_internal_events_come_before_messages() -> None:
    made = run(
        """workflow w() -> string { signal go()
          initial state s { do { wait 1m }; done -> a; on go -> b }
          final state a { return "done" }
          final state b { return "signal" } }"""
    )
    made.at += 60 * SECOND
    due = made.snapshot.due(made.at)
    assert due is not None
    made.feed(TimerFired(made.at, due))
    assert result(made) == "done"


def test_the_oldest_message_is_taken_first_whatever_its_name() -> None:
    made = run(
        """workflow w() -> string { signal a(); signal b()
          initial state s { after 1m -> t }
          state t { on a -> fa; on b -> fb }
          final state fa { return "a" }
          final state fb { return "b" } }"""
    )
    made.feed(SignalReceived(made.at, "1", "b", {}))
    made.feed(SignalReceived(made.at, "2", "a", {}))
    made.advance(60)
    assert result(made) == "b"
