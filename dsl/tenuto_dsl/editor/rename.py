"""Renaming: every place that names a symbol, in whatever file and form, or a reason why not.

Whether a new name is possible is not decided by rules of its own: the change is made in memory and everything is
analysed again. A change that leads to an error, or after which a place would mean something else, is refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from tenuto_grammars import load_tables
from tenuto_interpreter.ir import BUILTIN_ERRORS

from tenuto_dsl.diagnostics import Diagnostic
from tenuto_dsl.editor.index import Occurrence
from tenuto_dsl.editor.positions import Lines, Place
from tenuto_dsl.editor.workspace import Workspace
from tenuto_dsl.syntax import tree

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_ANY_WORD = ("field", "parameter")
"""May be called by a keyword: nothing else can stand where they do."""
_LITERALS = ("true", "false", "null", "in")


class RefusedError(Exception):
    """Why something is not done, in a sentence for the person who asked."""


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace what the span covers by the text."""

    span: tree.Span
    text: str


def renamed_at(workspace: Workspace, path: str, place: Place) -> Occurrence:
    """The name at a place that can be changed. Raises `RefusedError` when there is none."""
    analysis = workspace.analysis(path)
    found = analysis.index.at(place) if analysis is not None else None
    if found is None:
        raise RefusedError("there is no name here that could be changed")
    if found.symbol.kind == "import":
        raise RefusedError("a file is renamed where files are")
    return found


def rename(workspace: Workspace, path: str, place: Place, name: str) -> dict[str, list[Edit]]:
    """The edits by file that give a symbol another name. Raises `RefusedError`."""
    symbol = renamed_at(workspace, path, place).symbol
    if not _NAME.fullmatch(name):
        raise RefusedError(f"`{name}` is not a name: letters, digits and underscores, not a digit first")
    if name == symbol.name:
        return {}
    if name in _LITERALS or (symbol.kind not in _ANY_WORD and name in load_tables().keywords):
        raise RefusedError(f"`{name}` is a word of the language")
    if symbol.kind == "error" and name in BUILTIN_ERRORS:
        raise RefusedError(f"the error {name} is built in")
    edits: dict[str, list[Edit]] = {}
    for occurrence in workspace.occurrences(symbol):
        edits.setdefault(occurrence.span.file, []).append(Edit(occurrence.span, name))
    _try(workspace, edits)
    return edits


def apply(text: str, edits: list[Edit]) -> str:
    """A text after edits that do not overlap."""
    lines = Lines(text)
    for edit in sorted(edits, key=lambda e: (e.span.line, e.span.col), reverse=True):
        start = lines.offset(edit.span.line, edit.span.col)
        end = lines.offset(edit.span.end_line, edit.span.end_col)
        text = text[:start] + edit.text + text[end:]
    return text


def _try(workspace: Workspace, edits: dict[str, list[Edit]]) -> None:
    """Make the change in memory and see what comes of it."""
    changed = {path: apply(workspace.text(path) or "", found) for path, found in edits.items()}
    trial = workspace.try_out(changed)
    for path, found in edits.items():
        before, after = workspace.analysis(path), trial.analysis(path)
        if before is None or after is None:
            continue
        known = {_key(item) for item in before.diagnostics}
        new = [i for i in after.diagnostics if i.severity == "error" and _key(i) not in known]
        if len([i for i in after.diagnostics if i.severity == "error"]) > len(
            [i for i in before.diagnostics if i.severity == "error"]
        ):
            worst = new[0] if new else after.diagnostics[0]
            raise RefusedError(f"this would be an error: {worst.message} (line {worst.span.line})")
        named = {(e.span.line, o.symbol.kind) for e in found for o in [before.index.at((e.span.line, e.span.col))] if o}
        again = [
            after.index.at((edit.span.line, edit.span.col + _shift(found, edit)))
            for edit in sorted(found, key=lambda e: (e.span.line, e.span.col))
        ]
        kinds = {(o.span.line, o.symbol.kind) for o in again if o is not None}
        if None in again or kinds != named or len({o.symbol for o in again if o is not None}) > 1:
            raise RefusedError("the new name would mean something else in one of the places that are changed")


def _shift(edits: list[Edit], edit: Edit) -> int:
    """How far an edit moves by those before it on its line."""
    return sum(
        len(other.text) - (other.span.end_col - other.span.col)
        for other in edits
        if other.span.line == edit.span.line and other.span.col < edit.span.col
    )


def _key(item: Diagnostic) -> tuple[str, int, str]:
    return item.code, item.span.line, item.message
