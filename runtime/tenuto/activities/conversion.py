"""From Python objects to the wire form that values are read from, and from values to annotated Python arguments.

Owns what pydantic models, dataclasses, enums and their like become. Whether the result has the declared type is the
reader's affair (`tenuto_interpreter.values`).
"""

from __future__ import annotations

import dataclasses
import enum
import typing
import uuid
from collections.abc import Callable, Mapping, Sequence, Set
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import PurePath
from typing import Any

from pydantic import BaseModel, TypeAdapter
from tenuto_interpreter.values.texts import write_bytes, write_decimal, write_duration, write_timestamp

_LEAVES = frozenset({type(None), bool, int, float, str})
_MAX_DEPTH = 200


def to_wire(value: Any, depth: int = 0) -> Any:
    """Plain JSON values for what an activity returned. What it does not know, it leaves for the reader to refuse."""
    kind = type(value)
    if kind in _LEAVES or depth > _MAX_DEPTH:
        return value
    if kind is dict:
        return {key: item if type(item) in _LEAVES else to_wire(item, depth + 1) for key, item in value.items()}
    if kind is list or kind is tuple:
        return [item if type(item) in _LEAVES else to_wire(item, depth + 1) for item in value]
    return _object_to_wire(value, depth + 1)


def _object_to_wire(value: Any, depth: int) -> Any:
    match value:
        case BaseModel():
            return to_wire(value.model_dump(mode="python"), depth)
        case Decimal():
            return write_decimal(value) if value.is_finite() else str(value)
        case datetime():
            return write_timestamp(value) if value.tzinfo is not None else value.isoformat()
        case date() | uuid.UUID() | PurePath():
            return str(value)
        case timedelta():
            return write_duration(value)
        case bytes() | bytearray() | memoryview():
            return write_bytes(bytes(value))
        case enum.Enum():
            return to_wire(value.value, depth)
        case bool() | int() | str() | float():
            return _exact(value)
        case _ if dataclasses.is_dataclass(value) and not isinstance(value, type):
            return {f.name: to_wire(getattr(value, f.name), depth) for f in dataclasses.fields(value)}
        case Mapping():
            return {key: to_wire(item, depth) for key, item in value.items()}
        case Set():
            return sorted((to_wire(item, depth) for item in value), key=repr)
        case Sequence():
            return [to_wire(item, depth) for item in value]
        case _:
            return value


def _exact(value: Any) -> Any:
    """A subclass of str or int as its base: what is stored has no classes."""
    for base in (bool, int, float, str):
        if isinstance(value, base):
            return base(value)
    return value


def argument_converter(annotation: Any) -> Callable[[Any], Any] | None:
    """What makes an argument fit its annotation: for models and dataclasses, alone or inside lists, maps and unions."""
    if not _mentions_model(annotation):
        return None
    return TypeAdapter(annotation).validate_python


def _mentions_model(annotation: Any) -> bool:
    if isinstance(annotation, type) and typing.get_origin(annotation) is None:
        return (
            issubclass(annotation, BaseModel | enum.Enum | uuid.UUID | PurePath)
            or dataclasses.is_dataclass(annotation)
            or annotation in (tuple, set, frozenset)
        )
    origin = typing.get_origin(annotation)
    if origin in (tuple, set, frozenset):
        return True
    return origin is not None and any(_mentions_model(item) for item in typing.get_args(annotation))
