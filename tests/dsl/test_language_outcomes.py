"""The nine workflows of tests/language/ok come to the outcomes that the tests beside them expect, in both forms."""

from __future__ import annotations

from pathlib import Path

import pytest
from tenuto_dsl import Diagnostics
from tenuto_dsl.testing import Runner, plan_source

LANGUAGE = Path(__file__).parent.parent / "language"
TESTED = sorted(LANGUAGE.glob("*.tenuto"))

LEAST = 75
"""Percent of the states and transitions that they see."""


def suite_of(path: Path, form: str) -> Runner:
    source = path.read_text().replace(f'"ok/{path.stem}.tenuto"', f'"ok/{path.stem}.{form}"')
    sink = Diagnostics()
    suite = plan_source(str(path), source, sink)
    assert suite is not None, [f"{item.span.line}: {item.message}" for item in sink.items]
    return Runner(suite)


@pytest.mark.parametrize("form", ["tenuto", "yaml"])
@pytest.mark.parametrize("path", TESTED, ids=[path.stem for path in TESTED])
def test_outcomes(path: Path, form: str) -> None:
    runner = suite_of(path, form)
    failed = {plan.name: found for plan in runner.suite.plans if (found := runner.run(plan).failed) is not None}
    assert not failed
    seen = [item.taken for item in runner.coverage.items()]
    assert 100 * sum(seen) >= LEAST * len(seen)


def test_there_is_one_for_each_workflow() -> None:
    assert [path.stem for path in TESTED] == sorted({p.stem for p in (LANGUAGE / "ok").iterdir()} - {"common"})


@pytest.mark.parametrize("name", ["etl", "order_fulfilment", "sms_otp"])
def test_their_own_tests_pass(name: str) -> None:
    for form in ("tenuto", "yaml"):
        path = LANGUAGE / "ok" / f"{name}.{form}"
        suite = plan_source(str(path), path.read_text(), Diagnostics())
        assert suite is not None
        runner = Runner(suite)
        assert [runner.run(plan).failed for plan in suite.plans] == [None]
