"""Strings in both forms: escapes, interpolation, and where their parts stand."""

from __future__ import annotations

import pytest
from tenuto_dsl.diagnostics import Diagnostics
from tenuto_dsl.syntax import parse_expression, parse_text, parse_yaml, tree


def expression(text: str) -> tree.Expr:
    sink = Diagnostics()
    node = parse_expression(text, "f", sink)
    assert sink.items == []
    assert node is not None
    return node


def yaml_value(scalar: str) -> tuple[tree.Expr, Diagnostics]:
    sink = Diagnostics()
    file = parse_yaml(f"tenuto: 1\nconfig:\n  c:\n    type: string\n    default: {scalar}\n", "f.yaml", sink)
    [declaration] = file.declarations
    assert isinstance(declaration, tree.ConfigDecl)
    assert declaration.default is not None
    return declaration.default, sink


def parts(node: tree.Expr) -> list[str]:
    if isinstance(node, tree.Literal_):
        return [str(node.value)]
    assert isinstance(node, tree.Interpolation)
    return [p if isinstance(p, str) else f"<{p.name}>" if isinstance(p, tree.Ident) else "<…>" for p in node.parts]


SAME = [
    ("a ${x} b", ["a ", "<x>", " b"]),
    ("${x}${y}", ["<x>", "<y>"]),
    ("$${x}", ["${x}"]),
    ("$$${x}", ["$", "<x>"]),
    ("$$$${x}", ["$${x}"]),
    ("$ $$ $x 5$", ["$ $$ $x 5$"]),
    ("a ${m['}']} ${ {'k': {'l': 1}}['k'] }", ["a ", "<…>", " ", "<…>"]),
]


@pytest.mark.parametrize(("text", "expected"), SAME)
def test_both_forms_interpolate_alike(text: str, expected: list[str]) -> None:
    assert parts(expression(f'"{text}"')) == expected
    for scalar in (f'"{text}"', "'" + text.replace("'", "''") + "'", f"|-\n      {text}"):
        node, sink = yaml_value(scalar)
        assert sink.items == []
        assert parts(node) == expected


@pytest.mark.parametrize("quotes", ['"{}"', "'{}'", '"""{}"""', "'''{}'''"])
def test_all_quotes_interpolate(quotes: str) -> None:
    assert parts(expression(quotes.format("a ${x}"))) == ["a ", "<x>"]
    assert parts(expression("r" + quotes.format(r"a ${x} \n"))) == [r"a ${x} \n"]


def test_the_same_quotes_may_stand_inside() -> None:
    assert parts(expression('"a ${m["k"]} b"')) == ["a ", "<…>", " b"]


def test_a_backslash_hides_a_dollar_in_text() -> None:
    assert parts(expression(r'"\${x}"')) == ["${x}"]
    assert parts(expression(r'"\$${x}"')) == ["$", "<x>"]


@pytest.mark.parametrize(
    ("text", "code", "col", "end_col"),
    [
        (r'"ab \q c"', "TEN105", 5, 7),
        ('"ab ${x + } c"', "TEN101", 10, 11),
        ('"ab ${} c"', "TEN101", 5, 8),
        ('"ab ${x', "TEN103", 1, 8),
        ('"${x}"', "TEN107", 1, 7),
        (r'"\ud800"', "TEN105", 2, 8),
        (r"b'\u0041'", "TEN105", 3, 9),
        ('"ab ${x @ y} c"', "TEN102", 9, 10),
    ],
)
def test_mistakes_in_strings_are_where_they_are(text: str, code: str, col: int, end_col: int) -> None:
    sink = Diagnostics()
    parse_expression(text, "f", sink)
    [item] = sink.items
    span = item.span
    if code == "TEN101" and "x + " in text:  # the end of what is interpolated
        assert (item.code, span.line) == (code, 1)
        return
    assert (item.code, span.line, span.col, span.end_col) == (code, 1, col, end_col)


STYLES = {
    "plain": ("plain ${ foo } x", 5, 23),
    "single": ("'it''s ${ foo } x'", 5, 24),
    "double": (r'"a\n\"\u0041 ${ foo } x"', 5, 30),
    "literal": ("|\n      first\n      second ${ foo } x", 7, 17),
    "folded": (">-\n      first\n      second ${ foo } x", 7, 17),
    "plain on two lines": ("first\n      second ${ foo } x", 6, 17),
    "double on two lines": ('"first\n      second ${ foo } x"', 6, 17),
    "single on two lines": ("'first\n\n      second ${ foo } x'", 7, 17),
    "with line ends escaped": ('"first\\\n      second ${ foo } x"', 6, 17),
}


