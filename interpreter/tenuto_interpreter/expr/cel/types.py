"""CEL's types as data, and the notation in which the library writes its signatures.

A type is a tuple headed by its name: `("int",)`, `("list", ("dyn",))`, `("map", key, value)`, `("optional", item)`,
`("type", of)`, `("param", name)` for a type variable, `("error",)` after a mistake that has been reported.
"""

from __future__ import annotations

import re
from typing import Any, TypeAlias

CelType: TypeAlias = tuple[Any, ...]

DYN: CelType = ("dyn",)
ERROR: CelType = ("error",)
NULL: CelType = ("null",)
BOOL: CelType = ("bool",)
INT: CelType = ("int",)
UINT: CelType = ("uint",)
DOUBLE: CelType = ("double",)
STRING: CelType = ("string",)
BYTES: CelType = ("bytes",)
TIMESTAMP: CelType = ("timestamp",)
DURATION: CelType = ("duration",)

SCALARS = ("null", "bool", "int", "uint", "double", "string", "bytes", "timestamp", "duration", "decimal", "schedule")

RUNTIME_KINDS = {
    "null": "null_type", "timestamp": "google.protobuf.Timestamp", "duration": "google.protobuf.Duration",
    "optional": "optional_type", "schedule": "map",
}  # fmt: skip
"""What a value of the type says it is, where that differs."""

_TOKEN = re.compile(r"\s*(->|[(),]|\.\.\.|[A-Za-z]+)")


def signature(text: str) -> tuple[tuple[CelType, ...], CelType]:
    """`list(A), int -> A`: parameters and result."""
    tokens = _TOKEN.findall(text)
    params: list[CelType] = []
    while tokens[0] != "->":
        if tokens[0] == ",":
            tokens.pop(0)
        params.append(_type(tokens))
    tokens.pop(0)
    result = _type(tokens)
    assert not tokens, text
    return tuple(params), result


def _type(tokens: list[str]) -> CelType:
    word = tokens.pop(0)
    if len(word) == 1 and word.isupper():
        return ("param", word)
    if not tokens or tokens[0] != "(":
        assert word in SCALARS or word == "dyn", word
        return (word,)
    inner: list[CelType] = []
    while tokens.pop(0) != ")":
        inner.append(_type(tokens))
    assert word in ("list", "map", "optional", "type"), word
    return (word, *inner)


def text_of(type_: CelType) -> str:
    """A type for people."""
    head, *inner = type_
    if head == "param":
        return str(inner[0])
    if head == "opaque":
        return f"{inner[0]}({', '.join(map(text_of, inner[1:]))})"
    name = {"optional": "optional_type", "null": "null_type"}.get(head, head)
    return f"{name}({', '.join(map(text_of, inner))})" if inner else str(name)
