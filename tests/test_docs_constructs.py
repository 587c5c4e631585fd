"""The pages of the language show every construct, in both forms."""

from __future__ import annotations

import pytest
from tenuto_dsl.diagnostics import Diagnostics
from tenuto_dsl.syntax import parse_file

from tests.constructs import constructs, used_in
from tests.docs_pages import ROOT, blocks
from tests.samples.driver import FORMS, Form
from tests.test_docs_language import whole

PAGES = [
    ROOT / "docs" / "language.md",
    *sorted((ROOT / "docs" / "language").glob("*.md")),
    ROOT / "docs" / "expressions.md",
    ROOT / "docs" / "testing.md",
]


@pytest.mark.parametrize("form", FORMS)
def test_every_construct_is_shown(form: Form) -> None:
    shown = [block for page in PAGES for block in blocks(page, form)]
    files = [parse_file(f"page.{form}", whole(block), Diagnostics()) for block in shown]
    assert constructs() - used_in(files) == set(), "no page shows these"
