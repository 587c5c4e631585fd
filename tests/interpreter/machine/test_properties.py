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
    AttemptFaulted,
    AttemptLost,
    AttemptTakenOver,
    CancelRequested,
    ChildCompleted,
    ChildFailed,
    Event,
    Failure,
    Migrated,
    RetryRequested,
    RunStarted,
    SignalReceived,
    TerminateRequested,
    TimerFired,
    UpdateReceived,
)
from tenuto_interpreter.ir import Ending, Handler, Program, Transition, Undo, Variable
from tenuto_interpreter.machine import Executable, Snapshot, read_record, record, step
from tenuto_interpreter.machine.migration import Refused, follow

from .build import Builder, state, to
from .written import written


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


CONCURRENT = """
activity limited(x: int) -> int { timeout attempt 1m overall 10s; retry 3 times backoff 2s }
workflow w(n: int) -> int {
  signal note(); signal stop(); signal go(); signal away(); signal again()
  update set() -> int
  update slow() -> int
  var rounds: int = 0
  on away -> other
  on update slow do { let x = call get(rounds) undo unget(rounds); reply x }
  initial state both {
    region left {
      defer stop
      initial state work {
        do {
          call get(1) undo unget(1)
          try {
            parallel {
              one { let a = call limited(2) undo unget(a) }
              two { call get(3) undo unget(3); fail Worse }
              three { for x in [4, 5, 6] at most 2 at once { call get(x) undo unget(x) } }
            }
          } catch Worse { compensate; call put("mended") } finally { rounds = rounds + 1 }
        }
        done -> rest
        on note -> work
      }
      state rest { on go -> over; on update set { reply rounds } }
      final state over {}
    }
    region right {
      do { repeat { let y = call limited(7) undo unget(7); commit } until rounds > 2 every 5s; compensate }
      on error Worse {}
      on update set { reply 0 - rounds }
      on go do { call put("reacting") }
    }
    done -> closing
    after 90s -> other
  }
  state other {
    do { try { call get(8) undo unget(8); wait 3s } catch as e { compensate } }
    on again -> history(both)
    on stop -> next
    done when rounds > 1 -> closing
    on error -> closing
    on cancel -> closing
  }
  state closing { defer cancel, stop; do { call get(9) undo unget(9) }; done -> ended; on error Timeout -> next }
  final state ended { return rounds }
  final state next { continue with (n: n + 1) }
}
"""

OWED = """
workflow child(n: int) -> int { do { return n } }
workflow w(n: int) -> int {
  signal note(); signal stop(); signal go(); signal away(); signal back()
  update set() -> int
  update slow() -> int
  var rounds: int = 0
  property bounded: always rounds < 4 || active("last")
  property paid:    never calls("put") > calls("get")
  property over:    eventually active("last")
  on away -> other
  on update slow do {
    try { let x = call get(rounds) undo unget(rounds); reply x } finally { wait 3s; call put("owed") }
  }
  initial state both {
    region left {
      initial state work {
        do {
          let seen = { "last": 0, "all": [1] }
          try {
            try {
              parallel {
                one { try { let a = call get(2) undo unget(a); wait 1s } finally { call put("one"); wait 2s } }
                two { try { call get(3) undo unget(3); fail Worse } catch Worse { compensate; fail Worse } }
                three { for x in [4, 5, 6] at most 2 at once {
                  try { call get(x) undo unget(x) } finally { receive note within 5s } } }
              }
            } catch Worse { compensate; parallel { one { compensate }; two { wait 1s } } }
            seen.all[0] = 7
          } finally {
            try { call put("finally") } catch Timeout { call put("late") } finally { rounds = rounds + 1 }
            for x in [1, 2] at most 1 at once { call get(x) }
          }
        }
        done -> rest
        on note -> work
        on stop -> rest
      }
      state rest { on go -> over; on update set { reply rounds } }
      final state over {}
    }
    region right {
      do {
        try { let y = call child(1) with timeout attempt 20s overall 60s, retry 2 times backoff 2s undo unget(1) }
        catch ChildFailed as e { log e.message } finally { call put("right") }
      }
      on error {}
    }
    done -> last
    after 90s -> other
  }
  state other { after 2s -> both; on back -> history(both); on stop -> last; on error -> last }
  final state last { return rounds }
}
"""

PROGRAMS = [Executable(saga()), Executable(statechart()), written(CONCURRENT), written(OWED)]


@st.composite
def what_happens(draw: st.DrawFn) -> list[tuple[str, Any]]:
    """Choices, made concrete against the snapshot they meet: most of them sensible, some late or false."""
    kinds = ["complete", "fail", "lose", "timer", "signal", "update", "cancel", "retry", "terminate", "fault", "over"]
    weights = st.sampled_from(
        kinds[:1] * 6 + kinds[1:2] * 4 + kinds[2:3] * 2 + kinds[3:4] * 6 + kinds[4:5] * 6 + kinds[5:]
    )
    return draw(st.lists(st.tuples(weights, st.integers(0, 9)), max_size=40))


