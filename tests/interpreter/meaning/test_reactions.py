"""Durable reactions to every kind of trigger, and what they meet: by meaning a region that is idle or at work."""

from __future__ import annotations

import pytest
from tenuto_interpreter.events import Failure, UpdateReceived
from tenuto_interpreter.virtual import HANGS, VirtualRun

from tests.interpreter.machine.written import WORSE, answered, calls, complete, deaf, run, status


def sent(made: VirtualRun, *what: str | float) -> VirtualRun:
    """The run after these messages; a number is seconds that pass, "cancel" asks for cancellation."""
    for each in what:
        if each == "cancel":
            made.cancel()
        elif isinstance(each, str):
            made.signal(each)
        else:
            made.advance(each)
    assert made.replayed().encode() == made.snapshot.encode()
    return made


@pytest.mark.parametrize(
    ("trigger", "do", "what"),
    [
        ("on go", "", ["go"]),
        ("done", "do {}", []),
        ("on error Worse as e", "do { fail Worse }", []),
        ("on cancel", "", ["cancel"]),
        ("after 5s", "", [5]),
        ("at workflow.started_at + 5s", "", [5]),
        ("every 5s", "", [5]),
    ],
)
def test_any_event_may_be_answered_by_work_and_lead_elsewhere_when_it_has_ended(
    trigger: str, do: str, what: list[str | float]
) -> None:
    made = run(
        f"""workflow w() {{ signal go()
          initial state s {{ {do}
            {trigger} do {{ call get(1); wait 1m }} -> t }}
          state t {{}} }}""",
        {"get": 0},
    )
    sent(made, *what)
    assert (made.states(), calls(made)) == (["s"], [("get", 1)])
    assert sent(made, 59).states() == ["s"]
    assert sent(made, 1).states() == ["t"]
    assert calls(made) == [("get", 1)]


def test_what_is_done_because_a_state_is_done_does_not_make_it_done_again() -> None:
    source = """workflow w() { signal go(); var n: int = 0
      initial state s {
        do {}
        done do { call get(n); n = n + 1 }
        on error Worse { n = n + 100 }
        on go do { wait 1s } } }"""
    made = run(source, {"get": 0})
    assert calls(made) == [("get", 0)]
    assert sent(made, "go").snapshot.vars == [1]
    assert sent(made, 1).snapshot.vars == [2], "but whatever else ends there does"
    made = run(source, {"get": WORSE})
    assert (calls(made), made.snapshot.vars) == ([("get", 0)], [100])


def test_cancellations_wait_for_a_reaction_to_the_one_before() -> None:
    made = run("workflow w() { var n: int = 0; initial state s { on cancel do { wait 1m; n = n + 1 } } }")
    sent(made, "cancel", "cancel", 59)
    assert made.snapshot.vars == [0]
    assert [m[0] for m in made.snapshot.mailbox] == ["cancel"]
    assert sent(made, 61).snapshot.vars == [2]


def test_reactions_of_different_transitions_run_beside_each_other_and_beside_the_do() -> None:
    made = run(
        """workflow w() { signal go(); signal stop(); var way: string = ""
          initial state s {
            do { wait 3s; way = way + "do " }
            on go do { wait 2s; way = way + "go " }
            on stop do { wait 1s; way = way + "stop " }
            done -> t }
          state t {} }"""
    )
    sent(made, "go", "stop", 2)
    assert (made.states(), made.snapshot.vars) == (["s"], ["stop go "])
    assert sent(made, 1).states() == ["t"]


def test_a_guard_is_asked_again_when_a_reaction_has_ended() -> None:
    made = run(
        """workflow w() { signal go(n: int); var sum: int = 0
          initial state s {
            on go as m when m.n > sum do { wait 1s; sum = sum + m.n }
            on go as m { sum = sum - m.n } } }"""
    )
    made.signal("go", n=5)
    made.signal("go", n=7)
    made.signal("go", n=3)
    assert made.snapshot.vars == [0], "the second waits, and the third behind it: its guard holds as well"
    assert sent(made, 1).snapshot.vars[0] == 5 - 3
    assert sent(made, 1).snapshot.vars == [9]


