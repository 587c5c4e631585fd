"""Readers check what comes from outside; writers give back what readers accept."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tenuto_interpreter.types import (
    ANY,
    BOOL,
    BYTES,
    DECIMAL,
    DOUBLE,
    DURATION,
    INT,
    NULL,
    STRING,
    TIMESTAMP,
    UINT,
    ListOf,
    LiteralOf,
    MapOf,
    Optional,
    Record,
    RecordField,
    Ref,
    Sensitive,
    Type,
    Union,
)  # fmt: skip
from tenuto_interpreter.values import ShapeError, reader, writer
from tenuto_interpreter.values.texts import read_duration, write_duration

TYPES: dict[str, Type] = {
    "Item": Record((RecordField("sku", STRING), RecordField("quantity", INT))),
    "Order": Record(
        (
            RecordField("id", STRING),
            RecordField("items", ListOf(Ref("Item"))),
            RecordField("total", DECIMAL),
            RecordField("email", Optional(STRING)),
        )
    ),
    "Tree": Record((RecordField("value", INT), RecordField("children", ListOf(Ref("Tree"))))),
}
RISK = Union((LiteralOf("low"), LiteralOf("high")))

STRATEGIES: dict[Type, st.SearchStrategy[Any]] = {
    STRING: st.text(max_size=10),
    INT: st.integers(-(2**63), 2**63 - 1),
    UINT: st.integers(0, 2**64 - 1),
    DOUBLE: st.floats(allow_nan=False, allow_infinity=False),
    BOOL: st.booleans(),
    BYTES: st.binary(max_size=10),
    DECIMAL: st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**20), max_value=10**20),
    TIMESTAMP: st.datetimes(timezones=st.just(UTC)),
    DURATION: st.timedeltas(min_value=timedelta(days=-3_000_000), max_value=timedelta(days=3_000_000)),
    RISK: st.sampled_from(["low", "high"]),
}


@st.composite
def typed_values(draw: st.DrawFn, depth: int = 3) -> tuple[Type, Any]:
    kind = draw(st.sampled_from(["scalar", "list", "map", "record", "optional"] if depth else ["scalar"]))
    if kind == "scalar":
        type_ = draw(st.sampled_from(list(STRATEGIES)))
        return type_, draw(STRATEGIES[type_])
    inner, value = draw(typed_values(depth - 1))
    if kind == "list":
        return ListOf(inner), [value, value]
    if kind == "map":
        return MapOf(inner), draw(st.dictionaries(st.text(max_size=5), st.just(value), max_size=3))
    if kind == "optional":
        return (
            (inner, value) if isinstance(inner, Optional) else (Optional(inner), draw(st.sampled_from([None, value])))
        )
    other, second = draw(typed_values(depth - 1))
    return Record((RecordField("a", inner), RecordField("b", Sensitive(other)))), {"a": value, "b": second}


@given(typed_values())
def test_what_is_written_reads_back(pair: tuple[Type, Any]) -> None:
    type_, value = pair
    written = writer(type_, {})(value)
    assert reader(type_, {}, True)(written, "x") == value
    assert reader(type_, {}, False)(value, "x") == value  # values in memory are accepted as they are


@given(st.recursive(st.one_of(st.none(), st.integers(), st.floats(), st.text(), st.booleans()),
                    lambda i: st.one_of(st.lists(i), st.dictionaries(st.text(), i)), max_leaves=10))  # fmt: skip
def test_readers_raise_nothing_but_shape_errors(value: Any) -> None:
    for type_ in (*STRATEGIES, Ref("Order"), Ref("Tree"), ANY, NULL, ListOf(INT), MapOf(DECIMAL), Union((INT, STRING))):
        with contextlib.suppress(ShapeError):
            reader(type_, TYPES, True)(value, "x")


ORDER = {"id": "o1", "items": [{"sku": "a", "quantity": 2}], "total": "12.50"}


def test_an_order() -> None:
    read = reader(Ref("Order"), TYPES, True)(ORDER, "order")
    assert read == {"id": "o1", "items": [{"sku": "a", "quantity": 2}], "total": Decimal("12.50"), "email": None}
    assert writer(Ref("Order"), TYPES)(read) == {**ORDER, "email": None}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"items": [ORDER["items"][0], {"sku": 5, "quantity": 1}]}, "order.items[1].sku: expected string, found 5"),
        ({"items": [{"sku": "a"}]}, "order.items[0].quantity: expected int, found nothing: the field is missing"),
        ({"items": {}}, "order.items: expected [Item], found {}"),
        ({"items": None}, "order.items: expected [Item], found null"),
        ({"total": 12.5}, 'order.total: expected decimal (a string such as "12.50"), found 12.5'),
        ({"total": "1e999999999"}, 'order.total: expected decimal (a string such as "12.50"), found "1e999999999"'),
        ({"emial": "x"}, 'order: expected no field "emial" (did you mean "email"?), found "x"'),
        ({"id": "x" * 100, "total": []}, 'order.total: expected decimal (a string such as "12.50"), found []'),
    ],
)  # fmt: skip
def test_messages(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ShapeError) as caught:
        reader(Ref("Order"), TYPES, True)({**ORDER, **change}, "order")
    assert str(caught.value) == message


def test_lenient_readers_drop_unknown_fields() -> None:
    assert reader(Ref("Item"), TYPES, False)({"sku": "a", "quantity": 1, "more": 2}, "") == {"sku": "a", "quantity": 1}


def test_found_values_are_shortened() -> None:
    with pytest.raises(ShapeError) as caught:
        reader(INT, {}, True)("x" * 10_000, "n")
    assert len(str(caught.value)) < 80


@pytest.mark.parametrize(
    ("type_", "value"),
    [
        (INT, True), (INT, 1.0), (INT, 2**63), (UINT, -1), (DOUBLE, float("nan")), (DOUBLE, "1"), (BOOL, 1), (NULL, 0),
        (STRING, 1), (BYTES, "%"), (DECIMAL, "1_0"), (DECIMAL, " 1"), (DECIMAL, "NaN"), (DECIMAL, True),
        (TIMESTAMP, "2026-01-01"), (TIMESTAMP, "2026-01-01T00:00:00"), (TIMESTAMP, "2026-02-30T00:00:00Z"),
        (TIMESTAMP, "0001-01-01T00:00:00+02:00"), (TIMESTAMP, datetime(2026, 1, 1)),  # noqa: DTZ001  # the point
        (DURATION, "1 h"), (DURATION, ""), (DURATION, "P1M"), (DURATION, "99999999999w"), (RISK, "medium"),
        (ANY, {1: 2}), (ANY, [2**70]), (ANY, object()), (MapOf(INT), {1: 1}),
    ],
)  # fmt: skip
def test_refused(type_: Type, value: Any) -> None:
    with pytest.raises(ShapeError):
        reader(type_, {}, True)(value, "x")


@pytest.mark.parametrize(
    ("type_", "value", "expected"),
    [
        (DOUBLE, 3, 3.0),
        (DECIMAL, 3, Decimal(3)),
        (TIMESTAMP, "2026-01-31T09:00:00+02:00", datetime(2026, 1, 31, 7, tzinfo=UTC)),
        (TIMESTAMP, "2026-01-31t09:00:00.123456789z", datetime(2026, 1, 31, 9, 0, 0, 123456, tzinfo=UTC)),
        (DURATION, "1h30m", timedelta(minutes=90)),
        (DURATION, "5400s", timedelta(minutes=90)),
        (DURATION, "1.5h", timedelta(minutes=90)),
        (DURATION, "-PT1H30M", timedelta(minutes=-90)),
        (DURATION, "P1DT1S", timedelta(days=1, seconds=1)),
        (BYTES, "aGk", b"hi"),
        (ANY, (Decimal("1.50"), b"hi"), ["1.50", "aGk="]),
        (Union((INT, STRING)), "x", "x"),
        (Record(()), {"a": (1,)}, {"a": [1]}),
        (MapOf(Optional(INT)), {"a": None}, {"a": None}),
    ],
)  # fmt: skip
def test_accepted(type_: Type, value: Any, expected: Any) -> None:
    read = reader(type_, {}, True)(value, "x")
    assert read == expected
    assert type(read) is type(expected)


def test_recursion_ends_in_an_error() -> None:
    value: Any = {"value": 1, "children": []}
    for _ in range(900):
        value = {"value": 1, "children": [value]}
    with pytest.raises(ShapeError, match="levels"):
        reader(Ref("Tree"), TYPES, True)(value, "tree")
    deep: Any = 1
    for _ in range(200):
        deep = [deep]
    with pytest.raises(ShapeError, match="levels"):
        reader(ANY, {}, True)(deep, "x")


@given(STRATEGIES[DURATION])
def test_durations_have_one_text(value: timedelta) -> None:
    assert read_duration(write_duration(value)) == value


SECRET = Sensitive(Record((RecordField("n", INT),)))


@pytest.mark.parametrize(
    ("type_", "value"),
    [
        (Sensitive(INT), "4111"),
        (Sensitive(TIMESTAMP), "4111"),
        (SECRET, "4111"),
        (SECRET, {"n": "4111"}),
        (ListOf(SECRET), [{"n": "4111"}]),
        (Optional(SECRET), {"n": "4111"}),
        (Union((SECRET, BOOL)), "4111"),
        (Record((RecordField("card", SECRET),)), {"card": {"n": "4111"}}),
    ],
)
def test_what_was_to_be_sensitive_is_in_no_message(type_: Any, value: Any) -> None:
    with pytest.raises(ShapeError) as caught:
        reader(type_, {}, False)(value, "input")
    assert "***" in str(caught.value)
    assert "4111" not in str(caught.value)
