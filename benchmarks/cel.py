"""Expressions of typical guards and mappings beside cel-python, which the dependency group `bench` holds.

    python -m benchmarks.cel [--rounds 7]

Compiled once, evaluated often. Subjects take turns, and the least time of each counts: what it costs when nothing else
runs. Four of them: a workflow's expression (typed), the same in `tenuto eval` (dynamic), cel-python's compiled runner,
which is its faster one, and its interpreter.
Two measures: the evaluation of values that are ready, and of plain JSON data, which is read into each one's values
first: we check it against its declared types as we do, cel-python wraps it.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from typing import Any

from tenuto_dsl.check.cel import Declarations, check_cel
from tenuto_dsl.check.expressions import Binding, Scope, check_expression
from tenuto_dsl.diagnostics import Diagnostics
from tenuto_dsl.syntax import parse_expression
from tenuto_interpreter.expr import Context, compile_expressions
from tenuto_interpreter.expr.cel import compile_cel, from_json
from tenuto_interpreter.types import DOUBLE, INT, STRING, ListOf, MapOf, Optional, Record, RecordField, Type
from tenuto_interpreter.values import reader

DATA: dict[str, Any] = {
    "order": {
        "id": "o-1", "total": 1500.0, "email": "ada@example.com", "country": "DE",
        "items": [{"sku": f"s{n}", "quantity": n, "price": 9.5} for n in range(1, 6)],
    },
    "attempts": 3,
    "labels": {"zone": "north", "tier": "gold"},
}  # fmt: skip


def record(**fields: Type) -> Record:
    return Record(tuple(RecordField(name, type_) for name, type_ in fields.items()))


TYPES: dict[str, Type] = {
    "order": record(
        id=STRING, total=DOUBLE, email=Optional(STRING), country=STRING,
        items=ListOf(record(sku=STRING, quantity=INT, price=DOUBLE)),
    ),
    "attempts": INT,
    "labels": MapOf(STRING),
}  # fmt: skip
SOURCES = (
    "attempts < 5",
    'order.total > 1000.0 && order.country in ["DE", "FR", "IT"]',
    'order.email != null && order.email.endsWith("@example.com")',
    'attempts >= 3 || order.total < 10.0 ? "review" : "pass"',
    'labels["tier"] == "gold" && labels.zone.startsWith("n")',
    "order.items.exists(i, i.quantity > 4)",
    "order.items.all(i, i.price > 0.0 && i.quantity > 0)",
    "order.items.filter(i, i.quantity > 2).map(i, i.sku)",
    '{"id": order.id, "amount": order.total, "count": order.items.size()}',
    'order.id.matches("^o-[0-9]+$")',
    "size(order.items) > 3 && order.items[0].quantity + attempts * 2 == 7",
)
Run = Callable[[], Any]


def tenuto_typed(source: str) -> tuple[Run, Run]:
    sink = Diagnostics()
    scope = Scope({name: Binding(type_, ("var", n)) for n, (name, type_) in enumerate(TYPES.items())}, {})
    node = parse_expression(source, "benchmark", sink)
    assert node is not None
    compiled = compile_expressions((check_expression(node, scope, sink).ir,))[0]
    assert not sink.items, sink.items
    read = [(name, reader(type_, {}, True)) for name, type_ in TYPES.items()]
    ready = [function(DATA[name], name) for name, function in read]
    return (
        lambda: compiled(ready, (), Context()),
        lambda: compiled([function(DATA[name], name) for name, function in read], (), Context()),
    )


def tenuto_dynamic(source: str) -> tuple[Run, Run]:
    sink = Diagnostics()
    node = parse_expression(source, "benchmark", sink)
    assert node is not None
    compiled = compile_cel(check_cel(node, Declarations(dict.fromkeys(TYPES, ("dyn",))), sink).ir)
    assert not sink.items, sink.items
    ready = from_json(DATA)
    return lambda: compiled(ready, Context()), lambda: compiled(from_json(DATA), Context())


def cel_python(source: str, *, compiled: bool) -> tuple[Run, Run]:
    import celpy

    runner = celpy.CompiledRunner if compiled else celpy.InterpretedRunner
    environment = celpy.Environment(runner_class=runner)
    program = environment.program(environment.compile(source))
    ready = {name: celpy.json_to_cel(value) for name, value in DATA.items()}
    return (
        lambda: program.evaluate(ready),
        lambda: program.evaluate({name: celpy.json_to_cel(value) for name, value in DATA.items()}),
    )


def microseconds(run: Run) -> float:
    """The mean over about ten milliseconds."""
    started = time.perf_counter()
    run()
    count = max(3, int(0.01 / max(time.perf_counter() - started, 1e-7)))
    started = time.perf_counter()
    for _ in range(count):
        run()
    return (time.perf_counter() - started) / count * 1e6


def compare(title: str, measure: int, rounds: int) -> None:
    print(f"\n{title}: microseconds (least of the rounds), and the ratio to cel-python's faster runner\n")
    print(f"{'typed':>8} {'dynamic':>8} {'celpy c.':>9} {'celpy i.':>9} {'ratio':>8} {'ratio':>8}")
    ratios: list[list[float]] = [[], []]
    for source in SOURCES:
        subjects = [
            tenuto_typed(source), tenuto_dynamic(source), cel_python(source, compiled=True),
            cel_python(source, compiled=False),
        ]  # fmt: skip
        times = [float("inf")] * len(subjects)
        for _ in range(rounds):
            times = [min(least, microseconds(subject[measure])) for least, subject in zip(times, subjects, strict=True)]
        typed, dynamic, one, two = times
        for own, kept in zip((typed, dynamic), ratios, strict=True):
            kept.append(min(one, two) / own)
        shown = f"{typed:8.2f} {dynamic:8.2f} {one:9.2f} {two:9.2f} {ratios[0][-1]:8.1f} {ratios[1][-1]:8.1f}"
        print(f"{shown}  {source}")
    for name, kept in zip(("typed", "dynamic"), ratios, strict=True):
        middle = statistics.geometric_mean(kept)
        print(f"{name}: {middle:.1f} times as fast on the whole (geometric mean), {min(kept):.1f} at the least")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15)
    rounds = parser.parse_args().rounds
    for source in SOURCES:
        answers = [tenuto_typed(source)[0](), tenuto_dynamic(source)[0](), cel_python(source, compiled=True)[0]()]
        assert answers[0] == answers[1] == answers[2], (source, answers)
    compare("values ready", 0, rounds)
    compare("from JSON data", 1, rounds)


if __name__ == "__main__":
    main()
