"""What the checker of expressions says: the code, the place, the message and the hint, once per mistake."""

from __future__ import annotations

import pytest
from tenuto_dsl.check.expressions import (
    UNKNOWN,
    Allow,
    Binding,
    Scope,
    assignable,
    check_expression,
    narrowings,
    resolve_type,
    type_text,
)
from tenuto_dsl.diagnostics import CODES, Diagnostics
from tenuto_dsl.syntax import parse_expression, parse_type
from tenuto_interpreter.types import (
    ANY,
    BOOL,
    DECIMAL,
    DOUBLE,
    DURATION,
    INT,
    NULL,
    STRING,
    ListOf,
    LiteralOf,
    MapOf,
    Optional,
    Record,
    RecordField,
    Ref,
    Scalar,
    Sensitive,
    Type,
    Union,
)  # fmt: skip

from .test_expressions import RISK, SCOPE, TYPES, check, parse, record


@pytest.mark.parametrize(
    ("source", "expected", "code", "col", "message", "hint"),
    [
        ("ordr.id", None, "TEN240", 1, "unknown name ordr", "did you mean order?"),
        ("config", None, "TEN240", 1, "config is not a value", "config.zone"),
        ("now", None, "TEN240", 1, "now is a function", "call it: now(…)"),
        ("foo(1)", None, "TEN241", 1, "unknown function foo", None),
        ('"a".contans("b")', None, "TEN241", 5, "unknown method contans", "did you mean contains?"),
        ("attempts.string()", None, "TEN241", 10, "unknown method string", "string(x)"),
        ("math.lest(1, 2)", None, "TEN241", 6, "unknown function math.lest", "math.least"),
        ("hash.contains(1)", None, "TEN242", None, "contains(int) is not defined for string", "(string)"),
        ("attempts.contains(1)", None, "TEN242", None, "contains(int) is not defined for int", "a method of string"),
        ("attempts.map(x, x)", None, "TEN242", None, "map needs a list or map, found int", None),
        ("order.itms", None, "TEN243", 7, "Order has no field itms", "did you mean items?"),
        ("config.zne", None, "TEN243", 8, "config has no field zne", "did you mean zone?"),
        ("attempts.x", None, "TEN243", 10, "int has no fields", None),
        ("attempts", STRING, "TEN244", 1, "expected string, found int", "string(…)"),
        ("5", DECIMAL, "TEN244", 1, "expected decimal, found int", 'decimal("5")'),
        ("true && attempts", None, "TEN244", 9, "expected bool, found int", None),
        ("email && true", None, "TEN244", 1, "expected bool, found string?", "email != null"),
        ('true ? 1 : "a"', None, "TEN244", None, "different types, int and string", None),
        ("[1, hash]", ListOf(INT), "TEN244", 5, "expected int, found string", "int(…)"),
        ('email.contains("@")', None, "TEN245", 1, "email may be null (string?)", "email.orValue"),
        ("maybe.id", None, "TEN245", 7, "maybe may be null (Order?)", ".?id"),
        ("email", STRING, "TEN245", 1, "this may be null: expected string, found string?", "email.orValue"),
        ("null", STRING, "TEN245", 1, "expected string, found null", None),
        ("email + hash", None, "TEN245", 1, "email may be null", None),
        ("email == null && email.size() > 1", None, "TEN245", 18, "email may be null", None),
        ("body.id", None, "TEN246", 6, "body is of type any", "declared type"),
        ("body + 1", None, "TEN246", 1, "cast before use", "string(…)"),
        ("body", INT, "TEN246", 1, "expected int, found any", "int(…)"),
        ("body.map(x, x)", None, "TEN246", None, "cast before use", None),
        ('{"id": "x", "total": "1"}', Ref("Order"), "TEN247", 1, "Order needs the field items", None),
        ("{}", Ref("Order"), "TEN247", 1, "Order needs the fields id, items, total", None),
        ('{"sku": "x", "quantty": 1}', Ref("Item"), "TEN248", 14, "Item has no field quantty", "did you mean"),
        ('risk == "hihg"', None, "TEN249", 9, '"hihg" is not one of "low" | "high"', 'did you mean "high"?'),
        ('"medium"', RISK, "TEN249", 1, '"medium" is not one of', None),
        ('risk in ["hgh"]', None, "TEN249", 10, '"hgh" is not one of', 'did you mean "high"?'),
        ("attempts + 1.5", None, "TEN250", None, "+ is not defined for int and double", "convert one"),
        ("order.total * 2.0", None, "TEN250", None, "* is not defined for decimal and double", "doubles are inexact"),
        ('hash + 1', None, "TEN250", None, "+ is not defined for string and int", "${…}"),
        ("at + at", None, "TEN250", None, "+ is not defined for timestamp and timestamp", "subtract"),
        ("-hash", None, "TEN250", None, "- is not defined for string", None),
        ('order.items["a"]', None, "TEN250", None, "[Item] cannot be indexed by string", None),
        ('secret("X")', None, "TEN252", None, "secret(…) is not allowed here", "http binding"),
        ('calls("f") > 1', None, "TEN252", None, "calls(…) is not allowed here", None),
        ('hash.contains("a", "b")', None, "TEN253", None, "contains takes 1 argument, found 2", None),
        ("order.items.filter(i)", None, "TEN253", None, "filter takes 2 arguments, found 1", "orders.filter"),
        ("order.items.map(1, 2)", None, "TEN254", 17, "map needs a name here", "orders.filter"),
        ("has(order)", None, "TEN254", None, "has needs the selection of a field", None),
        ('{"a": 1, "a": 2}', None, "TEN255", 10, 'the key "a" comes twice', None),
        ("4000000d", None, "TEN256", 1, "longer than 10,000 years", None),
        ("-(-9223372036854775808)", None, "TEN256", 1, "more than 64 bits", None),
        ('decimal("x")', None, "TEN258", None, '"x" is not a decimal', None),
        ('"x"', DECIMAL, "TEN258", 1, "not a decimal number", "decimal"),
        ('timestamp("2026-02-30T00:00:00Z")', None, "TEN258", None, "not a date and time that exists", None),
        ('hash.matches("(a")', None, "TEN258", 14, "not a regular expression", "RE2"),
        ('cron("0 9")', None, "TEN258", None, "not a cron expression", None),
        ("order.items.map(attempts, 1)", None, "TEN259", 17, "the name attempts is taken already", None),
        ('"for ${email}"', None, "TEN260", 8, "this may be null (string?)", ".orValue"),
        ('"for ${order}"', None, "TEN261", 8, "a value of type Order has no text", None),
        ("{1: 2}", None, "TEN263", 2, "the keys of a map are strings, found int", None),
        ('attempts == "3"', None, "TEN265", None, "int and string are never equal", "string(…)"),
        ("order == 1", None, "TEN265", None, "Order and int are never equal", None),
    ],
)  # fmt: skip
def test_mistakes(
    source: str, expected: Type | None, code: str, col: int | None, message: str, hint: str | None
) -> None:
    _, sink = check(source, expected)
    assert [d.code for d in sink.items] == [code], [(d.code, d.message) for d in sink.items]
    found = sink.items[0]
    assert code in CODES
    assert message in found.message
    assert hint is None or (found.hint is not None and hint in found.hint), found.hint
    assert col is None or found.span.col == col


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("1 / 0", "division by zero"),
        ("attempts % 0", "modulus by zero"),
        ('decimal("1") / 0', "division by zero"),
        ("90m / (1 - 1)", "division by zero"),
        ("[1][3]", "index 3 out of range: the list has 1 items"),
        ("[attempts][1]", "index 1 out of range: the list has 1 items"),
        ("9223372036854775807 + 1", "an int of more than 64 bits"),
        ('"abc".substring(5)', "substring(5, 3) of a string of 3 characters"),
        ("attempts > 1 ? 2 : 1 % 0", "modulus by zero"),
        ("[7].map(each, each / 0)", "division by zero"),
    ],
)
def test_what_always_fails_is_warned_about(source: str, why: str) -> None:
    checked, sink = check(source)
    assert [(d.code, d.severity, d.message) for d in sink.items] == [("TEN267", "warning", f"this always fails: {why}")]
    assert checked.type != UNKNOWN


