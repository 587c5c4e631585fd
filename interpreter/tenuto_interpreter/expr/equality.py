"""Equality of values whose types are not known to be plain: CEL's, not Python's.

Numbers are equal when they are the same number, whatever their kind; a bool is never a number; NaN equals nothing;
lists and maps are equal when their parts are. Values of different kinds are unequal, never an error.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any


def equal(a: Any, b: Any) -> bool:
    """Whether two values of any types are equal."""
    kind, other = type(a), type(b)
    if kind is bool or other is bool:
        return a is b
    if kind is dict or other is dict:
        if kind is not other or len(a) != len(b):
            return False
        return all(key in b and equal(value, b[key]) for key, value in a.items())
    if kind in _LISTS or other in _LISTS:
        if kind not in _LISTS or other not in _LISTS or len(a) != len(b):
            return False
        return all(equal(x, y) for x, y in zip(a, b, strict=True))
    return bool(a == b)


def contains(items: Any, value: Any) -> bool:
    """`value in items` for lists, and for the keys of maps."""
    if type(items) is dict:
        return isinstance(value, str) and value in items
    return any(equal(item, value) for item in items)


def key_of(value: Any) -> Any:
    """A hashable stand-in: two values have equal keys when they are equal."""
    kind = type(value)
    if kind is bool:
        return (bool, value)
    if kind is dict:
        return (dict, frozenset((key, key_of(item)) for key, item in value.items()))
    if kind in _LISTS:
        return (list, tuple(key_of(item) for item in value))
    if kind is Decimal or kind is float or kind is int:
        return value
    return value


_LISTS = (list, tuple)
