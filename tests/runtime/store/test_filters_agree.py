"""A filter selects the same rows asked of PostgreSQL and of the evaluator, whatever is absent, null or of any kind."""

from __future__ import annotations

import contextlib
import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from tenuto_dsl.diagnostics import Diagnostics
from tenuto_dsl.filters import Column, translate
from tenuto_interpreter.expr import ExpressionError
from tenuto_interpreter.expr.cel import from_json
from tenuto_interpreter.expr.cel.conversions import read_moment
from tenuto_interpreter.expr.cel.values import from_host

STATUS = ("open", "completed", "failed")
COLUMNS = {
    "id": Column("id", "string"),
    "status": Column("status", "string", choices=STATUS),
    "parked": Column("parked", "string", nullable=True),
    "events": Column("events", "int"),
    "score": Column("score", "double"),
    "paused": Column("paused", "bool"),
    "started_at": Column("started_at", "timestamp"),
    "closed_at": Column("closed_at", "timestamp", nullable=True),
    "attributes": Column("coalesce(attributes, '{}'::jsonb)", "object"),
    "attributes.due": Column("(attributes -> 'due')", "timestamp_text"),
}
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
WORDS = ("", "a", "A", "ab", "b%", "b_c", "é", "\\", "z")
NUMBERS: tuple[Any, ...] = (0, 1, -1, 2, 7, 2**53 + 1, 2**63 - 1, 0.5, -0.5, 1.0, 2.5, 0.1)
TIMES = [NOW + timedelta(seconds=s) for s in (-90_000_000, -3600, 0, 1, 3600)] + [NOW + timedelta(microseconds=1)]


def rows(count: int) -> Iterator[dict[str, Any]]:
    draw = random.Random(7)  # the same rows in each run
    for number in range(count):
        attributes: dict[str, Any] | None = {}
        for key in ("a", "b", "n"):
            kind = draw.randrange(9)
            values: tuple[Any, ...] = (
                draw.choice(WORDS), draw.choice(NUMBERS), draw.choice(NUMBERS), draw.random() < 0.5, None,
                [draw.choice(WORDS), draw.choice(NUMBERS), None], {"x": draw.choice(WORDS), "n": draw.choice(NUMBERS)},
            )  # fmt: skip
            if kind < len(values):
                attributes[key] = values[kind]
        if draw.random() < 0.8:
            due = draw.choice(TIMES).isoformat().replace("+00:00", "Z")
            attributes["due"] = draw.choice((due, due, due, "soon", 7, None))
        if draw.random() < 0.1:
            attributes = None
        yield {
            "id": f"{draw.choice(WORDS)}{number}", "status": draw.choice(STATUS),
            "parked": draw.choice((None, "", "a", "ab")), "events": draw.choice((0, 1, 7, -2, 2**40)),
            "score": draw.choice((0.0, 0.1, -0.5, 2.0, 2.5)), "paused": draw.random() < 0.5,
            "started_at": draw.choice(TIMES), "closed_at": draw.choice((None, *TIMES)), "attributes": attributes,
        }  # fmt: skip


ROWS = list(rows(250))


def variables(row: dict[str, Any]) -> dict[str, Any]:
    found = {name: from_host(value) for name, value in row.items() if name != "attributes"}
    found["attributes"] = from_json(row["attributes"] or {})
    due = found["attributes"].get("due")
    if isinstance(due, str):
        with contextlib.suppress(ExpressionError):
            found["attributes.due"] = read_moment(due)
    return found


VARIABLES = [variables(row) for row in ROWS]


@pytest.fixture(scope="module")
def table(server: str) -> Iterator[psycopg.RawCursor[Any]]:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(
            "create temporary table r (number int, id text, status text, parked text, events bigint, score float8,"
            " paused boolean, started_at timestamptz, closed_at timestamptz, attributes jsonb)"
        )
        with connection.cursor() as cursor:
            for number, row in enumerate(ROWS):
                attributes = None if row["attributes"] is None else json.dumps(row["attributes"])
                values = [number, *(row[name] for name in row if name != "attributes"), attributes]
                cursor.execute("insert into r values (%s,%s,%s,%s,%s,%s,%s,%s,%s,%s::jsonb)", values)
        with psycopg.RawCursor(connection) as raw:
            yield raw


