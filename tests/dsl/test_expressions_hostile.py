"""Expressions that would take all time or memory end soon, with a value or with words: by both evaluators."""

from __future__ import annotations

import contextlib
import time

import pytest
from tenuto_dsl.evaluation import Evaluator, Refused

from tests.dsl.hostile_expressions import HOSTILE

SLOW_S = 10.0
"""What a test may take of a machine that many share; by hand it is a second, most of them a hundredth."""


@pytest.mark.parametrize("name", HOSTILE)
def test_it_ends_soon(name: str) -> None:
    for evaluate in (Evaluator(), Evaluator({})):
        began = time.process_time()
        with contextlib.suppress(Refused):
            evaluate(HOSTILE[name], {})
        assert time.process_time() - began < SLOW_S


def test_a_field_may_have_any_name() -> None:
    """`field` is a word of the intermediate form, too."""
    for source in (
        '{"field": [1, 2]}',
        '{"field": {"do": [1].map(x, x)}, "loop": 1}',
        '[1].map(x, {"do": x, "call": x})',
    ):
        assert Evaluator({})(source, {}) == Evaluator()(source, {})
