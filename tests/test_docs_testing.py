"""docs/testing.md: its tests pass, in both forms, which mean the same; what it says about reports is so."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from tenuto_dsl import Diagnostics
from tenuto_dsl.syntax.tree import Span
from tenuto_dsl.testing import Runner, Suite, plan_source

from tests.docs_pages import ROOT, CodeBlock, blocks

PAGE = ROOT / "docs" / "testing.md"
FILES = list(zip(blocks(PAGE, "tenuto"), blocks(PAGE, "yaml"), strict=True))
"""The page's files, in both forms."""


def suite(block: CodeBlock) -> Suite:
    sink = Diagnostics()
    found = plan_source(f"page.{block.language}", block.code, sink)
    assert not sink.items, [f"{item.span.line}: {item.code} {item.message}" for item in sink.items]
    assert found is not None
    return found


def without_places(value: Any) -> Any:
    """A plan without its spans."""
    if isinstance(value, Span):
        return None
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return type(value).__name__, [without_places(getattr(value, f.name)) for f in dataclasses.fields(value)]
    if isinstance(value, tuple):
        return tuple(without_places(item) for item in value)
    return value


@pytest.mark.parametrize("block", [block for pair in FILES for block in pair], ids=str)
def test_the_tests_of_the_page_pass(block: CodeBlock) -> None:
    runner = Runner(suite(block))
    assert [failed for plan in runner.suite.plans if (failed := runner.run(plan).failed) is not None] == []
    missed = [item.name for item in runner.coverage.items() if not item.taken]
    if block in FILES[0]:
        assert missed == ["charging: on error Declined -> rejected"], "as the page says"


@pytest.mark.parametrize("pair", FILES, ids=lambda pair: str(pair[0]))
def test_both_forms_mean_the_same(pair: tuple[CodeBlock, CodeBlock]) -> None:
    text, yaml = (suite(block) for block in pair)
    assert text.expressions == yaml.expressions
    assert without_places(text.plans) == without_places(yaml.plans)
    assert {name: found.program.encode() for name, found in text.programs.items()} == {
        name: found.program.encode() for name, found in yaml.programs.items()
    }