def answers(table: psycopg.RawCursor[Any], source: str) -> tuple[list[int], list[int]] | None:
    """The rows that match, by PostgreSQL and by the evaluator; None for what cannot be asked."""
    sink = Diagnostics()
    made = translate(source, COLUMNS, sink, now=int(NOW.timestamp()) * 1_000_000)
    if made is None:
        assert sink.items, source
        return None
    values = [
        datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=p.value) if p.kind == "timestamptz"
        else list(p.value) if p.kind == "texts" else p.value
        for p in made.parameters
    ]  # fmt: skip
    table.execute(f"select number from r where {made.sql} order by number".encode(), values)
    found = [row[0] for row in table.fetchall()]
    return found, [number for number, row in enumerate(VARIABLES) if made.matches(row)]


def agree(table: psycopg.RawCursor[Any], source: str) -> list[int]:
    found = answers(table, source)
    assert found is not None, source
    assert found[0] == found[1], source
    return found[0]


@pytest.mark.parametrize(
    "source",
    [
        'status == "failed"',
        'status in ["failed", "open"] && id.startsWith("a")',
        "closed_at == null",
        "closed_at != null && closed_at - started_at > 1h",
        "closed_at < now()",
        "!(closed_at < now())",
        "started_at + 1h > now() || events > 3",
        "parked == null || parked.contains('b')",
        "parked != 'a'",
        "attributes.a == 'a'",
        "attributes.a != 'a'",
        "!(attributes.a == 'a')",
        "attributes.n > 1",
        "attributes.n <= 0.1 || attributes.n == 1.0",
        "has(attributes.a) && !has(attributes.b)",
        "has(attributes.a.x)",
        "attributes.a.x == 'a'",
        "attributes.?a.orValue('none') == 'none'",
        "attributes.?a.hasValue()",
        "'a' in attributes.a",
        "1 in attributes.a",
        "'a' in attributes",
        "attributes.due < now()",
        "attributes.due == timestamp('2026-06-01T12:00:00.000001Z')",
        "attributes.a",
        "attributes.a == true || attributes.b == null",
        "attributes.a.startsWith('b%')",
        "attributes.a.endsWith('_c') || attributes.a.contains('\\\\')",
        "size(attributes.a) == 1 || size(id) == 2",
        "attributes.a[0] == 'a'",
        "attributes.a[-1] == null || paused",
        "attributes['a'] in ['a', 1, null]",
        "(paused ? events : 3) > 2",
        "id > 'b'",
        "id.lowerAscii() == 'a1'",
        "score == 0.1 || score > 2",
        "true",
        "1 / 0 == 1 || paused",
        "attributes.a == attributes.b",
        "attributes.a == id",
        "started_at > timestamp('nonsense') || paused",
        "status in []",
        "events in [1, 7.0]",
        "parked in ['a', null]",
    ],
)
def test_examples(table: psycopg.RawCursor[Any], source: str) -> None:
    agree(table, source)


def test_examples_select_something(table: psycopg.RawCursor[Any]) -> None:
    assert 0 < len(agree(table, "attributes.n > 1")) < 200
    assert 0 < len(agree(table, "attributes.due < now()")) < 200


def test_values_are_never_part_of_the_statement() -> None:
    hostile = "x'; drop table r; --"
    source = " || ".join(
        f"{part}" for part in (
            'id == "%s"', 'attributes["%s"] == "%s"', 'id.startsWith("%s")', 'id in ["%s"]', '"%s" in attributes.a',
            'id < "%s"', 'attributes.?a.orValue("%s") == id', 'has(attributes.a) ? id == "%s" : paused',
        )
    ).replace("%s", hostile)  # fmt: skip
    made = translate(source, COLUMNS, Diagnostics(), now=0)
    assert made is not None
    assert "drop" not in made.sql
    assert sum("drop" in str(parameter.value) for parameter in made.parameters) >= 8