@pytest.mark.parametrize(
    "source",
    ["1 / attempts", "1.0 / 0", "[1][attempts]", "[1, 2].map(each, 1 / (each - 1))", "1 + 1", '"abc".substring(1)'],
)
def test_what_may_succeed_is_not(source: str) -> None:
    assert "TEN267" not in [d.code for d in check(source)[1].items]


def test_one_mistake_gives_one_diagnostic_and_two_give_two() -> None:
    for source, count in (
        ('ordr.items.map(i, i.sku).size() > 5 && ordr.id == "x"', 2),
        ("nope.a.b.c + 1 == 2 ? nope2 : [nope3]", 3),
        ("order.itms.filter(i, i.sku == 1).size() + attempts", 1),
    ):
        assert len(check(source)[1].items) == count, [d.message for d in check(source)[1].items]


def test_states_are_known_by_name_where_they_are_known() -> None:
    scope = Scope({}, {}, states=("away", "home.hall"))
    assert len(check('active("away")', None, scope)[1]) == 0
    _, sink = check('active("awy")', None, scope)
    assert [(d.code, d.hint) for d in sink.items] == [("TEN251", 'did you mean "away"?')]


def test_permissions() -> None:
    fixed = SCOPE.child({}, Allow(now=False, active=False))
    assert [d.code for d in check("now()", None, fixed)[1].items] == ["TEN252"]
    assert [d.code for d in check('active("x")', None, fixed)[1].items] == ["TEN252"]
    assert len(check('secret("X")', None, SCOPE.child({}, Allow(secret=True)))[1]) == 0


