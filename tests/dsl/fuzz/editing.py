"""All that editors ask about a source: about the whole of it, at some places, and after edits."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Callable, Mapping

from tenuto_dsl.editor.actions import actions
from tenuto_dsl.editor.analysis import Analysis
from tenuto_dsl.editor.colours import colours
from tenuto_dsl.editor.completion import complete
from tenuto_dsl.editor.folding import folds
from tenuto_dsl.editor.formatting import formatted
from tenuto_dsl.editor.hints import hints
from tenuto_dsl.editor.hover import hover
from tenuto_dsl.editor.outline import Entry, outline
from tenuto_dsl.editor.positions import Place
from tenuto_dsl.editor.rename import RefusedError, rename
from tenuto_dsl.editor.signatures import signatures
from tenuto_dsl.editor.workspace import Workspace

from tests.dsl.fuzz.reading import Case, no_files

PLACES = 2
EDITS = 1
_TYPED = ("x", ".", "(", '"', "\n", " ", "}", "é", "\U0001f600", "state ", "${", ": ", "- ", "\t")


def analyse(case: Case) -> None:
    found = Analysis(case.name, case.source, no_files)
    assert found.index is not None
    assert found.table is not None
    case.sink("analyse").items.extend(found.diagnostics)


def survey(case: Case) -> None:
    """What is asked whenever a buffer changes."""
    analysis = Analysis(case.name, case.source, no_files)
    _nest(outline(analysis))
    last = len(analysis.lines.starts)
    for first, final, _ in folds(analysis):
        assert 1 <= first <= final <= last
    places = [(line, col) for line, col, *_ in colours(analysis)]
    assert places == sorted(places)
    for hint in hints(analysis):
        assert 1 <= hint.place[0] <= last
    formatted(analysis)
    for action in actions(analysis, 1, last):
        assert action.title
        assert action.edits


def _nest(entries: list[Entry]) -> None:
    pending = list(entries)
    while pending:
        entry = pending.pop()
        outer, inner = entry.span, entry.name_span
        assert (outer.line, outer.col) <= (inner.line, inner.col), entry
        assert (inner.end_line, inner.end_col) <= (outer.end_line, outer.end_col), entry
        pending += entry.children


def ask(case: Case) -> None:
    workspace = _workspace(case)
    choose = random.Random(case.seed)
    analysis = workspace.analysis(case.name)
    assert analysis is not None
    for _ in range(PLACES):
        _ask_at(workspace, analysis, analysis.lines.place(choose.randrange(len(analysis.source) + 1)))


def edit(case: Case) -> None:
    """Some characters typed, and what was typed asked about."""
    workspace = _workspace(case)
    choose = random.Random(case.seed)
    text = case.source
    for _ in range(EDITS):
        at = choose.randrange(len(text) + 1)
        typed = choose.choice(_TYPED)
        text = text[:at] + typed + text[at + choose.choice((0, 0, 1, 5)) :]
        workspace.put(case.name, text)
        analysis = workspace.analysis(case.name)
        assert analysis is not None
        place = analysis.lines.place(min(at + len(typed), len(analysis.source)))
        complete(workspace, case.name, place)
        signatures(workspace, case.name, place)


def change_name(case: Case) -> None:
    workspace = _workspace(case)
    choose = random.Random(case.seed)
    analysis = workspace.analysis(case.name)
    assert analysis is not None
    declared = [symbol for symbol in analysis.index.declared() if symbol.span.file == case.name]
    if declared:
        span = choose.choice(declared).span
        new = choose.choice(("renamed", "state", "x", "9", "", "Timeout", "é"))
        with contextlib.suppress(RefusedError):
            edits = rename(workspace, case.name, (span.line, span.col), new)
            assert set(edits) <= {case.name}


def _workspace(case: Case) -> Workspace:
    made = Workspace(no_files, lambda: ())
    made.put(case.name, case.source)
    return made


def _ask_at(workspace: Workspace, analysis: Analysis, place: Place) -> None:
    hover(analysis, place)
    signatures(workspace, analysis.name, place)
    completion = complete(workspace, analysis.name, place)
    assert completion.begin <= place, (completion.begin, place)
    assert all(item.label for item in completion.items)
    found = analysis.index.at(place)
    if found is not None:
        assert found.symbol.name
        assert list(workspace.occurrences(found.symbol))


EDITING: Mapping[str, Callable[[Case], object]] = {
    "analyse": analyse, "survey": survey, "ask": ask, "edit": edit, "change name": change_name,
}  # fmt: skip