TEXTS = st.sampled_from([json.dumps(word) for word in WORDS])
NUMERALS = st.sampled_from(["0", "1", "-1", "7", "2u", "9007199254740993", "9223372036854775807", "0.5", "1.0", "0.1",
                            "0.0/0.0", "1.0/0.0", "1/0"])  # fmt: skip
MOMENTS = st.sampled_from(["now()", "now() - 1h", "timestamp('2026-06-01T12:00:00.000001Z')", "timestamp('no')"])
LENGTHS = st.sampled_from(["1h", "0s", "duration('-1s')", "2500d", "1us", "duration('1ns')"])
ATTRIBUTES = st.sampled_from(["attributes.a", "attributes.b", "attributes.n", "attributes.zz", "attributes.a.x",
                              "attributes['a'][0]", "attributes.?a.orValue('a')"])  # fmt: skip
TEXTUAL = st.one_of(st.sampled_from(["id", "parked", "attributes.a", "id.upperAscii()"]), TEXTS)
NUMERIC = st.one_of(st.sampled_from(["events", "score", "attributes.n", "attributes.a", "size(id)"]), NUMERALS)
TEMPORAL = st.one_of(
    st.sampled_from(["started_at", "closed_at", "attributes.due"]), MOMENTS,
    st.builds("({} + {})".format, st.sampled_from(["started_at", "closed_at"]), LENGTHS),
)  # fmt: skip
ANYTHING = st.one_of(ATTRIBUTES, TEXTS, NUMERALS, st.sampled_from(["true", "null", "parked", "paused", "[1, 'a']"]))
ORDER = st.sampled_from(["<", "<=", ">", ">=", "==", "!="])
SAMENESS = st.sampled_from(["==", "!="])

CONDITIONS = st.one_of(
    st.builds("{} {} {}".format, TEXTUAL, ORDER, TEXTUAL),
    st.builds("{} {} {}".format, NUMERIC, ORDER, NUMERIC),
    st.builds("{} {} {}".format, TEMPORAL, ORDER, TEMPORAL),
    st.builds("closed_at - started_at {} {}".format, ORDER, LENGTHS),
    st.builds("dyn({}) {} dyn({})".format, ANYTHING, ORDER, ANYTHING),
    st.builds("dyn({}) {} {}".format, TEMPORAL, SAMENESS, ANYTHING),
    st.builds("{} in [{}, {}, {}]".format, ANYTHING, ANYTHING, ANYTHING, ANYTHING),
    st.builds("{} in {}".format, ANYTHING, ATTRIBUTES),
    st.builds("dyn({}).{}({})".format, TEXTUAL, st.sampled_from(["startsWith", "endsWith", "contains"]), TEXTUAL),
    st.builds("has({})".format, st.sampled_from(["attributes.a", "attributes.a.x", "attributes.zz"])),
    st.builds("size({}) {} {}".format, ATTRIBUTES, ORDER, NUMERALS),
    st.sampled_from(["paused", "attributes.a", "true", "1/0 == 1", "'due' in attributes"]),
)
FILTERS = st.recursive(
    CONDITIONS,
    lambda inner: st.one_of(
        st.builds("({} && {})".format, inner, inner), st.builds("({} || {})".format, inner, inner),
        st.builds("!({})".format, inner), st.builds("({} ? {} : {})".format, inner, inner, inner),
        st.builds("({}) == ({})".format, inner, inner),
    ),
    max_leaves=6,
)  # fmt: skip


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(FILTERS)
def test_any_filter(table: psycopg.RawCursor[Any], source: str) -> None:
    found = answers(table, source)
    assume(found is not None)
    assert found is not None
    assert found[0] == found[1]
