"""Formatting as edits of those lines alone that change, so that cursors and folds stay where they are."""

from __future__ import annotations

from difflib import SequenceMatcher

from tenuto_dsl.editor.rename import Edit
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
