"""What is offered where a value of a known type comes: choices, keys of records, and all of it in tests."""

from __future__ import annotations

import pytest
from tenuto_dsl.editor.completion import complete

from tests.dsl.editor.files import CURSOR, marked, offered

FILE = """\
type Level = "low" | "high"
type Item = { sku: string, level: Level }
error Sold { sku: string }
config floor: Level = "low"
activity reserve(items: [Item], level: Level) -> Item { python "shop:reserve"; timeout 30s; effect idempotent }
activity ask(id: string) -> { level: Level } {
  http POST "https://example.org"; header "Authorization" = "Bearer <header>"; result <result>
  timeout 30s; effect idempotent
}
workflow order(level: Level, items: [Item]) -> { first: Item } {
  signal approve(by: string, level: Level)
  update change(level: Level) -> Level
  query progress -> Level = level
  var known: map(string, Item) = {}
  var at: Level = <var>
  initial state working {
    do { <step> }
    on update change as c { reply <reply> }
    on approve as a -> <target>
  }
  state both {
    region left { initial state one { <nested> } final state two {} }
    region right { do { wait 1s } }
    done -> over
  }
  final state over { <final> }
  migrate from 1 { <migrate> }
}
workflow other(id: string) { do { wait 1s } }
test "it works" <for> { <test> }
"""
SOUND = {
    "header": "x", "result": '{ "level": response.body.level }', "var": '"low"', "step": "wait 1s", "reply": "c.level",
    "target": "over", "nested": "done -> two", "final": 'return { "first": items[0] }', "migrate": 'set at = "low"',
    "for": "", "test": "advance 1s",
}  # fmt: skip


def written(place: str, text: str) -> str:
    source = FILE
    for name, sound in SOUND.items():
        source = source.replace(f"<{name}>", text if name == place else sound)
    return source


@pytest.mark.parametrize(
    ("place", "text", "first"),
    [
        ("step", 'call reserve(level: "‸"', ["high", "low"]),
        ("step", 'call reserve(items: items, level: "‸', ["high", "low"]),
        ("step", 'if level == "‸', ["high", "low"]),
        ("step", "if level in [‸", ['"high"', '"low"']),
        ("step", "at = ‸", ['"high"', '"low"']),
        ("step", 'known["a"].level = "‸', ["high", "low"]),
        ("step", "let l: Level = ‸", ['"high"', '"low"']),
        ("step", "at = level == floor ? ‸", ['"high"', '"low"']),
        ("step", 'at = level == floor ? "low" : "‸', ["high", "low"]),
        ("step", "let i: Item = { ‸", ['"level"', '"sku"']),
        ("step", 'let i: Item = { "‸', ["level", "sku"]),
        ("step", 'let i: Item = { "sku": "a", ‸', ['"level"']),
        ("step", 'let i: [Item] = [{ "sku": "a", "level": "‸', ["high", "low"]),
        ("step", 'let i: map(string, Item) = { "any": { "‸', ["level", "sku"]),
        ("step", 'call reserve(items: [{ "‸', ["level", "sku"]),
        ("step", 'known["a"].‸', ["level", "sku"]),
        ("step", "wait for ‸", ["at", "config", "items"]),
        ("step", "for i in ‸", ["at", "config", "items"]),
        ("final", "return { ‸", ['"first"']),
        ("final", 'return { "first": { "level": "‸', ["high", "low"]),
        ("result", "{ ‸", ['"level"']),
        ("result", '{ "level": "‸', ["high", "low"]),
        ("var", "‸", ['"high"', '"low"']),
        ("reply", "‸", ['"high"', '"low"']),
        ("target", "both.left.‸", ["one", "two"]),
        ("migrate", "set ‸", ["at", "known"]),
        ("test", "given (‸", ["items", "level"]),
        ("test", 'given (level: "‸")', ["high", "low"]),
        ("test", 'given (items: [{ "‸', ["level", "sku"]),
        ("test", "mock ‸", ["ask", "reserve"]),
        ("test", 'mock reserve returns { "‸', ["level", "sku"]),
        ("test", 'mock reserve returns { "sku": "a", "level": ‸', ['"high"', '"low"', "items", "level"]),
        ("test", "mock reserve fails ‸", ["Sold"]),
        ("test", "send ‸", ["approve"]),
        ("test", "send approve(‸", ["by", "level"]),
        ("test", "update ‸", ["change"]),
        ("test", 'update change(level: "‸', ["high", "low"]),
        ("test", 'expect workflow.status == "‸', ["cancelled", "completed"]),
        ("test", "expect query.‸", ["progress"]),
        ("test", "expect called.reserve[0].‸", ["items", "level"]),
        ("test", 'expect active("both.‸', []),
        ("test", 'expect active("‸")', ["both", "both.left"]),
        ("test", "expect workflow.result.first.‸", ["level", "sku"]),
        ("for", "for ‸", ["order", "other"]),
    ],
)
def test_what_comes_first(place: str, text: str, first: list[str]) -> None:
    assert CURSOR in text
    assert offered(written(place, text))[: len(first)] == first


