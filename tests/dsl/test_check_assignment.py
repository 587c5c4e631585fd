"""Definite assignment over the state graph, both ways: what must pass and what must not, with the path it shows."""

from __future__ import annotations

import pytest
from tenuto_dsl.compiler import compile_source
from tenuto_dsl.diagnostics import Diagnostics

ACTIVITIES = """
error Bad { why: string? }
activity get() -> string { timeout 1s }
activity put(x: string) { timeout 1s }
"""


def paths_reported(body: str) -> list[str]:
    """`variable: path` of each complaint about assignment; any other complaint fails the test."""
    sink = Diagnostics()
    compile_source("w.tenuto", ACTIVITIES + "workflow w(n: int) {\n" + body + "\n}\n", sink)
    assert {d.code for d in sink.items if d.severity == "error"} <= {"TEN230"}, [d.message for d in sink.items]
    found = []
    for item in sink.items:
        if item.code == "TEN230":
            name, _, rest = item.message.partition(" is read here")
            found.append(f"{name}: {rest.partition('the path ')[2]}")
    return found


HELD = {
    "assigned by do, read after done": """
        var x: string
        initial state a { do { x = call get() }; done -> b }
        state b { do { call put(x) }; done -> c }
        final state c {}""",
    "assigned by both branches": """
        var x: string
        do { if n == 1 { x = "a" } else { x = "b" }; log x }""",
    "assigned in one branch, the other fails": """
        var x: string
        do { if n == 1 { x = "a" } else { fail Bad }; log x }""",
    "assigned in try and in every catch": """
        var x: string
        do { try { x = call get() } catch { x = "" }; log x }""",
    "assigned in finally": """
        var x: string
        do { try { call put("a") } catch Bad { log "bad" } finally { x = "b" }; log x }""",
    "assigned by repeat, which runs once at least": """
        var x: string
        do { repeat { x = call get() } until x == "a" every 1s; log x }""",
    "assigned by the entry of an ancestor": """
        var x: string
        initial state p { entry { x = "a" }; initial state a { on error -> b; do { call put(x) }; done -> b }
          state b { entry { log x } } }""",
    "an edge by error keeps what entry assigned": """
        var x: string
        initial state a { entry { x = "a" }; do { call put("b") }; done -> c; on error -> b }
        state b { do { log x }; done -> c }
        final state c {}""",
    "assigned by the actions of every way in": """
        signal go(x: string)
        var x: string
        initial state a { on go as g -> b { x = g.x }; after 1s -> b { x = "late" } }
        state b { do { log x }; done -> c }
        final state c {}""",
    "regions join when all are done": """
        var x: string
        var y: string
        initial state p {
          region r { do { x = call get() } }
          region s { initial state t { do { y = call get() }; done -> u }; final state u {} }
          done -> q
        }
        state q { do { log x + y }; done -> e }
        final state e {}""",
    "parallel branches join": """
        var x: string
        var y: string
        do { parallel { a { x = call get() }; b { y = call get() } }; log x + y }""",
    "an optional variable is null from the start": """
        var x: string?
        do { log x == null }""",
    "a query sees null": """
        var x: string
        query q -> bool = x != null
        do { x = "a" }""",
    "a loop back cannot lose a value": """
        var x: string
        initial state a { do { x = call get() }; done -> b }
        state b { do { call put(x) }; done when n == 1 -> b; done -> a; on error -> c }
        final state c {}""",
    "an undo may read the result of its own call": """
        var x: string
        do { x = call get() undo put(x); log x }""",
    "the exit of a state that was left assigns": """
        var x: string
        initial state a { exit { x = "left" }; after 1s -> b }
        state b { do { log x }; done -> c }
        final state c {}""",
    "a durable reaction assigns before its target": """
        signal go()
        var x: string
        initial state a { on go do { x = call get() } -> b }
        state b { do { log x }; done -> c }
        final state c {}""",
}

