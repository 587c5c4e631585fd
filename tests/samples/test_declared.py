"""The tests that stand in the samples' files pass, see every state and transition, and are the same in both forms."""

from __future__ import annotations

import dataclasses
import functools
from typing import Any

import pytest
from tenuto_dsl.diagnostics import Diagnostics
from tenuto_dsl.syntax.tree import Span
from tenuto_dsl.testing import Runner, Suite, plan_source

from tests.samples.driver import FORMS, NAMES, SAMPLES, Form


@functools.cache
def suite(name: str, form: Form) -> Suite:
    path = SAMPLES / name / f"{name}.{form}"
    sink = Diagnostics()
    found = plan_source(str(path), path.read_text(), sink)
    assert found is not None, [f"{item.span.line}: {item.message}" for item in sink.items]
    return found


def without_places(value: Any) -> Any:
    if isinstance(value, Span):
        return None
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return type(value).__name__, [without_places(getattr(value, field.name)) for field in dataclasses.fields(value)]
    if isinstance(value, tuple):
        return tuple(without_places(item) for item in value)
    return value


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", NAMES)
def test_they_pass_and_see_everything(name: str, form: Form) -> None:
    runner = Runner(suite(name, form))
    failed = {plan.name: found for plan in runner.suite.plans if (found := runner.run(plan).failed) is not None}
    assert not failed
    assert [item.name for item in runner.coverage.items() if not item.taken] == []


@pytest.mark.parametrize("name", NAMES)
def test_both_forms_test_the_same(name: str) -> None:
    text, yaml = suite(name, "tenuto"), suite(name, "yaml")
    assert without_places(text.plans) == without_places(yaml.plans)
    assert text.expressions == yaml.expressions
