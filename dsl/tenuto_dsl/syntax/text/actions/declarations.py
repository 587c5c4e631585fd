"""Declarations of a file and of a workflow that have no blocks."""
# ruff: noqa: ARG001, ARG005  # actions have one signature, whatever they need of it

from __future__ import annotations

from typing import Any

from tenuto_dsl.syntax import tree
from tenuto_dsl.syntax.text.builder import Action, Builder, Part
from tenuto_dsl.syntax.text.literals import integer
from tenuto_dsl.syntax.text.tokens import Token
from tenuto_dsl.syntax.tree import Span


def value_of(part: Part | None) -> Any:
    return None if part is None else part.value


def number(b: Builder, at: Span, token: Token) -> int:
    """A version."""
    value = integer(token.text)
    if value is None or value >= 2**31:
        b.sink.error("TEN106", b.span(token), "a version has 31 bits")
        return 0
    return value


def error_decl(b: Builder, at: Span, c: list[Any]) -> Any:
    name, record, doc = c
    return tree.ErrorDecl(name, record.fields if record is not None else (), value_of(doc), span=at)


def migrate_decl(b: Builder, at: Span, c: list[Any]) -> Any:
    states = tuple(m for m in c[1:] if isinstance(m, tree.MigrateState))
    sets = tuple(m for m in c[1:] if isinstance(m, tree.MigrateSet))
    return tree.MigrateDecl(number(b, at, c[0]), states, sets, span=at)


DECLARATIONS: dict[str, Action] = {
    "start": lambda b, at, c: tuple(d for d in c if d is not None),
    "doc": lambda b, at, c: Part("doc", b.doc(c[0]), at),
    "import_decl": lambda b, at, c: tree.Import(b.plain(c[0]), span=at),
    "type_decl": lambda b, at, c: tree.TypeDecl(c[0], c[1], value_of(c[2]), span=at),
    "error_decl": error_decl,
    "config_decl": lambda b, at, c: tree.ConfigDecl(c[0], c[1], c[2], value_of(c[3]), span=at),
    "version_member": lambda b, at, c: Part("version", number(b, at, c[0]), at),
    "signal_decl": lambda b, at, c: tree.SignalDecl(c[0], c[1], value_of(c[2]), span=at),
    "update_decl": lambda b, at, c: tree.UpdateDecl(c[0], c[1], c[2], value_of(c[3]), span=at),
    "query_decl": lambda b, at, c: tree.QueryDecl(c[0], c[1], c[2], value_of(c[3]), span=at),
    "attribute_decl": lambda b, at, c: tree.AttributeDecl(c[0], c[1], c[2], value_of(c[3]), span=at),
    "var_decl": lambda b, at, c: tree.VarDecl(c[0], c[1], c[2], value_of(c[3]), span=at),
    "property_decl": lambda b, at, c: tree.PropertyDecl(c[0], c[1].text, c[2], value_of(c[3]), span=at),
    "migrate_decl": migrate_decl,
    "migrate_state": lambda b, at, c: tree.MigrateState(c[0], c[1], span=at),
    "migrate_set": lambda b, at, c: tree.MigrateSet(c[0], c[1], span=at),
    "path": lambda b, at, c: tree.Path(tuple(c), span=at),
    "codes": lambda b, at, c: tuple(c),
}