MISSED = {
    "an exit after a fault in the entry": (
        """
        var x: int
        initial state a { initial state b { entry { x = 1 / n }; exit { log x }; after 1h -> e }; on error Fault -> e }
        final state e {}""",
        ["x: a.b"],
    ),
    "read before it is assigned": (
        """
        var x: string
        do { log x; x = "a" }""",
        ["x: w"],
    ),
    "assigned in one branch": (
        """
        var x: string
        do { if n == 1 { x = "a" }; log x }""",
        ["x: w"],
    ),
    "assigned in a loop that may not run": (
        """
        var x: string
        do { for i in [1] { x = "a" }; log x }""",
        ["x: w"],
    ),
    "assigned in try, not in catch": (
        """
        var x: string
        do { try { x = call get() } catch { log "x" }; log x }""",
        ["x: w"],
    ),
    "an edge by error": (
        """
        var x: string
        initial state a { do { x = call get() }; done -> b; on error Bad -> b }
        state b { do { log x }; done -> c }
        final state c {}""",
        ["x: a -(on error Bad)-> b"],
    ),
    "an edge by a fault, which entry itself may raise": (
        """
        var x: string
        initial state a { entry { x = string(1 / n) }; do { call put(x) }; done -> b; on error Fault -> b }
        final state b { fail Bad(why: x) }""",
        ["x: a -(on error Fault)-> b"],
    ),
    "an edge by a timer": (
        """
        var x: string
        initial state a { do { x = call get() }; done -> b; after 1s -> b }
        state b { do { log x }; done -> c }
        final state c {}""",
        ["x: a -(after)-> b"],
    ),
    "a handler of the workflow": (
        """
        signal stop()
        var x: string
        on stop -> c
        initial state a { do { x = call get() }; done -> b }
        state b { do { log x }; done -> c }
        final state c { fail Bad(message: x) }""",
        ["x: any state -(on stop)-> c"],
    ),
    "one of two ways in": (
        """
        var x: string
        initial state a { do { call put("a") }; done when n == 1 -> b; done -> c }
        state b { do { x = call get() }; done -> c }
        state c { do { log x }; done -> d }
        final state d {}""",
        ["x: a -> c"],
    ),
    "a guard": (
        """
        var x: string
        initial state a { do { call put("a") }; done when x == "a" -> c }
        final state c {}""",
        ["x: a"],
    ),
    "entry, exit and actions": (
        """
        var x: string
        var y: string
        var z: string
        initial state a { entry { log x }; exit { log y }; after 1s -> b { log z } }
        final state b {}""",
        ["x: a", "y: a", "z: a"],
    ),
    "a region reads what another assigns": (
        """
        var x: string
        initial state p {
          region r { do { x = call get() } }
          region s { do { call put(x) } }
          done -> e
        }
        final state e {}""",
        ["x: p.s"],
    ),
    "a composite is done by one of its finals": (
        """
        signal a()
        var x: string
        initial state p {
          initial state s { on a -> f; after 1s -> g { x = "b" } }
          final state f {}
          final state g {}
          done -> e
        }
        state e { do { log x }; done -> z }
        final state z {}""",
        ["x: p -> e"],
    ),
    "a path assignment needs a value to change": (
        """
        var m: map(string, int)
        do { m["a"] = 1 }""",
        ["m: w"],
    ),
    "a read inside a record whose field has an odd name": (
        """
        var x: string
        do { log { "const": { "var": x } }; x = "a" }""",
        ["x: w"],
    ),
    "an undo's argument": (
        """
        var x: string
        do { call put("a") undo put(x); x = "b" }""",
        ["x: w"],
    ),
    "the arguments of a final state": (
        """
        var x: string
        initial state a { do { call put("a") }; done -> e }
        final state e { fail Bad(message: x) }""",
        ["x: a -> e"],
    ),
}


@pytest.mark.parametrize("body", HELD.values(), ids=HELD.keys())
def test_held(body: str) -> None:
    assert paths_reported(body) == []


@pytest.mark.parametrize(("body", "paths"), MISSED.values(), ids=MISSED.keys())
def test_missed(body: str, paths: list[str]) -> None:
    assert paths_reported(body) == paths
