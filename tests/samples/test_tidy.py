"""Samples are written as the formatter writes them, and no rule that the linter has finds anything in them."""

from __future__ import annotations

from pathlib import Path

import pytest
from tenuto_dsl.diagnostics import Diagnostics
from tenuto_dsl.format.formatter import format_source
from tenuto_dsl.lint import DEFAULT, lint_source

from tests.samples.driver import SAMPLES

FILES = sorted(path for form in ("tenuto", "yaml") for path in SAMPLES.rglob(f"*.{form}"))
ALL_RULES = DEFAULT.with_options(["ALL"], [])


def name_of(path: Path) -> str:
    return str(path.relative_to(SAMPLES))


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_a_sample_is_formatted(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    sink = Diagnostics()
    assert format_source(source, str(path), "text" if path.suffix == ".tenuto" else "yaml", sink) == source
    assert not sink.items


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_a_sample_has_no_findings_of_any_severity(path: Path) -> None:
    sink = Diagnostics()
    lint_source(str(path), path.read_text(encoding="utf-8"), sink, ALL_RULES)
    assert [f"{item.span.line}: {item.code} {item.message}" for item in sink.items] == []
