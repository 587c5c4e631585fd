"""Habits of other languages: one diagnostic, with a hint that says how it is written here; some can be fixed."""

from __future__ import annotations

import pytest
from tenuto_dsl import Diagnostics
from tenuto_dsl.compiler import check_source
from tenuto_dsl.lint.fixes import fix_source

STEPS = """error Bad
activity f(x: int) -> int {{ python "a:b"; timeout 1s; effect pure }}
workflow w(a: int, b: bool) {{
  var n: int = 0
  query count -> int = n
  do {{
    if b {{ n = a }}
    {step}
  }}
}}
"""


def said(name: str, source: str) -> list[tuple[str, str | None]]:
    sink = Diagnostics()
    check_source(name, source, sink)
    return [(item.code, item.hint) for item in sink.items if item.severity == "error"]


@pytest.mark.parametrize(
    ("step", "hint", "fixed"),
    [
        ("n = 1 // one", "a comment begins with `#`", None),
        ("/* one */", "a comment begins with `#`, on each of its lines", None),
        ("if b and a == 1 { n = 1 }", "write `&&`", "if b && a == 1 { n = 1 }"),
        ("if b or a == 1 { n = 1 }", "write `||`", "if b || a == 1 { n = 1 }"),
        ("if not b { n = 1 }", "write `!`", "if !b { n = 1 }"),
        ("if a is 1 { n = 1 }", "write `==`", "if a == 1 { n = 1 }"),
        ("if a === 1 { n = 1 }", "write `==`", "if a == 1 { n = 1 }"),
        ("if a == 1 { n = 1 } elif b { n = 2 }", "write `else if`", "if a == 1 { n = 1 } else if b { n = 2 }"),
        (
            "while n < 3 { n = n + 1 }",
            "a loop is `repeat { … } until condition`; to wait for a condition, `wait for condition`",
            None,
        ),
        (
            "switch a { case 1: n = 1 }",
            "a choice is `if … { … } else if … { … }`, or a transition with a guard for each case",
            None,
        ),
        ("f(x: 1)", "work is called with `call f(…)`", "call f(x: 1)"),
        ("n = f(1)", "it is called in a step of its own: `let x = call f(…)`", None),
        ("n = await f(1)", "write `call`", "n = call f(1)"),
        ("return call f(1)", "it stands in a step of its own: `let x = call f(…)`", None),
        ("if call f(1) > 2 { n = 1 }", "it stands in a step of its own: `let x = call f(…)`", None),
        ("call f(call f(1))", "it stands in a step of its own: `let x = call f(…)`", None),
        ('log "x ${call f(1)}"', "it stands in a step of its own: `let x = call f(…)`", None),
        ("n += 1", "write `n = n + …`", None),
        ("n++", "write `n = n + …`", None),
        ("const y = 1; log y", "write `let`", "let y = 1; log y"),
        ("int y = 1", "a local is declared by `let y = …`", None),
        ("for (x of [1]) { n = x }", "write `for item in list { … }`, without parentheses", None),
        ("foreach x in [1] { n = x }", "write `for`", "for x in [1] { n = x }"),
        ("throw Bad", "write `fail`", "fail Bad"),
        ("sleep 5s", "write `wait`", "wait 5s"),
        ("wait 5 seconds", "write `5s`", "wait 5s"),
        ('print("x")', "write `log`", 'log("x")'),
        ('log f"x {a}"', "strings interpolate `${…}` as they are: leave `f` out", None),
        ("log `x`", 'strings stand in `"…"`', None),
        ("if (a = 1) { n = 1 }", "write `==`", "if (a == 1) { n = 1 }"),
        ("try { n = 1 } catch (e) { n = 2 }", "errors are named without parentheses: `catch A | B as e { … }`", None),
        ('fail "no luck"', 'errors are declared: `error Failed`, then `fail Failed(message: "no luck")`', None),
        ("return f(x: a)", "work is called in a step of its own: `let x = call f(…)`", None),
        (
            "call f(1) retry 3 times",
            "write `with` before the limits of one call",
            "call f(1) with retry 3 times",
        ),
        ("n = 1 if b else 2", "a choice between two values is `condition ? a : b`", None),
    ],
)
def test_a_habit_in_a_step(step: str, hint: str, fixed: str | None) -> None:
    source = STEPS.format(step=step)
    [(_, found), *more] = said("w.tenuto", source)
    assert (found, more) == (hint, [])
    repaired = fix_source("w.tenuto", source)
    if fixed is not None:
        assert repaired.source == STEPS.format(step=fixed)
        assert [item for item in repaired.left if item.severity == "error"] == []


@pytest.mark.parametrize(
    ("source", "hint"),
    [
        ("// a comment\n", "a comment begins with `#`"),
        ("def f(x: int) { timeout 1s }\n", "here it is `activity name(x: T) -> T { … }`"),
        ("struct T { a: string }\n", "here it is `type Name = { field: T }`"),
        ("enum T { A, B }\n", 'here it is `type Name = "a" | "b"`'),
        ("type T = { a?: string }\n", "what may be null is `a: T?`"),
        ("type T = string[]\n", "a list of string is `[string]`"),
        ("type T = List<string>\n", "a list of T is `[T]`"),
        ('activity f(x: int): string { timeout 1s; python "a:b" }\n', "a result is declared by `-> T`"),
    ],
)
def test_a_habit_in_a_declaration(source: str, hint: str) -> None:
    assert said("w.tenuto", source) == [("TEN101", hint)]


MEMBERS = """workflow w() {{
  signal stop()
  {member}
  final state b {{}}
}}
"""


