"""Functions against their declarations: what cannot be right is told with both places, what may be is not."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Literal

import pytest
from pydantic import BaseModel
from tenuto.types.agreement import disagreements
from tenuto_dsl import Diagnostics, compile_source

DECLARED = """
type Item = {{ sku: string, n: int, note: string? }}
type Tree = {{ name: string, below: [Tree] }}
activity f(x: {takes}) -> {gives} {{ python "a:f"; timeout 1s }}
workflow w(x: {takes}) -> {gives} {{ do {{ let y = call f(x: x); return y }} }}
"""


class Item(BaseModel):
    sku: str
    n: int = 1
    note: str | None = None


class Other(BaseModel):
    sku: int


class Demanding(BaseModel):
    sku: str
    price: Decimal


class Tree(BaseModel):
    name: str
    below: list[Tree] = []


@dataclasses.dataclass
class Pair:
    sku: str
    n: float


def told(takes: str, gives: str, function: Callable[..., Any]) -> list[str]:
    sink = Diagnostics()
    (compiled,) = compile_source("w.tenuto", DECLARED.format(takes=takes, gives=gives), sink)
    types = {declared.name: declared.type for declared in compiled.program.types}
    return disagreements(function, compiled.program.activities[0], types, "w.tenuto:4")


def taking(annotation: Any) -> Callable[..., Any]:
    def f(x: Any) -> Any:
        return x

    f.__annotations__ = {"x": annotation}
    return f


def giving(annotation: Any) -> Callable[..., Any]:
    def f(x: Any) -> Any:
        return x

    f.__annotations__ = {"return": annotation}
    return f


@pytest.mark.parametrize(
    ("takes", "annotation"),
    [
        ("int", int), ("int", float), ("int", Any), ("int", int | None), ("uint", int), ("decimal", Decimal),
        ("int?", int | None),
        ('"a" | "b"', str), ('"a"', Literal["a", "b"]), ("[int]", list), ("[int]", list[float]), ("Item", dict),
        ("Item", dict[str, Any]), ("Item", Item), ("[Item]", list[Item]), ("map(string, int)", dict[str, int]),
        ("Tree", Tree), ("sensitive string", str), ("any", int), ("Item", Pair),
    ],
)  # fmt: skip
def test_parameters_that_agree(takes: str, annotation: Any) -> None:
    assert told(takes, "int", taking(annotation)) == []


@pytest.mark.parametrize(
    ("takes", "annotation", "words"),
    [
        ("string", int, "its parameter x is string (w.tenuto:4), but taking.<locals>.f ("),
        ("int?", int, "takes int"),
        ("double", int, "takes int"),
        ("decimal", str, "takes str"),
        ('"a" | "c"', Literal["a", "b"], "takes Literal['a', 'b']"),
        ("[Item]", list[Other], "at [].sku, int does not hold string"),
        ("Item", Demanding, ".price is missing"),
        ("Item", dict[str, int], "at .sku, int does not hold string"),
        ("Item", list, "takes list"),
    ],
)
def test_parameters_that_do_not(takes: str, annotation: Any, words: str) -> None:
    (problem,) = told(takes, "int", taking(annotation))
    assert problem.startswith("activity f: ")
    assert words in problem
    assert "test_agreement.py:" in problem


@pytest.mark.parametrize(
    ("gives", "annotation"),
    [
        ("int", int), ("double", int), ("decimal", Decimal), ("decimal", str), ("decimal", int), ("timestamp", str),
        ("any", object),
        ('"a" | "b"', str), ('"a" | "b"', Literal["a"]), ("int?", int), ("int?", None), ("Item", Item), ("Item", dict),
        ("Item", dict[str, Any]), ("[int]", tuple[int, ...]), ("{}", Item), ("Tree", Tree), ("bytes", bytes),
    ],
)  # fmt: skip
def test_results_that_agree(gives: str, annotation: Any) -> None:
    assert told("int", gives, giving(annotation)) == []


@pytest.mark.parametrize(
    ("gives", "annotation", "words"),
    [
        ("int", str, "it gives int (w.tenuto:4), but giving.<locals>.f ("),
        ("int", float, "returns float"),
        ("int", bool, "returns bool"),
        ("decimal", float, "returns float"),
        ("int", int | None, "returns int | None"),
        ("int", None, "returns None"),
        ('"a" | "b"', Literal["c"], "returns Literal['c']"),
        ("Item", Other, "at .sku, int is no string"),
        ("Item", Tree, ".sku is missing"),
        ("[Item]", Item, "returns Item"),
    ],
)
def test_results_that_do_not(gives: str, annotation: Any, words: str) -> None:
    (problem,) = told("int", gives, giving(annotation))
    assert words in problem


def test_what_is_not_annotated_agrees() -> None:
    assert told("int", "string", lambda x: x) == []
    assert told("int", "string", len) == []
    broken = taking("NoSuchName")
    assert told("int", "string", broken) == []


def test_both_sides_at_once() -> None:
    def f(x: str) -> str:
        return x

    assert len(told("int", "int", f)) == 2
