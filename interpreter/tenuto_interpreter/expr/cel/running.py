"""What compiled CEL calls while it runs: logic that absorbs errors, selection, literals, macros."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from tenuto_interpreter.expr.cel.collections import sorted_by
from tenuto_interpreter.expr.cel.values import NONE, Maybe, key_in, key_out, kind_of
from tenuto_interpreter.expr.context import FAILED, Context, charge, charge_items
from tenuto_interpreter.expr.errors import ExpressionError, LimitError

# -- logic ------------------------------------------------------------------------------------------------------------


def _decide(context: Context, test: Callable[..., Any], turns: Iterable[tuple[Any, ...]], deciding: bool) -> bool:
    """`&&`, `||` and the macros like them: one test may decide whatever failed before it."""
    failed: Exception | None = None
    for turn in turns:
        try:
            found = test(*turn)
        except LimitError:
            raise
        except Exception as error:  # noqa: BLE001  # kept, and raised unless another test decides
            failed = failed or error
            charge(context, FAILED)
            continue
        if found is deciding:
            return bool(deciding)
        if type(found) is not bool:
            failed = failed or ExpressionError(f"no such overload: a condition must be a bool, found {kind_of(found)}")
    if failed is not None:
        raise failed
    return not deciding


def _run(term: Callable[[], Any]) -> Any:
    return term()


def and_of(context: Context, *terms: Callable[[], Any]) -> bool:
    return _decide(context, _run, zip(terms, strict=True), False)


def or_of(context: Context, *terms: Callable[[], Any]) -> bool:
    return _decide(context, _run, zip(terms, strict=True), True)


def truth(value: Any) -> bool:
    if value is True or value is False:
        return bool(value)
    raise ExpressionError(f"no such overload: a condition must be a bool, found {kind_of(value)}")


def fail(message: str) -> Any:
    raise ExpressionError(message)


def named(variables: dict[str, Any], name: str) -> Any:
    if name not in variables:
        raise ExpressionError(f"undeclared reference to '{name}'")
    return variables[name]


# -- selection --------------------------------------------------------------------------------------------------------


def select(operand: Any, field: str) -> Any:
    """`operand.field`; of an optional, an optional."""
    kind = type(operand)
    if kind is dict:
        if field in operand:
            return operand[field]
        raise ExpressionError(f"no such key: {field}")
    if kind is Maybe:
        return select_or_none(operand, field)
    raise ExpressionError(f"no such overload: {kind_of(operand)}.{field}")


def select_or_none(operand: Any, field: str) -> Maybe:
    """`operand.?field`."""
    kind = type(operand)
    if kind is Maybe:
        return select_or_none(operand.value, field) if operand.present else NONE
    if kind is dict:
        return Maybe(operand[field]) if field in operand else NONE
    raise ExpressionError(f"no such overload: {kind_of(operand)}.?{field}")


def has(operand: Any, field: str) -> bool:
    kind = type(operand)
    if kind is Maybe:
        return bool(operand.present) and has(operand.value, field)
    if kind is dict:
        return field in operand
    raise ExpressionError(f"no such overload: has({kind_of(operand)}.{field})")


# -- literals ---------------------------------------------------------------------------------------------------------


def _optional(value: Any) -> Maybe:
    if type(value) is not Maybe:
        raise ExpressionError(f"what is written with ? must be an optional, found {kind_of(value)}")
    return value


def make_list(items: tuple[tuple[Any, bool], ...]) -> list[Any]:
    out = []
    for item, optional in items:
        if not optional:
            out.append(item)
        elif _optional(item).present:
            out.append(item.value)
    return out


def make_map(context: Context, items: tuple[tuple[Any, Any, bool], ...]) -> dict[Any, Any]:
    charge_items(context, len(items))
    out: dict[Any, Any] = {}
    for plain, value, optional in items:
        key = key_in(plain)
        if key in out:
            raise ExpressionError(f"the key {str(plain)[:60]} comes twice")
        if not optional:
            out[key] = value
        elif _optional(value).present:
            out[key] = value.value
    return out


# -- macros -----------------------------------------------------------------------------------------------------------


def items_of(context: Context, source: Any, weight: int, two: bool) -> Iterable[tuple[Any, ...]]:
    """What a comprehension binds in each turn, paid for: `weight` steps for each."""
    kind = type(source)
    if kind is not list and kind is not dict:
        raise ExpressionError(f"{kind_of(source)} is neither a list nor a map")
    charge(context, 1 + len(source) * weight)
    if kind is list:
        return enumerate(source) if two else zip(source, strict=True)
    if two:
        return ((key_out(key), value) for key, value in source.items())
    return ((key_out(key),) for key in source)


def loop(context: Context, kind: str, source: Any, weight: int, two: bool, *bodies: Callable[..., Any]) -> Any:
    """A macro over a list or map. The last body is its value, one before it a condition."""
    turns = items_of(context, source, weight, two)
    first, last = bodies[0], bodies[-1]
    if kind == "all" or kind == "exists":
        return _decide(context, first, turns, kind == "exists")
    if kind == "exists_one":
        return sum(1 for turn in turns if truth(first(*turn))) == 1
    if kind == "filter":
        return [turn[0] for turn in turns if truth(first(*turn))]
    kept = turns if len(bodies) == 1 else (turn for turn in turns if truth(first(*turn)))
    if kind == "map":
        return [last(*turn) for turn in kept]
    if kind == "sort_by":
        items = [turn[0] for turn in kept]
        return sorted_by(context, items, [last(item) for item in items])
    if kind == "transform_map":
        return {key_in(turn[0]): last(*turn) for turn in kept}
    assert kind == "transform_entries", kind
    return _entries(last(*turn) for turn in kept)


def _entries(made: Iterable[Any]) -> dict[Any, Any]:
    out: dict[Any, Any] = {}
    for entry in made:
        if type(entry) is not dict:
            raise ExpressionError(f"transformMapEntry needs a map of one entry, found {kind_of(entry)}")
        for key, value in entry.items():
            if key in out:
                raise ExpressionError(f"the key {str(key_out(key))[:60]} comes twice")
            out[key] = value
    return out


def optional_map(flat: bool, operand: Any, body: Callable[[Any], Any]) -> Maybe:
    """`optMap`, and `optFlatMap` when the body makes an optional itself."""
    if not _optional(operand).present:
        return NONE
    made = body(operand.value)
    return _optional(made) if flat else Maybe(made)


def or_else(operand: Any, other: Callable[[], Any], value: bool) -> Any:
    """`or`, and `orValue` when `value` is set. The other side is evaluated when it is needed."""
    if type(operand) is not Maybe:
        raise ExpressionError(f"no such overload: {kind_of(operand)}.or{'Value' if value else ''}")
    if operand.present:
        return operand.value if value else operand
    return other() if value else _optional(other())
