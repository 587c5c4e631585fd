"""What a program refers to by name: config in its expressions, declared types in its types and expressions."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping

from tenuto_interpreter import ir
from tenuto_interpreter.types import Ref, Type


def config_read(expressions: Iterable[ir.Expr]) -> Iterator[str]:
    """The names of the config values that expressions read."""
    pending: list[object] = list(expressions)
    while pending:
        match pending.pop():
            case ("config", str(name)):
                yield name
            case tuple(parts):
                pending.extend(parts)


def referenced_types(program: ir.Program, declared: Mapping[str, Type]) -> tuple[ir.TypeDecl, ...]:
    """The declared types a program needs, in the order of their declaration: those it names, and those they name."""
    names = set(_refs(program)) | set(_named_in(program.expressions))
    pending = [name for name in names if name in declared]
    found = set(pending)
    while pending:
        for name in _refs(declared[pending.pop()]):
            if name in declared and name not in found:
                found.add(name)
                pending.append(name)
    return tuple(ir.TypeDecl(name, type_) for name, type_ in declared.items() if name in found)


def _refs(value: object) -> Iterator[str]:
    pending = [value]
    while pending:
        item = pending.pop()
        if isinstance(item, Ref):
            yield item.name
        elif isinstance(item, tuple):
            pending.extend(item)
        elif dataclasses.is_dataclass(item):
            pending.extend(getattr(item, field.name) for field in dataclasses.fields(item))


def _named_in(expressions: Iterable[ir.Expr]) -> Iterator[str]:
    """Types that expressions carry (a cast, say) have the plain form of `type_to_data`."""
    pending: list[object] = list(expressions)
    while pending:
        item = pending.pop()
        if isinstance(item, (tuple, list)) and item:
            if item[0] == "ref" and len(item) == 2 and isinstance(item[1], str):
                yield item[1]
            pending.extend(item)
