"""Two evaluators, one language: what a workflow computes is what CEL's evaluator, without types to go by, computes.

Both are asked about cel-spec's cases, and about expressions that are made up. The checker of workflows is the stricter
one; where it accepts an expression both have the same value, or both fail.
"""

from __future__ import annotations

import json
import re

from hypothesis import example, given, settings
from hypothesis import strategies as st
from tenuto_dsl.evaluation import Evaluator, Refused

from tests.cel.conformance import cases

STATIC, DYNAMIC = Evaluator({}), Evaluator()

MEANT = {
    "equality of numbers of any kinds": "comparisons/(eq_literal/eq|ne_literal/ne)_mixed_types",
    "an int and a double are compared exactly": "comparisons/.*(lossy_double|big_double_int)",
    "int() of every double that has 64 bits": "conversions/int/double_int_min_range",
    "types have the names of workflow files, and a uint is an int": "conversions/type/.*|timestamps/.*/toType_.*",
    "indices are ints": "lists/index/zero_based_double",
    "an int is a double where a double is due": "math_ext/.*/dyn_error",
    "null is what is absent": "optionals/optionals/(null|map_null_entry_hasValue|map_optional_has)",
    "durations are written in days, hours and minutes": "string_ext/format/.*|timestamps/duration_conversions/.*",
    "times count microseconds": "timestamps/.*nanos.*",
    "times end with the year 9999, durations after 10,000 years": "timestamps/timestamp_range/.*",
}
"""Where they differ, and why: the cases of cel-spec by name."""


def outcome(evaluate: Evaluator, source: str) -> tuple[str, str] | None:
    """A value or that there is none; None when the expression is not accepted."""
    try:
        return "value", json.dumps(evaluate(source, {}), sort_keys=True)
    except Refused as refused:
        return ("fails", "") if refused.items[0].code in ("TEN270", "TEN271") else None


def test_cases_of_cel_spec() -> None:
    asked = 0
    for title, case in cases().items():
        if case.get("bindings") or case.get("typeEnv") or case.get("container"):
            continue
        found = outcome(STATIC, case["expr"])
        if found is not None and not any(re.fullmatch(names, title) for names in MEANT.values()):
            asked += 1
            assert found == outcome(DYNAMIC, case["expr"]), (title, case["expr"])
    assert asked > 1200


LITERALS = {
    "s": ['""', '"a"', '"banana"', '"é😀"', '" x "', '"1"', '"2.5"', '"a,b"', '"true"'],
    "i": ["0", "1", "2", "-1", "7", "9223372036854775807", "-9223372036854775808"],
    "d": ["0.0", "-0.0", "1.0", "2.5", "-2.5", "1e300", "(1.0 / 0.0)", "(0.0 / 0.0)"],
    "b": ["true", "false"],
    "D": ["0s", "1s", "90m", "-1h"],
    "t": ["timestamp(0)", 'timestamp("2026-03-29T01:30:00Z")'],
    "m": ['decimal("0")', 'decimal("1.50")', 'decimal("-2.345")', 'decimal("1e10")', 'decimal("1E-7")'],
}
"""By the letter of their type; `S`, `I`, `N` are lists of strings, ints and doubles, `M` is a map of ints."""

