"""What is offered where, in lines as unfinished as lines are."""

from __future__ import annotations

import pytest
from tenuto_dsl.editor.completion import complete

from tests.dsl.editor.files import CURSOR, marked, offered

HEAD = """\
type Item = { sku: string, quantity: int }
type Kind = "low" | "high"
error Declined
error OutOfStock { sku: string }
config limit: decimal = decimal("1000")
activity reserve(order_id: string, items: [Item], kind: Kind = "low") -> { reservation: string } { timeout 1s }
activity release(reservation: string) { timeout 1s }
"""
TEXT = (
    HEAD
    + """\
workflow other(id: string) { do { wait 1s } }
workflow order(id: string, items: [Item], by_sku: map(string, Item)) -> string {
  signal approve(by: string)
  update change(email: string) -> bool
  var note: string?
  var total: int = 0
  initial state reserving {
    do {
      let stock = call reserve(order_id: id, items: items)
      STEP
      note = "x"
    }
    TRANSITION
    done -> waiting
  }
  state waiting {
    initial state inner { after 1h -> waiting }
    final state over {}
    done -> over_
  }
  final state over_ { return id }
}
"""
)
CALLS = ["release", "reserve", "order", "other"]


def in_step(line: str) -> list[str]:
    return offered(TEXT.replace("STEP", line).replace("TRANSITION", ""))


def in_transition(line: str) -> list[str]:
    return offered(TEXT.replace("STEP", "").replace("TRANSITION", line))


@pytest.mark.parametrize(
    ("line", "first"),
    [
        ("call ‸", CALLS),
        ("call res‸", CALLS),
        ("let x = call ‸", CALLS),
        ("start ‸", ["order", "other"]),
        ("call release(reservation: stock.reservation) undo ‸", ["release", "reserve"]),
        ("call reserve(‸", ["items", "order_id"]),
        ("call reserve(items: items, ‸)", ["order_id"]),
        ("call reserve(order_id: id, items: items, kind: ‸", ['"high"', '"low"']),
        ("call release(reservation: stock.‸)", ["reservation"]),
        ("total = config.‸", ["limit"]),
        ("if ‸ {", ["by_sku", "config", "id", "items", "note", "stock", "total", "workflow"]),
        ("for item in items { log item.‸ }", ["quantity", "sku"]),
        ("for item in items {\n log item.‸\n", ["quantity", "sku"]),
        ("total = items.filter(i, i.‸", ["quantity", "sku"]),
        ("total = by_sku.all(k, v, v.‸", ["quantity", "sku"]),
        ('log "it is ${stock.‸}"', ["reservation"]),
        ('log "it is ${stock.‸', ["reservation"]),
        ("try { wait 1s } catch ‸", ["Declined", "OutOfStock"]),
        ("try { wait 1s } catch OutOfStock as e { log e.‸ }", ["code", "message", "sku"]),
        ("fail ‸", ["Declined", "OutOfStock"]),
        ("fail OutOfStock(‸", ["sku"]),
        ("wait ‸", ["by_sku", "config"]),
        ("receive ‸", ["approve"]),
        ("log math.‸", ["abs", "bitAnd"]),
        ('log active("‸")', ["over_", "reserving", "waiting", "waiting.inner", "waiting.over"]),
    ],
)
def test_in_steps(line: str, first: list[str]) -> None:
    found = in_step(line)
    assert found[: len(first)] == first


@pytest.mark.parametrize(
    ("line", "first"),
    [
        ("after 1h -> ‸", ["over_", "reserving", "waiting", "waiting.inner", "waiting.over"]),
        ("after 1h -> waiting.‸", ["inner", "over"]),
        ("on ‸", ["approve", "cancel", "error", "update"]),
        ("on update ‸", ["change"]),
        ("on error ‸", ["Declined", "OutOfStock", "Cancelled"]),
        ("on error Declined | ‸", ["Declined", "OutOfStock"]),
        ("on approve as a when a.‸", ["by"]),
        ("on approve as a when a.by == ‸", ["a"]),
        ("on error OutOfStock as e -> waiting { note = e.‸ }", ["code", "message", "sku"]),
        ("defer ‸", ["approve", "change", "cancel"]),
        ("after config.‸", ["limit"]),
    ],
)
def test_in_transitions(line: str, first: list[str]) -> None:
    assert in_transition(line)[: len(first)] == first


