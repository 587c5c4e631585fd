"""What a filter becomes in SQL, and what is refused, where and with which remedy."""

from __future__ import annotations

import pytest
from tenuto_dsl.diagnostics import Diagnostics
from tenuto_dsl.filters import Column, translate

COLUMNS = {
    "id": Column("id", "string"),
    "status": Column("(array['open', 'failed'])[status + 1]", "string", choices=("open", "failed")),
    "started_at": Column("started_at", "timestamp"),
    "closed_at": Column("closed_at", "timestamp", nullable=True),
    "events": Column("events", "int"),
    "attributes": Column("attributes", "object"),
}


@pytest.mark.parametrize(
    ("source", "sql", "values"),
    [
        ('id == "a"', "(id = $6::text)", ["a"]),
        ('id.startsWith("50%_\\\\")', "(id like $6::text escape '\\')", ["50\\%\\_\\\\%"]),
        ('id in ["a", "b"]', "(id = any($6::text[]))", [("a", "b")]),
        ("closed_at == null", "((extract(epoch from closed_at) * 1000000)::bigint is null)", []),
        ("started_at > timestamp(0) + 1h", "(started_at > $6::timestamptz)", [3_600_000_000]),
        ("started_at > timestamp(0) + 30m * 2", "(started_at > $6::timestamptz)", [3_600_000_000]),
        ('attributes.customer == "c"', "((attributes -> $6::text) = $7::text::jsonb)", ["customer", '"c"']),
        ('has(attributes.customer) && !(id < "x")',
         '((attributes ? $6::text) and (not (id collate "C" < $7::text)))', ["customer", "x"]),
        ("1 + 1 == 2", "true", []),
        ("timestamp('x') > now()", "null::boolean", []),
    ],
)  # fmt: skip
def test_sql(source: str, sql: str, values: list[object]) -> None:
    sink = Diagnostics()
    made = translate(source, COLUMNS, sink, now=0, first=6)
    assert made is not None, sink.items
    assert (made.sql, [parameter.value for parameter in made.parameters]) == (sql, values)


@pytest.mark.parametrize(
    ("source", "code", "column", "message"),
    [
        ('status == "oepn"', "TEN249", 1, '"oepn" is none of its values'),
        ("statsu == 'open'", "TEN240", 1, "undeclared reference to 'statsu'"),
        ("id == 1", "TEN250", 1, "== is not defined for string and int"),
        ("id", "TEN244", 1, "a filter is a condition: it is true or false"),
        ("id == ", "TEN101", 6, "unexpected end of the file"),
        ('true && id.matches("a+")', "TEN272", 12, "matches cannot be asked of the database"),
        ("events + 1 > 2", "TEN272", 1, "+ cannot be asked of the database"),
        ("(closed_at - started_at) * 2 > 1h", "TEN272", 1, "* cannot be asked of the database"),
        ("attributes.tags.exists(t, t == 'x')", "TEN272", 17, "a macro over columns cannot be asked"),
        ("started_at > timestamp('2026-01-01T00:00:00.000000001Z')", "TEN272", 1, "the database counts microseconds"),
        ("attributes.n == 1e300", "TEN272", 1, "a double that large is not compared exactly"),
        ('id == "\\0 00"', "TEN105", 8, "is no escape"),
        ('id == "a\\000"', "TEN272", 1, "a text with a NUL"),
        ("id == '" + "x" * 20_000 + "'", "TEN257", 1, "a filter of more than 10,000 characters"),
        ("(" * 300 + "true" + ")" * 300, "TEN109", 61, "nested deeper"),
    ],
)
def test_refusals(source: str, code: str, column: int, message: str) -> None:
    sink = Diagnostics()
    assert translate(source, COLUMNS, sink, now=0) is None
    item = sink.items[0]
    assert (item.code, message in item.message) == (code, True), item
    assert item.span.col == column, item