@pytest.mark.parametrize(
    ("member", "hint", "fixed"),
    [
        ("signal go", "write `signal go()`, with parentheses", "signal go()"),
        (
            "on error(Timeout) -> b",
            "errors are named without parentheses: `on error A | B as e -> …`",
            None,
        ),
        ("on stop(x) -> b", "what came with it is named by `as`: `on stop as m`, then `m.field`", None),
        ("timeout 10s -> b", "write `after` for a deadline", "after 10s -> b"),
        ("on_error -> b", "write `on error`", "on error -> b"),
        ("initial a { after 1s -> b }", "write `initial state a`", "initial state a { after 1s -> b }"),
        (
            "initial state a { do { wait 1s } -> b }",
            "write `done -> …`: where it leads when the work has ended",
            "done -> b }",
        ),
        (
            "var n: int = 0; on stop { n = 1 } -> b",
            "the target stands before the actions: `-> target { … }`",
            None,
        ),
    ],
)
def test_a_member_that_is_nearly_ours(member: str, hint: str, fixed: str | None) -> None:
    source = MEMBERS.format(member=member)
    assert said("w.tenuto", source)[0] == ("TEN101", hint)
    if fixed is not None:
        assert fixed in fix_source("w.tenuto", source).source


@pytest.mark.parametrize(
    ("options", "hint"),
    [
        ("python a.b; timeout 1s", 'the function is named by a string: `python "module:function"`'),
        ('python "a:b", timeout 1s', "separate options by `;` or by a new line"),
        ('python "a:b"; retry 3; timeout 1s', "write `retry 3 times`"),
    ],
)
def test_an_option_that_is_nearly_ours(options: str, hint: str) -> None:
    assert said("w.tenuto", f"activity f() {{ {options} }}\n") == [("TEN101", hint)]


def test_keys_of_records_are_strings() -> None:
    source = STEPS.format(step='log { "n": 1, who: "x", size: 3 }')
    assert said("w.tenuto", source) == [("TEN240", None), ("TEN240", None)]
    assert '{ "n": 1, "who": "x", "size": 3 }' in fix_source("w.tenuto", source).source


@pytest.mark.parametrize(
    ("source", "hint"),
    [
        (
            "tenuto: 1\ntypes: { T: { a: string? } }\n",
            "what ends with `?` needs quotes inside of `{ … }`",
        ),
        ("tenuto: 1\nworkflows:\n\tw:\n\t\tdo: []\n", "indent with spaces: YAML takes no tabs"),
        (
            "tenuto: 1\nworkflows: { w: { do: [{ log: ${n} }] } }\n",
            "a value with `${…}` or brackets in it needs quotes inside of `{ … }` and `[ … ]`",
        ),
        ("tenuto: 1\nworkflows: { w: { do: [{ log: a: b }] } }\n", 'a value with ": " in it needs quotes'),
    ],
)
def test_a_habit_in_yaml(source: str, hint: str) -> None:
    assert said("w.yaml", source) == [("TEN120", hint)]


YAML_MEMBERS = "tenuto: 1\nworkflows: {{ w: {{ {member} }} }}\n"


@pytest.mark.parametrize(
    ("member", "code", "hint"),
    [
        ("do: [wait 10s]", "TEN124", "write `wait: …`"),
        ("do: [{ sleep: 10s }]", "TEN122", "write `wait`"),
        ("signals: [go], do: []", "TEN124", "write each under its name, without a dash: `name: …`"),
        ("states: { a: { final: yes } }", "TEN124", "`yes` is a text in YAML 1.2"),
        ("states: { a: { done: b } }", "TEN122", "it stands in the list `transitions`: `- { done: …, to: … }`"),
        ("states: { a: { on_error: b } }", "TEN122", "it stands in the list `transitions`: `- { error: …, to: … }`"),
        (
            "vars: { x: int = 1 }, do: []",
            "TEN124",
            "a value stands beside it: `{ type: …, value: … }`; a default, `{ type: …, default: … }`",
        ),
    ],
)
def test_a_habit_in_keys_and_values(member: str, code: str, hint: str) -> None:
    assert said("w.yaml", YAML_MEMBERS.format(member=member))[0] == (code, hint)


def test_the_braces_of_other_tools_around_an_expression() -> None:
    hint = "an interpolation has single braces: `${x}`"
    for step in ('log "a ${{ a }}"', 'log "a ${{ a + 1 }}!"'):
        assert ("TEN101", hint) in said("w.tenuto", STEPS.format(step=step))
    assert said("w.yaml", YAML_MEMBERS.format(member="input: { a: int }, do: [{ log: '${{ a }}' }]")) == [
        ("TEN101", hint)
    ]


def test_a_time_without_a_function() -> None:
    hint = 'a time is written `timestamp("2026-01-31T09:00:00Z")`'
    assert said("w.tenuto", STEPS.format(step="wait until 2026-01-31T00:00:00Z"))[0] == ("TEN102", hint)
    assert said("w.yaml", YAML_MEMBERS.format(member="do: [{ wait_until: 2026-01-31T00:00:00Z }]"))[0] == (
        "TEN102", hint,
    )  # fmt: skip


def test_a_line_that_is_indented_otherwise() -> None:
    source = "tenuto: 1\nworkflows:\n  w:\n    do:\n      - wait: 1s\n     - log: a\n"
    assert said("w.yaml", source) == [("TEN120", "this line is not indented as the ones before it that it belongs to")]


def test_short_words_are_not_near_to_others() -> None:
    [(_, hint), *_] = said("ci.yaml", "on: push\ntenuto: 1\n")
    assert hint is not None
    assert hint.startswith("known are tenuto")
