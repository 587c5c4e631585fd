"""Defects that were planted are found, each with a test that shows it; their sound twins have none."""

from __future__ import annotations

import pytest
from tenuto_dsl.explore import Bounds

from tests.dsl.explore.checking import Form, check, fails, found

SAGA = """
workflow w(n: int) {
  var paid: bool = false
  initial state charging {
    do { call charge(n: n) UNDO; paid = true }
    done -> packing
    on error Declined -> rejected
  }
  state packing {
    do { call parcels(n: n) }
    done -> delivered
    on error Timeout -> rejected
  }
  final state delivered { return }
  final state rejected { fail Declined(hard: true) }
  property refunded: never active("rejected") && paid && calls("refund") < 1
}
"""

INDEX = """
workflow w(n: int) -> string {
  var first: string = ""
  do { let found = call parcels(n: n); GUARD { first = found[0] }; return first }
}
"""

DEADLOCK = """
workflow w(n: int) {
  signal go()
  var left: int = 0
  initial state waiting { on go -> stuck; after 1d -> over }
  state stuck { WAY }
  final state over { return }
}
"""

EVENTUALLY = """
workflow w(n: int) {
  var told: bool = false
  on cancel -> over { told = true }
  initial state charging {
    do { let c = call charge(n: n); ASSIGN }
    done -> over
    on error -> over TELL
  }
  final state over { return }
  property told: eventually told
}
"""

ENDLESS = """
workflow w(n: int) {
  signal again()
  var tries: int = 0
  initial state waiting {
    on again when tries < 2 -> waiting { tries = tries + 1 }
    on again -> CORNER
    after 1h -> over
  }
  state corner { on again -> other }
  state other { on again -> corner }
  final state over { return }
}
"""

UNDO = """
workflow w(n: int) {
  initial state charging {
    do { let c = call charge(n: n) undo refund(n: 100 / c.amount); call parcels(n: n) }
    done -> over
  }
  final state over { return }
}
"""

ALWAYS = """
workflow w(n: int) {
  signal take(count: int)
  var left: int = 2
  initial state open {
    on take as t when t.count BOUND left { left = left - t.count }
    after 1d -> over
  }
  final state over { return }
  property enough: always left >= 0
}
"""

CASES = {
    "a refund is missing on a path": (SAGA, {"UNDO": ""}, {"UNDO": "undo refund(n: n)"}, ("property", "refunded")),
    "an index out of range": (INDEX, {"GUARD": "if true"}, {"GUARD": "if found.size() > 0"}, ("fault", "w.do")),
    "a deadlock": (DEADLOCK, {"WAY": ""}, {"WAY": "after 1h -> over"}, ("deadlock", "stuck")),
    "eventually": (
        EVENTUALLY,
        {"ASSIGN": "told = true", "TELL": ""},
        {"ASSIGN": "told = true", "TELL": "{ told = true }"},
        ("property", "told"),
    ),
    "no way to the end": (ENDLESS, {"CORNER": "corner"}, {"CORNER": "over"}, ("endless", "corner")),
    "an undo that cannot run": (UNDO, {}, {"100 / c.amount": "c.amount"}, ("undo", "undo")),
    "always": (ALWAYS, {"BOUND": "> "}, {"BOUND": "<= "}, ("property", "enough")),
}


def made(source: str, words: dict[str, str]) -> str:
    for word, text in words.items():
        source = source.replace(word, text)
    return source


@pytest.mark.parametrize("form", ["text", "yaml"])
@pytest.mark.parametrize("case", CASES)
def test_what_was_planted_is_found(case: str, form: Form) -> None:
    source, planted, _, wanted = CASES[case]
    report = check(made(source, planted), form)
    assert wanted in found(report)
    finding = next(each for each in report.findings if (each.kind, each.name) == wanted)
    assert finding.steps[0].startswith("+0s  w(n: ")
    assert finding.test, finding.steps
    assert ("steps:" in finding.test) == (form == "yaml")


@pytest.mark.parametrize("case", CASES)
def test_the_test_shows_it_and_passes_when_it_is_mended(case: str) -> None:
    source, planted, mended, wanted = CASES[case]
    finding = next(e for e in check(made(source, planted)).findings if (e.kind, e.name) == wanted)
    assert fails(made(source, planted), finding.test) == "this does not hold"
    if wanted[0] != "endless":
        assert fails(made(source, mended), finding.test) != "this does not hold"


