"""Types to JSON Schema and back: the same types, and valid is what the reader accepts."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from tenuto_dsl import Diagnostics, check_source
from tenuto_dsl.types import (
    Draft,
    TypeTable,
    declarations_text,
    schema_document,
    schema_of,
    table_of,
    type_source,
    types_from_schema,
)
from tenuto_dsl.types.table import hoisted
from tenuto_interpreter.types import (
    BYTES,
    DECIMAL,
    DURATION,
    TIMESTAMP,
    ListOf,
    Record,
    Ref,
    Type,
)
from tenuto_interpreter.values import ShapeError, reader

from tests.dsl.types.tables import tables, types, values, values_of
from tests.dsl.types.validator import valid

DRAFTS: tuple[Draft, ...] = ("2020-12", "7")
_SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]


@settings(max_examples=100, deadline=None, suppress_health_check=_SLOW)
@given(tables(), st.sampled_from(DRAFTS))
def test_there_and_back(table: TypeTable, draft: Draft) -> None:
    found = types_from_schema(schema_document(table, draft=draft), "made")
    assert found.problems == []
    assert found.table == table


@settings(max_examples=200, deadline=None, suppress_health_check=_SLOW)
@given(tables(), st.data())
def test_valid_is_what_the_reader_accepts(table: TypeTable, data: st.DataObject) -> None:
    document = schema_document(table)
    value = data.draw(values_of(table.types["A"], table) | values())
    assert valid(document["$defs"]["A"], value, document) == accepted(table.types["A"], table, value)


@example(DECIMAL, "1_0")
@example(DECIMAL, "Infinity")
@example(DURATION, "1h30m")
@example(DURATION, "PT1H30M")
@example(DURATION, "")
@example(DURATION, "P")
@example(DURATION, "1m5ms")
@example(TIMESTAMP, "2026-01-31")
@example(BYTES, "ab")
@example(BYTES, "abcde")
@example(BYTES, "====")
@settings(max_examples=200, deadline=None, suppress_health_check=_SLOW)
@given(types(()), values())
def test_each_type_by_itself(type_: Type, value: Any) -> None:
    table = TypeTable({})
    assert valid(schema_of(type_, {}), value, {}) == accepted(type_, table, value)


def accepted(type_: Type, table: TypeTable, value: Any) -> bool:
    try:
        reader(type_, table.types, True)(value, "")
    except ShapeError:
        return False
    return True


@settings(max_examples=40, deadline=None, suppress_health_check=_SLOW)
@given(tables())
def test_declarations_read_back_in_both_forms(table: TypeTable) -> None:
    for form, name in (("text", "made.tenuto"), ("yaml", "made.yaml")):
        source = declarations_text(table, form)  # type: ignore[arg-type]  # one of the two
        sink = Diagnostics()
        checked = check_source(name, source, sink)
        assert not sink.has_errors, (source, [item.message for item in sink.items])
        assert table_of(checked.facts, checked.file.declarations) == table


@settings(max_examples=60, deadline=None, suppress_health_check=_SLOW)
@given(tables(), st.data())
def test_hoisting_changes_no_value(table: TypeTable, data: st.DataObject) -> None:
    flat = hoisted(table)
    value = data.draw(values_of(table.types["A"], table))
    assert accepted(flat.types["A"], flat, value) == accepted(table.types["A"], table, value)


@pytest.mark.parametrize(
    ("schema", "source"),
    [
        (True, "any"),
        ({}, "any"),
        ({"type": "string"}, "string"),
        ({"type": ["string", "null"]}, "string?"),
        ({"type": "string", "nullable": True}, "string?"),
        ({"type": "string", "format": "date-time"}, "timestamp"),
        ({"type": "string", "format": "duration"}, "duration"),
        ({"type": "string", "format": "byte"}, "bytes"),
        ({"type": "string", "format": "uuid"}, "string"),
        ({"type": "string", "format": "password"}, "sensitive string"),
        ({"type": "integer"}, "int"),
        ({"type": "number"}, "double"),
        ({"anyOf": [{"type": "number"}, {"type": "string", "pattern": r"^\d+$"}]}, "decimal"),
        ({"enum": ["a", "b"]}, '"a" | "b"'),
        ({"enum": ["a", None]}, '"a"?'),
        ({"const": "a"}, '"a"'),
        ({"oneOf": [{"const": "a"}, {"const": "b"}]}, '"a" | "b"'),
        ({"anyOf": [{"type": "integer"}, {"type": "null"}]}, "int?"),
        ({"anyOf": [{"type": "integer"}, {"type": "string"}, {"type": "null"}]}, "(int | string)?"),
        ({"type": "array"}, "[any]"),
        ({"items": {"type": "boolean"}}, "[bool]"),
        ({"type": "object"}, "{}"),
        ({"type": "object", "additionalProperties": {"type": "integer"}}, "map(string, int)"),
        ({"properties": {"a": {"type": "string"}, "b": {}}, "required": ["a"]}, "{ a: string, b: any }"),
        ({"type": "object", "properties": {"a": {"type": "string"}}}, "{ a: string? }"),
        ({"type": "object", "required": ["a"]}, "{ a: any }"),
        ({"allOf": [{"type": "string"}]}, "string"),
        (
            {"allOf": [{"properties": {"a": {"type": "string"}}, "required": ["a"]}, {"properties": {"b": {}}}]},
            "{ a: string, b: any }",
        ),
    ],
)  # fmt: skip
def test_what_others_write(schema: Any, source: str) -> None:
    found = types_from_schema({"$defs": {"T": schema}}, "made")
    assert found.problems == []
    assert type_source(found.table.types["T"]) == source


@pytest.mark.parametrize(
    ("schema", "path", "words"),
    [
        (False, "", "no value is valid"),
        ({"not": {}}, "", "what a value is not"),
        ({"if": {}, "then": {}}, "", "condition"),
        ({"enum": [1, 2]}, "", "1 is none"),
        ({"enum": []}, "", "no values"),
        ({"const": True}, "", "True is none"),
        ({"type": "array", "prefixItems": []}, "", "items of one type"),
        ({"type": "array", "items": [{}, {}]}, "items", "items of one type"),
        ({"properties": {"a": {"properties": {"b-c": {}}}}}, "a.b-c", "no name of a field"),
        ({"properties": {"a": {}}, "additionalProperties": {"type": "string"}}, "", "a map of their own"),
        ({"$ref": "https://example.org/x.json"}, "", "leads out of this document"),
        ({"$ref": "#/$defs/missing"}, "", "leads nowhere"),
        ({"type": "text"}, "", "'text' is no type"),
        ({"allOf": [{"type": "string"}, {"type": "integer"}]}, "allOf", "only records"),
        ({"anyOf": []}, "anyOf", "list of schemas"),
        (3, "", "a schema is an object"),
    ],
)
def test_what_types_cannot_say(schema: Any, path: str, words: str) -> None:
    found = types_from_schema({"$defs": {"T": schema}}, "made")
    (problem,) = found.problems
    assert problem.path == ".".join(["$defs.T", path] if path else ["$defs.T"])
    assert words in problem.reason


def test_names_and_references() -> None:
    item = {"type": "object", "description": "One  line.", "properties": {"n": {"type": "integer"}}}
    items = {"type": "array", "items": {"$ref": "#/definitions/order-item"}}
    document = {
        "title": "Order",
        "type": "object",
        "properties": {"items": items, "up": {"$ref": "#"}},
        "required": ["items"],
        "definitions": {"order-item": item, "string": {"type": "string"}},
    }
    found = types_from_schema(document, "made")
    assert {name: type_source(type_) for name, type_ in found.table.types.items()} == {
        "OrderItem": "{ n: int? }", "string2": "string", "Order": "{ items: [OrderItem], up: Order? }",
    }  # fmt: skip
    assert found.table.docs == {"OrderItem": "One line."}


def test_what_narrows_is_noted() -> None:
    field = {"type": "string", "maxLength": 3, "default": "x"}
    found = types_from_schema({"type": "object", "properties": {"a": field}}, "T")
    assert [str(note) for note in found.notes] == ["a: left out: maxLength, default"]


def test_openapi() -> None:
    properties = {"name": {"type": "string", "nullable": True}, "tag": {"$ref": "#/components/schemas/Tag"}}
    pet = {"type": "object", "properties": properties, "required": ["name", "tag"]}
    schemas = {"Pet": pet, "Tag": {"type": "string"}}
    document = {"openapi": "3.0.0", "info": {}, "paths": {}, "components": {"schemas": schemas}}
    found = types_from_schema(document, "made")
    assert {name: type_source(type_) for name, type_ in found.table.types.items()} == {
        "Pet": "{ name: string?, tag: Tag }", "Tag": "string",
    }  # fmt: skip


_WORDS = ["type", "properties", "items", "anyOf", "allOf", "enum", "$ref", "$defs", "required", "const", "title"]


@settings(max_examples=150, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.sampled_from(["#", "#/$defs/type", "object", ""]),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(_WORDS), inner, max_size=4),
        max_leaves=20,
    )
)
def test_anything_gives_types_or_problems(document: Any) -> None:
    found = types_from_schema(document, "made")
    assert found.problems or found.table.types or isinstance(document, dict)


def test_a_record_put_together_from_itself() -> None:
    part = {"allOf": [{"$ref": "#/$defs/T"}, {"$ref": "#/$defs/T"}]}
    assert "from itself" in types_from_schema({"$defs": {"T": part}}, "made").problems[0].reason


def test_deep_schemas() -> None:
    schema: Any = {}
    for _ in range(500):
        schema = {"type": "array", "items": schema}
    assert "nest" in types_from_schema(schema, "made").problems[0].reason


def test_a_document_of_one_type() -> None:
    table = TypeTable({"A": Record(()), "B": ListOf(Ref("A"))})
    for draft in DRAFTS:
        document = schema_document(table, draft=draft, root="B")
        assert valid(document, [{}], document)
        assert not valid(document, {}, document)
        assert types_from_schema(document, "made").table == table
