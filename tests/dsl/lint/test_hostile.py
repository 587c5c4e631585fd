"""Whatever a file holds, the linter and its fixes answer with diagnostics: real files with lines missing, doubled or
exchanged reach every rule in states that nobody thought of."""

from __future__ import annotations

import random

import pytest
from tenuto_dsl import Diagnostic, Diagnostics
from tenuto_dsl.lint import lint_source
from tenuto_dsl.lint.fixes import fix_source

from tests.docs_pages import ROOT

FILES = sorted(
    path
    for folder in ("samples", "tests/language/ok", "tests/language/lint")
    for path in (ROOT / folder).rglob("*.*")
    if path.suffix in (".tenuto", ".yaml")
)


def damaged(source: str, seed: int) -> str:
    chance = random.Random(seed)
    lines = source.splitlines()
    for _ in range(chance.randint(1, 4)):
        at, other = chance.randrange(len(lines)), chance.randrange(len(lines))
        match chance.randrange(4):
            case 0:
                del lines[at : at + chance.randint(1, 3)]
            case 1:
                lines.insert(other, lines[at])
            case 2:
                lines[at], lines[other] = lines[other], lines[at]
            case _:
                words = lines[at].split(" ")
                del words[chance.randrange(len(words))]
                lines[at] = " ".join(words)
        if not lines:
            break
    return "\n".join(lines)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_damaged_file_gives_diagnostics_and_no_exception(path) -> None:
    source = path.read_text(encoding="utf-8")
    for seed in range(12):
        text = damaged(source, seed)
        sink = Diagnostics()
        lint_source(path.as_posix(), text, sink)
        if seed < 3:
            fixed = fix_source(path.as_posix(), text, rounds=3)
            assert not fixed.refused
            assert _errors(fixed.left) <= _errors(sink.items)


def _errors(items: list[Diagnostic]) -> tuple[int, int, int]:
    """Mistakes that keep a file from being read, and all: with fewer of the former more of the others are seen."""
    codes = [item.code for item in items if item.severity == "error"]
    return codes.count("TEN120"), sum(code.startswith("TEN1") for code in codes), len(codes)
