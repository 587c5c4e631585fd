"""Python annotations as types of the language: scalars, containers, literals, enums, pydantic models, dataclasses,
TypedDicts.

A class becomes a declared type of its name, so that it may be recursive. What cannot be said is raised with the path to
it, unless the reader is lenient: then it is `any`, for those who only compare.
"""

from __future__ import annotations

import collections.abc
import dataclasses
import enum
import inspect
import types as python_types
import typing
import uuid
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import PurePath
from typing import Any, Literal

from pydantic import AnyUrl, BaseModel, SecretStr
from pydantic.fields import FieldInfo
from tenuto_dsl.types import Problem
from tenuto_interpreter.types import (
    ANY,
    BOOL,
    BYTES,
    DECIMAL,
    DOUBLE,
    DURATION,
    INT,
    NULL,
    SCALARS,
    STRING,
    TIMESTAMP,
    ListOf,
    LiteralOf,
    MapOf,
    Optional,
    Record,
    RecordField,
    Ref,
    Sensitive,
    Type,
    Union,
)

_SCALARS: dict[Any, Type] = {
    str: STRING, bool: BOOL, int: INT, float: DOUBLE, bytes: BYTES, bytearray: BYTES, Decimal: DECIMAL,
    datetime: TIMESTAMP, timedelta: DURATION, type(None): NULL, None: NULL, Any: ANY, object: ANY,
    uuid.UUID: STRING, date: STRING, SecretStr: Sensitive(STRING),
}  # fmt: skip
_LISTS = (
    list, set, frozenset, collections.abc.Sequence, collections.abc.Set, collections.abc.Iterable,
    collections.abc.Collection, collections.abc.MutableSequence,
)  # fmt: skip
_MAPS = (dict, collections.abc.Mapping, collections.abc.MutableMapping)
_QUALIFIERS = (typing.Required, typing.NotRequired, typing.Final, typing.ClassVar)

Use = Literal["taken", "given"]
"""taken: Python reads values (parameters); a field with a default may be missing. given: it makes them (results)."""