@pytest.mark.parametrize("case", CASES)
def test_the_sound_twin_passes(case: str) -> None:
    source, _, mended, wanted = CASES[case]
    report = check(made(source, mended))
    assert wanted not in found(report)
    assert report.whole, report.bounded


def test_the_trace_is_a_shortest_one() -> None:
    report = check(made(SAGA, {"UNDO": ""}))
    assert [step.split("  [")[0] for step in report.findings[0].steps] == [
        "+0s  w(n: 1) starts; calls charge",
        '+0s  charge returns {"id": "a", "amount": 1}; calls parcels',
        "+0s  parcels fails: Timeout (whether it has happened is not known); failed: Declined, violates refunded",
    ]


def test_what_never_happens_is_told() -> None:
    report = check("""
workflow w(n: int) {
  var x: int = 1
  initial state one { do { call parcels(n: n) }; done when x > 5 -> two; done -> over }
  state two { after 1h -> over }
  final state over { return }
}
""")
    assert report.whole
    assert [(each.kind, each.name) for each in report.unseen] == [
        ("transition", "one: done when … -> two"), ("state", "two"), ("transition", "two: after -> over"),
    ]  # fmt: skip


def test_two_explorations_are_the_same() -> None:
    one, two = (check(made(SAGA, {"UNDO": ""})) for _ in range(2))
    assert (found(one), one.states, one.moves) == (found(two), two.states, two.moves)
    assert [(each.steps, each.test) for each in one.findings] == [(each.steps, each.test) for each in two.findings]


def test_types_that_hold_themselves_are_tried() -> None:
    report = check("""
type Tree = { name: string, below: [Tree], beside: map(string, Tree), above: Tree? }
activity grow(n: int) -> Tree { timeout 1s; effect pure }
workflow w(tree: Tree) -> string {
  do {
    let grown = call grow(n: tree.below.size())
    if grown.beside.size() > 0 && grown.below.size() > 1 { return grown.below[1].name }
    return tree.name
  }
}
""")
    assert report.whole
    assert not report.findings


def test_counters_and_ticks_stay_finite() -> None:
    report = check("""
workflow w(n: int) {
  signal again(step: int)
  var count: int = 0
  var ticks: int = 0
  initial state counting {
    on again { count = count + 1 }
    every 1m { ticks = ticks + 1 }
    when count > 100 -> over
    after 90m -> late
  }
  state late { after 1d -> over }
  final state over { return }
}
""")
    assert report.states < 200
    assert any("whole numbers" in text for text in report.assumed)
    assert "late" not in [each.name for each in report.unseen]


def test_a_bound_is_said() -> None:
    report = check(made(SAGA, {"UNDO": ""}), bounds=Bounds(states=3))
    assert report.bounded == ("3 states",)
    assert not report.whole
    assert check(made(SAGA, {"UNDO": ""}), bounds=Bounds(depth=1)).bounded == ("1 moves deep",)


def test_a_time_zone_is_one() -> None:
    report = check("""
workflow w(place: { zone: string }) {
  var zone: string = place.zone
  var days: int = 0
  initial state sleeping {
    every cron("0 9 * * *", zone) { days = days + 1 }
    when days > 1 -> over
  }
  final state over { return }
}
""")
    assert not report.findings
    assert not report.unseen


LEFT = """
workflow w(n: int) {
  signal stop(reason: string)
  initial state charging {
    defer stop
    do { call charge(n: n) }
    done -> packing
    on error -> failed
  }
  state packing { do { call parcels(n: n) }; done -> over; on error -> failed; STOP }
  final state over { return }
  final state failed { fail Declined(hard: true) }
}
"""


def test_a_message_that_is_left_when_the_run_ends_is_told() -> None:
    (unread,) = check(made(LEFT, {"STOP": "on stop -> failed"})).unread
    assert (unread.name, unread.ended, unread.span.line) == (
        "stop",
        "failed",
        LEFT[: LEFT.index("signal")].count("\n") + 10,
    )
    assert [step.split("  [")[0] for step in unread.steps] == [
        "+0s  w(n: 1) starts; calls charge",
        '+0s  signal stop(reason: "a")',
        '+0s  charge fails: Declined {"hard": true}; failed: Declined',
    ]
    mended = LEFT.replace("on error -> failed", "on error -> packing", 1)
    assert check(made(mended, {"STOP": "on stop -> failed"})).unread == ()
