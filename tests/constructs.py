"""The constructs of the language, as the syntax tree has them: what samples and pages are counted against.

A construct is a kind of node (`ForStep`), a part of one that may be left out (`ForStep.at_most`), or one of the words
that an author chooses from (`State.kind=final`).
"""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Iterable, Iterator

from tenuto_dsl.syntax import tree

_NOT_OF_AUTHORS = {"Node", "Comment", "File.form=text", "File.form=yaml", "File.comments"}
"""What a file is made of, and no author writes."""


def constructs() -> set[str]:
    found: set[str] = set()
    for kind in vars(tree).values():
        if not (isinstance(kind, type) and issubclass(kind, tree.Node)):
            continue
        found.add(kind.__name__)
        types = typing.get_type_hints(kind, localns=vars(tree))
        for field in _fields(kind):
            where = f"{kind.__name__}.{field.name}"
            words = [word for word in _words(types[field.name]) if word is not None]
            found |= {f"{where}={word}" for word in words}
            if not words and field.default is not dataclasses.MISSING:
                found.add(where)
    return found - _NOT_OF_AUTHORS


def used_in(files: Iterable[tree.File]) -> set[str]:
    found: set[str] = set()
    stack: list[object] = list(files)
    while stack:
        part = stack.pop()
        if isinstance(part, tuple):
            stack += part
        elif isinstance(part, tree.Node):
            name = type(part).__name__
            found.add(name)
            for field in _fields(type(part)):
                value = getattr(part, field.name)
                if isinstance(value, str):
                    found.add(f"{name}.{field.name}={value}")
                if value not in (None, (), False):
                    found.add(f"{name}.{field.name}")
                stack.append(value)
    return found


def _fields(kind: type[tree.Node]) -> Iterator[dataclasses.Field[object]]:
    return (field for field in dataclasses.fields(kind) if field.compare and field.name != "doc")


def _words(annotation: object) -> Iterator[object]:
    if typing.get_origin(annotation) is typing.Literal:
        yield from typing.get_args(annotation)
    for part in typing.get_args(annotation):
        yield from _words(part)
