"""Types as written become types as data."""

from __future__ import annotations

from collections.abc import Collection

from tenuto_interpreter.expr.kinds import UNKNOWN
from tenuto_interpreter.types import (
    SCALARS,
    ListOf,
    LiteralOf,
    MapOf,
    Optional,
    Record,
    RecordField,
    Ref,
    Scalar,
    Sensitive,
    Type,
    Union,
)

from tenuto_dsl.check.expressions.hints import FOREIGN_TYPES
from tenuto_dsl.diagnostics import Diagnostics, Spelled, nearest
from tenuto_dsl.syntax import tree


def resolve_type(node: tree.TypeNode, declared: Collection[str], sink: Diagnostics) -> Type:
    """The type a node stands for; `declared` are the names of the file's types. Unknown names are reported once."""
    match node:
        case tree.NamedType(name=tree.UNREADABLE):
            return UNKNOWN
        case tree.NamedType(name=name):
            if name in SCALARS:
                return Scalar(name)
            if name in declared:
                return Ref(name)
            meant = FOREIGN_TYPES.get(name.casefold()) or nearest(name, [*declared, *SCALARS])
            hint = f"did you mean {meant}?" if meant else Spelled("declare it with `type`", "declare it below `types`")
            sink.error("TEN262", node.span, f"unknown type {name}", hint)
            return UNKNOWN
        case tree.LiteralType(value=value):
            return LiteralOf(value)
        case tree.ListType(item=item):
            return ListOf(resolve_type(item, declared, sink))
        case tree.MapType(key=key, value=value):
            key_type = resolve_type(key, declared, sink)
            if key_type not in (Scalar("string"), UNKNOWN):
                sink.error("TEN263", key.span, "the keys of a map are strings", "write map(string, …)")
            return MapOf(resolve_type(value, declared, sink))
        case tree.RecordType(fields=fields):
            return _record(fields, declared, sink)
        case tree.OptionalType(item=item):
            inner = resolve_type(item, declared, sink)
            return inner if isinstance(inner, Optional) else Optional(inner)
        case tree.UnionType(options=options):
            return Union(tuple(resolve_type(option, declared, sink) for option in options))
        case tree.SensitiveType(item=item):
            return Sensitive(resolve_type(item, declared, sink))


def _record(fields: tuple[tree.Field, ...], declared: Collection[str], sink: Diagnostics) -> Record:
    seen: dict[str, RecordField] = {}
    for field in fields:
        name = field.name.text
        if name in seen:
            sink.error("TEN255", field.name.span, f"the field {name} comes twice")
            continue
        seen[name] = RecordField(name, resolve_type(field.type, declared, sink))
    return Record(tuple(seen.values()))
