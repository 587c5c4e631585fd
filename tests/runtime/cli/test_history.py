"""What happened between the events of a history, found by replaying them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tenuto.cli.between import Between
from tenuto.cli.steps import Narrator
from tenuto.cli.terminal import span
from tenuto_interpreter.events import Failure, RetryRequested
from tenuto_interpreter.machine import Executable
from tenuto_interpreter.virtual import VirtualRun

from tests.runtime.engine.kit import compiled

SOURCE = """
activity pay(n: int) -> int { python "a:b"; timeout 1m; retry 2 times backoff 8s factor 1.0 }
workflow w(n: int) -> int {
  signal go()
  var paid: int = 0
  initial state waiting {
    do { wait 30d }
    on go      -> paying
    after 2h   -> paying
  }
  state paying {
    initial state asking { do { paid = call pay(n: n) }; done -> asked }
    final state asked {}
    done -> over
  }
  final state over { return paid }
}
"""


def told(made: VirtualRun) -> list[str]:
    narrator = Narrator(made.exe.program)
    between = Between(made.exe, lambda _: made.exe)

    def lines() -> Iterator[str]:
        for event, commands in made.log:
            timer = between.timer(event, narrator.name)
            changes = list(between.take(event, narrator.name))
            yield narrator.event(event, timer, values=True).text
            yield from ("  " + line.text for line in [*changes, *narrator.commands(commands)])

    return list(lines())


def run(source: str, answers: list[object], **given: object) -> VirtualRun:
    left = iter(answers)
    return VirtualRun(Executable(compiled(source)[-1].program), lambda *_: next(left), given)


def test_transitions_states_timers_and_attempts_have_their_names() -> None:
    made = run(SOURCE, [Failure("Busy"), 7], n=1)
    made.advance(2 * 3600)
    made.advance(20)
    found = told(made)
    wait = found.pop(7)
    assert wait.startswith("  pay: next attempt in ")
    assert found == [
        'started {"n":1}',
        "  in waiting",
        "timer: after 2h in waiting",
        "  waiting: after -> paying",
        "  left waiting, in paying.asking",
        "  pay begun",
        "pay failed: Busy",
        "timer: the wait before attempt 2 of pay",
        "  pay begun (attempt 2)",
        "pay done: 7",
        "  paying.asking: done -> paying.asked",
        "  paying: done -> over",
        "  left paying.asking, in over",
        "  completed",
    ]


@pytest.mark.parametrize(
    ("step", "named"),
    [
        ("wait 30d", "wait 30d in w.do"),
        ("wait for n == 5 within 2h", "wait for … within 2h in w.do"),
        ("receive go within 1d", "receive go within 1d in w.do"),
        ('wait duration(string(n) + "h")', "wait (computed) in w.do"),
    ],
)
def test_a_block_that_waits_is_named_by_what_it_waits_for(step: str, named: str) -> None:
    made = run(f"workflow w(n: int) {{ signal go(); do {{ {step} }} }}", [], n=1)
    made.advance(40 * 86_400)
    assert f"timer: {named}" in told(made)


def test_what_cannot_be_replayed_is_told_without_states() -> None:
    made = run(SOURCE, [], n=1)
    between = Between(made.exe, lambda _: made.exe)
    assert list(between.take(RetryRequested(0), str)) == []
    assert not between.follows


@pytest.mark.parametrize(
    ("microseconds", "text"),
    [(250_000, "0.25 s"), (8_000_000, "8 s"), (200_000_000, "3 min 20 s"), (7_500_000_000, "2 h 5 min"), (-5, "0 s")],
)
def test_spans_are_as_exact_as_one_wants(microseconds: int, text: str) -> None:
    assert span(microseconds) == text