@pytest.mark.parametrize("style", STYLES)
def test_places_in_yaml_scalars_are_exact_whatever_their_style(style: str) -> None:
    scalar, line, col = STYLES[style]
    node, sink = yaml_value(scalar)
    assert sink.items == []
    assert isinstance(node, tree.Interpolation)
    inner = node.parts[1]
    assert isinstance(inner, tree.Ident)
    assert (inner.span.line, inner.span.col, inner.span.end_col) == (line, col, col + 3)


def test_nothing_is_interpolated_into_sql_or_names() -> None:
    sink = Diagnostics()
    parse_text('activity a(x: string) { sql "select ${x}" }\nimport "${y}"\n', "f", sink)
    assert [(d.code, d.span.line, d.span.col, d.span.end_col) for d in sink.items] == [
        ("TEN113", 1, 37, 41),
        ("TEN113", 2, 9, 13),
    ]


def test_descriptions_stand_first_or_after() -> None:
    source = '''
type T = int """a type"""
error E { a: int }
  """an error"""
config c: int = 1 """config"""
workflow w() {
  """
  A workflow.

    indented
  """
  signal s() """signal"""
  update u() -> bool
    """update"""
  query q = 1 """query"""
  attribute a: keyword = x """attribute"""
  var v: int = 1 """variable"""
  property p: never x """property"""
  state a { """state"""; do {} }
}
'''
    yaml = """
tenuto: 1
types: { T: { type: int, doc: a type } }
errors: { E: { fields: "{ a: int }", doc: an error } }
config: { c: { type: int, default: 1, doc: config } }
workflows:
  w:
    doc: |
      A workflow.

        indented
    signals: { s: { params: {}, doc: signal } }
    updates: { u: { returns: bool, doc: update } }
    queries: { q: { value: 1, doc: query } }
    attributes: { a: { type: keyword, value: x, doc: attribute } }
    vars: { v: { type: int, value: 1, doc: variable } }
    properties: { p: { never: x, doc: property } }
    states: { a: { doc: state, do: [] } }
"""
    sink = Diagnostics()
    text, twin = parse_text(source, "f.tenuto", sink), parse_yaml(yaml, "f.yaml", sink)
    assert sink.items == []
    assert text.declarations == twin.declarations
    workflow = text.declarations[-1]
    assert isinstance(workflow, tree.WorkflowDecl)
    assert workflow.doc == "A workflow.\n\n  indented"
    assert workflow.signals[0].doc == "signal"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("-5", -5), ("-2.5", -2.5), ("9223372036854775807", 2**63 - 1), ("-9223372036854775808", -(2**63)),
        (".5", 0.5), ("1e3", 1000.0), ("0xFFu", 255), ("18446744073709551615u", 2**64 - 1), ("b'''a\n'''", b"a\n"),
        (r'rb"\x"', b"\\x"), (r'"\a\?\`"', "\a?`"), ("'''a'b'''", "a'b"), ("2w", 1_209_600_000_000),
    ],
)  # fmt: skip
def test_literals(text: str, value: object) -> None:
    node = expression(text)
    assert isinstance(node, tree.Literal_)
    assert (node.value, type(node.value)) == (value, type(value))


@pytest.mark.parametrize(
    "text",
    ["9223372036854775808", "-9223372036854775809", "- -9223372036854775808 + 9223372036854775808", "1e999", "9" * 5000,
     "18446744073709551616u", "99999999w"],
)  # fmt: skip
def test_numbers_that_are_too_large(text: str) -> None:
    sink = Diagnostics()
    parse_expression(text, "f", sink)
    assert [d.code for d in sink.items] == ["TEN106"]


@pytest.mark.parametrize("text", ["12abc", "5x", "1h30", "0x", "1u8"])
def test_what_is_no_number(text: str) -> None:
    sink = Diagnostics()
    assert parse_expression(text, "f", sink) is None
    assert [d.code for d in sink.items] == ["TEN102"]
