"""The checker of dynamic CEL: types, values and messages that cel-spec's cases leave out."""

from __future__ import annotations

from typing import Any

import pytest
from tenuto_dsl.check.cel import Declarations, check_cel
from tenuto_dsl.diagnostics import Diagnostics
from tenuto_dsl.syntax import parse_expression
from tenuto_interpreter.expr import Context, ExpressionError
from tenuto_interpreter.expr.cel import compile_cel, from_json, to_json
from tenuto_interpreter.expr.cel.types import text_of

DATA: dict[str, Any] = {
    "order": {"id": "o1", "total": 12.5, "items": [{"sku": "a", "n": 2}, {"sku": "b", "n": 3}], "note": None},
    "content": {"content-type": "json"},
}


def run(source: str, variables: dict[str, Any] = DATA) -> tuple[str, Any]:
    sink = Diagnostics()
    node = parse_expression(source, "test", sink)
    assert node is not None, sink.items
    checked = check_cel(node, Declarations(dict.fromkeys(variables, ("dyn",))), sink)
    assert [item.message for item in sink.items] == []
    return text_of(checked.type), to_json(compile_cel(checked.ir)(from_json(variables), Context()))


@pytest.mark.parametrize(
    ("source", "type_", "value"),
    [
        ("order.items.map(i, i.n * 2)", "list(dyn)", [4, 6]),
        ("order.total > 10 && order.note == null", "bool", True),
        ("content.`content-type`", "dyn", "json"),
        ("content.?`no-such`.orValue('x')", "string", "x"),
        ("has(content.`content-type`)", "bool", True),
        (".order.id", "dyn", "o1"),
        ("-9223372036854775809.0 < 0.0", "bool", True),
        ("[1, 2, 3].exists(i, v, i > 1 && v == 3)", "bool", True),
        ("[1, 2].all(i, v, v > i)", "bool", True),
        ("[1, 2, 2].existsOne(i, v, v == 2)", "bool", False),
        ("[1, 2, 3].transformList(i, v, i > 0, v * v)", "list(int)", [4, 9]),
        ("{'a': 1}.transformList(k, v, k + string(v))", "list(string)", ["a1"]),
        ("{1: 'x', 2: 'y'}.transformMap(k, v, k > 1, v + v)", "map(int, string)", {"2": "yy"}),
        ("['a', 'b'].transformMapEntry(i, v, {v: i})", "map(string, int)", {"a": 0, "b": 1}),
        ("[3, 1, 2].sort()", "list(int)", [1, 2, 3]),
        ("order.items.sortBy(i, -i.n).map(i, i.sku)", "list(dyn)", ["b", "a"]),
        ("[1, 1.0, 1u, 2].distinct()", "list(dyn)", [1, 2]),
        ("[[1], [2, 3]].flatten()", "list(int)", [1, 2, 3]),
        ("[1, [2, [3]]].flatten(2)", "list(dyn)", [1, 2, 3]),
        ("lists.range(3).slice(1, 3).reverse()", "list(int)", [2, 1]),
        ("[1, 2].first().value() + [1, 2].last().orValue(0)", "int", 3),
        ("[].first().hasValue()", "bool", False),
        ("sets.contains([1, 2], [dyn(2.0)])", "bool", True),
        ("sets.equivalent([1, 1], [dyn(1u)])", "bool", True),
        ("sets.intersects([1], [2])", "bool", False),
        ("optional.ofNonZeroValue('').or(optional.of('x')).value()", "string", "x"),
        ("[optional.of(1), optional.none()].unwrapOpt()", "list(int)", [1]),
        ("cel.bind(x, 20, x + x)", "int", 40),
        ("decimal('0.1') + decimal('0.2')", "decimal", "0.3"),
        ("calendar(timestamp('2026-01-31T00:00:00Z'), 'P1M', 'UTC')", "timestamp", "2026-02-28T00:00:00Z"),
        ("90s + duration('1ns')", "duration", "1m30s1ns"),
        ("string(90s)", "string", "90s"),
        ("type(1u)", "type(uint)", "uint"),
        ("b'hi'", "bytes", "aGk="),
        ("[0.0 / 0.0, 1.0 / 0.0, -1.0 / 0.0]", "list(double)", ["NaN", "Infinity", "-Infinity"]),
        ("optional.none()", "optional_type(dyn)", None),
        ("{true: 1, 2: 'x', 3u: null}", "map(dyn, dyn)", {"true": 1, "2": "x", "3": None}),
        ("'${order.id} has ${size(order.items)}'", "string", "o1 has 2"),
    ],
)
def test_types_and_values(source: str, type_: str, value: Any) -> None:
    assert run(source) == (type_, value)


@pytest.mark.parametrize(
    ("source", "message", "hint"),
    [
        ("1 + 'a'", "+ is not defined for int and string", None),
        ("ordr.id", "undeclared reference to 'ordr'", "did you mean order?"),
        ("len('x')", "unknown function len", "write x.size()"),
        ("'x'.sice()", "unknown method sice", "did you mean slice?"),
        ("size", "size is a function", "call it: size(…)"),
        ("'abc'.charAt('b')", "charAt(string) of string has no such overload", "it takes (int)"),
        ("(1).x", "int has no fields, so none named x", None),
        ("1 ? 2 : 3", "expected bool, found int", None),
        ("true ? 1 : 'x'", "the two branches have different types, int and string", None),
        ("[1].map(2, 3)", "a name is needed here, for each item", "the first is a name for each item"),
        ("(1).map(x, x)", "map needs a list or map, found int", None),
        ("[?1]", "expected an optional, found int", None),
        ("has(order)", "has needs the selection of a field", None),
        ("[1].all(i, i, true)", "the name i is taken already", None),
    ],
)
def test_messages(source: str, message: str, hint: str | None) -> None:
    sink = Diagnostics()
    node = parse_expression(source, "test", sink)
    assert node is not None
    check_cel(node, Declarations({"order": ("dyn",)}), sink)
    assert sink.items[0].message == message
    assert hint is None or hint in (sink.items[0].hint or "")


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("order.nope", "no such key: nope"),
        ("order.id + 1", "no such overload: +(string, int)"),
        ("order.note.x", "no such overload: null_type.x"),
        ("{1.5: 2}", "double cannot be the key of a map"),
        ("{1: 1, 1u: 2}", "the key 1 comes twice"),
        ("[1, 'a'].sort()", "a list of different types has no order"),
        ("optional.none().value()", "optional.none() has no value"),
        ("[order, order].map(o, o.total).join()", "no such overload: join of a list with double"),
        ("'%d'.format(['x'])", "%d is not for string"),
        ("{1: 'a', '1': 'b'}", 'two keys of a map are "1" as JSON'),
    ],
)
def test_errors_when_it_runs(source: str, message: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        run(source)
    assert message in str(caught.value)
