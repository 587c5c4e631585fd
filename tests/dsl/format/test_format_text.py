"""The text form: what is written reads back as the same tree, again formatted it stays, and no comment is lost."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tenuto_dsl import Diagnostics
from tenuto_dsl.format.comments import Comments
from tenuto_dsl.format.formatter import format_source
from tenuto_dsl.format.text import text_of
from tenuto_dsl.syntax import parse_text, tree
from tenuto_dsl.syntax.source import Source
from tenuto_dsl.syntax.text.scanner import scan

from tests.dsl.format.file_trees import files

ROOT = Path(__file__).parents[3]
SOURCES = sorted(
    path
    for pattern in ("samples/*/*.tenuto", "tests/language/*.tenuto", "tests/language/[ol]*/*.tenuto")
    for path in ROOT.glob(pattern)
)


def formatted(source: str) -> str:
    sink = Diagnostics()
    text = format_source(source, "made.tenuto", "text", sink)
    assert text is not None, [source, *sink.items]
    return text


@given(files)
@settings(max_examples=150, deadline=None)
def test_a_tree_is_written_so_that_it_reads_back(file: tree.File) -> None:
    text = text_of(file, Comments())
    sink = Diagnostics()
    assert parse_text(text, "made.tenuto", sink) == file, [text, *sink.items]
    assert formatted(formatted(text)) == formatted(text)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_real_files_stay_as_formatted(path: Path) -> None:
    once = formatted(path.read_text())
    assert formatted(once) == once


def _with_comments(source: str, spots: list[int], below: list[bool]) -> tuple[str, list[str]]:
    """A source with comments at some of the places between its tokens where a line may end."""
    tokens = scan(Source(source, "x"), Diagnostics()).tokens
    made, texts = source, []
    ends = {tokens[spot % len(tokens)].end: own_line for spot, own_line in zip(spots, below, strict=True)}
    for number, (end, own_line) in enumerate(sorted(ends.items(), reverse=True)):
        text = f"# remark {number}"
        candidate = made[:end] + ("\n" if own_line else " ") + text + "\n" + made[end:]
        sink = Diagnostics()
        if parse_text(candidate, "x", sink) == parse_text(made, "x", Diagnostics()) and not sink.has_errors:
            made = candidate
            texts.append(text)
    return made, texts


def with_comments_in_a_part(data: st.DataObject) -> tuple[str, list[str]]:
    """A declaration of a real file with comments in it, and their texts."""
    source = data.draw(st.sampled_from(SOURCES)).read_text()
    starts = [0, *(match.start() for match in re.finditer(r"^(?=activity|workflow|test)", source, re.MULTILINE))]
    begin = data.draw(st.sampled_from(starts))
    part = source[begin : next((start for start in starts if start > begin), len(source))]
    spots = data.draw(st.lists(st.integers(0, 5000), min_size=1, max_size=6))
    below = data.draw(st.lists(st.booleans(), min_size=len(spots), max_size=len(spots)))
    return _with_comments(part, spots, below)


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_comments_anywhere_survive_once_each(data: st.DataObject) -> None:
    made, texts = with_comments_in_a_part(data)
    once = formatted(made)
    for text in texts:
        assert len(re.findall(re.escape(text) + r"\b", once)) == 1, once
    assert formatted(once) == once


def test_a_comment_behind_else_if_makes_no_braces() -> None:
    """What the author wrote without braces is not given some: the next time, they would be gone again."""
    source = "workflow w(n: int) {\n  do {\n    if n > 1 { wait 1s } else if # why\n      n < 1 { wait 2s }\n  }\n}\n"
    once = formatted(source)
    assert formatted(once) == once
    assert "else if n < 1 { wait 2s }  # why" in once


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_a_comment_behind_a_line_stays_behind_it(path: Path) -> None:
    lines = formatted(path.read_text()).splitlines()
    for number, line in enumerate(lines):
        if line.strip() and not re.search(r'#|"""', line):
            lines[number] = f"{line}  # behind line {number} #"
    for line in formatted("\n".join(lines)).splitlines():
        if found := re.search(r"# behind line (\d+) #", line):
            code = lines[int(found[1])].partition("  # behind")[0]
            assert re.sub(r"\s+", " ", line[: found.start()]).strip() == re.sub(r"\s+", " ", code).strip()
