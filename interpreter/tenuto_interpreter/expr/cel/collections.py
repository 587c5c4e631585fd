"""Functions of lists, maps and optionals: CEL's lists and sets extensions, and its optional types."""

from __future__ import annotations

from typing import Any

from tenuto_interpreter.expr.cel.table import Rows
from tenuto_interpreter.expr.cel.values import NONE, Maybe, hashable, is_zero, key_out, kind_of
from tenuto_interpreter.expr.context import Context, charge, charge_items, charge_order
from tenuto_interpreter.expr.errors import ExpressionError
from tenuto_interpreter.expr.operations import TABLE

SORTABLE = frozenset(
    ("int", "uint", "double", "bool", "string", "bytes", "decimal", "google.protobuf.Timestamp",
     "google.protobuf.Duration")
)  # fmt: skip


def sorted_by(context: Context, items: list[Any], keys: list[Any]) -> list[Any]:
    """Stable, ascending, by keys of one kind."""
    charge(context, 1 + 3 * len(items))
    charge_order(context, keys, len(keys).bit_length())
    kinds = {kind_of(key) for key in keys}
    if len(kinds) > 1:
        raise ExpressionError("a list of different types has no order")
    for kind in kinds - SORTABLE:
        raise ExpressionError(f"values of type {kind} have no order")
    order = sorted(range(len(items)), key=keys.__getitem__)
    return [items[place] for place in order]


def _ends(context: Context, items: list[Any], name: str) -> list[Any]:
    if not items:
        raise ExpressionError(f"{name} of an empty list")
    return sorted_by(context, items, items)


def _distinct(context: Context, items: list[Any]) -> list[Any]:
    charge_items(context, 4 * len(items))
    seen: dict[Any, Any] = {}
    for item in items:
        seen.setdefault(hashable(context, item), item)
    return list(seen.values())


def _keys_out(context: Context, items: dict[Any, Any]) -> list[Any]:
    charge_items(context, len(items))
    return [key_out(key) for key in items]


def _values(context: Context, items: dict[Any, Any]) -> list[Any]:
    charge_items(context, len(items))
    return list(items.values())


def _keys(context: Context, items: list[Any]) -> set[Any]:
    charge(context, 1 + 2 * len(items))
    return {hashable(context, item) for item in items}


def _value(operand: Maybe) -> Any:
    if not operand.present:
        raise ExpressionError("optional.none() has no value")
    return operand.value


def _unwrap(context: Context, items: list[Any]) -> list[Any]:
    charge_items(context, len(items))
    for item in items:
        if type(item) is not Maybe:
            raise ExpressionError(f"no such overload: unwrap of a list with {kind_of(item)}")
    return [item.value for item in items if item.present]


def _flatten(context: Context, items: list[Any], depth: int = 1) -> list[Any]:
    flatten = TABLE.by_id["flatten_depth"].function
    assert flatten is not None
    return list(flatten(context, items, depth))


ROWS = Rows()

ROWS.both("size", "list(A) -> int", len)
ROWS.both("size", "map(A, B) -> int", len)
ROWS.shared("slice", "list(A), int, int -> list(A)")
ROWS.method("flatten", "list(list(A)) -> list(A)", _flatten, ctx=True)
ROWS.method("flatten", "list(dyn), int -> list(dyn)", _flatten, ctx=True)
ROWS.method("distinct", "list(A) -> list(A)", _distinct, ctx=True)
for _kind in ("int", "uint", "double", "bool", "string", "bytes", "decimal", "timestamp", "duration"):
    ROWS.method("sort", f"list({_kind}) -> list({_kind})", lambda c, items: sorted_by(c, items, items), ctx=True)
ROWS.both("min", "list(A) -> A", lambda c, items: _ends(c, items, "min")[0], ctx=True)
ROWS.both("max", "list(A) -> A", lambda c, items: _ends(c, items, "max")[-1], ctx=True)
ROWS.shared("reverse_list", "list(A) -> list(A)")
ROWS.method("first", "list(A) -> optional(A)", lambda items: Maybe(items[0]) if items else NONE)
ROWS.method("last", "list(A) -> optional(A)", lambda items: Maybe(items[-1]) if items else NONE)
ROWS.method("keys", "map(A, B) -> list(A)", _keys_out, ctx=True)
ROWS.method("values", "map(A, B) -> list(B)", _values, ctx=True)
ROWS.shared("range", "int -> list(int)")
ROWS.function("sets.contains", "list(A), list(A) -> bool", lambda c, a, b: _keys(c, b) <= _keys(c, a), ctx=True)
ROWS.function("sets.equivalent", "list(A), list(A) -> bool", lambda c, a, b: _keys(c, a) == _keys(c, b), ctx=True)
ROWS.function(
    "sets.intersects", "list(A), list(A) -> bool", lambda c, a, b: not _keys(c, a).isdisjoint(_keys(c, b)), ctx=True
)

ROWS.function("optional.of", "A -> optional(A)", Maybe)
ROWS.function("optional.ofNonZeroValue", "A -> optional(A)", lambda value: NONE if is_zero(value) else Maybe(value))
ROWS.function("optional.ofNonNull", "A -> optional(A)", lambda value: NONE if value is None else Maybe(value))
ROWS.function("optional.none", "-> optional(A)", lambda: NONE)
ROWS.function("optional.unwrap", "list(optional(A)) -> list(A)", _unwrap, ctx=True)
ROWS.method("unwrapOpt", "list(optional(A)) -> list(A)", _unwrap, ctx=True)
ROWS.method("hasValue", "optional(A) -> bool", lambda operand: operand.present)
ROWS.method("value", "optional(A) -> A", _value)
