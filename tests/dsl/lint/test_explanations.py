"""Every code is explained, and the examples of its explanation are what they say they are."""

from __future__ import annotations

import re

import pytest
from tenuto_dsl import Diagnostics
from tenuto_dsl.diagnostics import CODES
from tenuto_dsl.explain import Example, explain, page
from tenuto_dsl.format.converter import convert_source
from tenuto_dsl.lint import LintConfig, lint_source
from tenuto_dsl.lint.config import CHECKER_WARNINGS
from tenuto_dsl.lint.rules import all_rules, documentation

from tests.docs_pages import ROOT
from tests.dsl.lint.frames import findings, framed, read_common

EXAMPLES = [
    (code, number, example)
    for code in sorted(CODES)
    if (found := explain(code)) is not None
    for number, example in enumerate(found.examples)
]


@pytest.mark.parametrize("code", sorted(CODES))
def test_every_code_is_explained(code: str) -> None:
    """Rules by the docstring of their module, the checker's codes in dsl/tenuto_dsl/explain."""
    found = explain(code)
    assert found is not None
    assert len(found.text) > 40


@pytest.mark.parametrize("code", sorted(all_rules()))
def test_a_rule_is_documented_by_its_docstring(code: str) -> None:
    assert documentation()[code].startswith(f"{code}: {CODES[code]}\n\n")
    found = explain(code)
    assert found is not None
    assert {"bad", "good"} <= {example.verdict for example in found.examples}


@pytest.mark.parametrize(("code", "example"), [pytest.param(c, e, id=f"{c}-{n}") for c, n, e in EXAMPLES])
def test_a_bad_example_gives_its_code_and_a_good_one_none(code: str, example: Example) -> None:
    found = findings(example, code)
    assert example.verdict in ("bad", "good")
    if example.verdict == "bad":
        assert {item.code for item in found} == {code}, found
    else:
        assert [f"{item.code} {item.span.line} {item.message}" for item in found] == []


def test_every_code_of_a_rule_is_registered() -> None:
    assert set(all_rules()) <= CODES.keys()
    assert not CHECKER_WARNINGS & set(all_rules())


def test_the_checkers_warnings_may_be_silenced() -> None:
    """Codes that are not always errors are known to the configuration."""
    package = ROOT / "dsl" / "tenuto_dsl"
    texts = [path.read_text(encoding="utf-8") for path in package.rglob("*.py")]
    given = {code for text in texts for code in re.findall(r'\.warning\(\s*"(TEN\d{3})"', text)}
    assert given <= CHECKER_WARNINGS


def test_the_page_of_rules_is_up_to_date() -> None:
    """`tenuto explain --all > docs/rules.md` brings it up to date."""
    assert (ROOT / "docs" / "rules.md").read_text(encoding="utf-8") == page()


UNREADABLE = {"TEN101", "TEN102", "TEN103", "TEN104", "TEN105", "TEN106", "TEN107", "TEN111", "TEN112", "TEN114"}
"""Mistakes of the text form's own: what is not read is not converted."""

NOT_IN_YAML = {"TEN200", "TEN304"}
"""Two declarations, two states of one name: in YAML that is one key twice, TEN123."""

TEXT_EXAMPLES = [
    pytest.param(code, example, id=f"{code}-{number}")
    for code, number, example in EXAMPLES
    if example.language == "tenuto" and not (example.verdict == "bad" and code in UNREADABLE | NOT_IN_YAML)
]


@pytest.mark.parametrize(("code", "example"), TEXT_EXAMPLES)
def test_the_same_is_said_about_the_yaml_form(code: str, example: Example) -> None:
    source, _, _ = framed(example)
    own, as_yaml, sink = Diagnostics(), Diagnostics(), Diagnostics()
    config = LintConfig().with_options(["DEFAULT", code] if code in all_rules() else ["DEFAULT"], ())
    lint_source("example.tenuto", source, own, config, reader=read_common)
    converted = convert_source(source, "example.tenuto", "text", "yaml", sink)
    assert converted is not None, [item.message for item in sink.items]
    lint_source("example.yaml", converted, as_yaml, config, reader=read_common)
    assert sorted(item.code for item in own.items) == sorted(item.code for item in as_yaml.items)
