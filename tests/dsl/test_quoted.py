"""Texts that read like expressions are suspected, others are not; in both forms, and never twice."""

from __future__ import annotations

import pytest
from tenuto_dsl import Diagnostics, check_source

TEXT = """type Order = {{ id: string, total: decimal }}
config limit: int = 3
activity f(x: string) -> {{ id: string }} {{
  http POST "https://x.example"; body {{ "a": x }}; result {{ "id": "response.body.id" }}; timeout 1s; effect once
}}
workflow w(order: Order, who: string, size: int, labels: map(string, string)) -> string {{
  var note: string = ""
  do {{ let got = call f(x: {value}); note = got.id; return note }}
}}
"""
YAML = """tenuto: 1
types: {{ Order: "{{ id: string, total: decimal }}" }}
workflows:
  w:
    input: {{ order: Order, who: string, size: int, plan: '"who" | "none"' }}
    output: string
    vars: {{ kept: {{ type: '"who" | "none"', value: none }} }}
    do:
      - set: {{ kept: who }}
      - log: {{ who: {value} }}
      - return: "${{kept}}"
"""


def suspected(name: str, source: str) -> list[str | None]:
    sink = Diagnostics()
    check_source(name, source, sink)
    assert not [item for item in sink.items if item.severity == "error"]
    return [item.hint for item in sink.items if item.code == "TEN266"]


@pytest.mark.parametrize(
    ("value", "meant"),
    [
        ('"order.id"', "write order.id"),
        ('"labels.zone"', "write labels.zone"),
        ('"config.limit"', "write config.limit"),
        ('"dear {who}"', "write ${who}"),
        ('"dear $who, $$5"', "write ${who}"),
        ('"of {order.id}!"', "write ${order.id}"),
        ('"order.created"', None),
        ('"who"', None),
        ('"{nobody} $nothing a.b order."', None),
        ('"dear ${who}"', None),
        ('"{who: 1} {{who}}"', None),
        ('"config"', None),
    ],
)
def test_a_text_in_the_text_form(value: str, meant: str | None) -> None:
    always = "write response.body.id"
    assert suspected("w.tenuto", TEXT.format(value=value)) == [always, *([meant] if meant else [])]


@pytest.mark.parametrize(
    ("value", "meant"),
    [
        ("order.id", "write ${order.id}"),
        ('"order.id"', "write ${order.id}"),
        ("who", 'write ${who}, or "who" for the text'),
        ('"who"', None),
        ("size", 'write ${size}, or "size" for the text'),
        ("kept", 'write ${kept}, or "kept" for the text'),
        ("size + 1", 'write ${size + 1}, or "size + 1" for the text'),
        ('who + "x"', """write ${who + "x"}, or 'who + "x"' for the text"""),
        ("now()", 'write ${now()}, or "now()" for the text'),
        ("string(size)", 'write ${string(size)}, or "string(size)" for the text'),
        ("-size", 'write ${-size}, or "-size" for the text'),
        ("'{{ order.id }}'", "write ${order.id}"),
        ("'{{ size + 1 }}'", "write ${size + 1}"),
        ("$.order.id", "write ${order.id}"),
        ("'size + 1'", None),
        ("size + who", None),
        ("size + nobody", None),
        ("size (who)", None),
        ("size - who", None),
        ("who - none", None),
        ("who is it", None),
        ("workflow", None),
        ("5 + 1", None),
        ("order.shipped", None),
        ("nobody", None),
        ("${who}", None),
    ],
)
def test_a_text_in_yaml(value: str, meant: str | None) -> None:
    value = f'"{value}"' if value.startswith("${") else value
    assert suspected("w.yaml", YAML.format(value=value)) == ([meant] if meant else [])


MISMATCH = """tenuto: 1
workflows:
  w:
    input: {{ order: {{ id: string, total: decimal }}, n: int, due: timestamp, plan: '"n" | "due"' }}
    output: {{ value: {type} }}
    do:
      - return: {{ value: {value} }}
"""


@pytest.mark.parametrize(
    ("type_", "value", "code", "meant"),
    [
        ("decimal", "order.total", "TEN258", "order.total"),
        ("decimal", "'{{ order.total }}'", "TEN258", "order.total"),
        ("decimal", "$.order.total", "TEN258", "order.total"),
        ("decimal", "decimal(n)", "TEN258", "decimal(n)"),
        ("timestamp", "due", "TEN258", "due"),
        ("int", "n + 1", "TEN244", "n + 1"),
        ("int", "n", "TEN244", "n"),
        ('\'"a" | "b"\'', "plan", "TEN249", "plan"),
        ("'{ id: string }'", "order", "TEN244", "order"),
    ],
)
def test_where_no_text_can_stand_the_error_says_it_alone(type_: str, value: str, code: str, meant: str) -> None:
    sink = Diagnostics()
    check_source("w.yaml", MISMATCH.format(type=type_, value=value), sink)
    assert [(item.code, item.hint) for item in sink.items] == [
        (code, f"this is a text; the value of {meant} is written ${{{meant}}}")
    ]


def test_a_choice_that_has_the_name_of_a_variable_is_no_mistake() -> None:
    assert suspected("w.yaml", MISMATCH.format(type='\'"n" | "due"\'', value="due")) == []


def test_in_the_text_form_the_error_says_it_too() -> None:
    sink = Diagnostics()
    check_source("w.tenuto", 'workflow w(n: int) -> int { do { return "n + 1" } }', sink)
    assert [(item.code, item.hint) for item in sink.items] == [
        ("TEN244", "this is a text; the value of n + 1 is written without quotes")
    ]
