"""Equality, order and membership in filters, with CEL's answers for values of different kinds.

A number in a jsonb is a decimal in SQL; beside an int it is compared as one, beside a fraction as a double, as the
evaluator does. They could differ for whole numbers beyond 2^53 that one side holds as a double, so a constant of that
kind is refused.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tenuto_interpreter.expr.cel import Duration, Timestamp
from tenuto_interpreter.expr.cel.values import equal as equal_values
from tenuto_interpreter.expr.cel.values import key_out

from tenuto_dsl.diagnostics import nearest
from tenuto_dsl.filters import texts, timing
from tenuto_dsl.filters.pieces import FAILED, Piece, boolean, known

if TYPE_CHECKING:
    from tenuto_dsl.filters.translator import Translator

_FLIPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
_MANY = 1000
_SCALARS = ("bool", "int", "double", "string", "timestamp", "duration")


def ordered(translator: Translator, name: str, left: Piece, right: Piece) -> Piece:
    """`<` and its kind."""
    if left.kind == "constant":
        name, left, right = _FLIPPED[name], right, left
    if right.kind == "constant":
        return _ordered_constant(translator, name, left, right.value)
    if left.kind == right.kind and left.kind in _SCALARS:
        return boolean(f"{left.text}{_collation(left)} {name} {right.text}")
    if {left.kind, right.kind} == {"int", "double"}:
        return boolean(f"({left.text})::float8 {name} ({right.text})::float8")
    raise translator.refuse("two columns are compared only when both have one declared type")


def _collation(piece: Piece) -> str:
    return ' collate "C"' if piece.kind == "string" else ""


def _ordered_constant(translator: Translator, name: str, piece: Piece, value: Any) -> Piece:
    if isinstance(value, str):
        text = texts.of(piece)
        return FAILED if text is None else boolean(f'{text} collate "C" {name} {texts.text(translator, value)}')
    if isinstance(value, bool):
        if piece.kind == "json":
            test = f"({piece.text})::boolean {name} {translator.parameters.add('bool', value)}"
            return boolean(f"case when jsonb_typeof({piece.text}) = 'boolean' then {test} end")
        return (
            boolean(f"{piece.text} {name} {translator.parameters.add('bool', value)}") if _is(piece, "bool") else FAILED
        )
    if isinstance(value, int | float):
        if _is(piece, "json", "int", "double"):
            return boolean(_number(translator, piece, name, value, "end"))
        return FAILED
    if isinstance(value, Timestamp) and piece.kind == "timestamp":
        if piece.raw:
            moment = translator.parameters.add("timestamptz", timing.microseconds(translator, value))
            return boolean(f"{piece.raw} {name} {moment}")
        return boolean(f"{piece.text} {name} {_micros(translator, value)}")
    if isinstance(value, Timestamp) and piece.kind == "timestamp_text":
        return boolean(f'{timing.text_of(piece.text)} collate "C" {name} {timing.sortable(translator, value)}')
    if isinstance(value, Duration) and piece.kind == "duration":
        return boolean(f"{piece.text} {name} {_micros(translator, value)}")
    return FAILED


def _is(piece: Piece, *kinds: str) -> bool:
    return piece.kind in kinds


def _micros(translator: Translator, value: Timestamp | Duration) -> str:
    return translator.parameters.add("bigint", timing.microseconds(translator, value))


def _number(translator: Translator, piece: Piece, name: str, value: Any, otherwise: str) -> str:
    """A number compared with a constant one. `otherwise` ends the CASE for JSON that is no number."""
    exact: str | None = None
    if isinstance(value, int) or (value.is_integer() and abs(value) < 2**53):
        exact = f"{translator.parameters.add('text', str(int(value)))}::numeric"
    elif math.isfinite(value) and value.is_integer():
        raise translator.refuse("a double that large is not compared exactly", "write it as an int")
    if math.isnan(value):
        test = f"case when {piece.text} is not null then false end"
    elif exact is not None:
        test = f"({piece.text})::numeric {name} {exact}"
    else:
        number, double = f"({piece.text})::numeric", translator.parameters.add("float8", value)
        inside = f"abs({number}) between 1e-300 and 1e300 or {number} = 0"
        test = f"case when {inside} then ({piece.text})::float8 {name} {double} end"
    if piece.kind == "json":
        return f"case when jsonb_typeof({piece.text}) = 'number' then {test} {otherwise}"
    return test if exact is not None or math.isnan(value) else f"({piece.text})::float8 {name} {double}"


# -- equality ---------------------------------------------------------------------------------------------------------


def equal(translator: Translator, left: Piece, right: Piece) -> Piece:
    """`==`: false for values of different kinds, failed when one of them has."""
    if "error" in (left.kind, right.kind):
        return FAILED
    if left.kind == "constant":
        left, right = right, left
    if right.kind == "constant":
        if left.kind == "constant":
            return boolean(str(equal_values(translator.context, left.value, right.value)).lower())
        return _equal_constant(translator, left, right.value)
    if left.kind == right.kind and left.kind in (*_SCALARS, "json", "object"):
        if left.nullable and right.nullable:
            return boolean(f"{left.text} is not distinct from {right.text}")
        if left.nullable or right.nullable:
            some, sure = (left, right) if left.nullable else (right, left)
            return known(sure, f"({some.text} is not distinct from {sure.text})")
        return boolean(f"{left.text} = {right.text}")
    if {left.kind, right.kind} == {"json", "string"}:
        found, text = (left, right) if left.kind == "json" else (right, left)
        value = f"to_jsonb({text.text})"
        return boolean(f"{found.text} = " + (f"coalesce({value}, 'null'::jsonb)" if text.nullable else value))
    raise translator.refuse("two columns are compared only when both have one declared type")


def _equal_constant(translator: Translator, piece: Piece, value: Any) -> Piece:
    if piece.choices and isinstance(value, str) and value not in piece.choices:
        meant = nearest(value, piece.choices)
        hint = f'did you mean "{meant}"?' if meant else f"it is one of {', '.join(piece.choices)}"
        raise translator.refuse(f'"{value[:40]}" is none of its values', hint, "TEN249")
    if piece.kind == "json":
        return _equal_json(translator, piece, value)
    if piece.kind == "timestamp_text" and not isinstance(value, Timestamp):
        return known(Piece(timing.text_of(piece.text), "string"), "false")
    if value is None:
        return boolean(f"{piece.text} is null") if piece.nullable else known(piece, "false")
    same = "is not distinct from" if piece.nullable else "="
    match piece.kind, value:
        case "string", str():
            return boolean(f"{piece.text} {same} {texts.text(translator, value)}")
        case "bool", bool():
            return boolean(f"{piece.text} {same} {translator.parameters.add('bool', value)}")
        case (("int" | "double"), bool()):
            return known(piece, "false")
        case (("int" | "double"), (int() | float())):
            test = _number(translator, piece, "=", value, "end")
            return boolean(f"coalesce({test}, false)" if piece.nullable else test)
        case "timestamp", Timestamp() if piece.raw:
            moment = translator.parameters.add("timestamptz", timing.microseconds(translator, value))
            return boolean(f"{piece.raw} {same} {moment}")
        case ("timestamp", Timestamp()) | ("duration", Duration()):
            return boolean(f"{piece.text} {same} {_micros(translator, value)}")
        case "timestamp_text", Timestamp():
            return boolean(f"{timing.text_of(piece.text)} = {timing.sortable(translator, value)}")
        case "object", dict():
            return boolean(f"{piece.text} = {_jsonb(translator, value)}")
    return known(piece, "false")


def _equal_json(translator: Translator, piece: Piece, value: Any) -> Piece:
    if isinstance(value, float) and not (value.is_integer() and abs(value) < 2**53):
        return boolean(_number(translator, piece, "=", value, f"when {piece.text} is not null then false end"))
    if value is None or isinstance(value, str | bool | int | float | list | dict):
        return boolean(f"{piece.text} = {_jsonb(translator, value)}")
    return known(piece, "false")


def _jsonb(translator: Translator, value: Any) -> str:
    """A constant as jsonb."""
    return f"{texts.text(translator, json.dumps(_plain(translator, value)))}::jsonb"


def _plain(translator: Translator, value: Any) -> Any:
    match value:
        case None | bool() | str():
            return value
        case int():
            return int(value)
        case float() if value.is_integer() and abs(value) < 2**53:
            return int(value)
        case list():
            return [_plain(translator, item) for item in value]
        case dict() if all(isinstance(key, str) for key in value):
            return {key: _plain(translator, item) for key, item in value.items()}
    raise translator.refuse("lists and maps of a filter hold texts, whole numbers, bools and null")


# -- membership -------------------------------------------------------------------------------------------------------


def member(translator: Translator, piece: Piece, items: Piece) -> Piece:
    """`in` a constant list, a list of JSON, or the keys of an object."""
    if "error" in (piece.kind, items.kind):
        return FAILED
    if items.kind == "constant":
        return _in_constant(translator, piece, items.value)
    if piece.kind != "constant":
        raise translator.refuse("only a constant can be looked for in a column")
    value = piece.value
    if items.kind == "object":
        return (
            boolean(f"{items.text} ? {texts.text(translator, value)}") if isinstance(value, str) else boolean("false")
        )
    if items.kind != "json":
        return FAILED
    if isinstance(value, float) and not (value.is_integer() and abs(value) < 2**53):
        raise translator.refuse("a fraction cannot be looked for in a list")
    if isinstance(value, str):
        test = f"{items.text} ? {texts.text(translator, value)}"
        return boolean(f"case when jsonb_typeof({items.text}) in ('array', 'object') then {test} end")
    inside = f"{items.text} @> {_jsonb(translator, [value])}"
    return boolean(f"case jsonb_typeof({items.text}) when 'array' then {inside} when 'object' then false end")


def among(translator: Translator, piece: Piece, items: Sequence[Piece]) -> Piece:
    """`in` a list that names columns. The list is there only when all of its items are."""
    if any(item.kind == "error" for item in items):
        return FAILED
    test = " or ".join(equal(translator, piece, item).text for item in items)
    sure = [f"{item.text} is not null" for item in items if item.kind != "constant" and not item.nullable]
    return boolean(f"case when {' and '.join(sure)} then {test} end" if sure else test)


def _in_constant(translator: Translator, piece: Piece, items: Any) -> Piece:
    if isinstance(items, dict):
        items = [key_out(key) for key in items]
    if not isinstance(items, list):
        return FAILED
    if len(items) > _MANY:
        raise translator.refuse(f"a list of more than {_MANY} items")
    if not items:
        return known(piece, "false")
    if piece.kind == "string" and not piece.nullable and not piece.choices and all(isinstance(i, str) for i in items):
        for item in items:
            texts.text(translator, item)
        return boolean(f"{piece.text} = any({translator.parameters.add('texts', tuple(items))})")
    found = (equal(translator, piece, Piece("", "constant", value=item)) for item in items)
    return boolean(" or ".join(part.text for part in found))
