"""Reads docs/expressions.md for its test: the names its examples use, and the examples with their values."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from tenuto_dsl.check.expressions import resolve_type
from tenuto_dsl.diagnostics import Diagnostics
from tenuto_dsl.evaluation import Evaluator
from tenuto_dsl.syntax import parse_type
from tenuto_interpreter.types import Type

from tests.docs_pages import ROOT

PAGE = ROOT / "docs" / "expressions.md"
NAMES_ROW = re.compile(r"^\| `(\w+)` \| `([^`]+)` \| `([^`]+)` \|$", re.MULTILINE)
_CELLS = re.compile(r"(?<!\\)\|")
_CODE = re.compile(r"``(?P<long>.+?)`` ?|`(?P<short>[^`]+)`")


def rows(text: str) -> Iterator[tuple[str, str, str]]:
    """Heading, expression and value of each example: the last two cells of tables that end so."""
    heading: list[str] = []
    for line in text.splitlines():
        if not line.startswith("|"):
            heading = []
            continue
        cells = [cell.strip() for cell in _CELLS.split(line.strip()[1:-1])]
        if not heading:
            heading = cells
        elif heading[-1] == "value" and heading[-2] != "type" and not cells[0].startswith("---"):
            yield heading[-2], cells[-2], cells[-1]


def code(cell: str) -> str:
    """What a cell says in code, its bars as they are."""
    match = _CODE.fullmatch(cell.strip())
    assert match is not None, cell
    return (match["long"] or match["short"]).strip().replace("\\|", "|")


@cache
def _names(text: str) -> tuple[dict[str, Type], dict[str, Any]]:
    types: dict[str, Type] = {}
    data: dict[str, Any] = {}
    for name, type_, value in NAMES_ROW.findall(text):
        sink = Diagnostics()
        node = parse_type(type_, name, sink)
        assert node is not None, sink.items
        types[name] = resolve_type(node, (), sink)
        data[name] = json.loads(value)
    return types, data


def evaluate_row(text: str, cell: str, heading: str) -> str:
    """The value of an example, as JSON."""
    if heading == "dynamic expression":
        return json.dumps(Evaluator()(code(cell), {}), ensure_ascii=False)
    types, data = _names(text)
    return json.dumps(Evaluator(types)(code(cell), data), ensure_ascii=False)
