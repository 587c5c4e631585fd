"""JSON Schema as types: of drafts 4 to 2020-12, of OpenAPI and of what pydantic writes.

What the language has no type for is a problem, told with its path and the reason. What narrows a type without changing
its shape (lengths, ranges, patterns, defaults) is left out and noted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

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
    SCHEDULE,
    STRING,
    TIMESTAMP,
    UINT,
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
from tenuto_interpreter.values.texts import INT_MAX, INT_MIN, UINT_MAX

from tenuto_dsl.types.table import Problem, TypeTable

_DEFINITIONS = ("$defs", "definitions")
_MAX_DEPTH = 60
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_IMPOSSIBLE = {
    "not": "`not` says what a value is not; a type says what it is",
    "if": "a condition on the value itself is no type; use a union of records",
    "patternProperties": "keys by pattern are no type; use map(string, …) or name the fields",
    "prefixItems": "a list has items of one type; use a record",
    "dependentSchemas": "fields that depend on others are no type; use a union of records",
    "$dynamicRef": "dynamic references are not followed",
}
_LEFT_OUT = (
    "pattern", "minLength", "maxLength", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf",
    "minItems", "maxItems", "uniqueItems", "contains", "minProperties", "maxProperties", "propertyNames",
    "dependentRequired", "default", "discriminator",
)  # fmt: skip
_MARKED: dict[str, Type] = {"uint": UINT, "decimal": DECIMAL, "duration": DURATION, "schedule": SCHEDULE}
_FORMATS: dict[str, Type] = {
    "date-time": TIMESTAMP, "duration": DURATION, "byte": BYTES, "base64": BYTES, "decimal": DECIMAL,
}  # fmt: skip


@dataclass(slots=True)
class Imported:
    """`table` holds what could be said; with problems, `any` stands for the rest."""

    table: TypeTable
    problems: list[Problem] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)


def types_from_schema(document: Any, name: str) -> Imported:
    """The types of a schema: its definitions, and under `name` the schema itself where it says anything."""
    found = _Reader(document, name)
    found.read()
    return Imported(TypeTable(found.types, found.docs), found.problems, found.notes)


class _Reader:
    def __init__(self, document: Any, name: str) -> None:
        self.document = document
        self.name = name
        self.types: dict[str, Type] = {}
        self.docs: dict[str, str] = {}
        self.problems: list[Problem] = []
        self.notes: list[Problem] = []
        self.names: dict[str, str] = {}
        """The names of types by the pointers of their schemas."""
        self.waiting: list[str] = []
        self.joining: set[str] = set()
        """The references that an `allOf` is following."""

    def read(self) -> None:
        if isinstance(self.document, Mapping):
            for pointer in self.definitions():
                self.named(pointer)
            if self.says_something(self.document):
                self.named("#")
        else:
            self.named("#")
        while self.waiting:
            pointer = self.waiting.pop(0)
            name, schema = self.names[pointer], self.at(pointer)
            self.types[name] = self.type(schema, "" if pointer == "#" else pointer.removeprefix("#/").replace("/", "."))
            if isinstance(schema, Mapping) and isinstance(schema.get("description"), str):
                self.docs[name] = " ".join(schema["description"].split())

    def definitions(self) -> Iterator[str]:
        for key in _DEFINITIONS:
            if isinstance(self.document.get(key), Mapping):
                yield from (f"#/{key}/{_escaped(name)}" for name in self.document[key])
        components = self.document.get("components")
        if isinstance(components, Mapping) and isinstance(components.get("schemas"), Mapping):
            yield from (f"#/components/schemas/{_escaped(name)}" for name in components["schemas"])

    def says_something(self, schema: Mapping[str, Any]) -> bool:
        around = {"$schema", "$id", "title", "description", "components", "openapi", "info", "paths", "servers"}
        own = schema.keys() - around - {*_DEFINITIONS}
        if own == {"allOf"} and isinstance(schema["allOf"], list) and len(schema["allOf"]) == 1:
            (part,) = schema["allOf"]
            own = {*part} if isinstance(part, Mapping) else own
        # A document of one type only refers to the definition of it.
        return bool(own) and not (own == {"$ref"} and any(True for _ in self.definitions()))

    def named(self, pointer: str) -> str:
        """The name of the type of a schema, which is read later: schemas may be recursive."""
        if pointer not in self.names:
            schema = self.at(pointer)
            title = schema.get("title") if pointer == "#" and isinstance(schema, Mapping) else None
            wanted = (title or self.name) if pointer == "#" else pointer.rpartition("/")[2]
            self.names[pointer] = self.free(_type_name(str(wanted)))
            self.waiting.append(pointer)
        return self.names[pointer]

    def free(self, name: str) -> str:
        taken = {*self.names.values()}
        number = 2
        found = name
        while found in taken or found in SCALARS or found == "map":
            found = f"{name}{number}"
            number += 1
        return found

    def at(self, pointer: str) -> Any:
        """What a pointer leads to; None when it leads nowhere."""
        place = self.document
        for part in pointer.split("/")[1:]:
            key = part.replace("~1", "/").replace("~0", "~").replace("%20", " ")
            if isinstance(place, Mapping) and key in place:
                place = place[key]
            elif isinstance(place, Sequence) and not isinstance(place, str) and key.isdigit() and int(key) < len(place):
                place = place[int(key)]
            else:
                return None
        return place

    def problem(self, path: str, reason: str) -> Type:
        self.problems.append(Problem(path, reason))
        return ANY

    # -- one schema ---------------------------------------------------------------------------------------------------

    def type(self, schema: Any, path: str, depth: int = 0) -> Type:
        if schema is True:
            return ANY
        if schema is False:
            return self.problem(path, "no value is valid here; a type has values")
        if not isinstance(schema, Mapping):
            return self.problem(path, "a schema is an object, true or false")
        if depth > _MAX_DEPTH:
            return self.problem(path, f"schemas nest more than {_MAX_DEPTH} deep")
        for key, reason in _IMPOSSIBLE.items():
            if key in schema:
                return self.problem(path, reason)
        found = self.shape(schema, path, depth + 1)
        if schema.get("x-tenuto-sensitive") is True or schema.get("format") == "password":
            found = Sensitive(found)
        if schema.get("nullable") is True:
            found = _optional(found)
        return found

    def shape(self, schema: Mapping[str, Any], path: str, depth: int) -> Type:
        if "$ref" in schema:
            return self.reference(schema["$ref"], path)
        mark = schema.get("x-tenuto")
        if isinstance(mark, str) and mark in _MARKED:
            return _MARKED[mark]
        if "const" in schema:
            return self.literals([schema["const"]], path)
        if "enum" in schema:
            values = schema["enum"]
            if not isinstance(values, Sequence) or isinstance(values, str):
                return self.problem(path, "enum is a list of values")
            return self.literals(list(values), path)
        for key in ("anyOf", "oneOf"):
            if key in schema:
                return self.union(schema[key], _below(path, key), depth)
        if "allOf" in schema:
            return self.all_of(schema["allOf"], _below(path, "allOf"), depth)
        self.note(schema, path)
        return self.by_type(schema, path, depth)

    def note(self, schema: Mapping[str, Any], path: str) -> None:
        left = [key for key in _LEFT_OUT if key in schema and not _is_implied(key, schema)]
        if left:
            self.notes.append(Problem(path, f"left out: {', '.join(left)}"))

    def reference(self, target: Any, path: str) -> Type:
        if not isinstance(target, str) or not (target == "#" or target.startswith("#/")):
            return self.problem(path, f"{target!r} leads out of this document; put the schema into its definitions")
        if target != "#" and self.at(target) is None:
            return self.problem(path, f"{target} leads nowhere")
        return Ref(self.named(target))

    def literals(self, values: list[Any], path: str) -> Type:
        texts = [value for value in values if isinstance(value, str)]
        nulls = [value for value in values if value is None]
        if len(texts) + len(nulls) != len(values) or not values:
            odd = next((value for value in values if value is not None and not isinstance(value, str)), None)
            reason = "an empty enum has no values" if not values else f"literals are strings, and {odd!r} is none"
            return self.problem(path, reason)
        options = [LiteralOf(text) for text in dict.fromkeys(texts)]
        if not options:
            return NULL
        found: Type = options[0] if len(options) == 1 else Union(tuple(options))
        return _optional(found) if nulls else found

    def union(self, options: Any, path: str, depth: int) -> Type:
        if not isinstance(options, Sequence) or isinstance(options, str) or not options:
            return self.problem(path, "a list of schemas is expected")
        if _is_decimal(options):
            return DECIMAL
        types = [self.type(option, f"{path}[{n}]", depth) for n, option in enumerate(options)]
        others = [type_ for type_ in types if type_ != NULL]
        if not others:
            return NULL
        flat: list[Type] = []
        for type_ in others:
            literal = isinstance(type_, Union) and all(isinstance(option, LiteralOf) for option in type_.options)
            flat += type_.options if isinstance(type_, Union) and literal else [type_]
        if not all(isinstance(option, LiteralOf) for option in flat):
            flat = others
        flat = list(dict.fromkeys(flat))
        found = flat[0] if len(flat) == 1 else Union(tuple(flat))
        return _optional(found) if len(others) < len(types) else found

    def all_of(self, parts: Any, path: str, depth: int) -> Type:
        """One part is itself; several records are one with all their fields."""
        if not isinstance(parts, Sequence) or isinstance(parts, str) or not parts:
            return self.problem(path, "a list of schemas is expected")
        if len(parts) == 1:
            return self.type(parts[0], f"{path}[0]", depth)
        fields: dict[str, RecordField] = {}
        for number, part in enumerate(parts):
            record = self.whole(part, f"{path}[{number}]", depth)
            if not isinstance(record, Record):
                return self.problem(path, "only records can be put together; a type is one thing")
            fields |= {item.name: item for item in record.fields}
        return Record(tuple(fields.values()))

    def whole(self, part: Any, path: str, depth: int) -> Type:
        """A part of a record: what it refers to, itself."""
        target = part.get("$ref") if isinstance(part, Mapping) else None
        if not isinstance(target, str):
            return self.type(part, path, depth)
        if target in self.joining:
            return self.problem(path, f"{target} is put together from itself")
        self.joining.add(target)
        found = self.type(self.at(target), path, depth)
        self.joining.discard(target)
        return found

    def by_type(self, schema: Mapping[str, Any], path: str, depth: int) -> Type:
        kind = schema.get("type")
        if isinstance(kind, list):
            options = [self.by_type({**schema, "type": one}, path, depth) for one in kind if one != "null"]
            if not options:
                return NULL
            found = options[0] if len(options) == 1 else Union(tuple(options))
            return _optional(found) if "null" in kind else found
        match kind:
            case "string":
                if schema.get("contentEncoding") == "base64":
                    return BYTES
                return _FORMATS.get(str(schema.get("format")), STRING)
            case "integer":
                return UINT if _at_least(schema, 0) and schema.get("maximum") == UINT_MAX else INT
            case "number":
                return DECIMAL if schema.get("format") == "decimal" else DOUBLE
            case "boolean":
                return BOOL
            case "null":
                return NULL
            case "array":
                items = schema.get("items", True)
                if isinstance(items, list):
                    return self.problem(_below(path, "items"), _IMPOSSIBLE["prefixItems"])
                return ListOf(self.type(items, _below(path, "items"), depth))
            case "object":
                return self.object(schema, path, depth)
            case None:
                if "properties" in schema or "additionalProperties" in schema:
                    return self.object(schema, path, depth)
                return ListOf(self.type(schema["items"], _below(path, "items"), depth)) if "items" in schema else ANY
            case _:
                return self.problem(path, f"{kind!r} is no type of JSON Schema")

    def object(self, schema: Mapping[str, Any], path: str, depth: int) -> Type:
        properties = schema.get("properties") or {}
        more = schema.get("additionalProperties", schema.get("unevaluatedProperties"))
        required = schema.get("required", [])
        names = isinstance(required, list) and all(isinstance(name, str) for name in required)
        if not isinstance(properties, Mapping) or not names:
            return self.problem(path, "properties are an object of schemas, and required a list of names")
        if not properties and not required:
            return Record(()) if more in (None, True, False) else MapOf(self.type(more, _below(path, "*"), depth))
        if isinstance(more, Mapping) and more:
            return self.problem(path, "named fields beside others of one type; put the others into a map of their own")
        fields = []
        for name in [*properties, *(name for name in required if name not in properties)]:
            place = _below(path, str(name))
            if not isinstance(name, str) or _NAME.fullmatch(name) is None:
                self.problem(place, f"{name!r} is no name of a field: letters, digits and _ are")
                continue
            type_ = self.type(properties.get(name, True), place, depth)
            fields.append(RecordField(name, type_ if name in required else _optional(type_)))
        return Record(tuple(fields))


def _optional(type_: Type) -> Type:
    return type_ if isinstance(type_, Optional) or type_ in (ANY, NULL) else Optional(type_)


def _below(path: str, step: str) -> str:
    return f"{path}.{step}" if path else step


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


def _type_name(text: str) -> str:
    """A name for a type: `order-item` is `OrderItem`."""
    text = text.replace("~1", "/").replace("~0", "~")
    if _NAME.fullmatch(text):
        return text
    words = re.findall(r"[A-Za-z0-9_]+", text)
    name = "".join(word[0].upper() + word[1:] for word in words) or "Type"
    return name if not name[0].isdigit() else f"T{name}"


def _at_least(schema: Mapping[str, Any], bound: int) -> bool:
    least = schema.get("minimum")
    return isinstance(least, int) and least >= bound


def _is_implied(key: str, schema: Mapping[str, Any]) -> bool:
    """Whether a keyword says no more than the type it becomes."""
    if key in ("minimum", "maximum"):
        return schema.get(key) in (INT_MIN, INT_MAX, UINT_MAX)
    if key == "pattern":
        return str(schema.get("format")) in _FORMATS or schema.get("contentEncoding") == "base64"
    return key == "default" and schema.get("default") is None


def _is_decimal(options: Sequence[Any]) -> bool:
    """A number or a text with digits: how pydantic writes a `Decimal`."""
    if not all(isinstance(option, Mapping) for option in options):
        return False
    kinds = sorted(str(option.get("type")) for option in options)
    return kinds == ["number", "string"] and any(r"\d" in str(option.get("pattern", "")) for option in options)
