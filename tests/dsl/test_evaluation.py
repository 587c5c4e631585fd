"""Evaluating expressions on data: the cache, the limits in time and memory, what is remembered and what is not."""

from __future__ import annotations

import subprocess
import sys

import pytest
from tenuto_dsl.diagnostics import CODES
from tenuto_dsl.evaluation import DataError, Evaluator, Refused
from tenuto_interpreter.types import DECIMAL, INT, STRING, ListOf, Optional

from tests.docs_pages import ROOT
from tests.dsl.hostile_expressions import HOSTILE

HARMLESS = {"a catastrophic pattern", "a search from the end"}


def test_hostile_expressions_end_soon_and_in_little_memory() -> None:
    """In a process that may have a gibibyte. Half a second is the longest that any takes on a quiet machine."""
    command = [sys.executable, "-m", "tests.dsl.hostile_expressions"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=110)
    assert (done.returncode, done.stderr) == (0, "")
    rows = [line.split("\t") for line in done.stdout.splitlines()]
    assert len(rows) == 2 * len(HOSTILE)
    for mode, name, seconds, codes in rows:
        assert float(seconds) < 5.0, (mode, name)
        assert (codes == "value") is (name in HARMLESS), (mode, name, codes)
        assert codes == "value" or set(codes.split(",")) <= CODES.keys()


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("1 + // one\n 2", 3),
        ('\'a//b\' + // "quoted\n "c//d"', "a//bc//d"),
        ('"""x//y""" // z', "x//y"),
        (r"r'\' + '//'", "\\//"),
        ("1 # not // this\n + 1", 2),
        ("// first\n7", 7),
    ],
)
def test_comments_of_cel(source: str, value: object) -> None:
    assert Evaluator()(source, {}) == value


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("90m * 2", "3h"),
        ("n * 90m", "3h"),
        ("90m / n", "45m"),
        ("1ms / 3", "333us"),
        ('timestamp("2026-01-01T00:00:00Z") + 1h * n', "2026-01-01T02:00:00Z"),
    ],
)
def test_durations_are_multiplied_and_divided_with_types_and_without(source: str, value: object) -> None:
    assert Evaluator()(source, {"n": 2}) == value
    assert Evaluator({"n": INT})(source, {"n": 2}) == value


def test_durations_have_an_end() -> None:
    for evaluate in (Evaluator(), Evaluator({"n": INT})):
        with pytest.raises(Refused, match="a duration of more than"):
            evaluate("90m * n", {"n": 2**62})


def test_a_budget_is_each_evaluations_own() -> None:
    evaluate = Evaluator(budget=2_000)
    for _ in range(20):
        assert evaluate("lists.range(100).map(i, i + n).size()", {"n": 1}) == 100
    with pytest.raises(Refused, match="costs too much"):
        evaluate("lists.range(10000).map(i, i + n).size()", {"n": 1})
    assert evaluate("n", {"n": 1}) == 1


def test_nothing_is_remembered_but_compiled_forms() -> None:
    evaluate = Evaluator()
    assert evaluate("x + x", {"x": 1}) == 2
    assert evaluate("x + x", {"x": "a"}) == "aa"
    assert evaluate("x + x", {"x": [1]}) == [1, 1]
    with pytest.raises(Refused, match="undeclared reference to 'x'"):
        evaluate("x + x", {})
    for number in range(1200):
        assert evaluate(f"{number} + 1", {}) == number + 1
    assert len(evaluate._cache) <= 500


def test_declared_types() -> None:
    evaluate = Evaluator({"total": DECIMAL, "tags": ListOf(STRING), "note": Optional(STRING)})
    data = {"total": "1.50", "tags": ["a"], "other": 1}
    assert evaluate("total * 2", data) == "3.00"
    assert evaluate('note.orValue("none")', data) == "none"
    assert evaluate("int(other) + tags.size()", data) == 2
    with pytest.raises(Refused) as refused:
        evaluate("note.size()", data)
    assert refused.value.items[0].code == "TEN245"
    with pytest.raises(DataError, match="total: expected decimal"):
        evaluate("total", {"total": True, "tags": []})
    with pytest.raises(DataError, match="there is no value for tags"):
        evaluate("total", {"total": "1"})
    assert Evaluator({"n": INT})("1.0 / 0.0", {"n": 1}) == "Infinity"


@pytest.mark.parametrize(
    ("source", "column"),
    [
        ("[1, 2].map(x, x / 0)", 15),
        ("a.b.c", 5),
        ("false ? a.b : a.zz", 17),
        ("a.b + 1", 1),
        ('false || a.b.startsWith("x")', 14),
        ("{1: 2}[a.b]", 8),
        ("[1].all(x, a.b > x)", 12),
        ("'${a.b} x' + string(a.b)", 4),
    ],
)
def test_errors_know_their_place(source: str, column: int) -> None:
    """The innermost expression that failed: of a selection its field, of a call the function's name."""
    with pytest.raises(Refused) as refused:
        Evaluator()(source, {"a": {"b": None}})
    assert refused.value.items[0].span.col == column, refused.value.items[0]
