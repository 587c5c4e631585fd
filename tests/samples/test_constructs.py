"""Every construct of the language is used by at least one sample.

The constructs are read from the syntax tree: each kind of node, each part of one that may be left out, and each word of
which an author chooses one. What no sample uses is listed with the reason, and may not be listed once one does.
"""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Iterator

from tenuto_dsl.diagnostics import Diagnostics
from tenuto_dsl.syntax import parse_file, tree

from tests.samples.driver import SAMPLES

NOT_OF_AUTHORS = {"Node", "File.form=text", "File.form=yaml", "File.comments", "Comment"}
"""What a file is made of, and no author writes."""

UNUSED = {
    # The engine does not carry these out:
    "Rate", "ActivityDecl.rate", "ActivityDecl.queue", "ActivityDecl.priority", "CallStep.queue", "CallStep.priority",
    "Timeout.queued",
    # One word of several, of which samples show another:
    "HttpBinding.method=HEAD", "HttpBinding.method=PATCH", "StartStep.on_close=abandon", "StartStep.on_close=terminate",
    # docs/expressions.md shows these, and its examples are tests:
    "Binary.operator=%", "Unary.operator=-", "ListExpr.optional", "MapEntry.optional", "Literal_.kind=uint",
    "Literal_.kind=bytes",
}  # fmt: skip


def constructs() -> set[str]:
    """`Node`, `Node.part` for what may be left out, `Node.part=word` for one word of several."""
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
    return found - NOT_OF_AUTHORS


def _fields(kind: type[tree.Node]) -> Iterator[dataclasses.Field[object]]:
    return (field for field in dataclasses.fields(kind) if field.compare and field.name != "doc")


def _words(annotation: object) -> Iterator[object]:
    if typing.get_origin(annotation) is typing.Literal:
        yield from typing.get_args(annotation)
    for part in typing.get_args(annotation):
        yield from _words(part)


def used() -> set[str]:
    """The constructs of all samples, as text."""
    found: set[str] = set()
    for path in SAMPLES.glob("*/*.tenuto"):
        stack: list[object] = [parse_file(str(path), path.read_text(encoding="utf-8"), Diagnostics())]
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


def test_every_construct_is_used_by_a_sample() -> None:
    missing = constructs() - used()
    assert missing - UNUSED == set(), "no sample shows these"
    assert UNUSED - missing == set(), "a sample shows these: take them from the list"
