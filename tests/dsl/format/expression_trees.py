"""Expressions and types for Hypothesis: of every kind, in every combination that a source can give."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from tenuto_dsl.syntax import tree

AT = tree.Span("made.tenuto", 1, 1, 1, 1)
_WORDS = ("a", "b", "item", "order", "state", "when", "on", "do", "type", "send", "x1", "_y", "attempt", "until", "e")

words = st.sampled_from(_WORDS)
names = st.builds(lambda text: tree.Name(text, span=AT), words)
texts = st.one_of(
    st.sampled_from(
        ["", "a", "it's", 'say "hi"', "\\d+", "a\nb", "${x}", "$${", "$", "a$", "{}", "\t", "é", "\u2028", "#"]
    ),
    st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="\0"), max_size=8),
)


def _literal(kind: Any, value: Any) -> tree.Literal_:
    return tree.Literal_(kind, value, span=AT)


literals = st.one_of(
    st.just(_literal("null", None)),
    st.booleans().map(lambda v: _literal("bool", v)),
    st.integers(-(2**63), 2**63 - 1).map(lambda v: _literal("int", v)),
    st.integers(0, 2**64 - 1).map(lambda v: _literal("uint", v)),
    st.floats(allow_nan=False, allow_infinity=False).map(lambda v: _literal("double", v)),
    texts.map(lambda v: _literal("string", v)),
    st.binary(max_size=6).map(lambda v: _literal("bytes", v)),
    st.integers(0, 2**63 - 1).map(lambda v: _literal("duration", v)),
)
_IDENTS = (words | st.just(".outer")).map(lambda text: tree.Ident(text, span=AT))


def _unary(operator: Any, operand: tree.Expr) -> tree.Expr:
    """A minus before a number is that number's."""
    if operator == "-" and isinstance(operand, tree.Literal_) and operand.kind in ("int", "double"):
        return operand
    return tree.Unary(operator, operand, span=AT)


def _interpolation(parts: list[str | tree.Expr]) -> tree.Expr:
    merged: list[str | tree.Expr] = []
    for part in parts:
        if isinstance(part, str) and merged and isinstance(merged[-1], str):
            merged[-1] += part
        elif part != "":
            merged.append(part)
    if len(merged) < 2 and not (merged and isinstance(merged[0], str)):
        return tree.Literal_("string", "", span=AT)
    if len(merged) == 1:
        return _literal("string", merged[0])
    return tree.Interpolation(tuple(merged), span=AT)


_OPERATORS = st.sampled_from(["||", "&&", "==", "!=", "<", "<=", ">", ">=", "in", "+", "-", "*", "/", "%"])


def _bigger(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    items = st.lists(inner, max_size=3)
    return st.one_of(
        st.builds(lambda o, f, q: tree.Select(o, f, q, span=AT), inner, names, st.booleans()),
        st.builds(lambda o, i, q: tree.Index(o, i, q, span=AT), inner, inner, st.booleans()),
        st.builds(lambda t, f, a: tree.Call(t, f, tuple(a), span=AT), st.none() | inner, names, items),
        st.builds(_unary, st.sampled_from(["!", "-"]), inner),
        st.builds(lambda o, a, b: tree.Binary(o, a, b, span=AT), _OPERATORS, inner, inner),
        st.builds(lambda a, b, c: tree.Conditional(a, b, c, span=AT), inner, inner, inner),
        st.builds(
            lambda found: tree.ListExpr(
                tuple(item for item, _ in found), tuple(i for i, (_, q) in enumerate(found) if q), span=AT
            ),
            st.lists(st.tuples(inner, st.booleans()), max_size=3),
        ),
        st.builds(
            lambda found: tree.MapExpr(tuple(tree.MapEntry(k, v, q, span=AT) for k, v, q in found), span=AT),
            st.lists(st.tuples(inner, inner, st.booleans()), max_size=3),
        ),
    )


_LEAVES = _IDENTS | literals
_SIMPLE = st.recursive(_LEAVES, _bigger, max_leaves=4)
_INTERPOLATIONS = st.lists(texts | _SIMPLE, max_size=4).map(_interpolation)
expressions = st.recursive(_LEAVES | _INTERPOLATIONS, _bigger, max_leaves=8)

types: st.SearchStrategy[Any] = st.recursive(
    words.map(lambda text: tree.NamedType(text, span=AT)) | texts.map(lambda text: tree.LiteralType(text, span=AT)),
    lambda inner: st.one_of(
        inner.map(lambda t: tree.ListType(t, span=AT)),
        st.builds(lambda k, v: tree.MapType(k, v, span=AT), inner, inner),
        inner.map(lambda t: tree.OptionalType(t, span=AT)),
        inner.map(lambda t: tree.SensitiveType(t, span=AT)),
        st.lists(inner, min_size=2, max_size=3).map(lambda ts: tree.UnionType(tuple(ts), span=AT)),
        st.lists(st.builds(lambda n, t: tree.Field(n, t, span=AT), names, inner), max_size=3).map(
            lambda fs: tree.RecordType(tuple(fs), span=AT)
        ),
    ),
    max_leaves=6,
)
