"""Annotations as types, types as models, and both ways round."""

from __future__ import annotations

import dataclasses
import enum
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal, NewType, NotRequired, TypedDict

import pytest
from hypothesis import HealthCheck, given, settings
from pydantic import BaseModel, Field, SecretStr
from tenuto.activities.conversion import to_wire
from tenuto.types.annotations import Annotations, Unsayable
from tenuto.types.models import models
from tenuto.types.sources import models_source
from tenuto_dsl.types import TypeTable, type_source
from tenuto_dsl.types.table import hoisted
from tenuto_interpreter.types import Record
from tenuto_interpreter.values import reader

from tests.dsl.types.tables import tables

Sku = NewType("Sku", str)


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Item(BaseModel):
    """One line of an order."""

    sku: Sku
    quantity: Annotated[int, Field(gt=0)] = 1
    parts: list[Item] = []


@dataclasses.dataclass
class Address:
    street: str
    zone: str | None = None


class Extra(TypedDict):
    a: int
    b: NotRequired[str]


class Plain:
    pass


@pytest.mark.parametrize(
    ("annotation", "source"),
    [
        (str, "string"), (int, "int"), (float, "double"), (bool, "bool"), (bytes, "bytes"), (Decimal, "decimal"),
        (datetime, "timestamp"), (timedelta, "duration"), (None, "null"), (Any, "any"), (object, "any"),
        (uuid.UUID, "string"), (Path, "string"), (SecretStr, "sensitive string"), (Sku, "string"),
        (list, "[any]"), (list[int], "[int]"), (Sequence[str], "[string]"), (set[str], "[string]"),
        (tuple[int, ...], "[int]"), (tuple[int, int], "[int]"), (dict, "{}"), (dict[str, int], "map(string, int)"),
        (Mapping[str, Any], "map(string, any)"), (int | None, "int?"),
        (int | str | None, "(int | string)?"), (Literal["a", "b"], '"a" | "b"'), (Literal["a", None], '"a"?'),
        (Colour, '"red" | "blue"'), (Annotated[int, Field(gt=0)], "int"), (int | Any, "any"),
        (Item, "Item"), (list[Address], "[Address]"), (Extra, "Extra"),
    ],
)  # fmt: skip
def test_annotations(annotation: Any, source: str) -> None:
    assert type_source(Annotations().read(annotation)) == source


def test_classes() -> None:
    reading = Annotations()
    for cls in (Item, Address, Extra):
        reading.read(cls)
    assert {name: type_source(type_) for name, type_ in reading.types.items()} == {
        "Item": "{ sku: string, quantity: int, parts: [Item] }",
        "Address": "{ street: string, zone: string? }",
        "Extra": "{ a: int, b: string? }",
    }
    assert reading.docs == {"Item": "One line of an order."}
    taken = Annotations(use="taken")
    taken.read(Item)
    assert type_source(taken.types["Item"]) == "{ sku: string, quantity: int?, parts: [Item]? }"


@pytest.mark.parametrize(
    ("annotation", "words"),
    [
        (Plain, "Plain is neither a model"),
        (dict[int, str], "the keys of a map are strings, not int"),
        (tuple[int, str], "items of one type"),
        (Literal[1], "literals are strings, and 1 is none"),
        (list[complex], "complex"),
    ],
)
def test_what_types_cannot_say(annotation: Any, words: str) -> None:
    with pytest.raises(Unsayable, match=words):
        Annotations().read(annotation)
    assert "any" in type_source(Annotations(lenient=True).read(annotation))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(tables())
def test_models_say_what_the_types_do(table: TypeTable) -> None:
    """The classes, read again, are the types: but for what Python has one word for (ints, and any of all kinds)."""
    made = models(table)
    flat = hoisted(table)
    assert made.keys() == {name for name, type_ in flat.types.items() if isinstance(type_, Record) and type_.fields}
    for name, model in made.items():
        reading = Annotations(use="given")
        reading.read(model)
        record, again = flat.types[name], reading.types[model.__name__]
        assert isinstance(record, Record)
        assert isinstance(again, Record)
        assert [f.name for f in again.fields] == [f.name for f in record.fields]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(tables())
def test_a_source_of_models_can_be_loaded(table: TypeTable) -> None:
    space: dict[str, Any] = {"__name__": "made"}
    exec(compile(models_source(table, "made.tenuto"), "made.py", "exec"), space)
    assert space.keys() >= table.types.keys()


def test_models_carry_values_there_and_back() -> None:
    reading = Annotations()
    reading.read(Item)
    (item,) = models(TypeTable(reading.types)).values()
    value = {"sku": "a", "quantity": 2, "parts": [{"sku": "b", "quantity": 1, "parts": []}]}
    assert reader(reading.types["Item"], reading.types, True)(to_wire(item.model_validate(value)), "") == value


def test_names_that_python_keeps_for_itself() -> None:
    source = "type T = { from: string, class: int? }"
    from tenuto_dsl import Diagnostics, check_source
    from tenuto_dsl.types import table_of

    checked = check_source("t.tenuto", source, Diagnostics())
    table = table_of(checked.facts, checked.file.declarations)
    text = models_source(table, "t.tenuto")
    assert 'from_: str = Field(alias="from")' in text
    made = models(table)["T"].model_validate({"from": "here"})
    assert to_wire(made) == {"from": "here", "class": None}
