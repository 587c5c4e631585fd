"""Mistakes in the YAML form: one diagnostic each, and nothing passes that the text form has no words for."""

from __future__ import annotations

import pytest
from tenuto_dsl import Diagnostics
from tenuto_dsl.compiler import check_source
from tenuto_dsl.lint.fixes import apply_fixes

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
        ("{ cancel: b, to: b }", "TEN124 nothing is expected after `cancel`"),
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
    assert (item.code, item.hint) == ("TEN122", "it stands in `outcomes`: `outcomes: [{ returns: … }]`")


HABITS = """tenuto: 1
errors: { Gone: { why: string } }
config: { patience: { type: duration, default: 1h } }
activities:
  put: { params: { x: "int?" }, returns: int, python: "a:b", timeout: 1s, retry: { times: 1 }, raises: [Gone] }
workflows:
  w:
    signals: { go: { by: string } }
    updates: { u: { params: { text: string } } }
    vars: { v: { type: int, value: 0 } }
    states:
      a:
        initial: true
        do: [{ call: put, args: { x: 1 }, into: v }, { if: v == 0, then: [{ log: none }] }]
        transitions:
          - { on: go, as: g, when: v == 0, to: b }
          - { update: u, to: b, actions: [{ reply: null }] }
          - { after: config.patience, to: c }
          - { error: Gone, to: c }
          - { done: null, to: b }
      b: { final: true }
      c: { final: true, fail: { fail: Gone, args: { why: late } } }
tests:
  t:
    - given: {}
    - { mock: put, outcomes: [{ returns: 1 }] }
    - { send: go, args: { by: ann } }
    - expect: workflow.id == "x"
"""


@pytest.mark.parametrize(
    ("written", "instead", "code", "hint"),
    [
        ("b: { final: true }", "b: { end: true }", "TEN122", "write `final`"),
        ("b: { final: true }", 'b: { final: "true" }', "TEN124", "without quotes, in small letters"),
        ("b: { final: true }", "b: { final: yes }", "TEN124", "`yes` is a text in YAML 1.2"),
        ("{ update: u,", "{ on update: u, when: v == 0,", "TEN122", "write `update`"),
        ("{ error: Gone,", "{ on: error,", "TEN124", None),
        ("{ done: null,", "{ on: done,", "TEN124", None),
        ("{ error: Gone,", "{ catch: Gone,", "TEN122", "write `error`"),
        ("{ error: Gone,", '{ error: "*",', "TEN124", "all errors are `error: null`"),
        ("{ error: Gone,", "{ error: States.ALL,", "TEN124", "all errors are `error: null`"),
        ("{ after: config.patience,", "{ timeout: config.patience,", "TEN122", "write `after`"),
        ("{ after: config.patience,", "{ after: '${config.patience}',", "TEN124",
         "write it without `${}`: config.patience"),
        ("{ after: config.patience,", '{ every: "0 9 * * *",', "TEN124", None),
        ("{ done: null,", "{ done: v == 0,", "TEN124",
         "a condition stands in `when`: `{ done: null, when: …, to: … }`"),
        ("{ fail: Gone, args: { why: late } }", "Gone, args: { why: late }", "TEN122",
         "it stands inside of `fail`: `fail: { fail: Name, args: { … } }`"),
        ("{ fail: Gone,", "{ error: Gone,", "TEN122", "write `fail`"),
        ("states:", "initial: a\n    states:", "TEN122",
         "each state says it for itself: `states: { name: { initial: true, … } }`"),
        ("value: 0", "default: 0", "TEN122", "write `value`"),
        ("{ type: int, value: 0 }", "0", "TEN124", "`value` holds it"),
        ("{ type: duration, default: 1h }", "1h", "TEN124", "`default` holds it"),
        ("{ params: { text: string } }", "{ text: string, why: string }", "TEN122",
         "its parameters stand in `params`: `u: { params: { … } }`"),
        ("{ times: 1 }", "{ max_attempts: 1 }", "TEN122", "write `times`"),
        ('python: "a:b"', "http: { post: https://example.org/ }", "TEN122",
         "the method is a value: `{ method: POST, url: … }`"),
        ("then: [", "do: [", "TEN122", "write `then`"),
        ("{ if: v == 0, then: [{ log: none }] }", "{ for: 'x in [1]', do: [{ log: none }] }", "TEN124",
         "write `for: x` and `in: [1]`, one beside the other"),
        ("{ log: none }", "{ set: v = 1 }", "TEN124", "write `set: { variable: … }`"),
        ("{ log: none }", "{ let: x = 1 }", "TEN124", "write `let: { name: … }`"),
        ("{ log: none }", "{ switch: v }", "TEN122",
         "a choice is `{ if: …, then: [ … ], else: [ … ] }`, with a further `if` in `else`"),
        ("into: v", "undo: put", "TEN124", "one call, without a dash: `undo: { call: refund, args: { … } }`"),
        ("call: put, args: { x: 1 }", "call: 'put(x: 1)'", "TEN124",
         "arguments stand beside it: `put`, and `args: { … }`"),
        ("args: { x: 1 }, into", "with: { x: 1 }, into", "TEN122",
         "arguments stand in `args`; `with` holds timeout, retry, queue, priority"),
        ("why: string", '"why?": string', "TEN124", 'the type says that it may be null: `why: "T?"`'),
        ("why: late", "why: late, too late", "TEN124", "a comma in braces ends a value: put the whole value in quotes"),
        ("mock: put, outcomes: [{ returns: 1 }]", "mock: { put: 1 }", "TEN124",
         "what belongs to it stands beside it: `{ mock: put, outcomes: [{ returns: … }] }`"),
        ("mock: put, outcomes: [{ returns: 1 }]", "mock: put, outcomes: { returns: 1 }", "TEN124",
         "begin each item with a dash"),
        ("{ returns: 1 }", "{ fails: { error: Gone } }", "TEN124",
         "what belongs to it stands beside it: `{ fails: Name, args: { … } }`"),
        ("send: go, args: { by: ann }", "send: { go: { by: ann } }", "TEN124",
         "what belongs to it stands beside it: `{ send: go, args: { … } }`"),
        ("send: go", "signal: go", "TEN122", "write `send`"),
        ('expect: workflow.id == "x"', "expect: { workflow.id: x }", "TEN124",
         "it is one text, such as `count > 0 && order.id != null`"),
    ],
)  # fmt: skip
def test_a_habit_of_another_format_is_one_mistake(written: str, instead: str, code: str, hint: str | None) -> None:
    """With the remedy in this form; and where that is certain, the fix makes the file sound."""
    assert not mistakes(HABITS)
    assert written in HABITS
    source = HABITS.replace(written, instead, 1)
    sink = Diagnostics()
    check_source("w.yaml", source, sink)
    errors = [item for item in sink.items if item.severity == "error"]
    assert [(item.code, item.hint) for item in errors] == [(code, hint)]
    if errors[0].fix is not None:
        assert not mistakes(apply_fixes(source, [errors[0].fix])[0])


def test_a_signal_may_be_called_like_a_trigger() -> None:
    source = STATES.replace("{ go: {} }", "{ go: {}, done: {} }")
    assert mistakes(source % "{ on: done, to: b }") == []


def mistakes(source: str) -> list[str]:
    sink = Diagnostics()
    check_source("w.yaml", source, sink)
    return [f"{item.code} {item.message}" for item in sink.items if item.severity == "error"]
