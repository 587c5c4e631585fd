"""Functions of lists and maps: size, order, slices, and sets."""

from __future__ import annotations

from typing import Any

from tenuto_interpreter.expr.context import Context, charge, charge_items, charge_order
from tenuto_interpreter.expr.equality import key_of
from tenuto_interpreter.expr.errors import ExpressionError
from tenuto_interpreter.expr.running import kind_of, require
from tenuto_interpreter.expr.table import Rows


def least(context: Context, items: list[Any]) -> Any:
    if not items:
        raise ExpressionError("min of an empty list")
    charge_order(context, items)
    return min(items)


def greatest(context: Context, items: list[Any]) -> Any:
    if not items:
        raise ExpressionError("max of an empty list")
    charge_order(context, items)
    return max(items)


def _slice(context: Context, items: list[Any], start: int, end: int) -> list[Any]:
    if not 0 <= start <= end <= len(items):
        raise ExpressionError(f"slice({start}, {end}) of a list of {len(items)} items")
    charge_items(context, end - start)
    return items[start:end]


def _flatten(context: Context, items: list[Any], depth: int = 1) -> list[Any]:
    if depth < 0:
        raise ExpressionError("flatten to a depth below zero")
    flat: list[Any] = list(items)
    for _ in range(depth):
        if not any(isinstance(item, list) for item in flat):
            break
        charge_items(context, sum(len(item) if isinstance(item, list) else 1 for item in flat))
        flat = [part for item in flat for part in (item if isinstance(item, list) else (item,))]
    return flat


def _distinct(context: Context, items: list[Any]) -> list[Any]:
    charge_items(context, 4 * len(items))
    seen: dict[Any, Any] = {}
    for item in items:
        seen.setdefault(key_of(context, item), item)
    return list(seen.values())


def _sort(context: Context, items: list[Any]) -> list[Any]:
    charge_items(context, len(items))
    charge(context, len(items) * 2)
    charge_order(context, items, len(items).bit_length())
    if len({kind_of(item) for item in items}) > 1:
        raise ExpressionError("sort of a list of different types")
    return sorted(items)


def _reverse(context: Context, items: list[Any]) -> list[Any]:
    charge_items(context, len(items))
    return items[::-1]


def _range(context: Context, count: int) -> list[int]:
    charge_items(context, max(count, 0))
    return list(range(count))


def _unwrap(context: Context, items: list[Any]) -> list[Any]:
    charge_items(context, len(items))
    return [item for item in items if item is not None]


def _keys_of(context: Context, items: dict[str, Any]) -> list[str]:
    charge_items(context, len(items))
    return list(items)


def _values_of(context: Context, items: dict[str, Any]) -> list[Any]:
    charge_items(context, len(items))
    return list(items.values())


def _keys(context: Context, items: list[Any]) -> set[Any]:
    charge(context, 1 + 2 * len(items))
    return {key_of(context, item) for item in items}


def _sets_contains(context: Context, a: list[Any], b: list[Any]) -> bool:
    return _keys(context, b) <= _keys(context, a)


def _sets_equivalent(context: Context, a: list[Any], b: list[Any]) -> bool:
    return _keys(context, a) == _keys(context, b)


def _sets_intersects(context: Context, a: list[Any], b: list[Any]) -> bool:
    return not _keys(context, a).isdisjoint(_keys(context, b))


ROWS = Rows()

ROWS.both("size_list", "size", "[T] -> int", len, total=True)
ROWS.both("size_map", "size", "map(T) -> int", len, total=True)
for _kind in ("int", "uint", "double", "decimal", "string", "timestamp", "duration", "bool"):
    ROWS.function(f"min_{_kind}", "min", f"[{_kind}] -> {_kind}", least, needs_context=True)
    ROWS.function(f"max_{_kind}", "max", f"[{_kind}] -> {_kind}", greatest, needs_context=True)
    ROWS.method(f"min_{_kind}.method", "min", f"[{_kind}] -> {_kind}", least, needs_context=True)
    ROWS.method(f"max_{_kind}.method", "max", f"[{_kind}] -> {_kind}", greatest, needs_context=True)
    ROWS.method(f"sort_{_kind}", "sort", f"[{_kind}] -> [{_kind}]", _sort, needs_context=True)
ROWS.method("slice", "slice", "[T], int, int -> [T]", _slice, needs_context=True)
ROWS.method("flatten", "flatten", "[[T]] -> [T]", _flatten, needs_context=True)
ROWS.method("flatten_depth", "flatten", "[T], int -> [dyn]", _flatten, needs_context=True)
ROWS.method("distinct", "distinct", "[T] -> [T]", _distinct, needs_context=True)
ROWS.method("reverse_list", "reverse", "[T] -> [T]", _reverse, needs_context=True)
ROWS.method("first", "first", "[T] -> T?", lambda items: items[0] if items else None, total=True)
ROWS.method("last", "last", "[T] -> T?", lambda items: items[-1] if items else None, total=True)
ROWS.function("optional_of_non_zero", "optional.ofNonZeroValue", "T -> T?", lambda value: value or None, total=True)
ROWS.function("optional_unwrap", "optional.unwrap", "[T?] -> [T]", _unwrap, needs_context=True)
ROWS.method("unwrap_opt", "unwrapOpt", "[T?] -> [T]", _unwrap, needs_context=True)
ROWS.method("value", "value", "T? -> T", require)
ROWS.method("keys", "keys", "map(T) -> [string]", _keys_of, needs_context=True, total=True)
ROWS.method("values", "values", "map(T) -> [T]", _values_of, needs_context=True, total=True)
ROWS.function("range", "lists.range", "int -> [int]", _range, needs_context=True)
ROWS.function("sets_contains", "sets.contains", "[T], [T] -> bool", _sets_contains, needs_context=True)
ROWS.function("sets_equivalent", "sets.equivalent", "[T], [T] -> bool", _sets_equivalent, needs_context=True)
ROWS.function("sets_intersects", "sets.intersects", "[T], [T] -> bool", _sets_intersects, needs_context=True)
