"""What can be folded away: blocks that go over several lines, runs of comments, descriptions."""

from __future__ import annotations

from typing import Literal

from tenuto_dsl.diagnostics import Diagnostics
from tenuto_dsl.editor.analysis import Analysis
from tenuto_dsl.syntax.source import Source
from tenuto_dsl.syntax.text.scanner import scan
from tenuto_dsl.syntax.text.tokens import CLOSERS, OPENERS

Fold = tuple[int, int, Literal["comment", "region", "imports"] | None]
"""The first and the last line that stays visible or hides, and what it is."""


def folds(analysis: Analysis) -> list[Fold]:
    found = _by_indentation(analysis) if analysis.form == "yaml" else _by_brackets(analysis)
    return sorted([*found, *_comments(analysis)], key=lambda fold: fold[:2])


def _by_brackets(analysis: Analysis) -> list[Fold]:
    source = Source(analysis.source, analysis.name)
    found: list[Fold] = []
    open_: list[int] = []
    for token in scan(source, Diagnostics()).tokens:
        if token.type in OPENERS:
            open_.append(source.place(token.start)[0])
        elif token.type in CLOSERS and open_:
            first, last = open_.pop(), source.place(token.start)[0]
            if last - 1 > first:
                found.append((first, last - 1, None))
        elif token.type == "DOC" and "\n" in token.text:
            found.append((source.place(token.start)[0], source.place(token.end)[0], "comment"))
    return found


def _by_indentation(analysis: Analysis) -> list[Fold]:
    found: list[Fold] = []
    open_: list[tuple[int, int]] = []
    last = 0
    for number in range(1, len(analysis.lines.starts) + 2):
        text = analysis.lines.line(number)
        past_the_end = number > len(analysis.lines.starts)
        if not text.strip() and not past_the_end:
            continue
        indent = -1 if past_the_end else len(text) - len(text.lstrip(" "))
        while open_ and open_[-1][0] >= indent:
            _, first = open_.pop()
            if last > first:
                found.append((first, last, None))
        open_.append((indent, number))
        last = number
    return found


def _comments(analysis: Analysis) -> list[Fold]:
    found: list[Fold] = []
    run: list[int] = []
    for comment in analysis.file.comments:
        if comment.trailing:
            continue
        line = comment.span.line
        if run and line != run[-1] + 1:
            _keep(run, found)
            run = []
        run.append(line)
    _keep(run, found)
    return found


def _keep(run: list[int], found: list[Fold]) -> None:
    if len(run) > 1:
        found.append((run[0], run[-1], "comment"))