# -- the pieces that the checker of statements uses ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "true", "false"),
    [
        ("email != null", {"email": "string"}, {}),
        ("email == null", {}, {"email": "string"}),
        ("!(email != null)", {}, {"email": "string"}),
        ("email != null && maybe != null", {"email": "string", "maybe": "Order"}, {}),
        ("email == null || maybe == null", {}, {"email": "string", "maybe": "Order"}),
        ('email == "x"', {"email": "string"}, {}),
        ("has(order.email)", {"order.email": "string"}, {}),
        ("order.email.hasValue()", {"order.email": "string"}, {}),
        ("maybe.?email != null", {"maybe": "Order", "maybe.email": "string"}, {}),
        ("maybe != null && maybe.email != null", {"maybe": "Order", "maybe.email": "string"}, {}),
        ("attempts > 3", {}, {}),
        ("nope != null", {}, {}),
    ],
)
def test_narrowings(source: str, true: dict[str, str], false: dict[str, str]) -> None:
    found = narrowings(parse(source), SCOPE)
    assert [{".".join(path): type_text(t) for path, t in facts.items()} for facts in found] == [true, false]


def test_scopes_forget_and_shadow() -> None:
    narrowed = SCOPE.assume(narrowings(parse("email != null && order.email != null"), SCOPE)[0])
    assert len(check("email + order.email", STRING, narrowed)[1]) == 0
    assert len(check("email", STRING, narrowed.forget("email"))[1]) == 1
    assert len(check("order.email", STRING, narrowed.forget("email"))[1]) == 0
    inner = narrowed.child({"order": Binding(Ref("Order"), ("local", 0))})
    assert len(check("order.email", STRING, inner)[1]) == 1
    assert inner.lookup("email") is not None
    assert "order" in set(inner.names())


@pytest.mark.parametrize(
    ("source", "target", "yes"),
    [
        (INT, Optional(INT), True), (Optional(INT), INT, False), (NULL, Optional(INT), True), (NULL, INT, False),
        (INT, DOUBLE, False), (INT, ANY, True), (ANY, INT, False), (LiteralOf("low"), RISK, True), (RISK, STRING, True),
        (STRING, RISK, False), (ListOf(INT), ListOf(Optional(INT)), True), (MapOf(INT), Record(()), True),
        (Ref("Item"), TYPES["Item"], True), (Ref("Item"), MapOf(STRING), False), (record(a=INT), MapOf(INT), True),
        (record(a=INT), record(a=INT, b=Optional(INT)), False), (Sensitive(STRING), STRING, True), (UNKNOWN, INT, True),
        (INT, Union((STRING, INT)), True), (Union((STRING, INT)), INT, False),
        (Optional(Optional(INT)), Optional(INT), True),
    ],
)  # fmt: skip
def test_assignable(source: Type, target: Type, yes: bool) -> None:
    assert assignable(source, target, TYPES) is yes


def test_recursive_types_compare() -> None:
    types = {name: record(value=INT, next=Optional(Ref(name))) for name in ("A", "B")}
    assert assignable(Ref("A"), Ref("B"), types)
    types["B"] = record(value=STRING, next=Optional(Ref("B")))
    assert not assignable(Ref("A"), Ref("B"), types)
    assert check_loop() == UNKNOWN


def check_loop() -> Type:
    """A type that is only itself has no fields, and no end of looking for them either."""
    node = parse_expression("x.a", "test", Diagnostics())
    assert node is not None
    return check_expression(node, Scope({"x": Binding(Ref("X"), ("var", 0))}, {"X": Ref("X")}), Diagnostics()).type


@pytest.mark.parametrize(
    ("source", "expected", "codes"),
    [
        ("string", STRING, []),
        ("[Item?]", ListOf(Optional(Ref("Item"))), []),
        ("map(string, [int])", MapOf(ListOf(INT)), []),
        ('"a" | "b"', Union((LiteralOf("a"), LiteralOf("b"))), []),
        ("{ a: int, b: duration? }", Record((RecordField("a", INT), RecordField("b", Optional(DURATION)))), []),
        ("Itm", UNKNOWN, ["TEN262"]),
        ("strng", UNKNOWN, ["TEN262"]),
        ("map(int, bool)", MapOf(BOOL), ["TEN263"]),
        ("{ a: int, a: int }", Record((RecordField("a", INT),)), ["TEN255"]),
    ],
)
def test_types(source: str, expected: Type, codes: list[str]) -> None:
    sink = Diagnostics()
    node = parse_type(source, "test", sink)
    assert node is not None
    assert resolve_type(node, TYPES, sink) == expected
    assert [d.code for d in sink.items] == codes
    assert isinstance(expected, Scalar) or type_text(expected)
