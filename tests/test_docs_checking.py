"""docs/checking.md: what its example is said to report is what it reports, to the letter, and so when it is mended."""

from __future__ import annotations

import io

from tenuto.cli.check import Checked
from tenuto.cli.checking import Text
from tenuto_dsl import Diagnostics
from tenuto_dsl.explore import explore, read_subjects
from tenuto_dsl.explore.canonical import LONGEST_LIST
from tenuto_dsl.explore.search import MOST_TICKS, TIMES
from tenuto_dsl.explore.values import MOST

from tests.docs_pages import ROOT, blocks

PAGE = ROOT / "docs" / "checking.md"
(SOURCE,) = (block.code for block in blocks(PAGE, "tenuto"))
(MENDED,) = (block.code for block in blocks(PAGE, "diff"))
REPORTS = [block.code for block in blocks(PAGE, "text")]


def reported(source: str) -> str:
    sink = Diagnostics()
    out = io.StringIO()
    text = Text(out)
    checked = [Checked(each.source, explore(each), 0.01) for each in read_subjects("sell.tenuto", source, sink)]
    assert not sink.has_errors, [item.message for item in sink.items]
    for each in checked:
        text.workflow(each)
    text.end(checked)
    return out.getvalue()


def test_the_report_of_the_page() -> None:
    assert reported(SOURCE) == REPORTS[0]


def test_the_report_when_it_is_mended() -> None:
    source = SOURCE
    lines = MENDED.splitlines()
    for before, after in zip(lines[::2], lines[1::2], strict=True):
        assert source.count(before[1:]) == 1
        source = source.replace(before[1:], after[1:])
    assert reported(source) == REPORTS[1]


def test_the_bounds_are_those_of_the_program() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert f"more than {TIMES} states that differ only in times and fractions" in page
    assert f"timers that more than {MOST_TICKS} ticks come before" in page
    assert f"lists of more than {LONGEST_LIST} elements" in page
    assert MOST == 12
    assert "of more than twelve, one field varies" in page
