"""Workflows that never rest, or fan out without measure, end their tests soon, with words."""

from __future__ import annotations

import time

import pytest
from tenuto_dsl import Diagnostics
from tenuto_dsl.testing import Runner, plan_source

SLOW_S = 20.0
"""What a test may take of a machine that many share; by hand the longest takes three seconds."""

HOSTILE = {
    "a tick every millisecond": (
        "var n: int = 0; initial state a { every 1ms { n = n + 1 }; after 1000d -> b }; final state b {}",
        "advance 1001d", "never rests",
    ),
    "a loop without a wait": ("var n: int = 0; do { repeat { n = n + 1 } until n < 0 }", "", "steps"),
    "a million turns": (
        "var n: int = 0; do { for a in lists.range(1000) { for b in lists.range(1000) { n = n + 1 } } }", "", "steps",
    ),
    "two states in turn": (
        "var x: bool = true; initial state a { when x -> b }; state b { when x -> a }", "", "transitions",
    ),
    "a child of its own kind": ("do { call w() }", "", "without end"),
    "two children of its own kind": ("do { start w(); start w() }", "", "without end"),
    "a text that doubles": ('var s: string = "xxxxxxxx"; do { repeat { s = s + s } until false }', "", "characters"),
    "branches that wait": (
        "do { for a in lists.range(100000) at most 100000 at once { wait 1s } }", "advance 1h", "steps",
    ),
    "branches that end at once": (
        "do { let xs = for a in lists.range(30000) at most 30000 at once { yield a }; log xs.size() }",
        "expect workflow.status == \"completed\"", None,
    ),
    "a schedule beyond the end of time": (
        'initial state a { every cron("0 0 29 2 *", "Europe/Paris") {} }', "advance 2912000d", "no further time",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_it_ends_soon(name: str) -> None:
    members, steps, said = HOSTILE[name]
    source = f'workflow w() {{ {members} }}\ntest "t" {{ {steps} }}\n'
    sink = Diagnostics()
    suite = plan_source("w.tenuto", source, sink)
    assert suite is not None, sink.items
    began = time.process_time()
    failed = Runner(suite).run(suite.plans[0]).failed
    assert time.process_time() - began < SLOW_S
    if said is None:
        assert failed is None
    else:
        assert failed is not None
        assert said in failed.message
        assert "internal error" not in failed.message
