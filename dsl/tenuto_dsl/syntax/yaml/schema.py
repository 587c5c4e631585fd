"""The JSON Schema (draft 7) of the YAML form, made from its models, for editors that know no more than schemas.

Editors show what a schema says as it stands, so it is made for that: a step or a transition is told by its verb with
`if` and `then`, never by `oneOf`, whose errors name none of the alternatives; a value that is a scalar or a map is told
by its type. What a schema cannot say (that names are declared, that expressions are well typed) the language server
and `tenuto lint` say.
"""

from __future__ import annotations

import json
from inspect import cleandoc
from typing import Any

from tenuto_dsl.syntax.yaml.known import NULL_IS_A_MISTAKE, NULL_IS_A_VALUE
from tenuto_dsl.syntax.yaml.models import (
    STRUCTURES,
    Shape,
    Structure,
    Union,
    WorkflowFile,
    keys_of,
)
from tenuto_dsl.syntax.yaml.models.base import NAME, NAMES, all_beyond

Schema = dict[str, Any]

_SCALARS: dict[str, Schema] = {
    "expression": {
        "type": ["string", "number", "boolean"],
        "not": {"type": "string", "pattern": r"^\s*\$\{[^{}]*\}\s*$"},
        "errorMessage": "an expression is expected here, without `${}` around it",
    },
    "name": {"type": "string", "pattern": NAME},
    "names": {"type": "string", "pattern": NAMES},
    "hangs": {"const": "hangs"},
    "value": {"not": {"type": "object"}},
}
_OTHERS: dict[str, Schema] = {
    "imports": {"type": ["string", "array"], "items": {"type": "string"}},
    "state names": {"type": "object", "additionalProperties": {"type": "string"}},
    "headers": {"type": "object"},
}


def schema_text() -> str:
    """The schema as the committed file has it."""
    return json.dumps(workflow_schema(), indent=2, ensure_ascii=False) + "\n"


def workflow_schema() -> Schema:
    return _Writer().whole()


