"""Applying the fixes that are certain, until nothing more is found.

Fixes of one round that touch each other wait for the next. A round is taken back as a whole when the result could be
read less well than what it was made from: nobody's file is left worse than it was.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tenuto_dsl.compiler import read_from_disk
from tenuto_dsl.diagnostics import Diagnostic, Diagnostics, Fix
from tenuto_dsl.imports import Reader
from tenuto_dsl.lint.config import DEFAULT, LintConfig
from tenuto_dsl.lint.linter import lint_source

MAX_ROUNDS = 50


@dataclass(frozen=True, slots=True)
class Fixed:
    """The text after the fixes, how many were applied, whether a round was taken back, and what is left to say."""

    source: str
    applied: int
    refused: bool
    left: list[Diagnostic]


def fix_source(
    name: str, source: str, config: LintConfig = DEFAULT, reader: Reader = read_from_disk, rounds: int = MAX_ROUNDS
) -> Fixed:
    """Lint a source, apply what is certain, and again, until it stays as it is."""
    sink = Diagnostics()
    whole = lint_source(name, source, sink, config, reader).whole
    applied = 0
    for _ in range(rounds):
        fixes = [item.fix for item in sink.items if item.fix is not None and item.fix.span.file == name]
        changed, count = apply_fixes(source, fixes)
        if changed == source:
            break
        after = Diagnostics()
        still_whole = lint_source(name, changed, after, config, reader).whole
        if (whole and not still_whole) or _errors(after) > _errors(sink):
            return Fixed(source, applied, refused=True, left=sink.items)
        source, sink, whole = changed, after, still_whole
        applied += count
    return Fixed(source, applied, refused=False, left=sink.items)


def apply_fixes(source: str, fixes: Iterable[Fix]) -> tuple[str, int]:
    """The text with those fixes that do not touch one before them, and how many they are."""
    starts = [0]
    for line in source.split("\n"):
        starts.append(starts[-1] + len(line) + 1)

    def offset(line: int, col: int) -> int:
        return min(starts[min(line, len(starts)) - 1] + col - 1, len(source))

    edits = sorted(
        {(offset(f.span.line, f.span.col), offset(f.span.end_line, f.span.end_col), f.text) for f in fixes}
    )  # fmt: skip
    pieces: list[str] = []
    at = 0
    count = 0
    for start, end, text in edits:
        if count and start <= at:
            continue
        pieces += [source[at:start], text]
        at = end
        count += 1
    return "".join(pieces) + source[at:], count


def _errors(sink: Diagnostics) -> tuple[int, int, int]:
    """How many mistakes keep the file from being YAML at all, how many from being read whole, and how many there are:
    what can be read now shows its own."""
    errors = [item for item in sink.items if item.severity == "error"]
    unread = sum(item.code.startswith("TEN1") for item in errors)
    return sum(item.code == "TEN120" for item in errors), unread, len(errors)
