"""Which rules count: the table of the settings, and what is wrong with it."""

from __future__ import annotations

from typing import Any

import pytest
from tenuto_dsl import Diagnostics
from tenuto_dsl.lint import LintConfigError, lint_source
from tenuto_dsl.lint.config import config_from

SOURCE = """activity slow() { python "a:b" }
activity post() { http POST "https://x.example/"; timeout 1s }
"""


def lint(table: dict[str, Any], name: str = "flows/old/w.tenuto", folder: str = "flows") -> list[str]:
    sink = Diagnostics()
    lint_source(name, SOURCE, sink, config_from(table, "tenuto.toml: lint", folder))
    return [f"{item.code} {item.severity}" for item in sink.items]


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ({}, ["TEN401 warning", "TEN403 warning"]),
        ({"select": ["TEN401"]}, ["TEN401 warning"]),
        ({"select": "TEN4", "ignore": ["TEN401"]}, ["TEN403 warning"]),
        ({"ignore": ["ALL"]}, []),
        ({"severity": {"TEN401": "error", "TEN403": "info"}}, ["TEN401 error", "TEN403 info"]),
        ({"per-file-ignores": {"old/**": ["TEN401"]}}, ["TEN403 warning"]),
        ({"per-file-ignores": {"old": ["TEN4"]}}, []),
        ({"per-file-ignores": {"*.tenuto": ["TEN4"]}}, []),
        ({"per-file-ignores": {"flows/**": ["TEN4"]}}, ["TEN401 warning", "TEN403 warning"]),
    ],
)
def test_what_counts(table: dict[str, Any], expected: list[str]) -> None:
    assert lint(table) == expected


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"selects": []}, "unknown setting selects; did you mean select?"),
        ({"select": ["TEN999"]}, "select: TEN999 is no code of a rule; `tenuto explain` lists them"),
        ({"select": ["TEN2"]}, "select: TEN2 is no code of a rule; `tenuto explain` lists them"),
        ({"ignore": ["TEN301"]}, "TEN301 (an unknown state) is an error of the language: only rules can be chosen"),
        ({"ignore": ["401"]}, "401 is no code of a rule"),
        ({"ignore": ["TNE401"]}, "did you mean TEN401?"),
        ({"ignore": 5}, "a list of codes is expected, found 5"),
        ({"severity": {"TEN401": "fatal"}}, "one of error, warning, info is expected, found 'fatal'"),
        ({"severity": ["TEN401"]}, "a table is expected"),
        ({"per-file-ignores": {"a": ["TEN1"]}}, None),
        ({"per-file-ignores": {"a": ["X"]}}, "a: X is no code of a rule"),
    ],
)
def test_a_table_that_cannot_be_used_says_why(table: dict[str, Any], message: str | None) -> None:
    if message is None:
        config_from(table, "tenuto.toml: lint", ".")
        return
    with pytest.raises(LintConfigError) as caught:
        config_from(table, "tenuto.toml: lint", ".")
    assert message in str(caught.value)
