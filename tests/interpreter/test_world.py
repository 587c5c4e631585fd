"""Runs among others in one virtual time: children, chains, signals, what a parent leaves behind."""

from __future__ import annotations

from typing import Any

import pytest
from tenuto_dsl.compiler import compile_source
from tenuto_dsl.diagnostics import Diagnostics
from tenuto_interpreter.commands import CloseRun
from tenuto_interpreter.events import Failure
from tenuto_interpreter.machine import Executable, Snapshot, step
from tenuto_interpreter.virtual import HANGS, SECOND, NeverRests
from tenuto_interpreter.world import FOLLOW, World

SOURCE = """
error Bad
activity get(x: int) -> int { timeout 1h }
workflow parent(n: int) -> int {
  signal news(text: string)
  var heard: string = ""
  on news as m { heard = m.text }
  initial state s {
    do { let got = call child(n: n); return got }
    on error Bad -> caught
  }
  final state caught { return -1 }
}
workflow child(n: int) -> int {
  do {
    send news(text: "hello from ${workflow.id}") to "p"
    let got = call get(x: n)
    if got == 0 { fail Bad }
    wait 1h
    return got
  }
}
workflow leaver(how: string) {
  do {
    if how == "cancel" { start child(n: 1) id "c" on close cancel }
    if how == "abandon" { start child(n: 1) id "c" on close abandon }
    if how == "terminate" { start child(n: 1) id "c" }
    wait 1s
  }
}
workflow chain(n: int) {
  signal more(x: int)
  initial state here { after 1h -> next }
  final state next { continue with (n: n + 1) }
}
"""


def world(answer: Any = FOLLOW) -> World:
    sink = Diagnostics()
    programs = {c.program.name: Executable(c.program) for c in compile_source("w.tenuto", SOURCE, sink)}
    assert not sink.has_errors, [item.message for item in sink.items]

    def answered(asked: Any) -> Any:
        return FOLLOW if asked.kind == "workflow" and answer is not HANGS else answer

    return World(programs, answered)


def closed(world: World, id: str) -> CloseRun:
    found = world.runs[id].closed
    assert isinstance(found, CloseRun)
    return found


def test_a_child_runs_and_its_result_comes_back() -> None:
    made = world(answer=5)
    made.start("parent", "p", {"n": 5})
    assert made.runs["p"].snapshot.vars[1] == "hello from p/child-2"
    made.advance_to(3600 * SECOND)
    assert closed(made, "p").result == 5
    assert made.at == 3600 * SECOND


def test_a_childs_declared_error_is_raised_by_its_call() -> None:
    made = world(answer=0)
    made.start("parent", "p", {"n": 5})
    assert closed(made, "p").result == -1


def test_a_mocked_child_that_hangs_stops_when_asked_to() -> None:
    made = world(answer=HANGS)
    made.start("parent", "p", {"n": 5})
    assert list(made.runs) == ["p"]
    made.cancel("p")
    assert closed(made, "p").status == "cancelled"


def test_a_child_is_cancelled_with_its_parent() -> None:
    made = world(answer=HANGS)
    made.answer = lambda asked: FOLLOW if asked.kind == "workflow" else HANGS
    made.start("parent", "p", {"n": 5})
    made.cancel("p")
    assert {id: closed(made, id).status for id in made.runs} == {"p": "cancelled", "p/child-2": "cancelled"}


@pytest.mark.parametrize(("how", "status"), [("cancel", "cancelled"), ("terminate", "terminated"), ("abandon", None)])
def test_what_a_parent_leaves_behind(how: str, status: str | None) -> None:
    made = world()
    made.answer = lambda asked: FOLLOW if asked.kind == "workflow" else HANGS
    made.start("leaver", "l", {"how": how})
    made.advance_to(SECOND)
    child = made.runs["c"].closed
    assert (child.status if isinstance(child, CloseRun) else None) == status


def test_a_chain_keeps_its_id_and_its_messages() -> None:
    made = world()
    made.start("chain", "c", {"n": 1})
    assert made.signal("c", "more", {"x": 1})
    made.advance_to(2 * 3600 * SECOND)
    run = made.runs["c"]
    assert (run.number, run.snapshot.vars, len(run.snapshot.mailbox)) == (3, [3], 1)
    assert run.snapshot.run_id == "c-3"


def test_messages_to_nobody() -> None:
    made = world()
    assert not made.signal("x", "news", {})
    assert made.update("x", "news", {}) is None
    assert not made.cancel("x")


def test_replay_of_every_run_gives_the_same() -> None:
    made = world(answer=5)
    made.start("parent", "p", {"n": 5})
    made.advance_to(3600 * SECOND)
    for run in made.runs.values():
        snapshot = Snapshot.new()
        for event, commands in run.log:
            snapshot, again = step(run.exe, snapshot, event)
            assert again == commands
        assert snapshot.encode() == run.snapshot.encode()


def test_a_taken_id_fails_the_child() -> None:
    made = world(answer=Failure("Bad"))
    made.start("chain", "p/child-2", {"n": 1})
    made.start("parent", "p", {"n": 5})
    failure = closed(made, "p").failure
    assert failure is not None
    assert failure.code == "ChildFailed"


def test_runs_that_start_each_other_for_ever_are_stopped() -> None:
    sink = Diagnostics()
    compiled = compile_source("w.tenuto", "workflow w(n: int) { do { call w(n: n + 1) } }", sink)
    made = World({"w": Executable(compiled[0].program)}, lambda _: FOLLOW)
    with pytest.raises(NeverRests, match="more than 1000 runs"):
        made.start("w", "w", {"n": 1})
