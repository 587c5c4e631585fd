"""What must hold whatever happens: `step` is pure and deterministic, history is enough, encodings lose nothing.

Random sequences of events, sensible or not, against programs that together use every part of a snapshot.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tenuto_interpreter import types as t
from tenuto_interpreter.events import (
    ActivityCompleted,
    ActivityFailed,
    AttemptLost,
    CancelRequested,
    Event,
    Failure,
    RetryRequested,
    RunStarted,
    SignalReceived,
    TerminateRequested,
    TimerFired,
    UpdateReceived,
)
from tenuto_interpreter.ir import Ending, Handler, Program, Transition, Undo, Variable
from tenuto_interpreter.machine import Executable, Snapshot, read_record, record, step

from .build import Builder, state, to


def saga() -> Program:
    """Calls with undo and retry, a handler, waits, deferral, signals, timers."""
    b = Builder()
    reserve, release = b.activity("reserve", 1, retry=2), b.activity("release", 1, retry=1)
    charge = b.activity("charge", retry=1, effect="once")
    first = b.call(reserve, b.const("x"), undo=Undo(release, (b.local(0),), True))
    second = b.call(charge, undo=Undo(release, (b.const("c"),), False))
    work = b.block(
        ("mark", 3), ("call", first, 0), ("wait", b.seconds(5)), ("call", second, 1), ("set", 0, b.local(1)),
        ("jump", 8), ("compensate", 3), ("raise", 2),
        handlers=(Handler(1, 5, (), 2, 6),),
    )  # fmt: skip
    note = b.block(("set", 1, b.local(0)))
    return b.program(
        {
            "children": (1, 2, 3, 4), "initial": 1,
            "transitions": (to(4, "signal", name="stop"), to(4, "after", time=b.seconds(100))),
        },
        state("working", do=work, defers=("stop",), defers_cancel=True, transitions=(
            to(2), to(3, "error", codes=("Declined",)), Transition("signal", "note", binding=True, actions=note),
        )),
        state("waiting", transitions=(to(1, "signal", name="again"), to(3, "signal", name="finish"))),
        state("end", kind="final", ending=Ending("return", None, (("", b.var(0)),))),
        state("stopped", kind="final", ending=Ending("fail", "Stopped")),
        variables=(Variable("a", t.ANY, b.const(None)), Variable("b", t.ANY, b.const(None))),
    )  # fmt: skip


def statechart() -> Program:
    """Regions, history, forks, receivers, conditions, updates, durable reactions."""
    b = Builder()
    f = b.activity("f", 1)
    branch = b.block(("call", b.call(f, b.local(4)), 6), ("yield", 5, b.local(6)), locals=7)
    fork = b.block(
        ("let", 0, b.e("const", [1, 2, 3])), ("fork", 0, (branch,), b.const(2), 1), ("set", 0, b.local(1)), locals=4
    )
    receive = b.block(("receive", "go", 0, None, b.seconds(50)), ("wait_for", b.var(1), b.seconds(500), 1))
    reply = b.block(("set", 1, b.const(True)), ("reply", b.const("ok")))
    slow_reply = b.block(("call", b.call(f, b.const(0)), 1), ("reply", b.local(1)))
    return b.program(
        {"children": (1, 6), "initial": 1},
        state("both", regions=(2, 3), transitions=(
            to(6), to(6, "signal", name="away"), Transition("update", "set", actions=reply),
            Transition("update", "slow", work=slow_reply),
        )),
        state("one", 1, kind="region", do=fork),
        state("two", 1, kind="region", children=(4, 5), initial=4),
        state("inner", 3, do=receive, transitions=(to(5),)),
        state("last", 3, kind="final"),
        state("outside", transitions=(to(1, "signal", name="back", history=True), to(1, "every", time=b.seconds(30)))),
        variables=(Variable("a", t.ANY, b.const(None)), Variable("b", t.BOOL, b.const(False))),
    )  # fmt: skip


PROGRAMS = [Executable(saga()), Executable(statechart())]


@st.composite
def what_happens(draw: st.DrawFn) -> list[tuple[str, Any]]:
    """Choices, made concrete against the snapshot they meet: most of them sensible, some late or false."""
    kinds = ["complete", "fail", "lose", "timer", "signal", "update", "cancel", "retry", "terminate"]
    weights = st.sampled_from(
        kinds[:1] * 6 + kinds[1:2] * 4 + kinds[2:3] * 2 + kinds[3:4] * 6 + kinds[4:5] * 6 + kinds[5:]
    )
    return draw(st.lists(st.tuples(weights, st.integers(0, 9)), max_size=40))


def concrete(choice: tuple[str, int], snapshot: Snapshot, at: int) -> Event:
    kind, n = choice
    ops = list(snapshot.ops.values())
    op, attempt = (ops[n % len(ops)].id, ops[n % len(ops)].attempt) if ops else (n, 1)
    if n == 9:
        attempt += 1
    code = ("Declined", "Broken", "Timeout", "Cancelled", "Fault")[n % 5]
    match kind:
        case "complete":
            return ActivityCompleted(at, op, attempt, {"n": n})
        case "fail":
            return ActivityFailed(at, op, attempt, Failure(code, "m", {"n": n}, n % 3 != 0, n % 4 == 0))
        case "lose":
            return AttemptLost(at, op, attempt)
        case "timer":
            due = snapshot.due(1 << 60)
            return TimerFired(at, due if due is not None else n)
        case "signal":
            names = ("note", "stop", "again", "finish", "go", "away", "back", "nobody")
            return SignalReceived(at, f"s{at}", names[n % 8], {"n": n})
        case "update":
            return UpdateReceived(at, f"u{at}", ("set", "slow", "unknown")[n % 3], {})
        case "cancel":
            return CancelRequested(at, "why")
        case "retry":
            return RetryRequested(at)
        case _:
            return TerminateRequested(at, "now") if n == 0 else RetryRequested(at)


@pytest.mark.parametrize("exe", PROGRAMS, ids=["saga", "statechart"])
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(choices=what_happens())
def test_whatever_happens(exe: Executable, choices: list[tuple[str, int]]) -> None:
    snapshot = Snapshot.new()
    event: Event = RunStarted(0, "r-1", "r", {}, {})
    history: list[bytes] = []
    live: list[bytes] = []
    answered: set[str] = set()
    for number in range(len(choices) + 1):
        before = snapshot.encode()
        after, commands = step(exe, snapshot, event)
        assert snapshot.encode() == before, "step changed its argument"
        again, same = step(exe, Snapshot.decode(before), event)
        assert (again.encode(), same) == (after.encode(), commands), "two calls, two answers"
        assert after.seq == snapshot.seq + 1
        row = record(event, commands)
        assert read_record(row) == (event, commands)
        history.append(row)
        live.append(after.encode())
        assert Snapshot.decode(live[-1]).encode() == live[-1]
        assert "internal error" not in str(after.parked), after.parked
        for command in commands:
            if command.tag == "answer":
                assert command.id not in answered, "an update answered twice"
                answered.add(command.id)
        if after.closed is not None:
            assert not after.ops
            assert after.wakeup() is None
        snapshot = after
        if snapshot.closed is not None or number == len(choices):
            break
        event = concrete(choices[number], snapshot, number + 1)
    replayed = Snapshot.new()
    for row, expected in zip(history, live, strict=True):
        past, commands = read_record(row)
        replayed, again_commands = step(exe, replayed, past)
        assert again_commands == commands
        assert replayed.encode() == expected
