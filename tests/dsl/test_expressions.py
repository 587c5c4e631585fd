"""Expressions from source to value: their types, their values, and that hostile ones end in a diagnostic."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tenuto_dsl.check.expressions import UNKNOWN, Allow, Binding, Checked, Scope, check_expression, type_text
from tenuto_dsl.diagnostics import Diagnostics
from tenuto_dsl.syntax import parse_expression, tree
from tenuto_interpreter.expr import Context, ExpressionError, compile_expressions
from tenuto_interpreter.types import (
    ANY,
    BOOL,
    DECIMAL,
    DOUBLE,
    INT,
    SCHEDULE,
    STRING,
    TIMESTAMP,
    ListOf,
    LiteralOf,
    MapOf,
    Optional,
    Record,
    RecordField,
    Ref,
    Type,
    Union,
)  # fmt: skip


def record(**fields: Type) -> Record:
    return Record(tuple(RecordField(name, type_) for name, type_ in fields.items()))


RISK = Union((LiteralOf("low"), LiteralOf("high")))
TYPES: dict[str, Type] = {
    "Item": record(sku=STRING, quantity=INT),
    "Order": record(id=STRING, items=ListOf(Ref("Item")), total=DECIMAL, email=Optional(STRING)),
    "Message": record(
        role=Union((LiteralOf("user"), LiteralOf("assistant"))), content=STRING, call_id=Optional(STRING)
    ),
}
T = datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
VARIABLES: dict[str, tuple[Type, Any]] = {
    "order": (Ref("Order"), {"id": "o1", "items": [{"sku": "a", "quantity": 2}, {"sku": "b", "quantity": 3}],
                             "total": Decimal("1500.00"), "email": None}),
    "attempts": (INT, 3),
    "hash": (STRING, "h"),
    "email": (Optional(STRING), None),
    "messages": (ListOf(Ref("Message")), [{"role": "user", "content": "hi", "call_id": None}]),
    "decided": (MapOf(BOOL), {"a": True}),
    "price": (DOUBLE, 1.5),
    "body": (ANY, {"id": 7, "list": [1, {"k": "v"}], "price": 2}),
    "at": (TIMESTAMP, T),
    "maybe": (Optional(Ref("Order")), None),
    "risk": (RISK, "high"),
    "schedule": (SCHEDULE, {"cron": "0 9 1 * *", "zone": "Europe/Paris", "policy": "once"}),
}  # fmt: skip
BINDINGS = {name: Binding(type_, ("var", slot)) for slot, (name, (type_, _)) in enumerate(VARIABLES.items())}
BINDINGS["config"] = Binding(record(zone=STRING, limit=Optional(INT)), ("config",))
BINDINGS["workflow"] = Binding(record(state=STRING, fired_at=TIMESTAMP), ("workflow",))
VALUES = [value for _, value in VARIABLES.values()]
SCOPE = Scope(BINDINGS, TYPES)


def parse(source: str) -> tree.Expr:
    sink = Diagnostics()
    node = parse_expression(source, "test", sink)
    assert node is not None, sink.items
    return node


def check(source: str, expected: Type | None = None, scope: Scope = SCOPE) -> tuple[Checked, Diagnostics]:
    sink = Diagnostics()
    return check_expression(parse(source), scope, sink, expected), sink


def evaluate(checked: Checked) -> Any:
    context = Context(
        now=1_800_000_000_000_000,
        config={"zone": "Europe/Paris", "limit": None},
        workflow={"state": "s", "fired_at": T},
        random=lambda: 0.5,
        uuid=lambda: "u",
        active=lambda path: path == "away",
        secret=lambda name: name.lower(),
    )
    return compile_expressions((checked.ir,))[0](VALUES, [], context)


@pytest.mark.parametrize(
    ("source", "type_", "value"),
    [
        ('order.total > decimal("1000")', "bool", True),
        ('attempts < 5 && hash == sha256("x")', "bool", False),
        ("order.items.map(i, i.quantity)", "[int]", [2, 3]),
        ('order.items.filter(i, i.sku == "a").size()', "int", 1),
        ("order.items.sortBy(i, -i.quantity).map(i, i.sku)", "[string]", ["b", "a"]),
        ('email != null && email.contains("@")', "bool", False),
        ("email == null || email.size() > 3", "bool", True),
        ('!(email == null) ? email : "none"', "string", "none"),
        ('email.orValue("none")', "string", "none"),
        ("[email].filter(e, e != null)", "[string]", []),
        ('has(order.email) ? order.email : order.id', "string", "o1"),
        ('messages + [{ "role": "user", "content": "x" }]', "[Message]",
         [VALUES[4][0], {"role": "user", "content": "x", "call_id": None}]),
        ('[{ "role": "user", "content": "x" }] + messages', "[Message]",
         [{"role": "user", "content": "x", "call_id": None}, VALUES[4][0]]),
        ('decided["a"] && !("b" in decided)', "bool", True),
        ("decided.filter(k, decided[k])", "[string]", ["a"]),
        ("dyn(body).id + 1", "any", 8),
        ("dyn(body).list[1].k", "any", "v"),
        ("dyn(body).price * 1.5", "double", 3.0),
        ("price * 2", "double", 3.0),
        ("-2 * price", "double", -3.0),
        ("price > 1", "bool", True),
        ("order.total * 2", "decimal", Decimal("3000.00")),
        ('order.total == "1500"', "bool", True),
        ("math.least(8, attempts)", "int", 3),
        ("min(order.items.map(i, i.quantity))", "int", 2),
        ('"n=${attempts} t=${order.total} ${1h} ${attempts == 3}"', "string", "n=3 t=1500.00 1h true"),
        ('risk in ["high"] && risk != "low"', "bool", True),
        ('risk + "!"', "string", "high!"),
        ("[1d, 3d, 5d, 7d][attempts - 1]", "duration", timedelta(days=5)),
        ('{ "a": 1, "b": "x" }.b', "string", "x"),
        ('{ "a": 1, hash: 2 }', "map(string, int)", {"a": 1, "h": 2}),
        ('maybe.?items[?0].?sku.orValue("none")', "string", "none"),
        ("maybe.?email", "string?", None),
        ("maybe.?total.optMap(t, t * 2)", "decimal?", None),
        ("optional.of(3).value()", "int", 3),
        ("optional.none().hasValue()", "bool", False),
        ("[1, ?config.limit, 2]", "[int]", [1, 2]),
        ("decided.all(k, v, v)", "bool", True),
        ("[5, 6].transformList(i, v, i * v)", "[int]", [0, 6]),
        ('{"a": 1}.transformMap(k, v, v + 1)', "map(string, int)", {"a": 2}),
        ('["a"].transformMapEntry(i, v, {v: i})', "map(string, int)", {"a": 0}),
        ("cel.bind(z, attempts * 2, z + z)", "int", 12),
        ('format(workflow.fired_at, "yyyy-MM", config.zone)', "string", "2026-03"),
        ('calendar(at, "P1D", config.zone) - at', "duration", timedelta(days=1)),
        ("next(schedule)", "timestamp?", datetime(2027, 2, 1, 8, tzinfo=UTC)),
        ("now() - at > 40s", "bool", True),
        ('active("away")', "bool", True),
        ('type(1) == int && type("a") != int', "bool", True),
        ("[1, 2.5]", "[double]", [1.0, 2.5]),
        ("[]", "[any]", []),
        ("{}", "{}", {}),
        ("[[1], []]", "[[int]]", [[1], []]),
        ("-9223372036854775808", "int", -(2**63)),
        ('timestamp("2026-01-01T00:00:00Z") + 36h', "timestamp", datetime(2026, 1, 2, 12, tzinfo=UTC)),
        ('"abc".matches("^a.c$")', "bool", True),
        ('b"abc" == bytes("abc")', "bool", True),
        ("order.items[0] == order.items[1]", "bool", False),
    ],
)  # fmt: skip
def test_types_and_values(source: str, type_: str, value: Any) -> None:
    checked, sink = check(source)
    assert [d.message for d in sink.items] == []
    assert type_text(checked.type) == type_
    found = evaluate(checked)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("source", "expected", "value"),
    [
        ("1", DOUBLE, 1.0),
        ("-1", DOUBLE, -1.0),
        ('"1.50"', DECIMAL, Decimal("1.50")),
        ('"low"', RISK, "low"),
        ('"2026-01-01T00:00:00Z"', TIMESTAMP, datetime(2026, 1, 1, tzinfo=UTC)),
        ("[]", ListOf(INT), []),
        ("{}", MapOf(INT), {}),
        ("null", Optional(INT), None),
        ("[1, 2]", ListOf(DOUBLE), [1.0, 2.0]),
        ('{"a": 1}', MapOf(DOUBLE), {"a": 1.0}),
        (
            '{"id": "x", "items": [], "total": "1"}',
            Ref("Order"),
            {"id": "x", "items": [], "total": Decimal(1), "email": None},
        ),
        ('attempts > 1 ? "low" : "high"', RISK, "low"),
        ("{}", record(note=Optional(STRING)), {"note": None}),
        ('{"a": 1, "b": "x"}', Record(()), {"a": 1, "b": "x"}),
        ('{"a": [1]}', ANY, {"a": [1]}),
        (
            'messages.map(m, {"role": "user", "content": m.content, "call_id": m.call_id})',
            ListOf(Ref("Message")),
            VALUES[4],
        ),
    ],
)
def test_literals_take_the_type_of_their_place(source: str, expected: Type, value: Any) -> None:
    checked, sink = check(source, expected)
    assert [d.message for d in sink.items] == []
    found = evaluate(checked)
    assert found == value
    assert type(found) is type(value)


def test_a_binding_may_use_any_freely() -> None:
    scope = SCOPE.child({}, Allow(dynamic=True, secret=True, now=False))
    for source, expected, value in (
        ("body.id", STRING, 7),
        ('{ "n": body.id }', record(n=INT), {"n": 7}),
        ("body.id == 7", BOOL, True),
        ("body.list.map(x, x).size()", INT, 2),
        ("\"Bearer ${secret('K')}\"", STRING, "Bearer k"),
        ("body.list[0] + 1", INT, 2),
    ):
        checked, sink = check(source, expected, scope)
        assert [d.message for d in sink.items] == []
        assert evaluate(checked) == value


def test_the_form_is_plain_data_and_names_exact_operations() -> None:
    checked, _ = check('order.total > decimal("1000") && attempts + 1 < 5')
    assert checked.ir == (
        "and",
        ("do", "greater_decimal", ("field", ("var", 0), "total"), ("decimal", "1000")),
        ("do", "less_int", ("do", "add_int", ("var", 1), ("const", 1)), ("const", 5)),
    )


HOSTILE = {
    "20,000 terms": "+".join(["1"] * 20_000),
    "20,000 conditions": "&&".join(["true"] * 20_000),
    "3,000 parentheses": "(" * 3_000 + "1" + ")" * 3_000,
    "3,000 lists": "[" * 3_000 + "]" * 3_000,
    "3,000 signs": "!" * 3_000 + "true",
    "nested macros": "[0].map(a0, " * 200 + "1" + ")" * 200,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_sources_are_diagnostics(name: str) -> None:
    started = time.process_time()
    sink = Diagnostics()
    node = parse_expression(HOSTILE[name], "test", sink)
    checked = check_expression(node, SCOPE, sink) if node is not None else None
    if checked is not None and checked.type != UNKNOWN:
        compile_expressions((checked.ir,))
    elif not sink.items:
        pytest.fail("neither a value nor a diagnostic")
    assert time.process_time() - started < 10.0  # a second, on a quiet machine


def test_long_chains_within_the_limits_compile() -> None:
    for source in ("&&".join(["attempts > 1"] * 90), "+".join(["attempts"] * 90), "[" * 55 + "attempts" + "]" * 55):
        checked, sink = check(source)
        assert [d.message for d in sink.items] == []
        evaluate(checked)


FRAGMENTS = st.sampled_from(
    [
        "order",
        "order.total",
        "order.items",
        "attempts",
        "email",
        "maybe",
        "messages",
        "decided",
        "body",
        "at",
        "risk",
        "price",
        "1",
        "2.5",
        '"a"',
        "null",
        "true",
        "[]",
        "{}",
        "1h",
        "nope",
        "order.nope",
        "dyn(body)",
    ]
)
OPERATORS = st.sampled_from(["+", "-", "*", "/", "%", "==", "!=", "<", ">=", "&&", "||", "in"])


@st.composite
def sources(draw: st.DrawFn, depth: int = 3) -> str:
    if depth == 0:
        return draw(FRAGMENTS)
    inner = lambda: draw(sources(depth - 1))  # noqa: E731  # a word for a recursion
    shape = draw(st.integers(0, 9))
    templates = (
        lambda: f"({inner()} {draw(OPERATORS)} {inner()})",
        lambda: f"({inner()} ? {inner()} : {inner()})",
        lambda: f"!{inner()}",
        lambda: f"[{inner()}, {inner()}]",
        lambda: f'{{"k": {inner()}}}',
        lambda: f"({inner()}).map(x{depth}, {inner()})",
        lambda: f"({inner()})[{inner()}]",
        lambda: f"({inner()}).?id",
        lambda: f"string({inner()})",
        lambda: draw(FRAGMENTS),
    )
    return templates[shape]()


@given(sources(), st.sampled_from([None, BOOL, DECIMAL, STRING, Ref("Order"), ListOf(INT), Optional(INT), ANY]))
def test_any_expression_is_reported_or_runs_or_fails_in_words(source: str, expected: Type | None) -> None:
    checked, sink = check(source, expected)
    if any(d.severity == "error" for d in sink.items):
        return
    assert checked.type != UNKNOWN
    try:
        evaluate(checked)
    except ExpressionError as error:
        failure = str(error)
        assert "does not fit" not in failure  # what Python refuses, the checker should have
