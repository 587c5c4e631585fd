"""Values of CEL at run time: their kinds, their equality, and how JSON becomes one and one becomes JSON.

An int is a Python int and a uint a `UInt`, a subclass: the two are equal, and the same key of a map, when they are the
same number, as CEL asks. Python thinks that of `True` and 1 as well, so a bool is a `BoolKey` while it is a key.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from tenuto_interpreter.expr.context import Context, charge, charge_search
from tenuto_interpreter.expr.equality import same
from tenuto_interpreter.expr.errors import ExpressionError, LimitError
from tenuto_interpreter.values.texts import EPOCH, INT_MAX, INT_MIN, UINT_MAX, write_bytes, write_decimal

NANOSECONDS = 1_000_000_000


class UInt(int):
    """An unsigned 64-bit integer."""

    __slots__ = ()


class BoolKey:
    """A bool where Python must not take it for 0 or 1. There are two."""

    __slots__ = ("value",)

    def __init__(self, value: bool) -> None:
        self.value = value


FALSE_KEY, TRUE_KEY = BoolKey(False), BoolKey(True)


class TypeName:
    """A type as a value. Types of one name are equal, whatever their parameters."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TypeName) and self.name == other.name

    def __hash__(self) -> int:
        return hash(self.name)


class Maybe:
    """An optional: `Maybe(value)`, or `NONE`. Null is a value like any other."""

    __slots__ = ("present", "value")

    def __init__(self, value: Any, present: bool = True) -> None:
        self.value = value
        self.present = present


NONE = Maybe(None, False)


class _Nanoseconds:
    """A count of nanoseconds: exact where Python's own times are not."""

    __slots__ = ("ns",)

    def __init__(self, ns: int) -> None:
        self.ns = ns

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.ns == other.ns

    def __hash__(self) -> int:
        return hash(self.ns)

    def __lt__(self, other: Any) -> bool:
        return bool(self.ns < other.ns)

    def __le__(self, other: Any) -> bool:
        return bool(self.ns <= other.ns)

    def __gt__(self, other: Any) -> bool:
        return bool(self.ns > other.ns)

    def __ge__(self, other: Any) -> bool:
        return bool(self.ns >= other.ns)


_FIRST = (datetime.min.replace(tzinfo=UTC) - EPOCH) // timedelta(seconds=1) * NANOSECONDS
_LAST = (datetime.max.replace(tzinfo=UTC, microsecond=0) - EPOCH) // timedelta(seconds=1) * NANOSECONDS + NANOSECONDS