@pytest.mark.parametrize(
    ("text", "some"),
    [
        ("‸", ["activity", "config", "error", "import", "test", "type", "workflow"]),
        ("workflow w(a: ‸", ["any", "string", "map", "sensitive"]),
        ("type T = { a: int }\ntype U = { a: [‸", ["T", "string"]),
        ("activity f() {\n  ‸\n}", ["effect", "http", "python", "retry", "timeout"]),
        ("activity f() { effect ‸ }", ["idempotent", "keyed", "once", "pure", "transactional"]),
        ("activity f() {\n  http POST ‸\n}", ["activity", "secret", "config"]),
        ("activity f() {\n  http ‸\n}", ["GET", "POST"]),
        ("workflow w() {\n  ‸\n}", ["after", "do", "final", "initial", "on", "signal", "state", "var"]),
        ("workflow w() {\n  attribute a: ‸\n}", ["keyword", "text"]),
        ("workflow w() {\n  final ‸\n}", ["state"]),
        ("workflow w() {\n  do {\n    try { wait 1s }\n    ‸\n  }\n}", ["catch", "finally", "call"]),
        ("workflow w() {\n  do { repeat { wait 1s } ‸ }\n}", ["until"]),
    ],
)
def test_words(text: str, some: list[str]) -> None:
    assert set(some) <= set(offered(text))


@pytest.mark.parametrize(
    "text",
    [
        "# ‸",
        "workflow ‸",
        "workflow w() {\n  state ‸",
        "workflow w() { do { let ‸ } }",
        'workflow w() { do { log "‸" } }',
    ],
)
def test_nothing_is_offered_where_a_name_or_a_text_is_to_be_made_up(text: str) -> None:
    assert offered(text) == []


def test_files_are_offered_to_import() -> None:
    assert offered('import "‸"', common_tenuto="error A\n", b_yaml="tenuto: 1\n") == ["b.yaml", "common.tenuto"]


YAML = """\
tenuto: 1
types: { Item: "{ sku: string, quantity: int }" }
errors: { OutOfStock: "{ sku: string }" }
activities:
  reserve: { params: { order_id: string, items: "[Item]" }, returns: "{ reservation: string }", timeout: 1s }
  release: { params: { reservation: string }, timeout: 1s }
workflows:
  order:
    input: { id: string, items: "[Item]" }
    signals: { approve: { by: string } }
    vars: { note: string }
    states:
      reserving:
        initial: true
        do:
          - call: reserve
            args: { order_id: "${id}", items: "${items}" }
            as: stock
          STEP
        transitions:
          - { done: null, to: over }
          TRANSITION
      over: { final: true }
"""


@pytest.mark.parametrize(
    ("step", "transition", "first"),
    [
        ("- ‸", "", ["call", "commit", "compensate"]),
        ("- ca‸", "", ["call", "commit", "compensate"]),
        ("- call: ‸", "", ["release", "reserve", "order"]),
        ("- { call: release, ‸ }", "", ["args", "as", "into"]),
        ("- { call: release, args: { ‸ } }", "", ["reservation"]),
        ("- call: release\n            args:\n              ‸", "", ["reservation"]),
        ('- { call: release, args: { reservation: "${stock.‸}" } }', "", ["reservation"]),
        ('- { call: release, args: { reservation: "${stock.‸', "", ["reservation"]),
        ("- if: stock.‸\n            then: []", "", ["reservation"]),
        ("- { set: { ‸ } }", "", ["note"]),
        ("- { fail: ‸ }", "", ["OutOfStock", "Cancelled"]),
        ("- { fail: OutOfStock, args: { ‸ } }", "", ["sku"]),
        ("", "- ‸", ["after", "at", "cancel"]),
        ("", "- { after: 1h, to: ‸ }", ["over", "reserving"]),
        ("", "- { after: 1h, ‸ }", ["actions", "do", "to", "when"]),
        ("", "- { on: ‸ }", ["approve"]),
        ("", "- on: approve\n            as: a\n            when: a.‸", ["by"]),
        ("", "- { error: ‸ }", ["OutOfStock", "Cancelled"]),
    ],
)
def test_in_yaml(step: str, transition: str, first: list[str]) -> None:
    text = YAML.replace("STEP", step).replace("TRANSITION", transition)
    assert offered(text, "a.yaml")[: len(first)] == first


