"""States that a workflow can tell apart are followed apart: what is found is true, and what is not was looked for.

Each workflow here was once answered wrongly: runs that end were said to be endless, or a property that does not hold
was not found, although every state was said to have been seen.
"""

from __future__ import annotations

import re

import pytest

from tests.dsl.explore.checking import check, found

ENDS = {
    "sizes of maps": """workflow w() {
      signal seen(k: "a" | "b" | "c")
      var known: map(string, bool) = {}
      initial state counting { on seen as m { known[m.k] = true }; when known.size() > 2 -> over }
      final state over { return }
    }""",
    "for how long a run has been open": """workflow w() {
      initial state one { after 1h -> two }
      state two { when now() > workflow.started_at + 5h -> over; after 1h -> one }
      final state over { return }
    }""",
    "the hour of the day": """workflow w() {
      initial state one { after 1h -> two }
      state two { when now().getHours() == 13 -> over; after 1h -> one }
      final state over { return }
    }""",
    "one of many constants": """workflow w() {
      signal put(n: int)
      initial state one {
        on put as p when p.n in [1, 5, 9, 13, 17, 21, 25, 29, 33, 37, 41, 45] -> one
        on put as p when p.n == 77 -> over
      }
      final state over { return }
    }""",
    "a list of three": """workflow w() {
      signal put(all: [string])
      initial state one { on put as p when p.all.size() > 2 -> over; on put -> one }
      final state over { return }
    }""",
    "a list of just so many": """workflow w() {
      signal put(all: [string])
      initial state one { on put as p when p.all.size() == 5 -> over; on put -> one }
      final state over { return }
    }""",
}


@pytest.mark.parametrize("source", ENDS.values(), ids=ENDS)
def test_a_way_to_the_end_is_found(source: str) -> None:
    report = check(source)
    assert report.ends
    assert not report.findings
    assert not report.unseen


REACHED = {
    "d: duration": ("d > 1h", "d < 0s", "d > 1h && d < 1h1s"),
    "d: double": ("d > 0.1 && d < 0.2", "d > 1e16", "d < -1.7e308", "d > 7 && d < 7.25"),
    "d: decimal": ('d > decimal("0.1") && d < decimal("0.105")', "d > 7", 'd > decimal("1e33")'),
    "d: timestamp": ('d > timestamp("2027-01-01T00:00:00Z") && d < timestamp("2027-01-01T00:00:01Z")',),
    "d: int": ("d > 7.5 && d < 8.5", "d >= 9223372036854775807"),
    "d: uint": ("d > 7 && d < 9",),
    "d: bytes": ('d == b"xyz"',),
}


@pytest.mark.parametrize(("given", "guard"), [(d, guard) for d, guards in REACHED.items() for guard in guards])
def test_a_value_is_tried_at_which_a_guard_holds(given: str, guard: str) -> None:
    report = check(GUARDED.format(given=given, guard=guard))
    assert not report.unseen


COMPARED = {
    "d: string": ('d < "A"', 'd > "m" && d < "n"'),
    "d: int, e: int": ("d > e", "d - e == 5"),
    "d: string, e: string": ("d == e", "d != e"),
    "d: { a: int, b: string }": ('d == { "a": 3, "b": "z" }',),
    "d: [int]": ("d == [3, 4]", "3 in d", "d.size() > 1 && d[1] == 9"),
    "d: any": ('string(d) == "x"',),
}


@pytest.mark.parametrize(("given", "guard"), [(d, guard) for d, guards in COMPARED.items() for guard in guards])
def test_what_is_not_tried_is_said(given: str, guard: str) -> None:
    for source in (
        GUARDED.format(given=given, guard=guard),
        SENT.format(given=given, guard=re.sub(r"\b([de])\b", r"p.\1", guard)),
    ):
        report = check(source)
        assert not report.unseen or any("no other value of" in text for text in report.assumed)


def test_a_parameter_with_a_default_is_given_and_left_out() -> None:
    report = check(GUARDED.format(given="d: int = 3", guard="d == 3"))
    assert not report.unseen
    assert not check(GUARDED.format(given="d: int = 3", guard="d > 7")).unseen


def test_the_values_of_config_that_nobody_gave_are_not_said_to_lead_nowhere() -> None:
    for default in ("", " = 1"):
        report = check(f"config limit: int{default}\n" + GUARDED.format(given="", guard="config.limit > 5"))
        assert report.unseen
        assert report.assumed == ("config limit has no other values than tests give it, or its default",)


GUARDED = """workflow w({given}) {{
  initial state one {{ when {guard} -> over; after 1d -> late }}
  final state over {{ return }}
  final state late {{ return }}
}}"""
SENT = """workflow w() {{
  signal put({given})
  initial state one {{ on put as p when {guard} -> over; after 1d -> late }}
  final state over {{ return }}
  final state late {{ return }}
}}"""


@pytest.mark.parametrize("moment", ["9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z"])
def test_beyond_the_last_moment_nothing_is_tried(moment: str) -> None:
    report = check(GUARDED.format(given="d: timestamp", guard=f'd == timestamp("{moment}")'))
    assert not report.unseen


