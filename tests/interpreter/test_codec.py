"""Values survive storage unchanged, and what would not is refused with its place."""

from __future__ import annotations

import contextlib
import math
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tenuto_interpreter.codec import MAX_DEPTH, PayloadError, check_payload, decode, encode

KEYS = st.one_of(
    st.text(max_size=8), st.sampled_from(["$", "$$", "$tenuto", "$decimal", "$$decimal", "$duration", "value"])
)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**64 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=20),
    st.binary(max_size=20),
    st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**30), max_value=10**30),
    st.datetimes(timezones=st.just(UTC)),
    st.timedeltas(min_value=timedelta(days=-3_600_000), max_value=timedelta(days=3_600_000)),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(KEYS, inner, max_size=4)),
    max_leaves=20,
)


def same(a: Any, b: Any) -> bool:
    """Equal, of the same types throughout, and signed zeros and trailing zeros alike."""
    if isinstance(a, dict):
        return isinstance(b, dict) and list(a) == list(b) and all(same(a[key], b[key]) for key in a)
    if isinstance(a, list):
        return isinstance(b, list) and len(a) == len(b) and all(same(x, y) for x, y in zip(a, b, strict=True))
    return type(a) is type(b) and a == b and str(a) == str(b)


@given(VALUES)
def test_every_value_comes_back(value: Any) -> None:
    assert same(value, decode(encode(value)))


@given(VALUES)
def test_the_same_value_gives_the_same_bytes(value: Any) -> None:
    assert encode(value) == encode(decode(encode(value)))


@given(st.binary(max_size=60))
def test_damaged_bytes_are_one_kind_of_error(data: bytes) -> None:
    with contextlib.suppress(PayloadError):
        decode(data)


@pytest.mark.parametrize(
    "tagged", [{"$decimal": "x"}, {"$decimal": 5}, {"$timestamp": "x"}, {"$what": 1}, {"$bytes": 3}]
)
def test_damaged_tags_are_errors(tagged: Any) -> None:
    with pytest.raises(PayloadError):
        decode(orjson.dumps({"$tenuto": 1, "value": tagged}))


def test_plain_values_are_plain_json() -> None:
    assert encode({"a": [1, 2.5, "x", None, True]}) == b'{"a":[1,2.5,"x",null,true]}'


def test_tuples_come_back_as_lists() -> None:
    assert decode(encode((1, (None, "x")))) == [1, [None, "x"]]
    assert encode((None,)) == b"[null]"


def test_other_zones_come_back_as_the_same_moment() -> None:
    moment = datetime(2026, 5, 1, 12, tzinfo=timezone(timedelta(hours=2)))
    assert decode(encode([moment])) == [moment]


@pytest.mark.parametrize(
    ("value", "path", "reason"),
    [
        (math.nan, "", "nan is not a JSON number"),
        ({"a": [1, {"b": math.inf}]}, "a[1].b", "inf is not a JSON number"),
        ({"a": None, "b": math.nan}, "b", "nan is not a JSON number"),
        ([Decimal("NaN")], "[0]", "not a finite decimal"),
        ([Decimal("1e999999")], "[0]", "a decimal out of range"),
        ({"a": 2**64}, "a", "an integer of more than 64 bits"),
        ({"a": "\ud800"}, "a", "a string with half of a surrogate pair, which no UTF-8 can hold"),
        ({"\ud800": 1}, "", "a string with half of a surrogate pair, which no UTF-8 can hold"),
        ({1: 2}, "", "a key that is not a string: 1"),
        ([datetime(2026, 1, 1)], "[0]", "a datetime without a time zone"),  # noqa: DTZ001  # the point
        ([timedelta.max], "[0]", "a duration of more than 10,000 years"),
        ({"a": {1, 2}}, "a", "a value of type set cannot be stored"),
        ({"a": object}, "a", "a value of type type cannot be stored"),
    ],
)  # fmt: skip
def test_what_would_not_come_back_is_refused(value: Any, path: str, reason: str) -> None:
    with pytest.raises(PayloadError) as caught:
        encode(value)
    assert (caught.value.path, caught.value.reason) == (path, reason)
    with pytest.raises(PayloadError):
        check_payload(value)


def nested(depth: int, leaf: Any) -> Any:
    for _ in range(depth):
        leaf = [leaf]
    return leaf


@pytest.mark.parametrize("leaf", [1, Decimal(1), None])
def test_a_value_of_the_greatest_depth_can_be_stored_within_others(leaf: Any) -> None:
    deepest = nested(MAX_DEPTH, leaf)
    check_payload(deepest)
    with pytest.raises(PayloadError, match="nested deeper"):
        check_payload([deepest])
    assert decode(encode(nested(16, deepest))) == nested(16, deepest)
    for depth in (MAX_DEPTH + 17, 300, 20_000):
        with pytest.raises(PayloadError, match="nested deeper"):
            encode(nested(depth, leaf))


def test_a_newer_form_is_refused() -> None:
    with pytest.raises(PayloadError, match="unknown form"):
        decode(b'{"$tenuto":2,"value":1}')
