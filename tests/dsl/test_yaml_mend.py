"""Sources that are not YAML: all their mistakes are shown at once, each with its remedy, and the fix is right."""

from __future__ import annotations

import pytest
from tenuto_dsl import Diagnostics
from tenuto_dsl.compiler import check_source
from tenuto_dsl.lint.fixes import fix_source
from tenuto_dsl.syntax.yaml.declarations import parse_yaml

FILE = """tenuto: 1
types:
  T: { a: string? }
workflows:
  w:
    vars: { ready: { type: bool, value: false }, who: { type: string, value: ann } }
    states:
      a:
        initial: true
        transitions:
          - when: !ready   # not yet
            to: b
          - { when: !(ready || who == "x"), to: b }
          - when: "bob" != who
            to: b
          - when: !ready && who == "x"
            to: b
          - after: 1s
            actions: [{ log: a: b }, { log: ${who} }]
            to: b
          - done
            to: b
      b:
        do:
          - log: ok: yes
        transitions:
          - done:
            to: c
      c: { final: true }
"""


def said(source: str) -> list[tuple[int, int, str | None, str | None]]:
    sink = Diagnostics()
    parse_yaml(source, "w.yaml", sink)
    return [(i.span.line, i.span.col, i.hint, i.fix.text if i.fix is not None else None) for i in sink.items]


def test_all_mistakes_are_shown_at_once_where_they_stand() -> None:
    negated = "an expression that begins with `!` needs quotes"
    colon = 'a value with ": " in it needs quotes'
    assert said(FILE) == [
        (3, 11, "what ends with `?` needs quotes inside of `{ … }`", '"string?"'),
        (11, 19, negated, '"!ready"'),
        (13, 21, negated, "'!(ready || who == \"x\")'"),
        (14, 19, "an expression that begins with a quote needs quotes around it", "'\"bob\" != who'"),
        (16, 19, negated, "'!ready && who == \"x\"'"),
        (19, 31, colon, None),
        (19, 45, "a value with `${…}` or brackets in it needs quotes inside of `{ … }` and `[ … ]`", '"${who}"'),
        (22, 15, None, ":"),
        (25, 20, colon, None),
    ]


def test_the_fixes_are_right() -> None:
    source = FILE.replace("a: b", "a").replace("ok: yes", "ok")
    fixed = fix_source("w.yaml", source)
    assert fixed.applied == 7
    assert not [item for item in fixed.left if item.code == "TEN120"]
    assert '- when: "!ready"   # not yet\n' in fixed.source


@pytest.mark.parametrize(
    "value", ["!include x.yaml", "!Ref name", "!!str x", "!vault |\n      x", "!!python/object:os.system x", '!x "a"']
)
def test_a_tag_is_a_tag(value: str) -> None:
    sink = Diagnostics()
    parse_yaml(f"tenuto: 1\nconfig:\n  c: {value}\n", "w.yaml", sink)
    [item] = sink.items
    assert item.code == "TEN126"
    assert item.fix is None


def test_a_blank_behind_the_sign_does_not_make_a_guard_its_opposite() -> None:
    """`! ready` is no tag that another reader knows, but a text to YAML: `ready`."""
    fixed = fix_source(
        "w.yaml", REPAIRED.replace("{ on: go, as: g, to: b }", '{ when: ! order.id.startsWith("x"), to: b }')
    )
    assert "{ when: '! order.id.startsWith(\"x\")', to: b }" in fixed.source
    sink = Diagnostics()
    parse_yaml('tenuto: 1\nconfig:\n  c: ! "a text"\n', "w.yaml", sink)
    assert [item.code for item in sink.items] == ["TEN126"]


