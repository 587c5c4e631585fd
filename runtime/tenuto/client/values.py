"""Checks what goes into a run against the types its definition declares, before it is stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tenuto_interpreter import codec, ir
from tenuto_interpreter.types import Type, type_text
from tenuto_interpreter.values import ShapeError, accepts_null, reader
from tenuto_interpreter.values.shape import nearest

from tenuto.client.errors import InvalidInput, UnknownName


def read_arguments(program: ir.Program, params: Sequence[ir.Param], values: Any, what: str) -> dict[str, Any]:
    """The values by parameter name, in memory. Raises InvalidInput with the path of the first bad part.

    A parameter with a default may be left out; the default is evaluated where the run starts.
    """
    types: dict[str, Type] = {decl.name: decl.type for decl in program.types}
    if values is None:
        values = {}
    if not isinstance(values, Mapping):
        raise InvalidInput(f"{what}: expected an object with {_listed(params)}, found {type(values).__name__}")
    names = [param.name for param in params]
    for name in values:
        if name not in names:
            near = nearest(str(name), names)
            hint = f"; did you mean {near}?" if near else f"; expected is an object with {_listed(params)}"
            raise InvalidInput(f"{what}: there is no {name!r}{hint}", str(name))
    result: dict[str, Any] = {}
    for param in params:
        if param.name in values and not (values[param.name] is None and param.default is not None):
            try:
                result[param.name] = reader(param.type, types, True)(values[param.name], param.name)
            except ShapeError as error:
                raise InvalidInput(f"{what}: {error}", error.path) from None
        elif param.default is None:
            if not accepts_null(param.type, types):
                message = f"{what}: {param.name}: expected {type_text(param.type)}, found nothing: it is missing"
                raise InvalidInput(message, param.name)
            result[param.name] = None
    try:
        codec.check_payload(result)
    except codec.PayloadError as error:
        raise InvalidInput(f"{what}: {error}", error.path) from None
    return result


def find(what: str, name: str, declared: Sequence[Any]) -> Any:
    """The declaration of that name. Raises UnknownName with the nearest."""
    for item in declared:
        if item.name == name:
            return item
    known = [item.name for item in declared]
    raise UnknownName(what, name, known, nearest(name, known))


def _listed(params: Sequence[ir.Param]) -> str:
    return ", ".join(f"{param.name}: {type_text(param.type)}" for param in params) or "nothing in it"
