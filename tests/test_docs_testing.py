"""The tests on the pages pass, see everything, and mean the same in both forms."""

from __future__ import annotations

import dataclasses
import re
from typing import Any

import pytest
from tenuto_dsl import Diagnostics
from tenuto_dsl.syntax.tree import Span
from tenuto_dsl.testing import Runner, Suite, plan_source

from tests.docs_pages import ROOT, CodeBlock, blocks, pages
from tests.test_docs_language import PAIRS, whole

PAGE = ROOT / "docs" / "testing.md"
FILES = list(zip(blocks(PAGE, "tenuto"), blocks(PAGE, "yaml"), strict=True))
"""The files of docs/testing.md, in both forms."""


def suite(block: CodeBlock) -> Suite:
    sink = Diagnostics()
    found = plan_source(f"page.{block.language}", whole(block), sink)
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


TESTED = [
    block
    for page in pages()
    for block in blocks(page, "tenuto", "yaml")
    if block.kind in ("", "same", "more") and re.search(r"^tests?\b", block.code, re.MULTILINE)
]
"""The files with tests on all pages."""


@pytest.mark.parametrize("block", TESTED, ids=str)
def test_the_tests_of_a_page_pass(block: CodeBlock) -> None:
    runner = Runner(suite(block))
    assert runner.suite.plans
    assert [failed for plan in runner.suite.plans if (failed := runner.run(plan).failed) is not None] == []
    if block.page.name == "README.md":
        return  # its tests are a taste
    missed = [item.name for item in runner.coverage.items() if not item.taken]
    assert missed == (["charging: on error Declined -> rejected"] if block in FILES[0] else []), "as the page says"


@pytest.mark.parametrize("pair", [pair for pair in PAIRS if pair[0] in TESTED], ids=lambda pair: str(pair[0]))
def test_both_forms_mean_the_same(pair: tuple[CodeBlock, CodeBlock]) -> None:
    text, yaml = (suite(block) for block in pair)
    assert text.expressions == yaml.expressions
    assert without_places(text.plans) == without_places(yaml.plans)
    assert {name: found.program.encode() for name, found in text.programs.items()} == {
        name: found.program.encode() for name, found in yaml.programs.items()
    }
