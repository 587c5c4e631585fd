"""Types and parameters."""
# ruff: noqa: ARG001, ARG005  # actions have one signature, whatever they need of it

from __future__ import annotations

from typing import Any

from tenuto_dsl.syntax import tree
from tenuto_dsl.syntax.text.builder import Action, Builder
from tenuto_dsl.syntax.tree import Span


def named_type(b: Builder, at: Span, c: list[Any]) -> Any:
    return tree.NamedType(c[0].text, span=at)


def literal_type(b: Builder, at: Span, c: list[Any]) -> Any:
    return tree.LiteralType(b.plain(c[0]), span=at)


def record_type(b: Builder, at: Span, c: list[Any]) -> Any:
    return tree.RecordType(tuple(f for f in c if f is not None), span=at)


TYPES: dict[str, Action] = {
    "name": lambda b, at, c: tree.Name(c[0].text, span=at),
    "named_type": named_type,
    "literal_type": literal_type,
    "union_type": lambda b, at, c: tree.UnionType(tuple(c), span=at),
    "optional_type": lambda b, at, c: tree.OptionalType(c[0], span=at),
    "list_type": lambda b, at, c: tree.ListType(c[0], span=at),
    "map_type": lambda b, at, c: tree.MapType(c[0], c[1], span=at),
    "record_type": record_type,
    "field": lambda b, at, c: tree.Field(c[0], c[1], span=at),
    "sensitive_type": lambda b, at, c: tree.SensitiveType(c[0], span=at),
    "params": lambda b, at, c: tuple(p for p in c if p is not None),
    "param": lambda b, at, c: tree.Param(c[0], c[1], c[2], span=at),
    "type_only": lambda b, at, c: c[0],
}