@pytest.mark.parametrize(
    ("text", "some"),
    [
        ("tenuto: 1\n‸", ["activities", "workflows", "types"]),
        ("tenuto: 1\nactivities:\n  f:\n    ‸\n", ["effect", "http", "params", "python"]),
        ("tenuto: 1\nactivities:\n  f:\n    effect: ‸\n", ["idempotent", "keyed"]),
        ("tenuto: 1\nactivities:\n  f: { params: { a: ‸ } }\n", ["string", "int"]),
        ("tenuto: 1\nactivities:\n  f:\n    http: { method: ‸ }\n", ["GET", "POST"]),
        ("tenuto: 1\nworkflows:\n  w:\n    attributes: { a: { type: ‸ } }\n", ["keyword", "text"]),
    ],
)
def test_keys_and_values_of_yaml(text: str, some: list[str]) -> None:
    assert set(some) <= set(offered(text, "a.yaml"))


TYPES = ["string", "int", "Item"]


@pytest.mark.parametrize(
    ("declared", "some", "not_"),
    [
        ("types: { Item: int, A: [‸] }", TYPES, ["type"]),
        ("types:\n  Item: int\n  A:\n    - ‸", TYPES, ["type"]),
        ("types: { Item: int, A: { a: { b: [{ c: ‸ }] } } }", TYPES, ["type"]),
        ("types:\n  Item: int\n  A:\n    ‸", ["type", "doc", *TYPES], []),
        ("types:\n  Item: int\n  A:\n    a: int\n    ‸", [], ["type", "doc", "string"]),
        ("types:\n  Item: int\n  A:\n    type: int\n    ‸", ["doc"], ["type", "string"]),
        ("types: { Item: int }\nerrors:\n  E: ‸", ["fields", "doc"], TYPES),
        ("types: { Item: int }\nerrors:\n  E: { a: ‸ }", TYPES, ["fields"]),
        ("types: { Item: int }\nerrors:\n  E:\n    fields: { a: ‸ }", TYPES, ["fields"]),
    ],
)
def test_types_as_maps_and_lists(declared: str, some: list[str], not_: list[str]) -> None:
    found = set(offered(f"tenuto: 1\n{declared}\n", "a.yaml"))
    assert set(some) <= found
    assert not found.intersection(not_)


def test_what_is_offered_replaces_the_word_that_was_begun() -> None:
    from tenuto_dsl.editor.completion import complete

    made, analysis, place = marked(TEXT.replace("STEP", "call rese" + CURSOR).replace("TRANSITION", ""))
    found = complete(made, analysis.name, place)
    assert analysis.lines.line(found.begin[0])[found.begin[1] - 1 :].startswith("rese")


def test_nothing_is_read_again_while_a_word_grows() -> None:
    """The first letter of a word finds what was known before it came; the others what the first one found."""
    made, analysis, place = marked("workflow w(order: { id: string }) {\n  do { log order.‸ }\n}\n")
    before, _, after = analysis.source.partition("order. ")
    for typed in ("i", "id"):
        made.put(analysis.name, f"{before}order.{typed} {after}")
        assert [item.label for item in complete(made, analysis.name, (2, place[1] + len(typed))).items] == ["id"]
        offset = len(before) + len("order.")
        assert made.without(analysis.name, offset, offset + len(typed)) is analysis


def test_half_of_a_character_in_a_buffer_is_borne() -> None:
    assert isinstance(offered("tenuto: 1\nworkflows:\n  w:\n    do‸\n    description: \ud800\n", "a.yaml"), list)
