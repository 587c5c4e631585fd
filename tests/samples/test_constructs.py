"""Every construct of the language is used by at least one sample.

What no sample uses is listed with the reason, and may not be listed once one does.
"""

from __future__ import annotations

from tenuto_dsl.diagnostics import Diagnostics
from tenuto_dsl.syntax import parse_file

from tests.constructs import constructs, used_in
from tests.samples.driver import SAMPLES

UNUSED = {
    # Samples give a queue to an activity, not to one of its calls:
    "CallStep.queue",
    # One word of several, of which samples show another:
    "HttpBinding.method=HEAD", "HttpBinding.method=PATCH", "StartStep.on_close=abandon", "StartStep.on_close=terminate",
    # docs/expressions.md shows these, and its examples are tests:
    "Binary.operator=%", "Unary.operator=-", "ListExpr.optional", "MapEntry.optional", "Literal_.kind=uint",
    "Literal_.kind=bytes",
}  # fmt: skip


def test_every_construct_is_used_by_a_sample() -> None:
    files = [
        parse_file(path.name, path.read_text(encoding="utf-8"), Diagnostics()) for path in SAMPLES.glob("*/*.tenuto")
    ]
    missing = constructs() - used_in(files)
    assert missing - UNUSED == set(), "no sample shows these"
    assert UNUSED - missing == set(), "a sample shows these: take them from the list"
