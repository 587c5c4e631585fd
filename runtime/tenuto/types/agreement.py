"""Whether a Python function agrees with the activity it provides: parameters and result, as far as they are annotated.

`Any` agrees with everything, and so does what is not annotated. A parameter must hold every value of the declared type;
the declared type of the result must hold what the annotation promises, as the reader of results understands it.
"""

from __future__ import annotations

import inspect
import re
import typing
from collections.abc import Callable, Mapping
from typing import Any

from tenuto_dsl.types import Mismatch, mismatch, type_source
from tenuto_interpreter import ir
from tenuto_interpreter.types import (
    NULL,
    ListOf,
    MapOf,
    Optional,
    Record,
    RecordField,
    Ref,
    Sensitive,
    Type,
    Union,
)

from tenuto.types.annotations import Annotations, Use


def disagreements(
    function: Callable[..., Any], declared: ir.Activity, types: Mapping[str, Type], where: str
) -> list[str]:
    """What the function's annotations say otherwise than its declaration, a line for each. `where` is the place of the
    declaration."""
    hints = annotations_of(function)
    place = place_of(function)
    problems = []
    for param in declared.params:
        if param.name in hints:
            found, text = _compared(hints[param.name], param.type, types, "taken")
            if found is not None:
                problems.append(
                    f"activity {declared.name}: its parameter {param.name} is {type_source(param.type)} ({where}), "
                    f"but {place} takes {text}{_part(found, 'holds')}"
                )
    if "return" in hints and declared.returns is not None:
        found, text = _compared(hints["return"], declared.returns, types, "given")
        if found is not None:
            problems.append(
                f"activity {declared.name}: it gives {type_source(declared.returns)} ({where}), "
                f"but {place} returns {text}{_part(found, 'promises')}"
            )
    return problems


def annotations_of(function: Callable[..., Any]) -> dict[str, Any]:
    """The annotations of a function or a callable object; none when they are for type checkers only."""
    target = function if inspect.isroutine(function) else getattr(type(function), "__call__", function)  # noqa: B004  # the method itself is wanted
    try:
        return typing.get_type_hints(inspect.unwrap(target), include_extras=True)
    except Exception:  # noqa: BLE001  # annotations are anybody's code, and may be for type checkers only
        return {}


def place_of(function: Callable[..., Any]) -> str:
    """The name of a function, and where it stands."""
    code = getattr(inspect.unwrap(function), "__code__", None)
    name = getattr(function, "__qualname__", repr(function))
    return f"{name} ({code.co_filename}:{code.co_firstlineno})" if code is not None else name


def _compared(annotation: Any, declared: Type, types: Mapping[str, Type], use: Use) -> tuple[Mismatch | None, str]:
    """What does not fit, and the annotation as people read it."""
    reading = Annotations(lenient=True, use=use)
    type_ = reading.read(NULL if annotation is None else annotation)
    # The names of both sides live apart: a class may well be called as a type is, and be another.
    own = {f"python {name}": _renamed(found, reading.types) for name, found in reading.types.items()}
    python = _renamed(type_, reading.types)
    known = {**types, **own}
    if use == "taken":
        found = mismatch(declared, python, known, read=False)
    else:
        found = mismatch(python, declared, known, read=True)
    return found, _shown(annotation)


def _renamed(type_: Type, names: Mapping[str, Type]) -> Type:
    match type_:
        case Ref(name) if name in names:
            return Ref(f"python {name}")
        case ListOf(item):
            return ListOf(_renamed(item, names))
        case MapOf(item):
            return MapOf(_renamed(item, names))
        case Optional(item):
            return Optional(_renamed(item, names))
        case Sensitive(item):
            return Sensitive(_renamed(item, names))
        case Union(options):
            return Union(tuple(_renamed(option, names) for option in options))
        case Record(fields):
            return Record(tuple(RecordField(f.name, _renamed(f.type, names)) for f in fields))
        case _:
            return type_


def _part(found: Mismatch, verb: str) -> str:
    """Which part is wrong, when it is not the whole."""
    if not found.path:
        return ""
    given, taken = found.given.replace("python ", ""), found.taken.replace("python ", "")
    if found.given == "missing":
        return f": {found.path} is missing"
    return (
        f": at {found.path}, {taken} does not hold {given}"
        if verb == "holds"
        else (f": at {found.path}, {given} is no {taken}")
    )


def _shown(annotation: Any) -> str:
    if annotation in (None, type(None)):
        return "None"
    if isinstance(annotation, type) and typing.get_origin(annotation) is None:
        return annotation.__qualname__
    return re.sub(r"\b(?:\w+\.)+(?=\w)", "", str(annotation))  # without the names of modules
