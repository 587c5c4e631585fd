"""Types as JSON Schema, draft 2020-12 or 7: valid is what the strict reader of values accepts.

Two differences remain, which no schema can close: a validator takes `1.0` for an integer, and a pattern cannot count
the days of a month (validators check `format` only when they are told to).

What JSON Schema has no word for is marked with `x-tenuto`, so that the way back gives the same type. A sensitive type
is marked with `x-tenuto-sensitive`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

from tenuto_interpreter.types import (
    ListOf,
    LiteralOf,
    MapOf,
    Optional,
    Record,
    Ref,
    Scalar,
    ScalarKind,
    Sensitive,
    Type,
    Union,
)
from tenuto_interpreter.values import accepts_null
from tenuto_interpreter.values.texts import INT_MAX, INT_MIN, UINT_MAX

from tenuto_dsl.types.table import TypeTable

Draft: TypeAlias = Literal["2020-12", "7"]
Schema: TypeAlias = dict[str, Any]

_URI: dict[Draft, str] = {
    "2020-12": "https://json-schema.org/draft/2020-12/schema",
    "7": "http://json-schema.org/draft-07/schema#",
}
DEFINITIONS: dict[Draft, str] = {"2020-12": "$defs", "7": "definitions"}

_DIGITS = r"[0-9]+(\.[0-9]+)?"
_DURATION = (
    rf"^([+-]?(?=[0-9])([0-9]+w)?([0-9]+d)?({_DIGITS}h)?({_DIGITS}m(?!s))?({_DIGITS}s)?({_DIGITS}ms)?"
    rf"({_DIGITS}(us|µs))?({_DIGITS}ns)?"
    rf"|[+-]?P(?=.)([0-9]+W)?([0-9]+D)?(T(?=.)([0-9]+H)?([0-9]+M)?({_DIGITS}S)?)?)$"
)
_TIMESTAMP = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?([Zz]|[+-][0-9]{2}:[0-9]{2})$"
_DECIMAL = r"^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?$"
_BASE64 = r"^([A-Za-z0-9+/_-]{4})*([A-Za-z0-9+/_-]{2,4})?=*$"

_SCALARS: dict[ScalarKind, Schema] = {
    "string": {"type": "string"},
    "int": {"type": "integer", "minimum": INT_MIN, "maximum": INT_MAX},
    "uint": {"type": "integer", "minimum": 0, "maximum": UINT_MAX, "x-tenuto": "uint"},
    "double": {"type": "number"},
    "bool": {"type": "boolean"},
    "bytes": {"type": "string", "contentEncoding": "base64", "pattern": _BASE64},
    "decimal": {
        "type": ["string", "integer"], "pattern": _DECIMAL, "minimum": INT_MIN, "maximum": UINT_MAX,
        "x-tenuto": "decimal",
    },
    "timestamp": {"type": "string", "format": "date-time", "pattern": _TIMESTAMP},
    "duration": {"type": "string", "pattern": _DURATION, "x-tenuto": "duration"},
    "null": {"type": "null"},
    "any": {},
    "schedule": {"type": "object", "x-tenuto": "schedule"},
}  # fmt: skip


def schema_document(table: TypeTable, *, draft: Draft = "2020-12", root: str | None = None) -> Schema:
    """A schema with a definition for each type of the table; with `root`, a schema of that type."""
    definitions = {}
    for name, type_ in table.types.items():
        schema = schema_of(type_, table.types, draft=draft)
        definitions[name] = {"description": table.docs[name], **schema} if name in table.docs else schema
    document: Schema = {"$schema": _URI[draft]}
    if root is not None:
        reference = {"$ref": f"#/{DEFINITIONS[draft]}/{root}"}
        # Draft 7 ignores what stands beside a reference, the definitions too in the eyes of some.
        document |= {"title": root} | (reference if draft == "2020-12" else {"allOf": [reference]})
    return document | {DEFINITIONS[draft]: definitions}


def schema_of(type_: Type, types: Mapping[str, Type], *, draft: Draft = "2020-12") -> Schema:
    """The schema of one type; the names it refers to are definitions of the document around it."""

    def of(type_: Type) -> Schema:
        match type_:
            case Scalar(kind):
                return dict(_SCALARS[kind])
            case LiteralOf(value):
                return {"const": value}
            case ListOf(item):
                return {"type": "array", "items": of(item)}
            case MapOf(value):
                return {"type": "object", "additionalProperties": of(value)}
            case Record(()):
                return {"type": "object"}
            case Record(fields):
                return {
                    "type": "object",
                    "properties": {f.name: of(f.type) for f in fields},
                    "required": [f.name for f in fields if not accepts_null(f.type, types)],
                    "additionalProperties": False,
                }
            case Optional(item):
                return {"anyOf": [of(item), {"type": "null"}]}
            case Union(options) if all(isinstance(option, LiteralOf) for option in options):
                return {"enum": [option.value for option in options if isinstance(option, LiteralOf)]}
            case Union(options):
                return {"anyOf": [of(option) for option in options]}
            case Sensitive(item):
                return {"allOf": [of(item)], "x-tenuto-sensitive": True}
            case Ref(name):
                return {"$ref": f"#/{DEFINITIONS[draft]}/{name}"}

    return of(type_)
