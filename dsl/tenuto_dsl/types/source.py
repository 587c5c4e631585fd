"""Declarations of types as sources, in either form."""

from __future__ import annotations

import json
import re
from typing import Literal

from tenuto_interpreter.types import (
    ListOf,
    LiteralOf,
    MapOf,
    Optional,
    Record,
    Ref,
    Scalar,
    Sensitive,
    Type,
    Union,
)

from tenuto_dsl.diagnostics import Diagnostics
from tenuto_dsl.format import type_text
from tenuto_dsl.format.formatter import format_source
from tenuto_dsl.syntax import tree
from tenuto_dsl.types.table import TypeTable

_NOWHERE = tree.Span("", 1, 1, 1, 1)
_PLAIN = re.compile(r"[A-Za-z_]\w*\??")


def type_source(type_: Type) -> str:
    """A type as an author writes it, in a notation that reads back as the same."""
    return type_text(type_node(type_))


def type_node(type_: Type) -> tree.TypeNode:
    """The syntax of a type."""
    match type_:
        case Scalar(name) | Ref(name):
            return tree.NamedType(name, span=_NOWHERE)
        case LiteralOf(value):
            return tree.LiteralType(value, span=_NOWHERE)
        case ListOf(item):
            return tree.ListType(type_node(item), span=_NOWHERE)
        case MapOf(value):
            return tree.MapType(tree.NamedType("string", span=_NOWHERE), type_node(value), span=_NOWHERE)
        case Record(fields):
            nodes = (tree.Field(tree.Name(f.name, span=_NOWHERE), type_node(f.type), span=_NOWHERE) for f in fields)
            return tree.RecordType(tuple(nodes), span=_NOWHERE)
        case Optional(item):
            return tree.OptionalType(type_node(item), span=_NOWHERE)
        case Union(options):
            return tree.UnionType(tuple(type_node(option) for option in options), span=_NOWHERE)
        case Sensitive(item):
            return tree.SensitiveType(type_node(item), span=_NOWHERE)


def declarations_text(table: TypeTable, form: Literal["text", "yaml"] = "text") -> str:
    """A source that declares the types of a table."""
    return _text(table) if form == "text" else _yaml(table)


def _text(table: TypeTable) -> str:
    lines = []
    for name, type_ in table.types.items():
        doc = table.docs.get(name, "")
        quoted = doc.replace("\\", "\\\\").replace('"', '\\"').replace("${", "\\${")
        lines.append(f"type {name} = {type_source(type_)}" + (f' """{quoted}"""' if doc else ""))
    source = "\n".join(lines) + "\n"
    return format_source(source, "types.tenuto", "text", Diagnostics()) or source


def _yaml(table: TypeTable) -> str:
    lines = ["tenuto: 1", "types:"]
    for name, type_ in table.types.items():
        text = type_source(type_)
        shown = text if _PLAIN.fullmatch(text) else json.dumps(text, ensure_ascii=False)
        if name in table.docs:
            doc = json.dumps(table.docs[name], ensure_ascii=False)
            lines.append(f"  {name}:\n    type: {shown}\n    doc: {doc}")
        else:
            lines.append(f"  {name}: {shown}")
    return "\n".join(lines) + "\n"
