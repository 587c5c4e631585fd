"""What shapes are made of: the base of all models, and the readings of values.

A reading says what a value means: an expression, a value with `${…}`, a name, a type as text, a list of steps. Each key
has exactly one, always. To the loader it is the name of a method, to the schema a piece of JSON Schema, to the editor
what to offer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, ClassVar, TypeAlias

from pydantic import BaseModel, ConfigDict, WithJsonSchema
from pydantic.fields import FieldInfo

NAME = "^[A-Za-z_][A-Za-z0-9_]*$"
NAMES = r"^\s*[A-Za-z_]\w*(\s*\|\s*[A-Za-z_]\w*)*\s*$"
_SCALAR = ["string", "number", "boolean"]


@dataclass(frozen=True, slots=True)
class Reading:
    """`method` is the loader's; `refers` says which declared names a value is made of, for completion."""

    method: str
    refers: str = ""


def _key(name: str) -> str:
    """A key that is a word of Python is written with an underscore after it."""
    return name.removesuffix("_")


class Shape(BaseModel):
    """A map with known keys. `words` is what messages call it."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, defer_build=True, alias_generator=_key, protected_namespaces=()
    )
    words: ClassVar[str] = "a map"


def more(**schema: Any) -> ConfigDict:
    """What a shape says in the schema beyond its keys."""
    return ConfigDict(json_schema_extra=schema)


def at_most_one(*keys: str) -> dict[str, Any]:
    """Of these keys no two may be there."""
    pairs = [[first, second] for number, first in enumerate(keys) for second in keys[number + 1 :]]
    return {"type": "object", "anyOf": [{"required": pair} for pair in pairs]}


NULL_IS_A_VALUE = ("value", "nothing", "block", "args", "values", "assignments", "branches", "flag")
"""Readings to which an empty value says something."""


@dataclass(frozen=True, slots=True)
class Union:
    """Maps of which each has exactly one verb, the key it is told by; by verb, in the order of messages."""

    words: str
    shapes: Mapping[str, type[Shape]]
    alone: tuple[str, ...] = ()
    """Verbs that may stand for themselves, without a map."""


@cache
def keys_of(model: type[Shape]) -> Mapping[str, FieldInfo]:
    """The keys of a shape, as they are written."""
    return {_key(name): field for name, field in model.model_fields.items()}


@cache
def reading_of(model: type[Shape], key: str) -> Reading:
    found = next((item for item in keys_of(model)[key].metadata if isinstance(item, Reading)), None)
    assert found is not None, f"{model.__name__}.{key} has no reading"
    return found


# -- readings ---------------------------------------------------------------------------------------------------------

Expression: TypeAlias = Annotated[
    Any,
    Reading("expression"),
    WithJsonSchema({"type": _SCALAR, "not": {"type": "string", "pattern": r"^\s*\$\{[^{}]*\}\s*$"}}),
]
"""Always an expression, written without `${…}`."""

Value: TypeAlias = Annotated[Any, Reading("value"), WithJsonSchema({})]
"""A literal, text with `${…}` in it, a whole `${…}`, or a list or map of such values."""

TypeText: TypeAlias = Annotated[Any, Reading("type", "type"), WithJsonSchema({"type": "string"})]
Text: TypeAlias = Annotated[Any, Reading("text"), WithJsonSchema({"type": _SCALAR})]
Doc: TypeAlias = Annotated[Any, Reading("text"), WithJsonSchema({"type": _SCALAR})]
Flag: TypeAlias = Annotated[Any, Reading("flag"), WithJsonSchema({"type": "boolean"})]
Integer: TypeAlias = Annotated[Any, Reading("integer"), WithJsonSchema({"type": "integer", "minimum": 0})]
Null: TypeAlias = Annotated[Any, Reading("nothing"), WithJsonSchema({})]
"""The key says it all; its value is left empty, or null."""

_NAME_SCHEMA = {"type": "string", "pattern": NAME}
NewName: TypeAlias = Annotated[Any, Reading("name"), WithJsonSchema(_NAME_SCHEMA)]
Callable_: TypeAlias = Annotated[Any, Reading("name", "callable"), WithJsonSchema(_NAME_SCHEMA)]
ActivityName: TypeAlias = Annotated[Any, Reading("name", "activity"), WithJsonSchema(_NAME_SCHEMA)]
WorkflowName: TypeAlias = Annotated[Any, Reading("name", "workflow"), WithJsonSchema(_NAME_SCHEMA)]
SignalName: TypeAlias = Annotated[Any, Reading("name", "signal"), WithJsonSchema(_NAME_SCHEMA)]
UpdateName: TypeAlias = Annotated[Any, Reading("name", "update"), WithJsonSchema(_NAME_SCHEMA)]
ErrorName: TypeAlias = Annotated[Any, Reading("name", "error"), WithJsonSchema(_NAME_SCHEMA)]
EffectName: TypeAlias = Annotated[Any, Reading("name", "effect"), WithJsonSchema(_NAME_SCHEMA)]
AttributeType: TypeAlias = Annotated[Any, Reading("name", "attribute type"), WithJsonSchema(_NAME_SCHEMA)]
Place: TypeAlias = Annotated[
    Any, Reading("place", "variable"), WithJsonSchema({"type": "string", "pattern": r"^[A-Za-z_]"})
]
"""A variable, or a place in one: `total`, `known[id].ready`."""

_NAMES = {"type": "array", "items": _NAME_SCHEMA}
_SEVERAL = [{"type": "string", "pattern": NAMES}, {"type": "array", "items": _NAME_SCHEMA}]
Errors: TypeAlias = Annotated[Any, Reading("names", "error"), WithJsonSchema({"anyOf": _SEVERAL})]
"""`A | B`, or a list."""
Messages: TypeAlias = Annotated[
    Any,
    Reading("messages", "message"),
    WithJsonSchema({"anyOf": [{"type": "string"}, _NAMES, {"type": "array", "items": _NAMES}]}),
]
"""`a, b`, or a list; or a list of lists."""
StatePath: TypeAlias = Annotated[
    Any,
    Reading("target", "state"),
    WithJsonSchema({"type": "string", "pattern": r"^\s*(history\()?\s*[A-Za-z_]\w*(\s*\.\s*[A-Za-z_]\w*)*\s*\)?\s*$"}),
]
Args: TypeAlias = Annotated[
    Any,
    Reading("args", "argument"),
    WithJsonSchema({"type": ["object", "array", "null"], "propertyNames": {"pattern": NAME}}),
]
"""A map of named arguments, or a list of positional ones."""
Assignments: TypeAlias = Annotated[
    Any,
    Reading("assignments", "variable"),
    WithJsonSchema({"type": ["object", "null"], "propertyNames": {"pattern": "^[A-Za-z_]"}}),
]
Named: TypeAlias = Annotated[
    Any, Reading("values"), WithJsonSchema({"type": ["object", "null"], "propertyNames": {"pattern": NAME}})
]
"""A map from names to values."""
