"""Types written as YAML instead of as text: one diagnostic with the text to write, and nothing that follows from it."""

from __future__ import annotations

from tenuto_dsl import Diagnostics, check_source
from tenuto_dsl.lint.fixes import fix_source

MAPS = """tenuto: 1
types:
  Line: { sku: string, price: decimal }
  Order: { id: string, lines: [{ sku: string }], kind: '"a" | "b"' }
errors: { Refused: { reason: string } }
activities:
  f: { params: { line: { sku: string } }, returns: { id: string }, python: "a:b", timeout: 1s, effect: pure }
workflows:
  w:
    input: { order: Order }
    output: { id: string }
    vars: { seen: { n: int } }
    do:
      - { call: f, args: { line: "${order.lines[0]}" }, as: got }
      - set: { seen: { n: "${order.lines.size()}" } }
      - if: seen.n > 3 && order.kind == "a"
        then: [{ fail: Refused, args: { message: no, reason: many } }]
      - return: { id: "${got.id}" }
"""


def found(source: str) -> list[tuple[str, str | None]]:
    sink = Diagnostics()
    check_source("w.yaml", source, sink)
    return [(item.code, item.hint) for item in sink.items if item.severity == "error"]


def test_a_map_is_told_once_and_by_its_text() -> None:
    assert found(MAPS) == [
        ("TEN124", f"write it as text: {text}")
        for text in (
            '"{ sku: string, price: decimal }"',
            """'{ id: string, lines: [{ sku: string }], kind: "a" | "b" }'""",
            '"{ reason: string }"',
            '"{ sku: string }"',
            '"{ id: string }"',
            '"{ id: string }"',
            '"{ n: int }"',
        )
    ]


def test_the_fix_gives_a_file_without_mistakes() -> None:
    repaired = fix_source("w.yaml", MAPS)
    assert 'Line: "{ sku: string, price: decimal }"' in repaired.source
    assert found(repaired.source) == []


def test_a_block_is_told_and_left_to_its_author() -> None:
    source = "tenuto: 1\ntypes:\n  Line:\n    sku: string\n    text: string?\n"
    assert found(source) == [("TEN124", 'write it as text: "{ sku: string, text: string? }"')]
    assert fix_source("w.yaml", source).source == source


def test_an_unreadable_type_is_told_once() -> None:
    source = 'tenuto: 1\nworkflows: { w: { input: { a: "{ b int }" }, output: string, do: [{ return: "${a.b}" }] } }\n'
    assert [code for code, _ in found(source)] == ["TEN101"]


def test_a_misspelt_key_is_no_type() -> None:
    source = "tenuto: 1\nconfig: { c: { defualt: 1, typ: int } }\n"
    assert [code for code, _ in found(source)] == ["TEN127", "TEN122", "TEN122"]
