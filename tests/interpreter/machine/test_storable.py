"""What a run keeps can always be written down: a value that cannot is a fault of the step that made it."""

from __future__ import annotations

from typing import Any

import pytest
from tenuto_interpreter import codec
from tenuto_interpreter.events import RetryRequested
from tenuto_interpreter.machine import Snapshot, record

from .written import run, status

DEEP = """type Chain = { v: int, next: Chain? }
workflow w(n: int) {
  var t: Chain? = null
  var i: int = 0
  do { repeat { t = { "v": i, "next": t }; i = i + 1 } until i >= n; wait 1h } }"""


@pytest.mark.parametrize(
    "step",
    [
        "d = d * 10.0",
        "d = d * 10.0 - d * 10.0",
        "let x = d * 10.0",
        'm = { "x": [d * 10.0] }',
        'm["x"] = [d * 10.0]',
        "log d * 10.0",
    ],
)
def test_a_double_that_is_no_number_parks_the_run(step: str) -> None:
    made = run(
        f"""workflow w() {{ var d: double = 1e308; var m: map(string, [double]) = {{}}
          do {{ {step}; wait 1h }} }}"""
    )
    assert status(made) == "parked"
    assert "cannot be kept" in made.snapshot.parked[0]
    assert Snapshot.decode(made.snapshot.encode()).encode() == made.snapshot.encode()


def test_a_comparison_with_infinity_is_only_an_expression() -> None:
    made = run("workflow w() { var d: double = 1e308; do { if d * 10.0 > d { return } else { wait 1h } } }")
    assert status(made) == "completed"


@pytest.mark.parametrize(("n", "expected"), [(128, "open"), (129, "parked")])
def test_what_nests_too_deep_parks_the_run(n: int, expected: str) -> None:
    made = run(DEEP, n=n)
    assert status(made) == expected
    made.snapshot.encode()


@pytest.mark.parametrize("leaf", [1, None])
def test_the_deepest_result_can_be_kept_wherever_a_run_keeps_values(leaf: Any) -> None:
    deep = leaf
    for _ in range(codec.MAX_DEPTH):
        deep = [deep]
    made = run(
        """activity make() -> any { timeout 1m }
        activity take(v: any) { timeout 1m }
        workflow w() {
          var kept: any = null
          do {
            let first = call make() undo take(first)
            kept = first
            let all = for x in [1, 2] at most 2 at once { let y = call make(); if x == 2 { wait 1h }; yield y }
            call take(kept)
          } }""",
        {"make": deep},
    )
    made.advance(1)
    made.snapshot.encode()
    made.cancel()
    made.snapshot.encode()
    for event, commands in made.log:
        record(event, commands)
    assert status(made) == "cancelled"


def test_a_parked_start_can_be_asked_nothing_and_tried_again() -> None:
    from tenuto_interpreter.machine import Fault

    made = run("workflow w(n: int) { query twice -> int = n * 2; var m: int = 1 / n; do { wait 1h } }", n=0)
    assert status(made) == "parked"
    with pytest.raises(Fault, match="has not begun"):
        made.query("twice")
    made.feed(RetryRequested(made.at))
    assert status(made) == "parked"
