"""The types of the language as data: what the checker infers, the IR carries and the runtime validates against.

Types are structural but for `Ref`, which names a declared type (so that types may be recursive); a table of
declarations goes with every program (`Program.types`). A record's absent field and a field that is null are the same
thing, so a record field is optional exactly when its type is `Optional`.
"""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

from tenuto_interpreter.frozen import frozen

ScalarKind: TypeAlias = Literal[
    "string", "int", "uint", "double", "bool", "bytes", "decimal", "timestamp", "duration", "null", "any", "schedule"
]

SCALARS: tuple[ScalarKind, ...] = (
    "string", "int", "uint", "double", "bool", "bytes", "decimal", "timestamp", "duration", "null", "any", "schedule",
)  # fmt: skip


@frozen
class Scalar:
    """In memory: str, int (64 bits), float, bool, bytes, `decimal.Decimal`, aware UTC `datetime`, `timedelta`, None;
    `any` is whatever JSON can say; a `schedule` is a plain dict made by `cron(…)` or `interval(…)`."""

    kind: ScalarKind


@frozen
class LiteralOf:
    value: str


@frozen
class ListOf:
    item: Type


@frozen
class MapOf:
    value: Type


@frozen
class RecordField:
    name: str
    type: Type


@frozen
class Record:
    fields: tuple[RecordField, ...]

    def field(self, name: str) -> Type | None:
        """The type of a field, or None when the record has no such field."""
        return next((f.type for f in self.fields if f.name == name), None)


@frozen
class Optional:
    item: Type


@frozen
class Union:
    options: tuple[Type, ...]


@frozen
class Sensitive:
    item: Type


@frozen
class Ref:
    name: str


Type: TypeAlias = Scalar | LiteralOf | ListOf | MapOf | Record | Optional | Union | Sensitive | Ref

STRING = Scalar("string")
INT = Scalar("int")
UINT = Scalar("uint")
DOUBLE = Scalar("double")
BOOL = Scalar("bool")
BYTES = Scalar("bytes")
DECIMAL = Scalar("decimal")
TIMESTAMP = Scalar("timestamp")
DURATION = Scalar("duration")
NULL = Scalar("null")
ANY = Scalar("any")
SCHEDULE = Scalar("schedule")


def type_to_data(type_: Type) -> Any:
    """The JSON form of a type: a string for scalars, else a list headed by its constructor's name."""
    match type_:
        case Scalar(kind):
            return kind
        case LiteralOf(value):
            return ["literal", value]
        case ListOf(item):
            return ["list", type_to_data(item)]
        case MapOf(value):
            return ["map", type_to_data(value)]
        case Record(fields):
            return ["record", [[f.name, type_to_data(f.type)] for f in fields]]
        case Optional(item):
            return ["optional", type_to_data(item)]
        case Union(options):
            return ["union", [type_to_data(o) for o in options]]
        case Sensitive(item):
            return ["sensitive", type_to_data(item)]
        case Ref(name):
            return ["ref", name]


def type_from_data(data: Any) -> Type:
    """The inverse of `type_to_data`. Raises ValueError on anything else."""
    match data:
        case str() if data in SCALARS:
            return Scalar(data)
        case ["literal", str(value)]:
            return LiteralOf(value)
        case ["list", item]:
            return ListOf(type_from_data(item))
        case ["map", value]:
            return MapOf(type_from_data(value))
        case ["record", fields]:
            return Record(tuple(RecordField(name, type_from_data(t)) for name, t in fields))
        case ["optional", item]:
            return Optional(type_from_data(item))
        case ["union", options]:
            return Union(tuple(type_from_data(o) for o in options))
        case ["sensitive", item]:
            return Sensitive(type_from_data(item))
        case ["ref", str(name)]:
            return Ref(name)
        case _:
            raise ValueError(f"not a type: {data!r}")


def type_text(type_: Type) -> str:
    """The type as an author writes it."""
    match type_:
        case Scalar(kind):
            return kind
        case LiteralOf(value):
            return f'"{value}"'
        case ListOf(item):
            return f"[{type_text(item)}]"
        case MapOf(value):
            return f"map(string, {type_text(value)})"
        case Record(fields):
            inner = ", ".join(f"{f.name}: {type_text(f.type)}" for f in fields)
            return f"{{ {inner} }}" if inner else "{}"
        case Optional(Union() as item):
            return f"({type_text(item)})?"
        case Optional(item):
            return f"{type_text(item)}?"
        case Union(options):
            return " | ".join(type_text(o) for o in options)
        case Sensitive(item):
            return f"sensitive {type_text(item)}"
        case Ref(name):
            return name