class Timestamp(_Nanoseconds):
    """Nanoseconds since 1970 UTC, in the years 1 to 9999."""

    __slots__ = ()

    def __init__(self, ns: int) -> None:
        if not _FIRST <= ns < _LAST:
            raise ExpressionError("a timestamp outside the years 1 to 9999")
        super().__init__(ns)

    def datetime(self) -> datetime:
        """The moment, cut to microseconds."""
        return EPOCH + timedelta(microseconds=self.ns // 1000)


class Duration(_Nanoseconds):
    """A signed length of time: 64 bits of nanoseconds, some 292 years, as in cel-go."""

    __slots__ = ()

    def __init__(self, ns: int) -> None:
        if not INT_MIN <= ns <= INT_MAX:
            raise ExpressionError("a duration of more than 292 years")
        super().__init__(ns)

    def timedelta(self) -> timedelta:
        """The length, cut towards zero to microseconds."""
        return timedelta(microseconds=self.ns // 1000 if self.ns >= 0 else -(-self.ns // 1000))


KINDS: dict[type, str] = {
    type(None): "null_type", bool: "bool", int: "int", UInt: "uint", float: "double", str: "string", bytes: "bytes",
    list: "list", dict: "map", TypeName: "type", Maybe: "optional_type", Timestamp: "google.protobuf.Timestamp",
    Duration: "google.protobuf.Duration", Decimal: "decimal",
}  # fmt: skip
"""The name of each Python class's type in CEL."""


def kind_of(value: Any) -> str:
    return KINDS.get(type(value), type(value).__name__)


def from_host(value: Any) -> Any:
    """A value of the workflow language in its form here."""
    if isinstance(value, datetime):
        return Timestamp((value - EPOCH) // timedelta(microseconds=1) * 1000)
    if isinstance(value, timedelta):
        return Duration(value // timedelta(microseconds=1) * 1000)
    return value


# -- keys of maps -----------------------------------------------------------------------------------------------------


def key_in(value: Any) -> Any:
    """A value as it is stored as a key. Raises for what cannot be one."""
    kind = type(value)
    if kind is str or kind is int or kind is UInt:
        return value
    if kind is bool:
        return TRUE_KEY if value else FALSE_KEY
    raise ExpressionError(f"{kind_of(value)} cannot be the key of a map")


def key_sought(value: Any) -> Any:
    """A value as a key that is looked for: a double that is a whole number finds that number."""
    if type(value) is float and value.is_integer():
        return int(value)
    return key_in(value)


def key_out(key: Any) -> Any:
    return key.value if type(key) is BoolKey else key


# -- equality ---------------------------------------------------------------------------------------------------------


def equal(context: Context, a: Any, b: Any) -> bool:
    """Whether two values of any kinds are equal. Parts that are shared are compared, and paid for, each time."""
    kind, other = type(a), type(b)
    if kind is bool or other is bool:
        return a is b
    if kind is dict or other is dict:
        if kind is not other or len(a) != len(b):
            return False
        charge(context, 1 + 4 * len(a))
        return all(key in b and equal(context, value, b[key]) for key, value in a.items())
    if kind is list or other is list:
        if kind is not other or len(a) != len(b):
            return False
        charge(context, 1 + 4 * len(a))
        return all(equal(context, x, y) for x, y in zip(a, b, strict=True))
    if kind is Maybe or other is Maybe:
        if kind is not other or a.present is not b.present:
            return False
        return not a.present or equal(context, a.value, b.value)
    return same(context, a, b)


def hashable(context: Context, value: Any) -> Any:
    """A stand-in for `set` and `dict`: two values have equal ones when they are equal."""
    kind = type(value)
    if kind is bool:
        return (bool, value)
    if kind is float and math.isnan(value):
        return object()
    if kind is dict:
        charge(context, 1 + 4 * len(value))
        return (dict, frozenset((key, hashable(context, item)) for key, item in value.items()))
    if kind is list:
        charge(context, 1 + 4 * len(value))
        return (list, tuple(hashable(context, item) for item in value))
    if kind is Maybe:
        return (Maybe, value.present, hashable(context, value.value))
    if kind is str or kind is bytes:
        charge_search(context, value)
    return value


def is_zero(value: Any) -> bool:
    """Whether a value is the zero of its kind, which `optional.ofNonZeroValue` takes for none."""
    if type(value) is Duration:
        return value.ns == 0
    if type(value) in (Timestamp, TypeName):
        return False
    return not value if type(value) is not Maybe else not value.present


# -- texts ------------------------------------------------------------------------------------------------------------


def timestamp_text(value: Timestamp) -> str:
    """RFC 3339 in UTC, with as many digits as there are."""
    seconds, ns = divmod(value.ns, NANOSECONDS)
    text = (EPOCH + timedelta(seconds=seconds)).strftime("%m-%dT%H:%M:%S")
    year = (EPOCH + timedelta(seconds=seconds)).year
    return f"{year:04}-{text}{_fraction(ns)}Z"


def seconds_text(value: Duration) -> str:
    """CEL's own text of a duration: `5400s`, `-0.5s`."""
    seconds, ns = divmod(abs(value.ns), NANOSECONDS)
    return f"{'-' if value.ns < 0 else ''}{seconds}{_fraction(ns)}s"


def _fraction(ns: int) -> str:
    return f".{ns:09}".rstrip("0") if ns else ""


_UNITS = (
    (86_400 * NANOSECONDS, "d"), (3600 * NANOSECONDS, "h"), (60 * NANOSECONDS, "m"), (NANOSECONDS, "s"),
    (1_000_000, "ms"), (1000, "us"), (1, "ns"),
)  # fmt: skip


def duration_text(value: Duration) -> str:
    """The wire form of a duration, as everywhere in Tenuto: `1h30m`."""
    rest = abs(value.ns)
    text = "-" if value.ns < 0 else ""
    for size, unit in _UNITS:
        count, rest = divmod(rest, size)
        if count:
            text += f"{count}{unit}"
    return text or "0s"


# -- JSON -------------------------------------------------------------------------------------------------------------


def from_json(value: Any) -> Any:
    """A value from parsed JSON: a whole number above 64 signed bits is a uint, one beyond that a double."""
    kind = type(value)
    if kind is int:
        if INT_MIN <= value <= INT_MAX:
            return value
        return UInt(value) if 0 <= value <= UINT_MAX else float(value)
    if kind is list:
        return [from_json(item) for item in value]
    if kind is dict:
        return {key: from_json(item) for key, item in value.items()}
    return value


MAX_OUTPUT = 4_000_000
"""The characters a value may have as JSON, roughly: a part that occurs often counts each time."""


def to_json(value: Any) -> Any:
    """Plain JSON: bytes as base64, times and types as their text, an optional as its value or null, NaN and the
    infinities as text, keys as text. Raises ExpressionError when two keys have one text, LimitError for what is large.
    """
    return _json(value, [MAX_OUTPUT])


def _json(value: Any, left: list[int]) -> Any:
    left[0] -= 2 + (len(value) if type(value) in (str, bytes) else 0)
    if left[0] < 0:
        raise LimitError(f"a value of more than {MAX_OUTPUT:,} characters")
    match value:
        case None | bool() | str():
            return value
        case int():
            return int(value)
        case float():
            if math.isfinite(value):
                return value
            return "NaN" if math.isnan(value) else ("Infinity" if value > 0 else "-Infinity")
        case bytes():
            return write_bytes(value)
        case list():
            return [_json(item, left) for item in value]
        case dict():
            return _object(value, left)
        case Decimal():
            return write_decimal(value)
        case Timestamp():
            return timestamp_text(value)
        case Duration():
            return duration_text(value)
        case TypeName():
            return value.name
        case Maybe():
            return _json(value.value, left) if value.present else None
        case _:
            return str(value)


def _object(value: dict[Any, Any], left: list[int]) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for key, item in value.items():
        plain = key_out(key)
        text = ("true" if plain else "false") if type(plain) is bool else str(plain)
        if text in out:
            raise ExpressionError(f'two keys of a map are "{text[:40]}" as JSON')
        left[0] -= len(text)
        out[text] = _json(item, left)
    return out
