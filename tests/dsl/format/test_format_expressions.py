"""Expressions and types as written read back as the same tree, with no more parentheses than that takes."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from tenuto_dsl import Diagnostics
from tenuto_dsl.format import expression_text, type_text
from tenuto_dsl.syntax import parse_expression, parse_type, tree

from tests.dsl.format.expression_trees import expressions, types


@given(expressions)
@settings(max_examples=300, deadline=None)
def test_an_expression_reads_back_as_the_same_tree(node: tree.Expr) -> None:
    sink = Diagnostics()
    text = expression_text(node)
    assert "\n" not in text
    assert parse_expression(text, "x", sink) == node, [text, *sink.items]
    assert expression_text(parse_expression(text, "x", sink)) == text


@given(types)
@settings(max_examples=200, deadline=None)
def test_a_type_reads_back_as_the_same_tree(node: tree.TypeNode) -> None:
    sink = Diagnostics()
    text = type_text(node)
    assert parse_type(text, "x", sink) == node, [text, *sink.items]


@pytest.mark.parametrize(
    ("source", "written"),
    [
        ("a+b*c", "a + b * c"),
        ("(a+b)*c", "(a + b) * c"),
        ("a-(b-c)", "a - (b - c)"),
        ("(a-b)-c", "a - b - c"),
        ("!(a&&b)||c", "!(a && b) || c"),
        ("((x))", "x"),
        ("(a?b:c)?d:e?f:g", "(a ? b : c) ? d : e ? f : g"),
        ("- 5", "-5"),
        ("-(a+1)", "-(a + 1)"),
        ("(-5).abs()", "(-5).abs()"),
        ("0x1F + 1h30m + 90m", "0x1F + 1h30m + 90m"),
        ("r'\\d+' + 'it' + \"\\u00e9\"", "r'\\d+' + 'it' + \"\\u00e9\""),
        ("{'a':1,'b':[ 1,2 ,],}", "{ 'a': 1, 'b': [1, 2] }"),
        ("[?a,?b,c]", "[?a, ?b, c]"),
        ("a.?b[?c]", "a.?b[?c]"),
        ("items.all(x,x>0)", "items.all(x, x > 0)"),
        ('"a ${ f( "x" )+y } b"', '"a ${f("x") + y} b"'),
        ('"""two\nlines"""', '"two\\nlines"'),
        ("a\n  && b # why\n", "a && b"),
    ],
)
def test_the_plainest_spelling(source: str, written: str) -> None:
    sink = Diagnostics()
    node = parse_expression(source, "x", sink)
    assert node is not None, sink.items
    assert expression_text(node) == written
