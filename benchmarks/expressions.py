"""Microseconds per expression: what a guard, a mapping, a value's check and its storage cost.

python benchmarks/expressions.py
"""

from __future__ import annotations

import time
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from tenuto_dsl.check.expressions import Binding, Scope, check_expression
from tenuto_dsl.diagnostics import Diagnostics
from tenuto_dsl.syntax import parse_expression
from tenuto_interpreter.codec import decode, encode
from tenuto_interpreter.expr import Context, compile_expressions
from tenuto_interpreter.types import DECIMAL, INT, STRING, ListOf, Optional, Record, RecordField, Ref, Type
from tenuto_interpreter.values import reader, writer

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
}
ORDER = {
    "id": "o1",
    "items": [{"sku": "a", "quantity": 2}, {"sku": "b", "quantity": 1}],
    "total": Decimal("1500.00"),
    "email": "a@example.com",
}
NAMES: dict[str, tuple[Type, Any]] = {
    "order": (Ref("Order"), ORDER),
    "attempts": (INT, 3),
    "code": (STRING, "123456"),
    "hash": (STRING, "8d969eef6ecad3c29a3a629280e686cf0c3f5d5a86aff3ca12020c923adc6c92"),
    "tokens": (INT, 1000),
}
SOURCES = (
    "attempts",
    "attempts + 1",
    'order.total > decimal("1000")',
    "attempts < 5 && code == hash",
    "attempts < 5 && sha256(code) == hash",
    'order.email != null && order.email.contains("@")',
    '{ "order_id": order.id, "amount": order.total, "attempts": attempts }',
    '"order ${order.id} of ${order.total}"',
    "order.items.exists(i, i.quantity > 1)",
    "order.items.map(i, i.sku)",
    'code.matches("^[0-9]{6}$")',
)


def measure(title: str, run: Callable[[], Any]) -> None:
    """The best of several rounds, which is what the code costs when nothing else runs."""
    count = 2_000
    best = float("inf")
    for _ in range(15):
        started = time.perf_counter()
        for _ in range(count):
            run()
        best = min(best, time.perf_counter() - started)
    print(f"{best / count * 1e6:8.2f} µs  {title}")


def main() -> None:
    scope = Scope({name: Binding(type_, ("var", slot)) for slot, (name, (type_, _)) in enumerate(NAMES.items())}, TYPES)
    variables = [value for _, value in NAMES.values()]
    context = Context(budget=10**12)
    forms = []
    for source in SOURCES:
        sink = Diagnostics()
        node = parse_expression(source, "benchmark", sink)
        assert node is not None
        forms.append(check_expression(node, scope, sink).ir)
        assert not sink.items, sink.items
    compiled = compile_expressions(forms)
    for source, function in zip(SOURCES, compiled, strict=True):
        measure(source, lambda function=function: function(variables, (), context))  # type: ignore[misc]  # bound early
    print()
    read, write = reader(Ref("Order"), TYPES, True), writer(Ref("Order"), TYPES)
    small = reader(TYPES["Item"], TYPES, True)
    wire = write(ORDER)
    measure("read an item of two fields", lambda: small(ORDER["items"][0], "item"))  # type: ignore[index]  # an order
    measure("read an order of two items", lambda: read(wire, "order"))
    measure("write an order of two items", lambda: write(ORDER))
    measure("encode it as plain JSON", lambda: encode(wire))
    measure("encode it with its decimal", lambda: encode(ORDER))
    stored = encode(ORDER)
    measure("decode it with its decimal", lambda: decode(stored))
    print()
    started = time.perf_counter()
    for _ in range(50):
        compile_expressions(forms)
    print(f"{(time.perf_counter() - started) / 50 / len(forms) * 1e6:8.0f} µs  to compile one expression")


if __name__ == "__main__":
    main()