def test_in_a_string_a_binding_sees_what_it_sees_outside() -> None:
    assert {"id", "secret", "activity"} <= set(offered(written("header", "${‸}")))


def test_in_a_state_no_members_of_workflows_are_offered_and_ends_only_in_final_ones() -> None:
    nested, final = offered(written("nested", "‸")), offered(written("final", "‸"))
    assert not {"signal", "update", "query", "var", "property", "migrate"} & {*nested, *final}
    assert not {"return", "fail", "continue"} & set(nested)
    assert {"return", "fail", "continue"} <= set(final)
    assert "signal" in offered("workflow w() { ‸ }")


def test_a_list_has_the_methods_of_lists() -> None:
    made, analysis, place = marked(written("step", "let n = items.‸"))
    details = {item.label: item.detail for item in complete(made, analysis.name, place).items}
    assert details["reverse"] == "[T].reverse() -> [T]"
    assert details["size"] == "[T].size() -> int"


YAML = """\
tenuto: 1
types:
  Level: '"low" | "high"'
  Item: { sku: string, level: Level }
activities:
  reserve:
    params: { items: "[Item]", level: Level }
    returns: Item
    python: shop:reserve
    timeout: 30s
    effect: idempotent
workflows:
  order:
    input: { level: Level, items: "[Item]" }
    output: Item
    signals: { approve: { by: string, level: Level } }
    states:
      both:
        initial: true
        do:
          - <step>
        regions:
          left: { states: { x1: { initial: true, transitions: [ { after: 1h, to: x2 } ] }, x2: { final: true } } }
        transitions:
          - { done: null, to: over }
          - <transition>
      over: { final: true, return: <final> }
tests:
  it works:
    - <test>
"""
SOUND_YAML = {"step": "{ wait: 1h }", "transition": "{ after: 1h, to: over }", "final": '"${items[0]}"',
              "test": "{ advance: 1h }"}  # fmt: skip


@pytest.mark.parametrize(
    ("place", "text", "first"),
    [
        ("step", "{ call: reserve, args: { level: ‸ } }", ["high", "low"]),
        ("step", "{ call: reserve, args: { items: [ { ‸ } ] } }", ["level", "sku"]),
        ("step", "{ call: reserve, args: { items: [ { level: ‸ } ] } }", ["high", "low"]),
        ("step", 'if: level == "‸', ["high", "low"]),
        ("transition", "{ on: approve, to: both.left.‸ }", ["x1", "x2"]),
        ("transition", "{ on: approve, to: bo‸ }", ["both", "over"]),
        ("final", "{ ‸ }", ["level", "sku"]),
        ("final", '{ sku: "x", level: ‸ }', ["high", "low"]),
        ("test", "{ given: { ‸ } }", ["items", "level"]),
        ("test", "{ given: { level: ‸ } }", ["high", "low"]),
        ("test", "{ mock: reserve, returns: { ‸ } }", ["level", "sku"]),
        ("test", "{ mock: reserve, returns: { level: ‸ } }", ["high", "low"]),
        ("test", "{ send: ‸ }", ["approve"]),
        ("test", "{ send: approve, args: { ‸ } }", ["by", "level"]),
        ("test", 'expect: workflow.status == "‸', ["cancelled", "completed"]),
    ],
)
def test_what_comes_first_in_yaml(place: str, text: str, first: list[str]) -> None:
    source = YAML
    for name, sound in SOUND_YAML.items():
        source = source.replace(f"<{name}>", text if name == place else sound)
    assert offered(source, "a.yaml")[: len(first)] == first
