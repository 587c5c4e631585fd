"""Expressions: CEL, with durations and interpolated strings."""
# ruff: noqa: ARG001, ARG005  # actions have one signature, whatever they need of it

from __future__ import annotations

import math
from typing import Any

from tenuto_dsl.syntax import tree
from tenuto_dsl.syntax.depth import MAX_DEPTH, deeper_than
from tenuto_dsl.syntax.text.builder import Action, Builder, Part
from tenuto_dsl.syntax.text.literals import MAX_INT, MAX_UINT, integer, microseconds, unescaped
from tenuto_dsl.syntax.text.tokens import Token
from tenuto_dsl.syntax.tree import Span


def expression(b: Builder, at: Span, c: list[Any]) -> Any:
    node: tree.Expr = c[0]
    for span in b.huge.values():
        b.sink.error("TEN106", span, "an int has 64 bits", f"the largest is {MAX_INT}")
    b.huge.clear()
    if deeper_than(node, MAX_DEPTH):
        b.sink.error(
            "TEN109", node.span, f"an expression nested deeper than {MAX_DEPTH} levels", "name parts with `let`"
        )
        return tree.Literal_("null", None, span=node.span)
    return node


def binary(b: Builder, at: Span, c: list[Any]) -> Any:
    return tree.Binary(c[1].text, c[0], c[2], span=at)


def negative(b: Builder, at: Span, c: list[Any]) -> Any:
    """A minus and a number are one literal, as they are in YAML."""
    operand = c[1]
    if isinstance(operand, tree.Literal_) and operand.kind in ("int", "double"):
        value = operand.value
        assert isinstance(value, int | float)
        if not (isinstance(value, int) and value < 0) and not (
            isinstance(value, float) and math.copysign(1, value) < 0
        ):
            if operand.kind == "int" and value == MAX_INT + 1:
                b.huge.popitem()
            spelling = None if operand.spelling is None else f"-{operand.spelling}"
            return tree.Literal_(operand.kind, -value, span=at, spelling=spelling)
    return tree.Unary("-", operand, span=at)


def list_(b: Builder, at: Span, c: list[Any]) -> Any:
    items: list[tree.Expr] = []
    optional: list[int] = []
    marked = False
    for child in c:
        if isinstance(child, Token):  # `[?`: the first element is optional
            marked = True
        elif isinstance(child, Part):
            optional.append(len(items))
            items.append(child.value)
        elif child is not None:
            if marked:
                optional.append(len(items))
                marked = False
            items.append(child)
    return tree.ListExpr(tuple(items), tuple(optional), span=at)


def call(b: Builder, at: Span, c: list[Any]) -> Any:
    return tree.Call(None, c[0], tuple(a for a in c[1:] if a is not None), span=at)


def method(b: Builder, at: Span, c: list[Any]) -> Any:
    return tree.Call(c[0], c[1], tuple(a for a in c[2:] if a is not None), span=at)


def literal(b: Builder, at: Span, c: list[Any]) -> Any:
    token: Token = c[0]
    text = token.text
    match token.type:
        case "STRING" | "DOC":
            return b.string(token, at)
        case "INT":
            return _int(b, at, token)
        case "NULL":
            return tree.Literal_("null", None, span=at)
        case "TRUE" | "FALSE":
            return tree.Literal_("bool", token.type == "TRUE", span=at)
        case "DURATION":
            length = microseconds(text)
            if length is None:
                b.sink.error("TEN106", at, "a duration has 64 bits of microseconds", "that is 292,000 years")
            return tree.Literal_("duration", length or 0, span=at, spelling=text)
        case "FLOAT":
            value = float(text)
            if math.isinf(value):
                b.sink.error("TEN106", at, "a double cannot be that large")
                value = 0.0
            return tree.Literal_("double", value, span=at, spelling=text)
        case "UINT":
            number = integer(text[:-1])
            if number is None or number > MAX_UINT:
                b.sink.error("TEN106", at, "a uint has 64 bits", f"the largest is {MAX_UINT}u")
                number = 0
            return tree.Literal_("uint", number, span=at, spelling=text)
        case "RAW":
            raw = b.content(Token("STRING", text[1:], token.start + 1, token.end))[0]
            return tree.Literal_("string", raw, span=at, spelling=text)
        case _:
            return _bytes(b, at, token)


def _int(b: Builder, at: Span, token: Token) -> tree.Expr:
    number = integer(token.text)
    if number is None or number > MAX_INT + 1:
        b.sink.error("TEN106", at, "an int has 64 bits", f"the largest is {MAX_INT}")
        number = 0
    elif number == MAX_INT + 1:
        b.huge[token.start] = at
    return tree.Literal_("int", number, span=at, spelling=token.text)


def _bytes(b: Builder, at: Span, token: Token) -> tree.Expr:
    prefix = 2 if token.text[1] in "rRbB" else 1
    text, offset = b.content(Token("STRING", token.text[prefix:], token.start + prefix, token.end))
    if prefix == 1:
        text, bad = unescaped(text, as_bytes=True)
        for start, end in bad:
            b.sink.error("TEN105", b.source.span(offset + start, offset + end), "no escape of bytes literals")
    return tree.Literal_("bytes", text.encode("utf-8", "surrogateescape"), span=at, spelling=token.text)


def quoted(optional: bool) -> Action:
    """``x.`content-type` `` is `x["content-type"]`: the one tree, whichever way it was written."""

    def select(b: Builder, at: Span, c: list[Any]) -> Any:
        token: Token = c[1]
        key = tree.Literal_("string", token.text[1:-1], span=b.span(token), spelling=token.text)
        return tree.Index(c[0], key, optional, span=at)

    return select


def optional(b: Builder, at: Span, c: list[Any]) -> Any:
    return Part("optional", c[0], at)


EXPRESSIONS: dict[str, Action] = {
    "expression": expression,
    "expression_only": lambda b, at, c: c[0],
    "conditional": lambda b, at, c: tree.Conditional(c[0], c[1], c[2], span=at),
    "or_": binary,
    "and_": binary,
    "relation": binary,
    "sum": binary,
    "product": binary,
    "not_": lambda b, at, c: tree.Unary("!", c[0], span=at),
    "negative": negative,
    "select": lambda b, at, c: tree.Select(c[0], c[1], span=at),
    "optional_select": lambda b, at, c: tree.Select(c[0], c[1], True, span=at),
    "quoted_select": quoted(False),
    "optional_quoted_select": quoted(True),
    "method": method,
    "index": lambda b, at, c: tree.Index(c[0], c[1], span=at),
    "optional_index": lambda b, at, c: tree.Index(c[0], c[2], True, span=at),
    "ident": lambda b, at, c: tree.Ident(c[0].text, span=at),
    "global_ident": lambda b, at, c: tree.Ident("." + c[0].text, span=at),
    "function": call,
    "list_": list_,
    "optional_element": optional,
    "map_": lambda b, at, c: tree.MapExpr(tuple(e for e in c if e is not None), span=at),
    "entry": lambda b, at, c: tree.MapEntry(c[0], c[1], span=at),
    "optional_entry": lambda b, at, c: tree.MapEntry(c[0], c[1], True, span=at),
    "literal": literal,
}