class _Writer:
    def __init__(self) -> None:
        self.definitions: dict[str, Schema] = {}
        self.targets: dict[str, object] = {}

    def whole(self) -> Schema:
        root = self.shape(WorkflowFile)
        return {
            "$schema": "http://json-schema.org/draft-07/schema#",
            "title": "Tenuto workflow file",
            **{key: value for key, value in root.items() if key != "title"},
            "definitions": dict(sorted(self.definitions.items())),
        }

    # -- references ---------------------------------------------------------------------------------------------------

    def reference(self, target: type[Shape] | Union) -> Schema:
        name = target.words.replace(" ", "_") if isinstance(target, Union) else target.__name__
        assert self.targets.setdefault(name, target) is target, f"two shapes are called {name}"
        if name not in self.definitions:
            self.definitions[name] = {}  # entered first: shapes hold each other
            made = self.union(target) if isinstance(target, Union) else self.shape(target)
            self.definitions[name] = made
        return {"$ref": f"#/definitions/{name}"}

    # -- shapes -------------------------------------------------------------------------------------------------------

    def shape(self, shape: type[Shape]) -> Schema:
        """The keys, with what stands inside of their values put in."""
        properties: Schema = {}
        for key, known in keys_of(shape).items():
            method = known.reading.method
            has_parts = method in STRUCTURES or method in _OTHERS
            inner: Schema = {**(self.reading(method) if has_parts else {}), **known.schema}
            if method in ("type", "fields"):
                inner = self.of_type() if method == "type" else self.fields()
            optional = not known.is_required and method not in NULL_IS_A_MISTAKE
            if optional or (method in NULL_IS_A_VALUE and method != "flag") or known.nullable:
                inner = _or_null(inner)
            text = known.description
            properties[key] = {**_beside(inner), "description": text, "markdownDescription": text}
        required = [key for key, known in keys_of(shape).items() if known.is_required]
        assert shape.__doc__ is not None, f"{shape.__name__} says what it is"
        return {
            "description": cleandoc(shape.__doc__),
            "type": "object",
            "properties": properties,
            **({"required": required} if required else {}),
            "additionalProperties": False,
            **_said(all_beyond(shape)),
        }

    # -- what stands inside -------------------------------------------------------------------------------------------

    def reading(self, method: str) -> Schema:
        structure = STRUCTURES.get(method)
        if structure is None:
            return dict(_OTHERS[method])
        match structure.kind:
            case "map":
                names = {} if method == "tests" else {"propertyNames": {"pattern": NAME}}
                return {"type": "object", **names, "additionalProperties": self.held(structure)}
            case "list":
                return {"type": "array", "items": self.held(structure)}
            case _:
                return self.held(structure)

    def held(self, structure: Structure) -> Schema:
        """One of what a map or a list holds."""
        holds, scalar = structure.holds, structure.scalar
        listed = None if structure.listed is None else self.list_of(structure.listed)
        if holds is None:
            assert listed is not None
            return listed
        inner = self.reference(holds)
        if listed is not None:
            return {"if": {"type": "object"}, "then": inner, "else": listed}
        if scalar == "params":
            long = {"required": ["params"], "properties": {"params": {"type": "object"}}}
            return {"if": {"type": "object", **long}, "then": inner, "else": _or_null(self.reading("params"))}
        if scalar in ("type", "fields"):
            short = self.of_type() if scalar == "type" else _or_null(self.fields())
            names = list(keys_of(holds))
            own = {"anyOf": [{"required": names[:1]}, {"minProperties": 1, "propertyNames": {"enum": names}}]}
            return {"if": {"type": "object", **own}, "then": inner, "else": short}
        if scalar is not None:
            return {"if": {"type": "object"}, "then": inner, "else": dict(_SCALARS[scalar])}
        if isinstance(holds, Union) or self.must_have_keys(holds):
            return inner
        return {"if": {"type": "null"}, "else": inner}

    def of_type(self) -> Schema:
        """A type: text, a map of fields, or a list of one."""
        one = {"$ref": "#/definitions/Type"}
        if "Type" not in self.definitions:
            record = {"propertyNames": {"pattern": NAME}, "additionalProperties": one}
            listed = {"items": one, "minItems": 1, "maxItems": 1}
            self.definitions["Type"] = {
                "description": "A type: as text, a record as a map of its fields, a list as a list of one.",
                "type": ["string", "object", "array"], "pattern": r"\S", **record, **listed,
            }  # fmt: skip
        return one

    def fields(self) -> Schema:
        """The fields of a record, as a map or as text."""
        named = {"propertyNames": {"pattern": NAME}, "additionalProperties": self.of_type()}
        return {"type": ["string", "object"], "pattern": r"^\s*\{", **named}

    def list_of(self, union: Union) -> Schema:
        return {"type": ["array", "null"], "items": self.reference(union)}

    def must_have_keys(self, shape: type[Shape]) -> bool:
        return any(key.is_required for key in keys_of(shape).values())

    # -- unions -------------------------------------------------------------------------------------------------------

    def union(self, union: Union) -> Schema:
        """Told by the verb: if it is there, then its shape, else by the next."""
        chain = self.no_verb(union)
        for verb, shape in reversed(list(union.shapes.items())):
            chain = {"if": {"required": [verb]}, "then": self.reference(shape), "else": chain}
        # The properties are for completion alone: what they must be, their shapes say.
        properties = {}
        for verb, shape in union.shapes.items():
            text = keys_of(shape)[verb].description
            properties[verb] = {"description": text, "markdownDescription": text}
        if union.alone:
            return {
                "if": {"type": "string"},
                "then": {"enum": list(union.alone)},
                "else": {"type": "object", "properties": properties, "if": {"type": "object"}, "then": chain},
            }
        return {"type": "object", "properties": properties, "if": {"type": "object"}, "then": chain}

    def no_verb(self, union: Union) -> Schema:
        """What is said of a map without a verb: at the key that is none, or at the map when all keys may be."""
        message = f"a {union.words} has one verb: {', '.join(union.shapes)}"
        keys = {"enum": list(dict.fromkeys([*union.shapes, *(k for s in union.shapes.values() for k in keys_of(s))]))}
        return {
            "if": {"propertyNames": keys},
            "then": {"not": {}, "errorMessage": message},
            "else": {"propertyNames": {**keys, "errorMessage": message}},
        }


def _said(beyond: Schema) -> Schema:
    """Of keys that may not stand together, the message names them: editors say nothing of a `not`."""
    pairs = [option["required"] for option in beyond.get("not", {}).get("anyOf", []) if option.keys() == {"required"}]
    if not pairs:
        return beyond
    keys = list(dict.fromkeys(key for pair in pairs for key in pair))
    refused = {"not": beyond["not"], "errorMessage": f"no more than one of these keys: {', '.join(keys)}"}
    return {
        **{key: value for key, value in beyond.items() if key != "not"},
        "allOf": [*beyond.get("allOf", []), refused],
    }


def _or_null(schema: Schema) -> Schema:
    """The schema, or null: an empty value counts as a key that is left out."""
    if not schema or ("type" not in schema and schema.keys() <= {"description"}):
        return schema
    if schema.get("if") == {"type": "null"}:
        return schema
    if "if" in schema or "$ref" in schema:
        return {"if": {"type": "null"}, "else": schema}
    if "anyOf" in schema:
        return {**schema, "anyOf": [*schema["anyOf"], {"type": "null"}]}
    if "type" in schema:
        types = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
        return {**schema, "type": types if "null" in types else [*types, "null"]}
    return schema


def _beside(schema: Schema) -> Schema:
    """In draft 7 nothing counts beside a reference, so one that has company is wrapped."""
    return {"allOf": [schema]} if "$ref" in schema else schema
