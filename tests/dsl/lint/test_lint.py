"""The rules against files that say themselves what they are told, in the form of tests/dsl/test_check.py."""

from __future__ import annotations

from pathlib import Path

import pytest
from tenuto_dsl import Diagnostics
from tenuto_dsl.lint import lint_source

from tests.dsl.test_check import chunks, compare

FILES = Path(__file__).parents[2] / "language" / "lint"
CASES = chunks(FILES)


@pytest.mark.parametrize(("name", "source"), CASES, ids=[name for name, _ in CASES])
def test_reports_exactly_what_the_file_expects(name: str, source: str) -> None:
    sink = Diagnostics()
    lint_source(name, source, sink)
    assert compare(source, sink) == ([], [])


def lint(source: str, name: str = "w.tenuto") -> list[str]:
    sink = Diagnostics()
    lint_source(name, source, sink)
    return sorted(f"{item.span.line}: {item.code}" for item in sink.items)


ASK = 'activity ask(text: string) { python "shop:ask" }'
REASON = "-- people answer when they like"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (f"{ASK}  # tenuto: ignore TEN401 {REASON}\n", []),
        (f"# tenuto: ignore TEN4 {REASON}\n\n# and this\n{ASK}\n", []),
        (f"# tenuto: ignore-file TEN401, TEN403 {REASON}\n\n{ASK}\n", ["1: TEN142"]),
        (f"{ASK}  # tenuto: ignore TEN401\n", ["1: TEN140", "1: TEN401"]),
        (f"{ASK}  # tenuto: ignore TEN401 --  \n", ["1: TEN140", "1: TEN401"]),
        (f"{ASK}  # tenuto: ignore {REASON}\n", ["1: TEN141", "1: TEN401"]),
        (f"{ASK}  # tenuto: ignore TEN999 {REASON}\n", ["1: TEN141", "1: TEN401"]),
        (f"{ASK}  # tenuto: ignore TEN301 {REASON}\n", ["1: TEN141", "1: TEN401"]),
        (f"{ASK}\n# tenuto: ignore TEN401 {REASON}\n", ["1: TEN401", "2: TEN142"]),
        ("# tenuto is a musical term\n", []),
    ],
)
def test_suppressions(source: str, expected: list[str]) -> None:
    assert lint(source) == expected


YAML = """tenuto: 1
activities:
  ask:{above}
    params: {{ text: string }}
    python: "shop:ask"{beside}
    doc: "# tenuto: ignore TEN401 -- this is a text"
"""


def test_suppressions_in_yaml() -> None:
    name = "w.yaml"
    assert lint(YAML.format(above="", beside=""), name) == ["3: TEN401"]
    assert lint(YAML.format(above="  # tenuto: ignore TEN401 -- slow on purpose", beside=""), name) == []
    beside = "  # tenuto: ignore TEN401 -- slow on purpose"
    assert lint(YAML.format(above="", beside=beside), name) == ["3: TEN401", "5: TEN142"]
    block = "tenuto: 1\nerrors:\n  A:\n    doc: |\n      text\n      # tenuto: ignore TEN401\n"
    assert [item for item in lint(block, name) if "TEN14" in item] == []


def test_an_error_of_the_language_is_never_silenced() -> None:
    source = "# tenuto: ignore-file TEN3 -- later\nworkflow w() {\n  initial state a { after 1s -> b }\n}\n"
    assert "3: TEN301" in lint(source)


def test_who_has_errors_to_mend_is_not_told_about_taste() -> None:
    """The activity is fine by itself, the workflow is broken; a broken file says nothing but that."""
    assert lint(f"{ASK}\nworkflow w() {{ do {{ call nothing() }} }}\n") == ["1: TEN401", "2: TEN201"]
    assert lint(f"{ASK}\nworkflow w() {{ do {{ call nothing(1 }} }}\n") == ["2: TEN104"]
