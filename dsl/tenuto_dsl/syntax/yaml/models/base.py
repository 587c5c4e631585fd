"""What shapes are made of: the base of all shapes, and the readings of values.

A reading says what a value means: an expression, a value with `${…}`, a name, a type as text, a list of steps. Each key
has exactly one, always. To the loader it is the name of a method, to the schema a piece of JSON Schema, to the editor
what to offer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, ClassVar, TypeAlias

import pydantic
from pydantic import BaseModel, ConfigDict
from pydantic import WithJsonSchema as JsonSchema
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


_REQUIRED: Any = ...


def Field(  # noqa: N802 - it stands for pydantic's
    default: Any = _REQUIRED, *, description: str, title: str | None = None, hint: str | None = None,
    schema: Mapping[str, Any] | None = None, nullable: bool = False,
) -> Any:  # fmt: skip
    """What a shape says about a key. Without a default it must be there; `title` is what messages then call it.

    `schema` is what the schema says of it beside its reading; `hint` the remedy when it is missing. With `nullable` an
    empty value says something, although the key must be there.
    """
    beside: dict[str, Any] = {"schema": dict(schema or {}), "hint": hint, "nullable": nullable}
    return pydantic.Field(default, description=description, title=title, json_schema_extra=beside)


@dataclass(frozen=True, slots=True)
class Key:
    """A key of a shape, as the loader, the schema and the editor know it."""

    reading: Reading
    schema: Mapping[str, Any]
    is_required: bool
    nullable: bool
    description: str
    title: str | None
    hint: str | None


class Shape(BaseModel):
    """A map with known keys: its fields. `words` is what messages call it.

    No map is made one of these: the loader walks nodes, for the place of every character, and asks the table of fields.
    """

    model_config = ConfigDict(
        extra="forbid", frozen=True, defer_build=True, alias_generator=_key, protected_namespaces=()
    )
    words: ClassVar[str] = "a map"
    beyond: ClassVar[Mapping[str, Any]] = {}
    """What the schema says of it beyond its keys."""


def all_beyond(shape: type[Shape]) -> dict[str, Any]:
    """What the schema says beyond the keys of a shape and of those it is made of."""
    found: dict[str, Any] = {}
    for base in reversed(shape.__mro__):
        found.update(base.__dict__.get("beyond", {}))
    return found


def named_or_assigned() -> dict[str, Any]:
    """What the schema says of a step whose result takes a name with `as`, or is assigned with `into`."""
    return {"not": at_most_one("as", "into"), "dependencies": {"type": ["as"]}}


def at_most_one(*keys: str) -> dict[str, Any]:
    """Of these keys no two may be there."""
    pairs = [[first, second] for number, first in enumerate(keys) for second in keys[number + 1 :]]
    return {"type": "object", "anyOf": [{"required": pair} for pair in pairs]}


@dataclass(frozen=True, slots=True)
class Union:
    """Maps of which each has exactly one verb, the key it is told by; by verb, in the order of messages."""

    words: str
    shapes: Mapping[str, type[Shape]]
    alone: tuple[str, ...] = ()
    """Verbs that may stand for themselves, without a map."""


@cache
def keys_of(shape: type[Shape]) -> Mapping[str, Key]:
    """The keys of a shape, as they are written; found out when they are first asked for."""
    return {_key(name): _made(shape, name, field) for name, field in shape.model_fields.items()}


def _made(shape: type[Shape], name: str, field: FieldInfo) -> Key:
    reading = next((item for item in field.metadata if isinstance(item, Reading)), None)
    assert reading is not None, f"{shape.__name__}.{name} has no reading"
    assert field.description is not None, f"{shape.__name__}.{name} has no description"
    of_value = next((item.json_schema for item in field.metadata if isinstance(item, JsonSchema)), None) or {}
    beside = field.json_schema_extra
    assert isinstance(beside, dict), f"{shape.__name__}.{name} is made by Field"
    said: Any = beside
    schema = {**of_value, **said["schema"]}
    return Key(reading, schema, field.is_required(), said["nullable"], field.description, field.title, said["hint"])


# -- readings ---------------------------------------------------------------------------------------------------------

Expression: TypeAlias = Annotated[
    Any,
    Reading("expression"),
    JsonSchema(
        {
            "type": _SCALAR,
            "not": {"type": "string", "pattern": r"^\s*\$\{[^{}]*\}\s*$"},
            "errorMessage": "an expression is expected here, without `${}` around it",
        }
    ),
]
"""Always an expression, written without `${…}`."""

Value: TypeAlias = Annotated[Any, Reading("value"), JsonSchema({})]
"""A literal, text with `${…}` in it, a whole `${…}`, or a list or map of such values."""

Type: TypeAlias = Annotated[Any, Reading("type", "type"), JsonSchema({})]
"""As text; or of a record its fields as a map, of a list its item as a list of one."""

Fields: TypeAlias = Annotated[Any, Reading("fields", "type"), JsonSchema({})]
"""The fields of a record, as a map or as text."""

Text: TypeAlias = Annotated[Any, Reading("text"), JsonSchema({"type": _SCALAR})]
Doc: TypeAlias = Annotated[Any, Reading("text"), JsonSchema({"type": _SCALAR})]
Flag: TypeAlias = Annotated[Any, Reading("flag"), JsonSchema({"type": "boolean"})]
Integer: TypeAlias = Annotated[Any, Reading("integer"), JsonSchema({"type": "integer", "minimum": 0})]
Null: TypeAlias = Annotated[Any, Reading("nothing"), JsonSchema({"type": "null"})]
"""The key says it all; its value is left empty, or null."""

_NAME_SCHEMA = {"type": "string", "pattern": NAME}
NewName: TypeAlias = Annotated[Any, Reading("name"), JsonSchema(_NAME_SCHEMA)]
Callable_: TypeAlias = Annotated[Any, Reading("name", "callable"), JsonSchema(_NAME_SCHEMA)]
WorkflowName: TypeAlias = Annotated[Any, Reading("name", "workflow"), JsonSchema(_NAME_SCHEMA)]
SignalName: TypeAlias = Annotated[Any, Reading("name", "signal"), JsonSchema(_NAME_SCHEMA)]
UpdateName: TypeAlias = Annotated[Any, Reading("name", "update"), JsonSchema(_NAME_SCHEMA)]
ErrorName: TypeAlias = Annotated[Any, Reading("name", "error"), JsonSchema(_NAME_SCHEMA)]
EffectName: TypeAlias = Annotated[Any, Reading("name", "effect"), JsonSchema(_NAME_SCHEMA)]
AttributeType: TypeAlias = Annotated[Any, Reading("name", "attribute type"), JsonSchema(_NAME_SCHEMA)]
Place: TypeAlias = Annotated[
    Any, Reading("place", "variable"), JsonSchema({"type": "string", "pattern": r"^[A-Za-z_]"})
]
"""A variable, or a place in one: `total`, `known[id].ready`."""

_NAMES = {"type": "array", "items": _NAME_SCHEMA}
_SEVERAL = [{"type": "string", "pattern": NAMES}, {"type": "array", "items": _NAME_SCHEMA, "minItems": 1}]
Errors: TypeAlias = Annotated[Any, Reading("names", "error"), JsonSchema({"anyOf": _SEVERAL})]
"""`A | B`, or a list."""
Caught: TypeAlias = Annotated[Any, Reading("caught", "error"), JsonSchema({"anyOf": _SEVERAL})]
"""The same; empty for all that can be caught."""
Messages: TypeAlias = Annotated[
    Any,
    Reading("messages", "message"),
    JsonSchema({"anyOf": [{"type": "string"}, _NAMES, {"type": "array", "items": _NAMES}]}),
]
"""`a, b`, or a list; or a list of lists."""
StatePath: TypeAlias = Annotated[
    Any,
    Reading("target", "state"),
    JsonSchema({"type": "string", "pattern": r"^\s*(history\()?\s*[A-Za-z_]\w*(\s*\.\s*[A-Za-z_]\w*)*\s*\)?\s*$"}),
]
Args: TypeAlias = Annotated[
    Any,
    Reading("args", "argument"),
    JsonSchema({"type": ["object", "array", "null"], "propertyNames": {"pattern": NAME}}),
]
"""A map of named arguments, or a list of positional ones."""
Assignments: TypeAlias = Annotated[
    Any,
    Reading("assignments", "variable"),
    JsonSchema({"type": ["object", "null"], "propertyNames": {"pattern": "^[A-Za-z_]"}}),
]
Named: TypeAlias = Annotated[
    Any, Reading("values"), JsonSchema({"type": ["object", "null"], "propertyNames": {"pattern": NAME}})
]
"""A map from names to values."""
