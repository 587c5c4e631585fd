"""Runs that are migrated while a state of theirs is done: what nobody took in the old version, the new one may take."""

from __future__ import annotations

import pytest

from .test_migration import run, to
from .written import status

OLD = """workflow w() {{ version 1; signal go(); var n: int = 0
  initial state s {{ {} }}
  state t {{}} }}"""
NEW = """workflow w() {{ version 2; signal go(); var n: int = 0
  migrate from 1 {{ {} }}
  initial state s {{ {} }}
  state t {{}} }}"""


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("do {}; done when n == 1 -> t", "do {}; done -> t"),
        ("do { log n }; on go -> t", "do { log n }; on go -> t; done -> t"),
        ("region a { do {} }; region b { do {} }; on go -> t",
         "region a { do {} }; region b { do {} }; on go -> t; done -> t"),
        ("initial state x { on go -> y }; final state y {}; on go -> t",
         "initial state x { on go -> y }; final state y {}; on go -> t; done -> t"),
    ],
)  # fmt: skip
def test_a_state_that_was_done_in_vain_is_done_in_the_new_version(old: str, new: str) -> None:
    made = run(OLD.format(old))
    if "x" in old:
        made.signal("go")
    to(made, NEW.format("", new))
    assert made.states() == ["t"]


def test_what_was_done_about_it_is_not_done_twice() -> None:
    made = run(OLD.format("do {}; done { n = n + 1 }"))
    to(made, NEW.format("", "do {}; done { n = n + 10 }"))
    assert (made.states(), made.snapshot.vars) == (["s"], [1])


def test_a_state_that_is_still_at_work_or_has_failed_is_not_done() -> None:
    made = run(OLD.format("do { wait 1m }"))
    to(made, NEW.format("", "do { wait 1m }; done -> t"))
    assert made.states() == ["s"]
    made.advance(60)
    assert made.states() == ["t"]
    made = run(OLD.format("do { fail Worse }; on error {}"))
    to(made, NEW.format("", "do { fail Worse }; on error {}; done -> t"))
    assert (made.states(), status(made)) == (["s"], "open")
