"""Mistakes in the YAML form: one diagnostic each, and nothing passes that the text form has no words for."""

from __future__ import annotations

import pytest
from tenuto_dsl import Diagnostics
from tenuto_dsl.compiler import check_source

FILE = """tenuto: 1
activities: {{ put: {{ params: {{ x: int? }}, python: "a:b", timeout: 1s }} }}
workflows:
  w:
    vars: {{ v: {{ type: any, value: null }} }}
    do:
      - {}
"""


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ("try: [{ log: 1 }]", "TEN127 `catch` or `finally` is missing"),
        ("{ try: [], catch: [] }", "TEN127 `catch` or `finally` is missing"),
        ("parallel: {}", "TEN127 a branch is missing"),
        ("{ call: put, undo: put }", "TEN124 an undo is expected here, found a scalar"),
        ("{ call: put, type: int, into: v }", "TEN122 `type` is the type of what `as` names"),
        ("{ fail: { fail: Timeout }, args: { message: x } }", "TEN122 `args` stands inside of `fail` here"),
        ("{ call: put, with: {} }", "TEN127 an option is missing"),
        ("{ call: put, with: { timeout: {} } }", "TEN127 a limit is missing"),
        ("{ try: [commit], catch: [{ error: [], do: [] }] }", "TEN127 a name is missing"),
        ("commit: 3", "TEN124 nothing is expected here: the key says it all"),
        ("let: {}", "TEN127 a name is missing"),
        ("set:", "TEN127 a variable is missing"),
        ("{ wait_for: v != null, within: }", "TEN124 nothing stands after `within`"),
        ("call: [put]", "TEN124 a name is expected here, found a list"),
        (r'set: { v: "\ud800" }', "TEN105 an escape that stands for half of a character"),
        (r'log: { "\udfff": 1 }', "TEN105 an escape that stands for half of a character"),
    ],
)
def test_a_mistake_in_a_step(step: str, said: str) -> None:
    assert mistakes(FILE.format(step).replace("int?", '"int?"')) == [said]


STATES = """tenuto: 1
workflows:
  w:
    signals: { go: {} }
    states:
      a: { initial: true, transitions: [%s] }
      b: { transitions: [{ on: go, to: a }] }
"""


@pytest.mark.parametrize(
    ("transition", "said"),
    [
        ("{ on: go, to: history() }", "TEN124 a state's name is expected here, found nothing"),
        ("{ on: go, to: }", "TEN124 nothing stands after `to`"),
        ("{ done: b }", "TEN124 nothing is expected after `done`"),
        ("{ cancel: b, to: b }", "TEN124 nothing is expected here: the key says it all"),
        ("{ on: go, when: , to: b }", "TEN124 nothing stands after `when`"),
        ("{ on: go, do: [], actions: [] }", "TEN122 a transition has `do` or `actions`, not both"),
    ],
)
def test_a_mistake_in_a_transition(transition: str, said: str) -> None:
    assert mistakes(STATES % transition) == [said]


def test_a_key_that_stands_for_a_missing_one_is_told_once() -> None:
    """With the remedy for what is missing: the key may be what was meant."""
    sink = Diagnostics()
    test = "tests: { t: { workflow: w, steps: [{ given: {} }, { mock: put, returns: 710 }] } }\n"
    check_source("w.yaml", FILE.format("{ call: put }").replace("int?", '"int?"') + test, sink)
    [item] = [item for item in sink.items if item.severity == "error"]
    assert (item.code, item.hint) == ("TEN122", "`outcomes: [{ returns: … }]`")


def mistakes(source: str) -> list[str]:
    sink = Diagnostics()
    check_source("w.yaml", source, sink)
    return [f"{item.code} {item.message}" for item in sink.items if item.severity == "error"]
