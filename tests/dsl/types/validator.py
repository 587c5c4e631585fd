"""JSON Schema, as much of it as `to_schema` writes: whether a value is valid.

Held by hand against the `jsonschema` package, which is no dependency of ours.
"""

from __future__ import annotations

import re
from typing import Any

_TYPES = {
    "string": lambda v: isinstance(v, str),
    "integer": lambda v: isinstance(v, int) and not isinstance(v, bool),
    "number": lambda v: isinstance(v, int | float) and not isinstance(v, bool),
    "boolean": lambda v: isinstance(v, bool),
    "null": lambda v: v is None,
    "array": lambda v: isinstance(v, list),
    "object": lambda v: isinstance(v, dict),
}
_ANNOTATIONS = {"$schema", "$defs", "definitions", "title", "description", "format", "contentEncoding"}


def valid(schema: Any, value: Any, document: Any) -> bool:
    return all(_holds(key, word, schema, value, document) for key, word in schema.items())


def _holds(key: str, word: Any, schema: Any, value: Any, document: Any) -> bool:
    match key:
        case "type":
            return any(_TYPES[kind](value) for kind in ([word] if isinstance(word, str) else word))
        case "const":
            return type(word) is type(value) and bool(word == value)
        case "enum":
            return any(type(one) is type(value) and one == value for one in word)
        case "minimum" | "maximum":
            number = isinstance(value, int | float) and not isinstance(value, bool)
            return not number or (value >= word if key == "minimum" else value <= word)
        case "pattern":
            return not isinstance(value, str) or re.search(word, value) is not None
        case "items":
            return not isinstance(value, list) or all(valid(word, item, document) for item in value)
        case "required":
            return not isinstance(value, dict) or all(name in value for name in word)
        case "properties":
            parts = value.items() if isinstance(value, dict) else ()
            return all(valid(word[name], item, document) for name, item in parts if name in word)
        case "additionalProperties":
            others = (
                [v for k, v in value.items() if k not in schema.get("properties", {})]
                if isinstance(value, dict)
                else []
            )
            return not others if word is False else all(valid(word, item, document) for item in others)
        case "anyOf":
            return any(valid(option, value, document) for option in word)
        case "allOf":
            return all(valid(option, value, document) for option in word)
        case "$ref":
            _, where, name = word.split("/")
            return valid(document[where][name], value, document)
        case _:
            assert key in _ANNOTATIONS or key.startswith("x-tenuto"), key
            return True