def test_brackets_over_several_lines() -> None:
    source = "tenuto: 1\nworkflows: { w: {\n  states: { a: { when: 1,\n  b: !f(a, b), c: ${x},\n  d: !y, # why\n"
    assert [(line, text) for line, _, _, text in said(source + "  e: 2 }}}}\n")] == [
        (4, '"!f(a, b)"'), (4, '"${x}"'), (5, '"!y"'),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("tenuto: 1\nconfig\n  a: 1\n", 2),
        ("tenuto: 1\nimports\n# a list\n- a.yaml\n", 2),
        ("workflows:\n  w:\n    do\n      - log: x\n", 3),
        ("workflows:\n  w:\n    vars: {}\n    do\n      - log: x\n", 4),
        ("w\n  do:\n    - log: x\n", 1),
    ],
)
def test_a_key_without_its_colon(source: str, line: int) -> None:
    sink = Diagnostics()
    parse_yaml(source, "w.yaml", sink)
    [first, *_] = [item for item in sink.items if item.code == "TEN120"]
    assert f"in line {line} has no colon" in first.message
    assert first.fix is not None
    fixed = source.split("\n")
    fixed[line - 1] += first.fix.text
    assert first.fix.span.line == line
    assert first.fix.span.col == len(fixed[line - 1])
    sink = Diagnostics()
    parse_yaml("\n".join(fixed), "w.yaml", sink)
    assert not [item for item in sink.items if item.code == "TEN120"]


@pytest.mark.parametrize("text", ["this is\nfine\nconfig: {}\n", "this is\n  fine\n  and: so\n"])
def test_a_text_that_goes_on_is_no_key(text: str) -> None:
    source = "tenuto: 1\ndoc: " + text
    assert fix_source("w.yaml", source).source == source
    assert said(source)


def test_a_bracket_that_is_not_closed_does_not_put_what_follows_in_quotes() -> None:
    for line in ("- { send: gi[ve }", "- { send: give", "- [send: ${give}"):
        source = f"steps:\n  {line}\n  - {{ expect: x == 2 }}\n  - {{ advance: 2m }}\n"
        fixed = fix_source("w.yaml", source).source.split("\n")
        assert fixed[2:] == source.split("\n")[2:]
        assert said(source)


@pytest.mark.parametrize("end", ["", "\n", "\n\n    states:\n      a: {}\n"])
def test_what_was_mended_is_no_key_without_its_colon(end: str) -> None:
    source = "workflows:\n  w:\n  <<:     level: [Level]" + end
    assert fix_source("w.yaml", source).source == source
    sink = Diagnostics()
    parse_yaml(source, "w.yaml", sink)
    assert not [item for item in sink.items if item.fix is not None]


def test_what_was_mended_is_no_key_given_twice() -> None:
    sink = Diagnostics()
    parse_yaml("a: { ${who}, ${you} }\n", "w.yaml", sink)
    assert [item.code for item in sink.items] == ["TEN120", "TEN120"]


def test_a_call_as_in_the_text_form() -> None:
    source = 'tenuto: 1\nworkflows:\n  w:\n    do:\n      - call: refund(id: "x")\n'
    assert said(source) == [(5, 24, 'arguments stand beside it: `call: refund, args: { id: "x" }`', None)]


@pytest.mark.parametrize("source", ["a: " + "'\"" * 200_000, "a: !" + "(" * 400_000, "- b: c: d\n" * 9_000])
def test_a_hostile_source_ends_soon(source: str) -> None:
    assert len(said(source)) <= 21


REPAIRED = """tenuto: 1
activities:
  put: { params: { x: string }, python: "a:b", timeout: 10min, effect: idempotent }
types: { Order: { id: string } }
workflows:
  w:
    input: { order: Order }
    signals: { go: { by: string }, stop: {} }
    states:
      a:
        initial: true
        do:
          - { call: put, args: { x: order.id } }
        transitions:
          - { on: go, as: g, to: b }
          - on: stop
            as: s
            to: b
          - error: null
            to: b
            as: e
      b: { final: true }
"""


def test_what_is_certain_is_repaired_as_in_the_text_form() -> None:
    fixed = fix_source("w.yaml", REPAIRED)
    assert not fixed.refused
    assert fixed.source == (
        REPAIRED.replace("10min", "10m")
        .replace("x: order.id", 'x: "${order.id}"')
        .replace(", as: g", "")
        .replace("            as: s\n", "")
        .replace("            as: e\n", "")
    )


def test_names_of_other_formats_in_expressions() -> None:
    source = REPAIRED.replace("10min", "PT1H30M").replace("order.id }", '"${result}" }')
    sink = Diagnostics()
    check_source("w.yaml", source, sink)
    assert [item.hint for item in sink.items if item.severity == "error"] == ["did you mean 1h30m?", None]
