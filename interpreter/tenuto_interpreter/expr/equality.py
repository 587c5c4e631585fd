"""Equality of values whose types are not known to be plain: CEL's, not Python's.

Numbers are equal when they are the same number, whatever their kind; a bool is never a number; NaN equals nothing;
lists and maps are equal when their parts are. Values of different kinds are unequal, never an error.
"""

from __future__ import annotations

from typing import Any

from tenuto_interpreter.expr.context import Context, charge, charge_search


def equal(context: Context, a: Any, b: Any) -> bool:
    """Whether two values of any types are equal. Parts that are shared are compared, and paid for, each time."""
    kind, other = type(a), type(b)
    if kind is bool or other is bool:
        return a is b
    if kind is dict or other is dict:
        if kind is not other or len(a) != len(b):
            return False
        charge(context, 1 + 4 * len(a))
        return all(key in b and equal(context, value, b[key]) for key, value in a.items())
    if kind in _LISTS or other in _LISTS:
        if kind not in _LISTS or other not in _LISTS or len(a) != len(b):
            return False
        charge(context, 1 + 4 * len(a))
        return all(equal(context, x, y) for x, y in zip(a, b, strict=True))
    return same(context, a, b)


def same(context: Context, a: Any, b: Any) -> bool:
    """Python's own equality, paid for where it is of long strings.

    By what the two are, never by whether they are one object: that depends on whether a snapshot was read back.
    """
    kind = type(a)
    if kind is str or kind is bytes:
        size = len(a)
        if size > _LONG and kind is type(b) and len(b) == size:
            charge(context, size >> 8)
    equal: bool = a == b
    return equal


def contains_plain(context: Context, value: Any, items: list[Any]) -> bool:
    """`value in items` by Python's own equality. A long string is compared with all that are as long."""
    charge(context, 1 + (len(items) >> 6))
    if (type(value) is str or type(value) is bytes) and len(value) > _LONG:
        kind, size = type(value), len(value)
        charge(context, sum(type(item) is kind and len(item) == size for item in items) * (size >> 8))
    return value in items


def has_key(context: Context, key: str, items: dict[str, Any]) -> bool:
    charge_search(context, key)
    return key in items


def contains(context: Context, value: Any, items: Any) -> bool:
    """`value in items` for lists, and for the keys of maps."""
    if type(items) is dict:
        return isinstance(value, str) and value in items
    charge(context, 1 + len(items))
    return any(equal(context, item, value) for item in items)


def key_of(context: Context, value: Any) -> Any:
    """A hashable stand-in: two values have equal keys when they are equal."""
    kind = type(value)
    if kind is bool:
        return (bool, value)
    if kind is float and value != value:
        return object()  # NaN, which equals nothing: Python's sets would find it by its identity
    if kind is dict:
        charge(context, 1 + 4 * len(value))
        return (dict, frozenset((key, key_of(context, item)) for key, item in value.items()))
    if kind in _LISTS:
        charge(context, 1 + 4 * len(value))
        return (list, tuple(key_of(context, item) for item in value))
    if kind is str or kind is bytes:
        charge_search(context, value)
    return value


_LISTS = (list, tuple)
_LONG = 1024
