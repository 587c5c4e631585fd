"""Fixes: applied until nothing changes, never to the worse."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from tenuto_dsl.diagnostics import Fix
from tenuto_dsl.lint.fixes import apply_fixes, fix_source
from tenuto_dsl.syntax.tree import Span

ASK = 'activity ask(text: string) { python "shop:ask"; timeout 1s }'


def test_a_comment_that_silences_nothing_is_removed() -> None:
    source = f"# tenuto: ignore TEN401 -- slow\n{ASK}  # tenuto: ignore TEN403 -- safe\n# the end\n"
    fixed = fix_source("w.tenuto", source)
    assert fixed.source == f"{ASK}\n# the end\n"
    assert (fixed.applied, fixed.refused, fixed.left) == (2, False, [])


def test_codes_still_in_use_stay_in_the_comment() -> None:
    source = 'activity ask(text: string) { python "shop:ask" }  # tenuto: ignore TEN401, TEN403 -- slow\n'
    fixed = fix_source("w.tenuto", source)
    assert fixed.source == 'activity ask(text: string) { python "shop:ask" }  # tenuto: ignore TEN401 -- slow\n'


def test_a_fix_may_show_mistakes_that_could_not_be_seen_before() -> None:
    fixed = fix_source("w.tenuto", "workflow w() {\n  initial sttae a { do { log one; log two } }\n}\n")
    assert "initial state a {" in fixed.source
    assert not fixed.refused
    assert [item.code for item in fixed.left if item.severity == "error"] == ["TEN240", "TEN240"]


def span(line: int, col: int, end_line: int, end_col: int) -> Span:
    return Span("w.tenuto", line, col, end_line, end_col)


def test_fixes_that_touch_wait_for_the_next_round() -> None:
    fixes = [Fix("", span(1, 1, 1, 3), "X"), Fix("", span(1, 2, 1, 4), "Y"), Fix("", span(2, 1, 2, 1), "Z")]
    assert apply_fixes("abcd\nef\n", fixes) == ("Xcd\nZef\n", 2)


@given(st.text("ab\n", max_size=20), st.lists(st.tuples(st.integers(1, 5), st.integers(1, 5)), max_size=4))
def test_insertions_keep_every_character(source: str, places: list[tuple[int, int]]) -> None:
    fixes = [Fix("", span(line, col, line, col), "!") for line, col in places]
    changed, _ = apply_fixes(source, fixes)
    assert changed.replace("!", "") == source
