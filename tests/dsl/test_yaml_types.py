"""Types in the YAML form: as text, or records as maps of their fields and lists as lists of one."""

from __future__ import annotations

import pytest
from tenuto_dsl import Diagnostics, check_source
from tenuto_dsl.syntax import parse_yaml, tree

from tests.dsl.yaml_data import data_of

AS_TEXT = """tenuto: 1
types:
  Line: "{ sku: string, price: decimal? }"
  Order: '{ id: string, lines: [{ sku: string }], kind: "a" | "b", notes: map(string, string) }'
  Empty: "{}"
errors: { Refused: "{ reason: string }", Late: { fields: "{ by: duration }", doc: Too late. } }
config: { limits: { type: "{ low: int, high: int }", default: { low: 1, high: 2 } } }
activities:
  f: { params: { line: "{ sku: string }" }, returns: "{ id: string }", python: "a:b", timeout: 1s, effect: pure }
workflows:
  w:
    input: { order: Order, mode: { type: "{ fast: bool }", default: { fast: true } } }
    output: "{ id: string }"
    vars: { seen: { type: "{ n: int }", value: { n: 1 } }, ids: "[[string]]" }
    do:
      - { call: f, args: { line: "${order.lines[0]}" }, as: got, type: "{ id: string }" }
      - set: { seen: { n: "${order.lines.size()}" } }
      - if: seen.n > 3 && order.kind == "a"
        then: [{ fail: Refused, args: { message: no, reason: many } }]
      - return: { id: "${got.id}" }
"""
AS_MAPS = """tenuto: 1
types:
  Line:
    sku: string
    price: decimal?
  Order: { id: string, lines: [{ sku: string }], kind: '"a" | "b"', notes: "map(string, string)" }
  Empty: {}
errors: { Refused: { reason: string }, Late: { fields: { by: duration }, doc: Too late. } }
config: { limits: { type: { low: int, high: int }, default: { low: 1, high: 2 } } }
activities:
  f: { params: { line: { sku: string } }, returns: { id: string }, python: "a:b", timeout: 1s, effect: pure }
workflows:
  w:
    input: { order: Order, mode: { type: { fast: bool }, default: { fast: true } } }
    output: { id: string }
    vars: { seen: { type: { n: int }, value: { n: 1 } }, ids: [[string]] }
    do:
      - { call: f, args: { line: "${order.lines[0]}" }, as: got, type: { id: string } }
      - set: { seen: { n: "${order.lines.size()}" } }
      - if: seen.n > 3 && order.kind == "a"
        then: [{ fail: Refused, args: { message: no, reason: many } }]
      - return: { id: "${got.id}" }
"""


def errors(source: str) -> list[tuple[str, int, str | None]]:
    sink = Diagnostics()
    check_source("w.yaml", source, sink)
    return [(item.code, item.span.line, item.hint) for item in sink.items if item.severity == "error"]


def test_both_ways_build_one_tree() -> None:
    def built(source: str) -> tree.File:
        sink = Diagnostics()
        file = parse_yaml(source, "w.yaml", sink)
        assert not sink.items
        return file

    assert built(AS_TEXT) == built(AS_MAPS)
    assert errors(AS_MAPS) == []
    assert data_of(AS_TEXT) != data_of(AS_MAPS)


@pytest.mark.parametrize(
    ("declared", "found"),
    [
        ("types: { A: { a: } }", "TEN127"),
        ("types: { A: [string, int] }", "TEN124"),
        ("types: { A: [] }", "TEN124"),
        ("types: { A: { a: map(string, int) } }", "TEN124"),
        ("types: { A: [map(string, int)] }", "TEN124"),
        ("types: { A: { type: string, at: timestamp } }", "TEN122"),
        ("types: { A: { doc: string } }", "TEN127"),
        ("types: { A: { a-b: string } }", "TEN124"),
        ("types: { A: { a: 3 } }", "TEN101"),
        ("types: { A: { a: strin } }", "TEN262"),
        ("errors: { E: [string] }", "TEN124"),
        ("errors: { E: [string, int] }", "TEN124"),
        ("errors: { E: 5 }", "TEN101"),
        ('errors: { E: "" }', "TEN101"),
        ("errors: { E: { fields: [int], doc: x } }", "TEN124"),
        ("config: { c: { default: 1, doc: two } }", "TEN127"),
    ],
)
def test_one_mistake_is_told_once(declared: str, found: str) -> None:
    assert [code for code, _, _ in errors(f"tenuto: 1\n{declared}\n")] == [found]


def test_a_record_with_a_field_type_stands_below_it() -> None:
    [(_, _, hint)] = errors("tenuto: 1\ntypes: { Event: { type: string, at: timestamp } }\n")
    assert hint is not None
    assert "{ type: { type: string, … } }" in hint
    assert errors("tenuto: 1\ntypes: { Event: { type: { type: string, at: timestamp } } }\n") == []


def test_a_type_cut_off_by_a_comma_says_to_quote_it() -> None:
    [(_, line, hint)] = errors("tenuto: 1\ntypes:\n  A: { n: int, m: map(string, int) }\n")
    assert line == 3
    assert hint is not None
    assert '"map(string, …)"' in hint


def test_what_another_word_was_meant_to_be_is_read() -> None:
    """So that nothing that depends on it is reported again."""
    source = AS_MAPS.replace("    output:", "    returns:").replace("f: { params:", "f: { input:")
    assert [(code, hint) for code, _, hint in errors(source)] == [
        ("TEN122", "write `params`"),
        ("TEN122", "write `output`"),
    ]


@pytest.mark.parametrize(
    ("option", "hint"),
    [
        ("retry: 3 times backoff 1s", "write `{ times: 5, backoff: 1s }`"),
        ("timeout: attempt 10s overall 5m", "write `{ attempt: 10s, overall: 5m }`"),
        ("http: POST https://a.example/", "write `{ method: POST, url: … }`"),
    ],
)
def test_options_written_as_in_the_text_form(option: str, hint: str) -> None:
    found = errors(f"tenuto: 1\nactivities:\n  f:\n    {option}\n    effect: keyed\n")
    assert [(code, said) for code, _, said in found] == [("TEN124", hint)]


def test_an_unreadable_type_is_told_once() -> None:
    source = 'tenuto: 1\nworkflows: { w: { input: { a: "{ b int }" }, output: string, do: [{ return: "${a.b}" }] } }\n'
    assert [code for code, _, _ in errors(source)] == ["TEN101"]
