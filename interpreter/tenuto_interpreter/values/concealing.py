"""Keeps `sensitive` values out of sight: of their own type where it is known, by their text where it is not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tenuto_interpreter.types import ListOf, MapOf, Optional, Record, Ref, Sensitive, Type, Union

HIDDEN = "***"
_LEAST = 3
"""Shorter texts are found in anything: hiding them everywhere would hide nothing and spoil all."""


def conceal(type_: Type, types: Mapping[str, Type], value: Any) -> Any:
    """The value with everything of a `sensitive` type in it replaced."""
    if value is None:
        return None
    match type_:
        case Sensitive():
            return HIDDEN
        case Ref(name) if name in types:
            return conceal(types[name], types, value)
        case Optional(item):
            return conceal(item, types, value)
        case Union(options):
            for option in options:
                value = conceal(option, types, value)
            return value
        case ListOf(item) if isinstance(value, list):
            return [conceal(item, types, part) for part in value]
        case MapOf(item) if isinstance(value, dict):
            return {key: conceal(item, types, part) for key, part in value.items()}
        case Record(fields) if isinstance(value, dict):
            hidden = {f.name: conceal(f.type, types, value[f.name]) for f in fields if f.name in value}
            return value | hidden
        case _:
            return value


def sensitive_texts(type_: Type, types: Mapping[str, Type], value: Any) -> Iterator[str]:
    """The texts and numbers of a `sensitive` type in a value, as `conceal_texts` looks for them."""
    shown = conceal(type_, types, value)
    yield from _differences(value, shown)


def conceal_texts(value: Any, texts: frozenset[str]) -> Any:
    """A value of no known type, without these texts wherever they stand in it."""
    match value:
        case str():
            for text in texts:
                value = value.replace(text, HIDDEN)
            return value
        case list():
            return [conceal_texts(part, texts) for part in value]
        case dict():
            return {key: conceal_texts(part, texts) for key, part in value.items()}
        case None | bool():
            return value
        case _:
            return HIDDEN if str(value) in texts else value


def _differences(value: Any, shown: Any) -> Iterator[str]:
    if shown == HIDDEN and value != HIDDEN:
        yield from _leaves(value)
    elif isinstance(value, list):
        for one, other in zip(value, shown, strict=True):
            yield from _differences(one, other)
    elif isinstance(value, dict):
        for key, one in value.items():
            yield from _differences(one, shown[key])


def _leaves(value: Any) -> Iterator[str]:
    match value:
        case list():
            for part in value:
                yield from _leaves(part)
        case dict():
            for part in value.values():
                yield from _leaves(part)
        case None | bool():
            return
        case _:
            if len(text := str(value)) >= _LEAST:
                yield text
