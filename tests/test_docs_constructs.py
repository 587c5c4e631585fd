"""The pages of the language show every construct, in both forms."""

from __future__ import annotations

import typing

import pytest
from tenuto_dsl.diagnostics import Diagnostics
from tenuto_dsl.syntax import parse_file, tree

from tests.constructs import constructs, used_in
from tests.docs_pages import ROOT, blocks
from tests.samples.driver import FORMS, Form
from tests.test_docs_language import whole

PAGES = [
    ROOT / "docs" / "language.md",
    *sorted((ROOT / "docs" / "language").glob("*.md")),
    ROOT / "docs" / "testing.md",
]

UNSHOWN = {
    # One word of several, of which a table names the others:
    "HttpBinding.method=DELETE", "HttpBinding.method=GET", "HttpBinding.method=HEAD", "HttpBinding.method=PATCH",
    "HttpBinding.method=PUT", "StartStep.on_close=terminate",
}  # fmt: skip

EXPRESSIONS = {kind.__name__ for kind in typing.get_args(tree.Expr)} | {"MapEntry"}
"""docs/expressions.md shows these, with values (tests/test_docs_expressions.py)."""


@pytest.mark.parametrize("form", FORMS)
def test_every_construct_is_shown(form: Form) -> None:
    shown = [block for page in PAGES for block in blocks(page, form)]
    files = [parse_file(f"page.{form}", whole(block), Diagnostics()) for block in shown]
    missing = {name for name in constructs() - used_in(files) if name.partition(".")[0] not in EXPRESSIONS}
    assert missing - UNSHOWN == set()
    assert UNSHOWN - missing == set(), "a page shows these: take them from the list"
