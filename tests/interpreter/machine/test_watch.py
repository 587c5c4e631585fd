"""Properties at run time: what is violated is reported once, and changes nothing."""

from __future__ import annotations

import pytest
from tenuto_interpreter.commands import ReportViolation
from tenuto_interpreter.events import TerminateRequested
from tenuto_interpreter.machine import Snapshot
from tenuto_interpreter.virtual import HANGS, VirtualRun

from .written import WORSE, run, status


def reported(made: VirtualRun) -> list[tuple[int, str, str]]:
    """Every report: at which event, of which property."""
    assert made.replayed().encode() == made.snapshot.encode()
    assert Snapshot.decode(made.snapshot.encode()).encode() == made.snapshot.encode()
    return [
        (number, c.name, c.kind)
        for number, (_, commands) in enumerate(made.log)
        for c in commands
        if isinstance(c, ReportViolation)
    ]


def test_never_and_always_are_looked_at_after_every_event_and_reported_once() -> None:
    made = run(
        """workflow w() -> int { var n: int = 0
          property small: always n < 3
          property four:  never n == 4
          property kept:  always n >= 0
          do { repeat { wait 1s; n = n + 1 } until n == 6; return n } }"""
    )
    assert made.run_to_end().result == 6, "the run goes on"
    assert reported(made) == [(3, "small", "always"), (4, "four", "never")]
    assert made.snapshot.violated == ["small", "four"]


@pytest.mark.parametrize(
    ("what", "violated"), [("done", False), ("fails", True), ("cancel", True), ("terminate", False)]
)
def test_eventually_is_judged_when_the_run_has_ended(what: str, violated: bool) -> None:
    made = run(
        """workflow w() { signal done(); signal fails()
          property arrives: eventually active("there")
          initial state here { on done -> there; on fails -> bad }
          state there { after 1s -> end }
          final state end {}
          final state bad { fail Worse } }"""
    )
    match what:
        case "cancel":
            made.cancel()
        case "terminate":
            made.feed(TerminateRequested(made.at))
        case name:
            made.signal(name)
    made.advance(5)
    assert made.closed is not None
    assert [name for _, name, _ in reported(made)] == (["arrives"] if violated else [])
    assert made.snapshot.fulfilled == (["arrives"] if what == "done" else [])


def test_calls_are_counted_with_undos_and_not_by_attempts() -> None:
    made = run(
        """activity flaky() { timeout 1m; retry 2 times backoff 1s }
          workflow child() { do { wait 1s } }
          workflow w() {
          property undone: never calls("unget") > 0
          property once:   always calls("get") <= 1 && calls("flaky") <= 1
          property none:   never calls("child") > 1
          do { call get(1) undo unget(1); start child(); call flaky() } }""",
        {"get": 0, "flaky": HANGS},
    )
    assert reported(made) == []
    made.advance(200)
    assert made.called("flaky") == 3
    assert status(made) == "failed"
    assert made.snapshot.counts == {"get": 1, "flaky": 1, "child": 1, "unget": 1}
    assert [name for _, name, _ in reported(made)] == ["undone"]


def test_a_state_that_is_refused_but_entered_is_seen_where_the_run_ended() -> None:
    made = run(
        """workflow w() {
          property not_rejected: never active("rejected") && calls("unget") < calls("get")
          initial state s { do { call get(1) undo unget(1); call put("x") }; on error Worse -> rejected }
          final state rejected { fail Worse } }""",
        {"get": 0, "put": WORSE},
    )
    assert status(made) == "failed"
    assert reported(made) == [], "the undo was scheduled in the event that entered the state"


def test_a_condition_that_cannot_be_computed_says_nothing_and_parks_nothing() -> None:
    made = run(
        """workflow w() { var n: int = 0; var late: string; attribute n: int = n
          property sound: always 10 / n > 0
          property named: always late == null || late.size() > 0
          property dear:  always lists.range(10000).all(i, lists.range(1000).all(j, i + j >= 0)) || n < 2
          do { wait 1s; n = 1; wait 1s; n = 2; wait 1s; late = "x"; n = -1; wait 1s } }"""
    )
    assert made.run_to_end().status == "completed"
    assert [name for _, name, _ in reported(made)] == ["sound"]


def test_programs_without_properties_remember_nothing() -> None:
    made = run("workflow w() { do { call get(1) } }", {"get": 0})
    assert made.snapshot.counts == {}