def test_an_inner_state_takes_what_a_reaction_of_the_state_around_is_busy_with() -> None:
    made = run(
        """workflow w() { signal go(); signal next(); var way: string = ""
          initial state s {
            on go do { way = way + "begin "; wait 1m; way = way + "end " }
            initial state x { on next -> y }
            state y { on go { way = way + "inner " } } } }"""
    )
    assert sent(made, "go", "go", "next").snapshot.vars == ["begin inner "]
    assert sent(made, 60).snapshot.vars == ["begin inner end "]


def test_a_reaction_sees_its_own_message_though_others_come() -> None:
    made = run(
        """workflow w() { signal go(n: int); var all: [int] = []
          initial state s { on go as m do { all = all + [m.n]; wait 1m; all = all + [m.n] } } }"""
    )
    made.signal("go", n=1)
    made.signal("go", n=2)
    assert sent(made, 120).snapshot.vars == [[1, 1, 2, 2]]


def test_a_reaction_that_was_interrupted_pushes_the_undo_of_a_late_success_and_the_state_may_come_back() -> None:
    made = run(
        """workflow w() { signal go(); signal out(); signal back(); signal end()
          initial state s { on go do { call get(1) undo unget(1) }; on out -> t }
          state t { on back -> s; on end -> f }
          final state f { fail Worse } }""",
        {"get": HANGS},
    )
    sent(made, "go")
    deaf(made)
    sent(made, "out", "back", "go")
    deaf(made)
    sent(made, "out", "end")
    assert (made.called("get"), made.called("unget"), status(made)) == (2, 0, "closing")
    complete(made, "get", 0)
    complete(made, "get", 0)
    assert (made.called("unget"), status(made)) == (2, "failed")


def test_an_update_at_work_reads_what_other_events_have_changed_meanwhile() -> None:
    made = run(
        """workflow w() { signal add(); update total() -> int; var n: int = 0
          initial state s {
            on add { n = n + 1 }
            on update total when n < 3 do { wait 1m; reply n; wait 1m; n = 0 } } }"""
    )
    made.feed(UpdateReceived(made.at, "a", "total", {}))
    sent(made, "add", 60)
    assert [c.value for _, cs in made.log for c in cs if c.tag == "answer"] == [1], "answered before its work is over"
    made.feed(UpdateReceived(made.at, "b", "total", {}))
    assert len(answered(made)) == 1, "it waits, as long as one is at work"
    sent(made, "add", "add", "add")
    assert answered(made)[1:] == [("b", "rejected")], "the guard no longer holds"


def test_a_run_continues_as_new_when_what_its_reactions_called_has_ended() -> None:
    made = run(
        """workflow w(n: int) { signal go()
          initial state s { on go do { call get(n) undo unget(n) }; after 1m -> next }
          final state next { continue with (n: n + 1) } }""",
        {"get": HANGS},
        n=1,
    )
    sent(made, "go")
    deaf(made)
    sent(made, "go", 60)
    assert made.snapshot.status == "closing"
    complete(made, "get", 0)
    assert made.closed is not None
    assert [m[1] for m in made.closed.messages] == ["go"], "the one that waited for the reaction"
    assert made.called("unget") == 0


def test_an_error_of_a_reaction_is_taken_by_its_state_and_the_next_message_begins_another() -> None:
    answers = iter([Failure("Worse", "once", retryable=False), 0])
    made = run(
        """workflow w() { signal go(); var n: int = 0
          initial state s { on go do { call get(n); n = n + 1 }; on error Worse { n = n + 10 } } }""",
        {"get": lambda x: next(answers)},
    )
    assert sent(made, "go", "go").snapshot.vars == [11]
