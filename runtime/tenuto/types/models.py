"""Types as pydantic models made on the spot."""

from __future__ import annotations

import typing
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, ForwardRef, Literal

from pydantic import BaseModel, ConfigDict, Field, create_model
from tenuto_dsl.types import TypeTable
from tenuto_dsl.types.table import hoisted
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

from tenuto.types.sources import attribute_of, is_sensitive

_PYTHON: dict[str, Any] = {
    "string": str, "int": int, "uint": int, "double": float, "bool": bool, "bytes": bytes, "decimal": Decimal,
    "timestamp": datetime, "duration": timedelta, "null": None, "any": Any, "schedule": dict[str, Any],
}  # fmt: skip

_CONFIG = ConfigDict(populate_by_name=True, serialize_by_alias=True)


def models(table: TypeTable) -> dict[str, type[BaseModel]]:
    """A class for each record of a table, each knowing the others."""
    table = hoisted(table)
    made: dict[str, Any] = {}
    for name, type_ in table.types.items():
        if isinstance(type_, Record) and type_.fields:
            fields = _definitions(type_, table)
            made[name] = create_model(name, __config__=_CONFIG, __doc__=table.docs.get(name), **fields)
    for model in made.values():
        model.model_rebuild(_types_namespace=made)
    return made


def _definitions(record: Record, table: TypeTable) -> dict[str, Any]:
    found = {}
    for item in record.fields:
        optional = isinstance(item.type, Optional) or item.type == Scalar("any")
        info = Field(
            default=None if optional else ..., alias=item.name if attribute_of(item.name) != item.name else None,
            repr=not is_sensitive(item.type),
        )  # fmt: skip
        found[attribute_of(item.name)] = (_annotation(item.type, table), info)
    return found


def _annotation(type_: Type, table: TypeTable, within: tuple[str, ...] = ()) -> Any:
    """What Python calls a type. `within` are the aliases being written out: in a circle of them there is no end."""
    match type_:
        case Scalar(kind):
            return _PYTHON[kind]
        case LiteralOf(value):
            return Literal[value]
        case ListOf(item):
            return list[_annotation(item, table, within)]  # type: ignore[misc]  # made at run time
        case MapOf(value):
            return dict[str, _annotation(value, table, within)]  # type: ignore[misc]  # made at run time
        case Record():
            return dict[str, Any]
        case Optional(item):
            return _either([_annotation(item, table, within), None])
        case Union(options):
            return _either([_annotation(option, table, within) for option in options])
        case Sensitive(item):
            return _annotation(item, table, within)
        case Ref(name):
            target = table.types[name]
            if isinstance(target, Record) and target.fields:
                return ForwardRef(name)
            return Any if name in within else _annotation(target, table, (*within, name))


def _either(options: list[Any]) -> Any:
    return typing.Union[tuple(options)]  # noqa: UP007  # made at run time, of forward references too