class Unsayable(Exception):
    """An annotation that is no type of the language."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


class Annotations:
    """Reads annotations. `types` and `docs` are those of the classes met, by the names they got."""

    def __init__(self, *, lenient: bool = False, use: Use = "given") -> None:
        self.types: dict[str, Type] = {}
        self.docs: dict[str, str] = {}
        self._lenient = lenient
        self._use = use
        self._names: dict[type, str] = {}

    def read(self, annotation: Any, path: str = "") -> Type:
        """The type of an annotation. Raises Unsayable."""
        known = _scalar(annotation)
        if known is not None:
            return known
        if isinstance(annotation, typing.NewType):
            return self.read(annotation.__supertype__, path)
        if type(annotation).__name__ == "TypeAliasType":
            return self.read(annotation.__value__, path)
        origin, args = typing.get_origin(annotation), typing.get_args(annotation)
        if origin is not None:
            return self._generic(annotation, origin, args, path)
        if annotation in _LISTS or annotation is tuple:
            return ListOf(ANY)
        if annotation in _MAPS:
            return Record(())
        if isinstance(annotation, type):
            return self._class(annotation, path)
        return self._unsayable(path, f"{_shown(annotation)} is no type of a value")

    def _unsayable(self, path: str, reason: str) -> Type:
        if self._lenient:
            return ANY
        raise Unsayable(Problem(path, reason))

    def _generic(self, annotation: Any, origin: Any, args: tuple[Any, ...], path: str) -> Type:
        if origin is typing.Annotated or origin in _QUALIFIERS:
            return self.read(args[0], path)
        if origin is Literal:
            return self._literals(list(args), path)
        if origin in (typing.Union, python_types.UnionType):
            return self._union(args, path)
        if origin in _LISTS:
            return ListOf(self.read(args[0], f"{path}[]"))
        if origin is tuple:
            return self._tuple(args, path)
        if origin in _MAPS:
            if _scalar(args[0]) != STRING and not (isinstance(args[0], type) and issubclass(args[0], str)):
                return self._unsayable(path, f"the keys of a map are strings, not {_shown(args[0])}")
            return MapOf(self.read(args[1], f"{path}[…]"))
        if isinstance(origin, type) and issubclass(origin, BaseModel):
            return self._class(origin, path)
        return self._unsayable(path, f"{_shown(annotation)} is no type of a value")

    def _tuple(self, args: tuple[Any, ...], path: str) -> Type:
        kinds = {arg for arg in args if arg is not Ellipsis}
        if len(kinds) > 1:
            return self._unsayable(path, "a list has items of one type; use a model with named fields")
        return ListOf(self.read(next(iter(kinds)), f"{path}[]")) if kinds else ListOf(ANY)

    def _literals(self, values: list[Any], path: str) -> Type:
        texts = [value.value if isinstance(value, enum.Enum) else value for value in values]
        odd = next((text for text in texts if text is not None and not isinstance(text, str)), None)
        if odd is not None:
            return self._unsayable(path, f"literals are strings, and {odd!r} is none")
        options = [LiteralOf(text) for text in dict.fromkeys(texts) if text is not None]
        found: Type = options[0] if len(options) == 1 else Union(tuple(options))
        return (Optional(found) if options else NULL) if None in texts else found

    def _union(self, args: tuple[Any, ...], path: str) -> Type:
        options = [self.read(arg, path) for arg in args]
        others = list(dict.fromkeys(option for option in options if option != NULL))
        if ANY in others:
            return ANY
        found = others[0] if len(others) == 1 else Union(tuple(others))
        return Optional(found) if NULL in options and not isinstance(found, Optional) else found

    # -- classes ------------------------------------------------------------------------------------------------------

    def _class(self, cls: type, path: str) -> Type:
        if issubclass(cls, enum.Enum):
            return self._literals([member.value for member in cls], path)
        if issubclass(cls, BaseModel):
            return self._declared(cls, lambda: _model_fields(cls, self._use), path)
        if dataclasses.is_dataclass(cls):
            return self._declared(cls, lambda: _dataclass_fields(cls), path)
        if typing.is_typeddict(cls):
            return self._declared(cls, lambda: _typed_dict_fields(cls), path)
        for base, type_ in (
            (str, STRING),
            (PurePath, STRING),
            (AnyUrl, STRING),
            (bool, BOOL),
            (int, INT),
            (float, DOUBLE),
        ):
            if issubclass(cls, base):
                return type_
        return self._unsayable(path, f"{cls.__name__} is neither a model nor a dataclass nor a TypedDict")

    def _declared(self, cls: type, fields: Callable[[], list[tuple[str, Any, bool]]], path: str) -> Type:
        """A class with fields (name, annotation, may be missing) as a declared type."""
        if cls not in self._names:
            self._names[cls] = name = self._free(cls.__name__)
            self.types[name] = ANY  # until it is known
            try:
                found = fields()
            except Exception as error:  # noqa: BLE001  # annotations are evaluated here: anybody's code
                del self.types[name], self._names[cls]
                return self._unsayable(path, f"the annotations of {cls.__name__} cannot be read: {error}")
            self.types[name] = Record(tuple(self._field(name, field, path) for field in found))
            if cls.__doc__ and not (dataclasses.is_dataclass(cls) and cls.__doc__.startswith(f"{cls.__name__}(")):
                self.docs[name] = " ".join(inspect.cleandoc(cls.__doc__).split())
        return Ref(self._names[cls])

    def _field(self, owner: str, field: tuple[str, Any, bool], _path: str) -> RecordField:
        name, annotation, missing = field
        type_ = self.read(annotation, f"{owner}.{name}")
        optional = missing and self._use == "taken" and not isinstance(type_, Optional) and type_ != ANY
        return RecordField(name, Optional(type_) if optional else type_)

    def _free(self, name: str) -> str:
        taken = self.types.keys() | {*SCALARS, "map"}
        found, number = name, 2
        while found in taken:
            found, number = f"{name}{number}", number + 1
        return found


def _scalar(annotation: Any) -> Type | None:
    try:
        return _SCALARS.get(annotation)
    except TypeError:  # not hashable: an Annotated with a list in it
        return None


def _model_fields(cls: type[BaseModel], use: Use) -> list[tuple[str, Any, bool]]:
    """By the names that values have: a parameter is read by its alias, a result is dumped by its name."""
    if not cls.__pydantic_complete__:
        cls.model_rebuild()
    return [
        (_name(name, info, cls, use), info.annotation, not info.is_required())
        for name, info in cls.model_fields.items()
    ]


def _name(name: str, info: FieldInfo, cls: type[BaseModel], use: Use) -> str:
    by_name = cls.model_config.get("populate_by_name") or cls.model_config.get("validate_by_name")
    if use == "taken" and not by_name:
        return info.validation_alias if isinstance(info.validation_alias, str) else info.alias or name
    if use == "given" and cls.model_config.get("serialize_by_alias"):
        return info.serialization_alias or name
    return name


def _dataclass_fields(cls: Any) -> list[tuple[str, Any, bool]]:
    hints = typing.get_type_hints(cls)
    missing = dataclasses.MISSING
    return [
        (f.name, hints[f.name], f.default is not missing or f.default_factory is not missing)
        for f in dataclasses.fields(cls)
    ]


def _typed_dict_fields(cls: Any) -> list[tuple[str, Any, bool]]:
    """A key that may be missing is null then, on both sides."""
    found = []
    for name, hint in typing.get_type_hints(cls, include_extras=True).items():
        mark = typing.get_origin(hint)  # `__required_keys__` knows nothing of marks in annotations that are texts
        required = mark is typing.Required or (mark is not typing.NotRequired and name in cls.__required_keys__)
        plain = typing.get_args(hint)[0] if mark in (typing.Required, typing.NotRequired) else hint
        found.append((name, plain if required else typing.Optional[plain], False))  # noqa: UP045  # made at run time
    return found


def _shown(annotation: Any) -> str:
    return annotation.__name__ if isinstance(annotation, type) else str(annotation).replace("typing.", "")
