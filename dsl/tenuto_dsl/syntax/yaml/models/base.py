"""What shapes are made of: the base of all shapes, and the readings of values.

A reading says what a value means: an expression, a value with `${…}`, a name, a type as text, a list of steps. Each key
has exactly one, always. To the loader it is the name of a method, to the schema a piece of JSON Schema, to the editor
what to offer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, TypeAlias, get_origin, get_type_hints

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


@dataclass(frozen=True, slots=True)
class JsonSchema:
    """What a value is to the schema."""

    schema: Mapping[str, Any]


_REQUIRED: Any = object()


class Field:
    """What a shape says about a key. Without a default it must be there; `title` is what messages then call it.

    `schema` is what the schema says of it beside its reading; `hint` the remedy when it is missing. With `nullable` an
    empty value says something, although the key must be there.
    """

    __slots__ = ("description", "hint", "is_required", "nullable", "schema", "title")

    def __init__(
        self, default: Any = _REQUIRED, *, description: str, title: str | None = None, hint: str | None = None,
        schema: Mapping[str, Any] | None = None, nullable: bool = False,
    ) -> None:  # fmt: skip
        self.is_required = default is _REQUIRED
        self.description = description
        self.title = title
        self.hint = hint
        self.schema = schema or {}
        self.nullable = nullable


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


class Shape:
    """A map with known keys: its annotated attributes. `words` is what messages call it."""

    words: ClassVar[str] = "a map"
    beyond: ClassVar[Mapping[str, Any]] = {}
    """What the schema says of it beyond its keys."""


def all_beyond(shape: type[Shape]) -> dict[str, Any]:
    """What the schema says beyond the keys of a shape and of those it is made of."""
    found: dict[str, Any] = {}
    for base in reversed(shape.__mro__):
        found.update(base.__dict__.get("beyond", {}))
    return found


def at_most_one(*keys: str) -> dict[str, Any]:
    """Of these keys no two may be there."""
    pairs = [[first, second] for number, first in enumerate(keys) for second in keys[number + 1 :]]
    return {"type": "object", "anyOf": [{"required": pair} for pair in pairs]}


NULL_IS_A_VALUE = ("value", "nothing", "block", "args", "values", "assignments", "flag")
"""Readings to which an empty value says something."""


@dataclass(frozen=True, slots=True)
class Union:
    """Maps of which each has exactly one verb, the key it is told by; by verb, in the order of messages."""

    words: str
    shapes: Mapping[str, type[Shape]]
    alone: tuple[str, ...] = ()
    """Verbs that may stand for themselves, without a map."""


def first_key(shape: type[Shape]) -> str:
    """The key that a shape says first, found without looking at what the others are."""
    return _key(next(name for name, hint in shape.__annotations__.items() if not hint.startswith("ClassVar")))


_KNOWN: dict[type[Shape], Mapping[str, Key]] = {}


def keys_of(shape: type[Shape]) -> Mapping[str, Key]:
    """The keys of a shape, as they are written; found out when they are first asked for."""
    known = _KNOWN.get(shape)
    if known is None:
        hints = get_type_hints(shape, include_extras=True)
        fields = {name: hint for name, hint in hints.items() if get_origin(hint) is not ClassVar}
        known = _KNOWN[shape] = {_key(name): _made(shape, name, hint) for name, hint in fields.items()}
    return known


def _made(shape: type[Shape], name: str, hint: Any) -> Key:
    said = hint.__metadata__
    reading = next((item for item in said if isinstance(item, Reading)), None)
    assert reading is not None, f"{shape.__name__}.{name} has no reading"
    of_value = next((item.schema for item in said if isinstance(item, JsonSchema)), {})
    own: Field = getattr(shape, name)
    schema = {**of_value, **own.schema}
    return Key(reading, schema, own.is_required, own.nullable, own.description, own.title, own.hint)


# -- readings ---------------------------------------------------------------------------------------------------------

Expression: TypeAlias = Annotated[
    Any,
    Reading("expression"),
    JsonSchema({"type": _SCALAR, "not": {"type": "string", "pattern": r"^\s*\$\{[^{}]*\}\s*$"}}),
]
"""Always an expression, written without `${…}`."""

Value: TypeAlias = Annotated[Any, Reading("value"), JsonSchema({})]
"""A literal, text with `${…}` in it, a whole `${…}`, or a list or map of such values."""

TypeText: TypeAlias = Annotated[Any, Reading("type", "type"), JsonSchema({"type": "string"})]
Text: TypeAlias = Annotated[Any, Reading("text"), JsonSchema({"type": _SCALAR})]
Doc: TypeAlias = Annotated[Any, Reading("text"), JsonSchema({"type": _SCALAR})]
Flag: TypeAlias = Annotated[Any, Reading("flag"), JsonSchema({"type": "boolean"})]
Integer: TypeAlias = Annotated[Any, Reading("integer"), JsonSchema({"type": "integer", "minimum": 0})]
Null: TypeAlias = Annotated[Any, Reading("nothing"), JsonSchema({})]
"""The key says it all; its value is left empty, or null."""

_NAME_SCHEMA = {"type": "string", "pattern": NAME}
NewName: TypeAlias = Annotated[Any, Reading("name"), JsonSchema(_NAME_SCHEMA)]
Callable_: TypeAlias = Annotated[Any, Reading("name", "callable"), JsonSchema(_NAME_SCHEMA)]
ActivityName: TypeAlias = Annotated[Any, Reading("name", "activity"), JsonSchema(_NAME_SCHEMA)]
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
_SEVERAL = [{"type": "string", "pattern": NAMES}, {"type": "array", "items": _NAME_SCHEMA}]
Errors: TypeAlias = Annotated[Any, Reading("names", "error"), JsonSchema({"anyOf": _SEVERAL})]
"""`A | B`, or a list."""
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
