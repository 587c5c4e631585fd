"""Expressions made at random from all functions there are, over data that is large or odd, and what all must bear."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Sequence
from functools import cache
from typing import Any

from tenuto_dsl.diagnostics import Diagnostics
from tenuto_dsl.evaluation import DataError, Evaluator, Refused
from tenuto_dsl.filters import Column, translate
from tenuto_interpreter.expr import TABLE
from tenuto_interpreter.expr.cel.library import LIBRARY
from tenuto_interpreter.types import ANY, DOUBLE, INT, STRING, ListOf, MapOf, Type

_LONG = 200_000
DATA: dict[str, Any] = {
    "s": "a" * _LONG, "t": "a" * (_LONG - 1) + "b", "u": "é\U0001f600\u0000\u2028\"\\" * 50, "word": "banana",
    "n": 7,
    "big": 2**63 - 1, "d": 2.5, "b": True, "none": None, "numbers": list(range(3_000)),
    "words": ["x", "y", "a" * 5_000],
    "order": {"id": "o-1", "total": 12.5, "items": [{"sku": "a", "n": 1}, {"sku": "b", "n": 2}], "note": None},
    "table": {f"k{number}": number for number in range(1_000)}, "deep": [[[[[[1]]]]]],
    "field": {"field": "var", "do": [1], "record": {"loop": "const"}},
}  # fmt: skip
DATA["same"] = "".join(["a"] * _LONG)
TYPES: dict[str, Type] = {
    "s": STRING, "t": STRING, "same": STRING, "u": STRING, "word": STRING, "n": INT, "big": INT, "d": DOUBLE,
    "numbers": ListOf(INT), "words": ListOf(STRING), "table": MapOf(INT), "order": ANY,
}  # fmt: skip
SMALL = ("word", "n", "big", "d", "b", "none", "order", "deep", "field")
"""Data that can be written out as literals."""

_LITERALS: dict[str, Sequence[str]] = {
    "string": ('""', '"a"', '"é\U0001f600"', '"a,b"', '"2026-03-29T01:30:00Z"', '"1h30m"', '"Europe/Paris"', '"%s %d"',
               '"%.99f"', '"9223372036854775808"', '"1e999"', '"(a+)+$"', '"[ab]*a[ab]{500}c"', '"(a?){1000}b"',
               r'"\\pL{1,90}"', '"P99999M"', '"0 0 31 2 *"', "r'\\d+'", '"\\u0000"', "s", "t", "same", "u", "word"),
    "bytes": ("b''", "b'\\xff'", "bytes(s)", "bytes(word)"),
    "int": ("0", "1", "-1", "2", "63", "64", "9223372036854775807", "-9223372036854775808", "n", "big", "s.size()"),
    "uint": ("0u", "1u", "18446744073709551615u"),
    "double": ("0.0", "-0.0", "1.5", "1e308", "5e-324", "(0.0 / 0.0)", "(1.0 / 0.0)", "d"),
    "bool": ("true", "false", "b"),
    "duration": ("0s", "90m", "duration('2562047h')", "duration('-1ns')", "3652500d", "1ns"),
    "timestamp": ("timestamp(0)", "timestamp('0001-01-01T00:00:00Z')", "now()",
                  "timestamp('9999-12-31T23:59:59.999999Z')",
                  "timestamp('2026-03-29T01:30:00+01:00')"),
    "decimal": ('decimal("0")', 'decimal("1e6144")', 'decimal("-1e-6143")', 'decimal("9.99")',
                'decimal("99999999999999999999999999999999999999")'),
    "null": ("null", "none"),
    "list": ("[]", "[1, 2]", '["a", "b"]', "numbers", "words", "deep", "[[1], [2]]", "[null, true, 1.5]",
             "lists.range(100000)", "order.items", "words.map(w, s)"),
    "map": ("{}", '{"a": 1}', "table", "order", "field", '{"field": 1, "do": [2]}'),
    "optional": ("optional.none()", "optional.of(1)", "order.?note", "words[?9]"),
}  # fmt: skip
_MACROS = ("{0}.all(x, {1})", "{0}.exists(x, {1})", "{0}.map(x, {1})", "{0}.filter(x, {1})", "{0}.exists_one(x, {1})",
           "{0}.map(x, {1}, {2})", "{0}.sortBy(x, {1})", "{0}.transformList(i, x, {1})", "{0}.transformMap(k, x, {1})",
           "{0}.transformMapEntry(k, x, {{{2}: {1}}})", "cel.bind(x, {0}, {1})", "has({0}.a)", "{0}.?a.orValue({1})",
           "{0}[{1}]", "{0}[?{1}]", "({0} ? {1} : {2})", "({0} && {1} || {2})", "[{0}, {1}]", '{{"a": {0}, "b": {1}}}',
           '"<${{{0}}}-${{{1}}}>"', "{0}.a.b", "optional.of({0}).optMap(x, {1})", "lists.range(100000).map(i, {1})",
           "lists.range(100000).all(i, {0} == {1})", "({0} in {1})", "numbers.all(x, {1} != {2})",
           "size({0})")  # fmt: skip
_COLUMNS = {
    "word": Column("word", "string"), "n": Column("n", "int"), "d": Column("d", "double"), "b": Column("b", "bool"),
    "none": Column("none", "string", nullable=True), "order": Column("attributes", "object"),
    "at": Column("at", "timestamp"),
}  # fmt: skip


@cache
def _functions() -> list[tuple[str, str, tuple[str, ...]]]:
    """Form, name and the kinds of the parameters of every overload, of both sets of functions."""
    found = {(form, name, tuple(param[0] for param in overload.params))
             for (form, name), overloads in LIBRARY.by_name.items() for overload in overloads}  # fmt: skip
    for operation in TABLE.by_id.values():
        found.add((operation.form, operation.name, tuple(_kind(param) for param in operation.params)))
    return sorted(found)


def _kind(type_: Type) -> str:
    if isinstance(type_, ListOf):
        return "list"
    return "map" if isinstance(type_, MapOf) else str(getattr(type_, "kind", "dyn"))


def expression(choose: random.Random, depth: int, kind: str = "dyn") -> str:
    """An expression, of a kind where that is asked for and more often than not."""
    if depth <= 0 or choose.random() < 0.15:
        kinds = list(_LITERALS) if kind not in _LITERALS or choose.random() < 0.05 else [kind]
        literal = choose.choice(_LITERALS[choose.choice(kinds)])
        return f"dyn({literal})" if choose.random() < 0.3 else literal  # its kind is then seen when it runs
    if choose.random() < 0.35:
        holes = (expression(choose, depth - 1, choose.choice(("list", "map", "dyn"))),
                 choose.choice(("x", expression(choose, depth - 1), expression(choose, depth - 1))),
                 expression(choose, depth - 1, choose.choice(("bool", "string", "dyn"))))  # fmt: skip
        return choose.choice(_MACROS).format(*holes)
    form, name, params = choose.choice(_functions())
    args = [expression(choose, depth - 1, param) for param in params]
    if form == "method":
        return f"({args[0]}).{name}({', '.join(args[1:])})"
    if form == "function":
        return f"{name}({', '.join(args)})"
    sign = name.strip("_")
    if name in ("[]", "[?]"):
        return f"({args[0]}){name[:-1]}{args[1]}]"
    return f"({args[0]} {sign} {args[1]})" if len(args) == 2 else f"{sign}({args[0]})"


def outcome(evaluate: Evaluator, source: str, data: dict[str, Any]) -> tuple[str, str]:
    """What became of it, and its value as JSON or the code of what was said."""
    said: Refused | DataError
    try:
        return "value", json.dumps(evaluate(source, data, now=1_700_000_000_000_000), allow_nan=False)
    except (Refused, DataError) as error:
        said = error
    assert str(said)
    if isinstance(said, DataError):
        return "data", ""
    item = said.items[0]
    assert (item.span.line, item.span.col) >= (1, 1), item
    return ("fails" if item.code in ("TEN270", "TEN271") else "refused"), item.code


def drive_expression(source: str, *, limit_s: float = 1.0) -> str:
    """Evaluate by both evaluators, with data and with its literals, and as a filter; what the dynamic one said."""
    said = []
    for title, evaluate in (("dynamic", Evaluator()), ("typed", Evaluator(TYPES)), ("filter", None)):
        began = time.process_time()
        if evaluate is not None:
            said.append(outcome(evaluate, source, DATA))
        else:
            made = translate(source, _COLUMNS, Diagnostics(), now=0)
            assert made is None or isinstance(made.matches({"word": "a", "n": 1}), bool)
        spent = time.process_time() - began
        assert spent < limit_s, f"{title}: {spent:.2f} s, {said[-1][0]}"
    return said[0][0]


def with_literals(source: str) -> str:
    """The names of small data bound to what they are."""
    for name in SMALL:
        source = f"cel.bind({name}, {json.dumps(DATA[name], ensure_ascii=True)}, {source})"
    return source


def drive_literals(source: str) -> None:
    """What is written out and may be computed beforehand has the value that data has."""
    data = {name: DATA[name] for name in SMALL}
    found, other = outcome(Evaluator(), source, data), outcome(Evaluator(), with_literals(source), {})
    said = {*found, *other}
    if "value" in said and not said & {
        "refused",
        "TEN271",
    }:  # what is written out may be refused before, and costs less
        assert found == other, (found, other)
