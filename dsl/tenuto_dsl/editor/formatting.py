"""Formatting as edits of those lines alone that change, so that cursors and folds stay where they are."""

from __future__ import annotations

from difflib import SequenceMatcher

from tenuto_dsl.diagnostics import Diagnostics
from tenuto_dsl.editor.analysis import Analysis
from tenuto_dsl.editor.rename import Edit
from tenuto_dsl.format.formatter import format_source
from tenuto_dsl.syntax import tree


def changed_lines(path: str, before: str, after: str) -> list[Edit]:
    """The edits that make one text of another, by whole lines."""
    old, new = before.split("\n"), after.split("\n")
    edits = []
    for tag, first, last, start, end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        text = "".join(f"{line}\n" for line in new[start:end])
        if last < len(old):
            span = tree.Span(path, first + 1, 1, last + 1, 1)
        else:  # up to the end: there is no line after the last
            span = tree.Span(path, first + 1, 1, len(old), len(old[-1]) + 1)
            text = text.removesuffix("\n")
            if start == end and first:
                span = tree.Span(path, first, len(old[first - 1]) + 1, len(old), len(old[-1]) + 1)
        edits.append(Edit(span, text))
    return edits


def formatted(analysis: Analysis, lines: tuple[int, int] | None = None) -> list[Edit]:
    """The edits that lay a file out as `tenuto fmt` does; of some lines, those edits that begin there. None for a file
    that cannot be read: what it means is not certain."""
    text = format_source(analysis.source, analysis.name, analysis.form, Diagnostics())
    if text is None:
        return []
    edits = changed_lines(analysis.name, analysis.source, text)
    return [edit for edit in edits if lines is None or lines[0] <= edit.span.line <= lines[1]]