def concrete(choice: tuple[str, int], snapshot: Snapshot, at: int) -> Event:
    kind, n = choice
    ops = list(snapshot.ops.values())
    op, attempt = (ops[n % len(ops)].id, ops[n % len(ops)].attempt) if ops else (n, 1)
    op_kind = ops[n % len(ops)].kind if ops else "call"
    if n == 9:
        attempt += 1
    code = ("Declined", "Broken", "Timeout", "Cancelled", "Fault")[n % 5]
    match kind:
        case "complete" if op_kind == "child":
            return ChildCompleted(at, op, n)
        case "fail" if op_kind == "child":
            return ChildFailed(at, op, Failure(code, "m"))
        case "complete":
            return ActivityCompleted(at, op, attempt, {"n": n})
        case "fail":
            return ActivityFailed(at, op, attempt, Failure(code, "m", {"n": n}, n % 3 != 0, n % 4 == 0))
        case "lose":
            return AttemptLost(at, op, attempt)
        case "fault":
            return AttemptFaulted(at, op, attempt, "no secret" if n % 2 else "", begun=n % 3 == 0)
        case "over":
            return AttemptTakenOver(at, op, attempt)
        case "timer":
            due = snapshot.due(1 << 60)
            return TimerFired(at, due if due is not None else n)
        case "signal":
            names = ("note", "stop", "again", "finish", "go", "away", "back", "nobody")
            n += at % 2  # or some names would never meet a state that takes them
            return SignalReceived(at, f"s{at}", names[n % 8], {"n": n})
        case "update":
            return UpdateReceived(at, f"u{at}", ("set", "slow", "unknown")[n % 3], {})
        case "cancel":
            return CancelRequested(at, "why")
        case "retry":
            return RetryRequested(at)
        case _:
            return TerminateRequested(at, "now") if n == 0 else RetryRequested(at)


def coherent(exe: Executable, snapshot: Snapshot) -> None:
    """Everything in a snapshot refers to something that is there, and to nothing else."""
    fibers, ops, timers, active = snapshot.fibers, snapshot.ops, snapshot.timers, set(snapshot.active)
    for s in active - {0}:
        assert exe.states[s].parent in active
    if snapshot.ending is None and snapshot.seq and snapshot.active:
        for s in active:
            below = active.intersection(exe.states[s].children)
            assert len(below) == (1 if exe.states[s].children else 0), "one child of each state with children"
            assert active.issuperset(exe.states[s].regions), "all regions of a parallel state"
    used: list[int] = []
    for op in ops.values():
        used += [t for t in (op.timer, op.overall) if t is not None]
        assert (op.state == "backoff") == (op.timer is not None) or op.kind == "child"
        if op.fiber is None:
            assert op.cancelled or op.kind == "undo", "an operation of nobody was asked to stop"
        else:
            waiting = fibers[op.fiber].waiting
            assert waiting is not None
            if waiting[0] != "resolve":
                assert waiting[{"undo": 2}.get(waiting[0], 1)] == op.id, "the fiber waits for something else"
    for fiber in fibers.values():
        assert fiber.state in active or fiber.leaving, "a fiber outlived its state"
        assert fiber.waiting is not None, "a fiber at rest waits for something"
        kind, *rest = fiber.waiting
        if kind == "resolve":
            assert rest[0]
            assert all(ops[op].fiber == fiber.id for op in rest[0])
            continue
        if kind in ("op", "undo"):
            assert ops[rest[0 if kind == "op" else 1]].fiber == fiber.id
        elif kind == "join":
            assert rest[4], "a fork without branches has ended"
            assert all(fibers[branch].parent == fiber.id for branch in rest[4])
            assert all(fibers[branch].leaving for branch in rest[4]) or (len(rest) == 7 and not fiber.leaving)
        else:
            timer = rest[{"timer": 0, "cond": 1, "receive": 3}[kind]]
            used += [timer] if timer is not None else []
        if fiber.role == "branch":
            assert fiber.id in fibers[fiber.parent].waiting[5]
    for id, (_, kind, subject, *_more) in timers.items():
        if kind in ("after", "at", "every"):
            assert subject in active, "a timer outlived its state"
            used.append(id)
    assert sorted(used) == sorted(timers), "every timer has one owner"
    if snapshot.ending is not None:
        assert all(fiber.leaving for fiber in fibers.values())
        assert snapshot.closed is None or not fibers
    undone = [entry[2] for entry in snapshot.undo]
    assert len(undone) == len(set(undone)), "an undo pushed twice"


