"""Calling Python functions: arguments into annotated forms, results into declared types."""

from __future__ import annotations

import dataclasses
import enum
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from pydantic import BaseModel
from tenuto.activities import ActivityError, ActivityLoadError
from tenuto.activities.binding import PythonBinding
from tenuto.activities.job import Job
from tenuto_interpreter import ir
from tenuto_interpreter import types as t
from tenuto_interpreter.events import Failure

from tests.runtime.activities.kit import Collector, declared, program


class Item(BaseModel):
    sku: str
    price: Decimal


@dataclasses.dataclass
class Parcel:
    tracking: str
    sent: datetime


class Colour(enum.Enum):
    RED = "red"


ITEM = t.Record((t.RecordField("sku", t.STRING), t.RecordField("price", t.DECIMAL)))


def call(function: Any, returns: t.Type | None, *args: Any, **params: t.Type) -> Any:
    activity = declared("act", returns, **params)
    binding = PythonBinding(program(activity), activity, function)
    return binding.call(Job(Collector(), binding, args))


def test_arguments_become_models() -> None:
    def total(items: list[Item], extra: Decimal | None) -> Decimal:
        assert all(isinstance(item, Item) for item in items)
        return sum((item.price for item in items), extra or Decimal(0))

    items = [{"sku": "a", "price": Decimal("1.5")}]
    assert call(total, t.DECIMAL, items, None, items=t.ListOf(ITEM), extra=t.Optional(t.DECIMAL)) == Decimal("1.5")


def test_results_of_every_kind() -> None:
    sent = datetime(2026, 1, 2, tzinfo=UTC)
    parcel = t.Record((t.RecordField("tracking", t.STRING), t.RecordField("sent", t.TIMESTAMP)))
    assert call(lambda: Item(sku="a", price=Decimal("2.50")), ITEM) == {"sku": "a", "price": Decimal("2.50")}
    assert call(lambda: Parcel("t", sent), parcel) == {"tracking": "t", "sent": sent}
    assert call(lambda: (timedelta(seconds=1), timedelta(hours=2)), t.ListOf(t.DURATION)) == [
        timedelta(seconds=1),
        timedelta(hours=2),
    ]
    assert call(lambda: Colour.RED, t.STRING) == "red"
    assert call(lambda: b"\x00\xff", t.BYTES) == b"\x00\xff"
    assert call(lambda: "ignored", None) is None
    assert call(lambda: {"sku": "a", "price": "1", "more": 1}, ITEM) == {"sku": "a", "price": Decimal(1)}


def test_a_result_of_another_type_says_where() -> None:
    with pytest.raises(ActivityError, match=r"price: expected decimal") as caught:
        call(lambda: {"sku": "a", "price": []}, ITEM)
    assert caught.value.code == "InvalidResult"
    assert not caught.value.retryable


def test_arguments_that_do_not_fit_the_annotations() -> None:
    def take(item: Item) -> None: ...

    with pytest.raises(ActivityError, match="do not fit") as caught:
        call(take, None, {"sku": "a"}, item=t.ANY)
    assert caught.value.code == "InvalidArguments"


def test_arguments_go_by_name_not_by_place() -> None:
    def swapped(b: str, a: str) -> str:
        return f"{a}-{b}"

    assert call(swapped, t.STRING, "A", "B", a=t.STRING, b=t.STRING) == "A-B"

    def keywords(**values: str) -> str:
        return "".join(sorted(values))

    assert call(keywords, t.STRING, "A", "B", a=t.STRING, b=t.STRING) == "ab"


def test_a_function_that_cannot_take_the_arguments_is_refused_at_load() -> None:
    activity = declared("act", t.STRING, order=t.STRING)

    def other(customer: str) -> str:
        return customer

    with pytest.raises(ActivityLoadError, match="cannot be called with order"):
        PythonBinding(program(activity), activity, other)


def test_details_of_declared_errors_are_read() -> None:
    error = ir.ErrorDecl("Short", (("missing", t.DECIMAL),))
    activity = declared("act")
    binding = PythonBinding(program(activity, errors=(error,)), activity, lambda: None)
    assert binding.failure(Failure("Short", "m", {"missing": "1.5"})).details == {"missing": Decimal("1.5")}
    wrong = binding.failure(Failure("Short", "m", {"missing": "x"}))
    assert (wrong.code, wrong.retryable) == ("InvalidResult", False)
    assert "missing" in wrong.message
    assert binding.failure(Failure("Other", "m", {"at": Colour.RED})).details == {"at": "red"}