UNKNOWN = {
    "a counter goes far": """workflow w() {
      var i: int = 0
      initial state one { after 1h -> one { i = i + 1 }; when i >= 100 -> over }
      final state over { return }
    }""",
    "a remainder": """workflow w() {
      var i: int = 0
      initial state one { after 1h -> one { i = i + 1 }; when i % 50 == 49 -> over }
      final state over { return }
    }""",
    "the length of a text": """workflow w() {
      signal put(name: string)
      initial state one { on put as p when p.name.size() > 5 -> over; on put -> one }
      final state over { return }
    }""",
    "a list grows": """workflow w() {
      signal put(name: string)
      var all: [string] = []
      initial state one { on put as p { all = all + [p.name] }; when all.size() >= 50 -> over }
      final state over { return }
    }""",
    "a square": """workflow w() {
      signal put(n: int)
      initial state one { on put as p when p.n * p.n == 49 -> over; on put -> one }
      final state over { return }
    }""",
    "two that must both be in a text": """workflow w() {
      signal put(at: string)
      initial state one { on put as p when p.at.contains("@") && p.at.contains(".") -> over; on put -> one }
      final state over { return }
    }""",
    "three that must all be in a list": """workflow w() {
      signal put(all: [string])
      initial state one {
        on put as p when ["x", "y", "z"].all(each, p.all.exists(item, item == each)) -> over
        on put as p when p.all.exists(x, x == "x") && p.all.exists(x, x == "y") && p.all.exists(x, x == "z") -> over
        on put -> one
      }
      final state over { return }
    }""",
    "a list longer than a number": """workflow w(least: int) {
      signal put(all: [string])
      initial state one { on put as p when p.all.size() > least + 4 -> over; on put -> one }
      final state over { return }
    }""",
    "a key in a map": """workflow w() {
      signal put(all: map(string, int))
      initial state one { on put as p when "k" in p.all -> over; on put -> one }
      final state over { return }
    }""",
    "entries of a map": """workflow w() {
      signal put(all: map(string, int))
      initial state one { on put as p when p.all.size() > 3 -> over; on put -> one }
      final state over { return }
    }""",
}


@pytest.mark.parametrize("source", UNKNOWN.values(), ids=UNKNOWN)
def test_where_a_way_may_have_been_missed_nothing_is_claimed(source: str) -> None:
    report = check(source)
    assert report.assumed
    assert not report.findings
    assert report.unseen


def test_what_is_tried_at_a_few_points_is_named() -> None:
    assert "no other value of put.n than those tried leads elsewhere" in check(UNKNOWN["a square"]).assumed


COUNTED = """
workflow w() {
  signal more()
  initial state idle { on more -> go; after 1d -> over }
  state go {
    do { parallel { x { call release(n: 1) } y { call refund(n: 1) } } }
    done -> idle
    on error -> over
  }
  final state over { return }
  property few: always PROPERTY
}
"""


@pytest.mark.parametrize(
    "text", ['calls("release") + calls("refund") <= 5', 'calls("release") * 2 < 6', 'calls("release") < 3']
)
def test_counts_are_followed_as_far_as_properties_tell(text: str) -> None:
    assert ("property", "few") in found(check(COUNTED.replace("PROPERTY", text)))


def test_counts_that_are_only_compared_with_each_other_stay_finite() -> None:
    report = check(COUNTED.replace("PROPERTY", 'calls("release") == calls("refund") || active("go")'))
    assert report.states < 30


def test_what_nobody_reads_of_a_list_tells_nothing_apart() -> None:
    """What the last element holds decides nothing: only whether there is one could make the run fail."""
    report = check("""
workflow w() {
  signal say(n: int, text: "a" | "b" | "c")
  signal stop()
  var all: [{ n: int, text: string }] = [{ "n": 1, "text": "first" }]
  initial state open {
    on say as s { all = all + [{ "n": s.n, "text": s.text }] }
    on stop -> told
    after 1d -> over
  }
  state told { do { call release(n: all[all.size() - 1].n) }; done -> over; on error -> over }
  final state over { return }
}
""")
    assert report.states < 25
    assert not report.findings


CUTS = {
    "lists of more than": """workflow w() {
      signal put(n: int)
      var all: [int] = []
      initial state one { on put as p when all.size() < 6 { all = all + [p.n] }; when all.exists(x, x > 3) -> over }
      final state over { return }
    }""",
    "of values with more than": """workflow w(n: int) {
      signal put(of: "a" | "b" | "c" | "d" | "e" | "f" | "g" | "h" | "i" | "j" | "k" | "l" | "m")
      initial state one { on put as p when p.of == "m" -> over; on put -> one; after 1d -> over }
      final state over { return }
    }""",
    "one field varies at a time": """workflow w() {
      signal put(a: int, b: int, c: int)
      initial state one { on put as p when p.a == 3 && p.b == 4 && p.c == 5 -> over; on put -> one; after 1d -> over }
      final state over { return }
    }""",
    "of 26 beginnings": """workflow w(kind: int) {
      initial state one { when kind in [1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25] -> over; after 1d -> over }
      final state over { return }
    }""",
    "findings of one kind": "workflow w() { signal go(n: int); initial state one { "
    + "; ".join(f"on go as g when g.n == {n} -> dead{n}" for n in range(12))
    + " }; "
    + "; ".join(f"state dead{n} {{}}" for n in range(12))
    + " }",
}


@pytest.mark.parametrize("said", CUTS)
def test_every_bound_that_cut_something_is_said(said: str) -> None:
    report = check(CUTS[said])
    assert any(said in text for text in (*report.bounded, *report.assumed)), (report.bounded, report.assumed)
