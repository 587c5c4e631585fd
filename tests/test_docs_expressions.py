"""docs/expressions.md says what expressions give, and names every function, method and macro there is."""

from __future__ import annotations

import re

import pytest
from tenuto_dsl.check.expressions import macros
from tenuto_interpreter.expr import TABLE
from tenuto_interpreter.expr.cel import LIBRARY

from tests.cel.conformance import cases, excluded
from tests.docs_expressions import PAGE, code, evaluate_row, rows

TEXT = PAGE.read_text(encoding="utf-8")
EXAMPLES = list(rows(TEXT))


@pytest.mark.parametrize(("heading", "expression", "value"), EXAMPLES)
def test_examples(heading: str, expression: str, value: str) -> None:
    assert evaluate_row(TEXT, expression, heading) == code(value)


def test_there_are_examples() -> None:
    assert len(EXAMPLES) > 150


@pytest.mark.parametrize("form", ["function", "method"])
def test_every_function_is_there(form: str) -> None:
    dot = r"\." if form == "method" else r"(?<![\w.])"
    names = [*TABLE.names(form), *LIBRARY.names(form)]  # type: ignore[arg-type]  # one of its words
    assert [name for name in dict.fromkeys(names) if not re.search(f"{dot}{re.escape(name)}\\(", TEXT)] == []


def test_every_macro_is_there() -> None:
    assert [name for name in macros.NAMES if name not in TEXT] == []


def test_the_conformance_figure_is_true() -> None:
    passed, all_ = len(cases()) - len(excluded()), len(cases())
    words = " ".join(TEXT.split())
    assert f"{passed:,} of its {all_:,} cases pass, the other {len(excluded())} need protobuf" in words
