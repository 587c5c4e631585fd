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
        ("who", "write ${who}"),
        ('"who"', None),
        ("size", None),
        ("kept", None),
        ("order.shipped", None),
        ("nobody", None),
        ("${who}", None),
    ],
)
def test_a_text_in_yaml(value: str, meant: str | None) -> None:
    value = f'"{value}"' if value.startswith("$") else value
    assert suspected("w.yaml", YAML.format(value=value)) == ([meant] if meant else [])