FORMS = {
    "b": "[i] == [i]|[d] != [d]|[s] == [s]|[N] == [N]|[m] == [m]|[M] == [M]|[i] < [i]|[d] <= [d]|[s] > [s]|[t] < [t]|"
    "[D] >= [D]|[m] < [m]|[i] in [I]|[d] in [N]|[s] in [S]|[s] in [M]|![b]|[b] && [b]|[b] or [b]|[s].contains([s])|"
    "[s].startsWith([s])|[s].endsWith([s])|[N].exists(x, x == [d])|[I].all(x, x > [i])|[S].existsOne(x, x == [s])|"
    "sets.contains([I], [I])|sets.intersects([N], [N])|sets.equivalent([N], [N])|math.isNaN([d])|bool([s])",
    "i": "[i] + [i]|[i] - [i]|[i] * [i]|[i] / [i]|[i] % [i]|-[i]|[s].size()|[S].size()|[M].size()|int([d])|int([s])|"
    "int([t])|[s].indexOf([s])|[s].lastIndexOf([s])|[s].indexOf([s], [i])|math.abs([i])|math.sign([i])|[I][[i]]|"
    "math.greatest([i], [i])|math.least([I])|math.bitAnd([i], [i])|math.bitShiftLeft([i], [i])|"
    '[I].first().orValue([i])|[t].getHours("Europe/Paris")|[t].getDayOfYear()|[D].getMinutes()|[M]["a"]|'
    "[M].?z.orValue([i])|[I][?[i]].orValue([i])",
    "d": "[d] + [d]|[d] - [d]|[d] * [d]|[d] / [d]|-[d]|double([i])|double([s])|math.ceil([d])|math.round([d])|"
    "math.trunc([d])|math.sqrt([d])|math.greatest([d], [d])|[N][[i]]",
    "s": "[s] + [s]|string([i])|string([d])|string([b])|string([t])|[s].trim()|[s].upperAscii()|[s].reverse()|"
    "[s].charAt([i])|[s].substring([i])|[s].substring([i], [i])|[s].replace([s], [s], [i])|[S].join([s])|"
    'strings.quote([s])|"%s".format([[d]])|"%d".format([[i]])|"%.2f".format([[d]])|"%x".format([[s]])|string([m])',
    "D": "[D] + [D]|[D] - [D]|-[D]|[t] - [t]",
    "t": "[t] + [D]|[t] - [D]|timestamp([i])",
    "m": "[m] + [m]|[m] - [m]|[m] * [m]|[m] / [m]|-[m]|[m] + [i]|decimal([i])|decimal([d])|decimal([s])|math.abs([m])|"
    "math.round([m], [i])",
    "S": "[S] + [S]|[s].split([s])|[S].map(x, x + [s])|[S].filter(x, x > [s])|[S].sort()|[S].distinct()|"
    "[I].map(x, string(x))",
    "I": "[I] + [I]|lists.range([i])|[S].map(x, x.size())|[I].slice([i], [i])|[I].reverse()|"
    "[I].transformList(i, x, i * x)",
    "N": "[N] + [N]|[I].map(x, double(x))|[N].distinct()|[N].filter(x, x != [d])|[N].sortBy(x, -x)",
    "M": '{"a": [i], "z": [i]}|[M].transformMap(k, v, v + [i])|[S].transformMapEntry(i, x, {x: i})',
}
LISTS = {"S": "s", "I": "i", "N": "d"}


@st.composite
def expressions(draw: st.DrawFn, kind: str, depth: int) -> str:
    """An expression of a type: a literal, a list of literals, or a form whose holes are filled."""
    if depth == 0 or draw(st.integers(0, 4)) == 0:
        if kind in LISTS:
            return f"[{', '.join(draw(st.lists(st.sampled_from(LITERALS[LISTS[kind]]), min_size=1, max_size=3)))}]"
        if kind == "M":
            return f'{{"a": {draw(st.sampled_from(LITERALS["i"]))}}}'
        return draw(st.sampled_from(LITERALS[kind]))
    form = draw(st.sampled_from(FORMS[kind].split("|"))).replace(" or ", " || ")
    holes = re.compile(r"\[([sidbDtmSINM])\]")
    return f"({holes.sub(lambda hole: draw(expressions(hole[1], depth - 1)), form)})"


@settings(max_examples=200, deadline=None)
@example("(0.0 / 0.0) in [0.0 / 0.0]")
@example("[0.0 / 0.0, 0.0 / 0.0].distinct().size()")
@example('decimal("1e10") * decimal("0.1")')
@given(st.sampled_from(sorted(FORMS)).flatmap(lambda kind: expressions(kind, 3)))
def test_expressions_of_all_kinds(source: str) -> None:
    found = outcome(STATIC, source)
    other = outcome(DYNAMIC, source)
    if found is not None and other is not None:
        assert found == other
