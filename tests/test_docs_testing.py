"""docs/testing.md: its tests pass, in both forms, which mean the same; what it says about reports is so."""

from __future__ import annotations

import dataclasses
from typing import Any

from tenuto_dsl import Diagnostics
from tenuto_dsl.syntax.tree import Span
from tenuto_dsl.testing import Runner, Suite, plan_source

from tests.docs_pages import ROOT, blocks

PAGE = ROOT / "docs" / "testing.md"
FORMS = {block.language: block.code for block in blocks(PAGE, "tenuto", "yaml")}


def suite(form: str) -> Suite:
    sink = Diagnostics()
    found = plan_source(f"orders.{form}", FORMS[form], sink)
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


def test_the_tests_of_the_page_pass() -> None:
    for form in FORMS:
        runner = Runner(suite(form))
        assert [runner.run(plan).failed for plan in runner.suite.plans] == [None, None, None]
        missed = [item.name for item in runner.coverage.items() if not item.taken]
        assert missed == ["charging: on error Declined -> rejected"]


def test_both_forms_mean_the_same() -> None:
    text, yaml = suite("tenuto"), suite("yaml")
    assert text.expressions == yaml.expressions
    assert without_places(text.plans) == without_places(yaml.plans)
    assert text.programs["order"].program.encode() == yaml.programs["order"].program.encode()