class Ledger:
    """What a history as a whole may contain: nothing is begun, undone or answered twice."""

    def __init__(self) -> None:
        self.scheduled: set[tuple[int, int]] = set()
        self.popped: set[int] = set()
        self.received: set[str] = set()
        self.answered: set[str] = set()

    def enter(self, event: Event, commands: list[Any], before: Snapshot, after: Snapshot) -> None:
        if event.tag == "update":
            self.received.add(event.id)
        if isinstance(event, AttemptFaulted) and not event.begun:
            op = after.ops.get(event.op)
            if op is not None and op.state == "unbegun" and op.attempt == event.attempt:
                self.scheduled.discard((event.op, event.attempt))  # it never was
        for command in commands:
            if command.tag == "activity":
                assert (command.op, command.attempt) not in self.scheduled, "an attempt scheduled twice"
                self.scheduled.add((command.op, command.attempt))
            elif command.tag == "answer":
                assert command.id in self.received
                assert command.id not in self.answered, "an update answered twice"
                self.answered.add(command.id)
        assert set(after.in_flight()) <= self.scheduled
        if event.tag in ("done", "failed", "lost") and after.parked is None:
            assert (event.op, event.attempt) not in after.in_flight(), "an outcome that changed nothing"
        stack = {entry[2] for entry in after.undo}
        assert not stack & self.popped, "an undo that was taken off came back"
        self.popped |= {entry[2] for entry in before.undo} - stack
        if after.closed in ("failed", "cancelled"):
            assert not after.undo, "a run that failed has undone everything"
        if after.closed is not None:
            assert self.answered == self.received, "an update without an answer"


NEXT = (
    OWED.replace("  var rounds", """  version 2
      migrate from 1 { both.left.rest -> both.left.idle; set rounds = old.rounds + 1 }
      var more: int = 3; var rounds""")
    .replace("state rest {", "state idle {").replace("-> rest", "-> idle")
    .replace('call put("right")', 'call put("changed")').replace("after 90s", "after 80s")
)  # fmt: skip
NEXT_CHANGED = (
    NEXT.replace("version 2", "version 3")
    .replace("migrate from 1", "migrate from 2")
    .replace("both.left.rest -> both.left.idle; ", "")
    .replace('call put("one"); wait 2s', 'call put("one"); wait 1s')
)


def test_whatever_happens_across_versions() -> None:
    """Runs are migrated at any moment, twice: first most blocks stay as they are, then the longest is another."""
    versions = [written(OWED), written(NEXT), written(NEXT_CHANGED)]
    find = {exe.program.digest(): exe for exe in versions}
    seen: set[str] = set()

    @settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(choices=what_happens(), moments=st.lists(st.integers(1, 12), min_size=1, max_size=2))
    def check(choices: list[tuple[str, int]], moments: list[int]) -> None:
        exe, version, snapshot = versions[0], 0, Snapshot.new()
        ledger = Ledger()
        history: list[tuple[bytes, bytes]] = []
        event: Event = RunStarted(0, "r-1", "r", {"n": 1}, {})
        for number, choice in enumerate([("start", 0), *choices]):
            if choice[0] != "start":
                event = concrete(choice, snapshot, number)
            if number in moments and version < 2:
                event = Migrated(number, versions[version + 1].program.digest(), {})
            before = snapshot.encode()
            try:
                following, after, commands = follow(find.__getitem__, exe, snapshot, event)
            except Refused as refused:
                seen.add(str(refused))
                assert snapshot.encode() == before
                continue
            if following is not exe:
                exe, version = following, version + 1
                seen.add(f"to {version}")
            assert "internal error" not in str(after.parked), after.parked
            again = follow(find.__getitem__, versions[version] if event.tag != "migrated" else versions[version - 1],
                           Snapshot.decode(before), event)  # fmt: skip
            assert (again[1].encode(), again[2]) == (after.encode(), commands)
            coherent(exe, after)
            ledger.enter(event, commands, snapshot, after)
            history.append((record(event, commands), after.encode()))
            snapshot = after
            if snapshot.closed is not None:
                break
        exe, snapshot = versions[0], Snapshot.new()
        for row, expected in history:
            exe, snapshot, _ = follow(find.__getitem__, exe, snapshot, read_record(row)[0])
            assert snapshot.encode() == expected

    check()
    assert "to 1" in seen


@pytest.mark.parametrize("exe", PROGRAMS, ids=["saga", "statechart", "concurrent", "owed"])
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(choices=what_happens())
def test_whatever_happens(exe: Executable, choices: list[tuple[str, int]]) -> None:
    snapshot = Snapshot.new()
    event: Event = RunStarted(0, "r-1", "r", {"n": 1}, {})
    history: list[bytes] = []
    live: list[bytes] = []
    ledger = Ledger()
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
        coherent(exe, after)
        ledger.enter(event, commands, snapshot, after)
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
