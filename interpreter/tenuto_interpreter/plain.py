"""Frozen dataclasses to plain JSON values and back, by their annotations.

Used for definitions, which are read once per program: clarity beats speed here. Events, commands and snapshots, which
are written at every step, have hand-written encodings of their own. Fields that hold their default are left out, so a
field that is added later changes no existing definition's bytes.
"""

from __future__ import annotations

import dataclasses
import functools
import types
import typing
from typing import Any, TypeVar

from tenuto_interpreter.types import Type, type_from_data, type_to_data

T = TypeVar("T")


def to_plain(value: Any) -> Any:
    """Plain JSON values for a dataclass made of dataclasses, tuples, scalars and language types."""
    if isinstance(value, typing.get_args(Type)):
        return {"type": type_to_data(value)} if not isinstance(value, str) else value
    if dataclasses.is_dataclass(value):
        data = {}
        for field in dataclasses.fields(value):
            item = getattr(value, field.name)
            if item != field.default or field.name == "format":
                data[field.name] = to_plain(item)
        return data
    if isinstance(value, tuple):
        return [to_plain(item) for item in value]
    return value


def from_plain(cls: type[T], data: Any) -> T:
    """The inverse of `to_plain`. Raises ValueError when the data does not have the dataclass's shape."""
    if not isinstance(data, dict):
        raise ValueError(f"{cls.__name__} expected, found {type(data).__name__}")
    hints = _hints(cls)  # type: ignore[arg-type]  # mypy doubts that a class can be hashed
    unknown = data.keys() - hints.keys()
    if unknown:
        raise ValueError(f"{cls.__name__} has no {', '.join(sorted(unknown))}")
    try:
        return cls(**{name: _value(hints[name], item) for name, item in data.items()})
    except TypeError as error:
        raise ValueError(f"{cls.__name__}: {error}") from error


@functools.cache
def _hints(cls: type) -> dict[str, Any]:
    return typing.get_type_hints(cls)


def _value(hint: Any, data: Any) -> Any:
    if isinstance(data, dict) and data.keys() == {"type"} and _is_language_type(hint):
        return type_from_data(data["type"])
    origin = typing.get_origin(hint)
    if origin in (typing.Union, types.UnionType):
        if data is None:
            return None
        options = [o for o in typing.get_args(hint) if o is not type(None)]
        return _value(options[0], data) if len(options) == 1 else data
    if origin is tuple:
        items = typing.get_args(hint)
        if len(items) == 2 and items[1] is Ellipsis:
            return tuple(_value(items[0], item) for item in data)
        return tuple(_value(item_hint, item) for item_hint, item in zip(items, data, strict=True))
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        return from_plain(hint, data)
    return _frozen(data)


def _is_language_type(hint: Any) -> bool:
    language = set(typing.get_args(Type))
    return bool(language & {hint, *typing.get_args(hint)})


def _frozen(data: Any) -> Any:
    return tuple(_frozen(item) for item in data) if isinstance(data, list) else data
