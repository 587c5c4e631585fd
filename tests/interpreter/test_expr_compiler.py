"""Compiled expressions: their meaning, their limits, and that nothing but an ExpressionError leaves them."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tenuto_interpreter.expr import TABLE, Context, ExpressionError, LimitError, compile_expressions, constant

X, Y = ("var", 0), ("local", 0)
ZERO, ONE, TWO = ("const", 0), ("const", 1), ("const", 2)
FAILS = ("eq", "plain", ("do", "divide_int", ONE, ZERO), ONE)
TRUE, FALSE = ("const", True), ("const", False)


def run(expression: Any, variables: Any = (), local: Any = (), **context: Any) -> Any:
    return compile_expressions((expression,))[0](variables, local, Context(**context))


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        (("const", None), None),
        (("const", "a"), "a"),
        (("decimal", "1.50"), Decimal("1.50")),
        (("duration", 1_500_000), timedelta(seconds=1.5)),
        (("timestamp", 0), datetime(1970, 1, 1, tzinfo=UTC)),
        (("bytes", "aGk="), b"hi"),
        (X, 7),
        (Y, {"a": 1}),
        (("field", Y, "a"), 1),
        (("config", "c"), 5),
        (("workflow", "id"), "w"),
        (("activity", "attempt"), 2),
        (("not", TRUE), False),
        (("and", TRUE, FALSE), False),
        (("or", FALSE, TRUE), True),
        (("if", TRUE, ONE, TWO), 1),
        (("else", ("const", None), ONE), 1),
        (("else", TWO, ONE), 2),
        (("list", ONE, X), [1, 7]),
        (("record", ("a", ONE), ("b", X)), {"a": 1, "b": 7}),
        (("list?", (ONE, False), (("const", None), True)), [1]),
        (("map", (("const", "k"), X, False)), {"k": 7}),
        (("map", (("const", "k"), ("const", None), True)), {}),
        (("text", ("const", "x="), ("do", "string_int", X)), "x=7"),
        (("bind", 0, X, ("do", "add_int", ("bound", 0), ("bound", 0))), 14),
        (("eq", "plain", X, ("const", 7)), True),
        (("eq", "plain", ONE, ("const", None)), False),
        (("ne", "plain", ("const", None), ONE), True),
        (("ne", "plain", X, ("const", None)), True),
        (("eq", "deep", ("list", ONE, TRUE), ("list", ("const", 1.0), TRUE)), True),
        (("eq", "deep", ("list", ONE), ("list", TRUE)), False),
        (("ne", "deep", Y, ("record", ("a", TWO))), True),
        (("select", Y, "a"), 1),
        (("select?", Y, "b"), None),
        (("select?", ("const", None), "b"), None),
        (("index?", ("list", ONE), ("const", 5)), None),
        (("index?", Y, ("const", "a")), 1),
        (("truth", TRUE), True),
        (("dyn", "operator", "+", X, ("const", 2.5)), 9.5),
        (("dyn", "operator", "+", ("const", "a"), ("const", "b")), "ab"),
        (("dyn", "function", "math.least", X, ONE, TWO), 1),
        (("dyn", "operator", "[]", ("list", ONE), ZERO), 1),
    ],
)
def test_forms(expression: Any, value: Any) -> None:
    found = run(expression, [7], [{"a": 1}], config={"c": 5}, workflow={"id": "w"}, activity={"attempt": 2})
    assert found == value
    assert type(found) is type(value)


LIST = ("list", ONE, TWO, ("const", 3))
MAP = ("record", ("a", ONE), ("b", TWO))
B0, B1 = ("bound", 0), ("bound", 1)
BIG = ("do", "greater_int", B0, ONE)


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        (("loop", "all", "list", (0,), LIST, BIG), False),
        (("loop", "exists", "list", (0,), LIST, BIG), True),
        (("loop", "exists_one", "list", (0,), LIST, BIG), False),
        (("loop", "filter", "list", (0,), LIST, BIG), [2, 3]),
        (("loop", "map", "list", (0,), LIST, ("do", "add_int", B0, X)), [8, 9, 10]),
        (("loop", "map_filter", "list", (0,), LIST, BIG, ("do", "add_int", B0, ONE)), [3, 4]),
        (("loop", "sort_by", "list", (0,), LIST, ("do", "negate_int", B0)), [3, 2, 1]),
        (("loop", "map", "map", (0,), MAP, B0), ["a", "b"]),
        (("loop", "filter", "map", (0,), MAP, TRUE), ["a", "b"]),
        (("loop", "all", "map", (0, 1), MAP, ("do", "greater_int", B1, ZERO)), True),
        (("loop", "all", "map", (0, 1), MAP, ("eq", "plain", ("do", "divide_int", B1, B1), ONE)), True),
        (("loop", "map", "list", (0, 1), LIST, ("do", "multiply_int", B0, B1)), [0, 2, 6]),
        (("loop", "transform_map", "map", (0, 1), MAP, ("do", "add_int", B1, ONE)), {"a": 2, "b": 3}),
        (("loop", "transform_map_filter", "map", (0, 1), MAP, ("do", "less_int", B1, TWO), B1), {"a": 1}),
        (
            ("loop", "transform_entries", "list", (0, 1), LIST, ("map", (("do", "string_int", B1), B0, False))),
            {"1": 0, "2": 1, "3": 2},
        ),
        (("loop", "map", "dyn", (0, 1), MAP, B1), [1, 2]),
        (("loop", "map", "list", (0,), ("do", "range", ("do", "add_int", ONE, X)), B0), list(range(8))),
    ],
)
def test_macros(expression: Any, value: Any) -> None:
    assert run(expression, [7]) == value


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        (("and", FAILS, FALSE), False),
        (("and", FALSE, FAILS), False),
        (("or", FAILS, TRUE), True),
        (("or", TRUE, FAILS), True),
        (
            ("loop", "exists", "list", (0,), ("list", ZERO, ONE), ("eq", "plain", ("do", "divide_int", ONE, B0), ONE)),
            True,
        ),
        (
            ("loop", "all", "list", (0,), ("list", ZERO, ONE), ("eq", "plain", ("do", "divide_int", ONE, B0), TWO)),
            False,
        ),
    ],
)
def test_one_side_may_decide_although_the_other_fails(expression: Any, value: Any) -> None:
    assert run(expression) is value


def test_limits_are_never_absorbed() -> None:
    costly = ("eq", "plain", ("do", "size_list", ("do", "range", ("const", 90_000))), ONE)
    with pytest.raises(LimitError):
        run(("or", costly, TRUE), budget=100)


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        (("and", FAILS, TRUE), "division by zero"),
        (("or", FALSE, FAILS), "division by zero"),
        (("field", ("const", None), "a"), "null has no field a"),
        (("field", X, "a"), "does not fit"),
        (("field", ("record",), "a"), "no such key: a"),
        (("select", ("record",), "a"), "no such key: a"),
        (("select", ONE, "a"), "int has no field a"),
        (("select?", ONE, "a"), "int has no field a"),
        (("index?", ONE, ONE), "cannot be indexed"),
        (("dyn", "operator", "+", ONE, ("const", "a")), "+ is not defined for int, string"),
        (("truth", ONE), "must be a bool"),
        (("map", (ONE, ONE, False)), "keys are strings"),
        (("map", (("const", "a"), ONE, False), (("const", "a"), ONE, False)), "comes twice"),
        (("loop", "map", "dyn", (0,), ONE, B0), "not a list or map"),
        (("local", 5), "out of range"),
        (("loop", "transform_entries", "list", (0, 1), LIST, ("record", ("a", B0))), "comes twice"),
    ],
)
def test_errors(expression: Any, message: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        run(expression, [None])
    assert message in str(caught.value)


def test_unknown_forms_are_errors_of_a_newer_version() -> None:
    for expression in (("warp", ONE), ("do", "warp", ONE), ("loop", "warp", "list", (0,), LIST, TRUE)):
        with pytest.raises(ExpressionError, match="newer version"):
            compile_expressions((expression,))


def test_constants() -> None:
    assert constant(("duration", 5)) == (True, timedelta(microseconds=5))
    assert constant(("do", "add_int", ONE, ONE)) == (True, 2)
    assert constant(("do", "decimal_string", ("const", "1.5"))) == (True, Decimal("1.5"))
    for expression in (X, ("do", "now"), ("do", "add_int", ONE, Y), ("do", "divide_int", ONE, ZERO), ("config", "a")):
        assert constant(expression) == (False, None)


# -- hostile expressions --------------------------------------------------------------------------------------------


def bind_chain(first: Any, step: Any, count: int, last: Any) -> Any:
    expression = last(("bound", count))
    for number in reversed(range(count)):
        expression = ("bind", number + 1, step(("bound", number)), expression)
    return ("bind", 0, first, expression)


def cubic(kind: str, body: Any) -> Any:
    many = ("do", "range", ("const", 1000))
    return (
        "loop",
        kind,
        "list",
        (0,),
        many,
        ("loop", kind, "list", (1,), many, ("loop", kind, "list", (2,), many, body)),
    )


def doubled(last: Any) -> Any:
    return bind_chain(LIST, lambda x: ("list", x, x), 30, last)


HOSTILE = {
    "string doubling": bind_chain(
        ("const", "x" * 64), lambda x: ("do", "add_string", x, x), 40, lambda x: ("do", "size_string", x)
    ),
    "list doubling": bind_chain(LIST, lambda x: ("do", "add_list", x, x), 40, lambda x: ("do", "size_list", x)),
    "cubic maps": cubic("map", ("bound", 2)),
    "cubic tests": cubic("all", ("do", "greater_equal_int", ("bound", 2), ZERO)),
    "a tree that shares its leaves": doubled(lambda x: x),
    "such a tree compared with itself": doubled(lambda x: ("eq", "deep", x, x)),
    "such a tree as text": doubled(lambda x: ("do", "format_string", ("const", "%s"), ("list", x))),
    "such a tree as a key": doubled(lambda x: ("do", "distinct", ("list", x, x))),
    "many long strings": (
        "loop",
        "map",
        "list",
        (0,),
        ("do", "range", ("const", 1000)),
        ("do", "add_string", ("const", "y" * 500_000), ("const", "z")),
    ),
    "format": ("do", "format_string", ("const", "%.1000000000f"), ("list", ("const", 1.0))),
    "a huge range": ("do", "range", ("const", 2**40)),
    "a huge power": ("do", "string_decimal", ("do", "multiply_decimal", ("decimal", "1e6000"), ("decimal", "1e6000"))),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_expressions_end_soon_in_an_error(name: str) -> None:
    started = time.process_time()
    with pytest.raises(ExpressionError):
        run(HOSTILE[name])
    assert time.process_time() - started < 3.0  # a small part of that, on a quiet machine


def nested(depth: int) -> Any:
    expression: Any = X
    for _ in range(depth):
        expression = ("do", "add_int", expression, ONE)
    return expression


def test_deep_expressions_are_refused_before_python_is() -> None:
    assert run(nested(100), [1]) == 101
    for depth in (1000, 20_000):
        with pytest.raises(LimitError, match="too large"):
            compile_expressions((nested(depth),))
    with pytest.raises(LimitError, match="too large"):
        compile_expressions((("and", *[TRUE] * 50_000),))


# -- random expressions ---------------------------------------------------------------------------------------------

KINDS = ("int", "double", "decimal", "string", "bool", "timestamp", "duration")
LEAVES: dict[str, st.SearchStrategy[Any]] = {
    "int": st.one_of(st.just(X), st.tuples(st.just("const"), st.sampled_from([0, 1, -1, 7, 2**63 - 1, -(2**63)]))),
    "double": st.tuples(st.just("const"), st.sampled_from([0.0, -1.5, 1e308, 0.1])),
    "decimal": st.tuples(st.just("decimal"), st.sampled_from(["0", "1.50", "-3", "1e6000", "1e-6000"])),
    "string": st.tuples(st.just("const"), st.text(max_size=4)),
    "bool": st.sampled_from([TRUE, FALSE]),
    "timestamp": st.tuples(st.just("timestamp"), st.sampled_from([0, 253402300799999999, -62135596800000000])),
    "duration": st.tuples(st.just("duration"), st.sampled_from([0, 1, -3_600_000_000, 315_576_000_000_000_000])),
}
CHOICES = {
    kind: [
        op
        for op in TABLE.by_id.values()
        if getattr(op.result, "kind", None) == kind
        and not op.variadic
        and op.pure
        and all(getattr(p, "kind", None) in KINDS for p in op.params)
    ]
    for kind in KINDS
}


@st.composite
def well_typed(draw: st.DrawFn, kind: str | None = None, depth: int = 5) -> Any:
    kind = kind or draw(st.sampled_from(KINDS))
    if depth == 0 or draw(st.integers(0, 4)) == 0:
        return draw(LEAVES[kind])
    shape = draw(st.integers(0, 9))
    if shape == 0:
        return (
            "if",
            draw(well_typed("bool", depth - 1)),
            draw(well_typed(kind, depth - 1)),
            draw(well_typed(kind, depth - 1)),
        )
    if shape == 1 and kind == "bool":
        word = draw(st.sampled_from(["and", "or"]))
        return (word, draw(well_typed("bool", depth - 1)), draw(well_typed("bool", depth - 1)))
    if shape == 2 and kind == "bool":
        items = ("list", draw(well_typed("int", depth - 1)), draw(well_typed("int", depth - 1)))
        word = draw(st.sampled_from(["all", "exists", "exists_one"]))
        return ("loop", word, "list", (depth,), items, draw(well_typed("bool", depth - 1)))
    operation = draw(st.sampled_from(CHOICES[kind]))
    return ("do", operation.id, *(draw(well_typed(p.kind, depth - 1)) for p in operation.params))  # type: ignore[union-attr]  # scalars all


@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(well_typed())
def test_well_typed_expressions_give_a_value_or_an_expression_error(expression: Any) -> None:
    outcomes = []
    for _ in range(2):
        try:
            value = run(expression, [5])
            outcomes.append((type(value), repr(value)))
        except ExpressionError as error:
            outcomes.append((type(error), str(error)))
    assert outcomes[0] == outcomes[1]
