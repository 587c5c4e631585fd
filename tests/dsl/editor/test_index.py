"""Names and what they refer to: renaming everything in sound files, in both forms, leaves them sound and the same."""

from __future__ import annotations

from pathlib import Path

import pytest
from tenuto_dsl.editor.index import Symbol
from tenuto_dsl.editor.rename import RefusedError, apply, rename
from tenuto_dsl.editor.workspace import Workspace

from tests.dsl.editor.files import analysed, marked, workspace

ROOT = Path(__file__).parents[3]
SAMPLES = sorted(p for p in (ROOT / "samples").glob("*/*") if p.suffix in (".tenuto", ".yaml"))
OK = sorted((ROOT / "tests" / "language" / "ok").glob("*.*"))


def on_disk(path: Path) -> Workspace:
    made = Workspace(lambda name: Path(name).read_bytes(), lambda: ())
    made.put(path.as_posix(), path.read_text())
    return made


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_whatever_has_a_name_can_have_another(path: Path) -> None:
    made = on_disk(path)
    analysis = made.analysis(path.as_posix())
    assert analysis is not None
    before = [(item.code, item.span.line) for item in analysis.diagnostics]
    for symbol in {symbol.kind: symbol for symbol in analysis.index.declared()}.values():
        if symbol.kind in ("import", "branch"):
            continue
        place = next(o.span for o in analysis.index.of(symbol) if o.role == "declaration")
        other = f"{symbol.name}Two" if symbol.kind in ("type", "error") else f"{symbol.name}_2"  # as TEN750 has it
        edits = rename(made, analysis.name, (place.line, place.col), other)
        text = apply(analysis.source, edits[analysis.name])
        after = Workspace(lambda name: Path(name).read_bytes(), lambda: ())
        after.put(analysis.name, text)
        changed = after.analysis(analysis.name)
        assert changed is not None
        assert [(i.code, i.span.line) for i in changed.diagnostics] == before, (symbol.kind, symbol.name)


@pytest.mark.parametrize("path", OK, ids=lambda path: path.name)
def test_every_occurrence_covers_its_name_alone(path: Path) -> None:
    analysis = on_disk(path).analysis(path.as_posix())
    assert analysis is not None
    assert analysis.index.occurrences
    for occurrence in analysis.index.occurrences:
        if occurrence.symbol.kind != "import":
            assert analysis.lines.slice(occurrence.span) == occurrence.symbol.name


def refers(text: str, name: str = "a.tenuto", **others: str) -> Symbol:
    _, analysis, place = marked(text, name, **others)
    found = analysis.index.at(place)
    assert found is not None
    return found.symbol


def test_a_field_leads_to_where_it_is_declared_through_calls_and_loops() -> None:
    text = """\
type Item = { sku: string }
activity list() -> { items: [Item] } { timeout 1s }
workflow w() {
  do {
    let found = call list()
    for item in found.items { log item.s‸ku }
  }
}
"""
    symbol = refers(text)
    assert (symbol.kind, symbol.span.line) == ("field", 1)


def test_names_lead_across_files() -> None:
    symbol = refers('import "b.tenuto"\nworkflow w() { do { fail Decl‸ined } }\n', b_tenuto="error Declined\n")
    assert (symbol.kind, symbol.span.file) == ("error", "/w/b.tenuto")


def test_a_broken_file_is_still_known() -> None:
    text = "error A\nworkflow w() {\n  state a {\n    done ->\n    on error ‸A -> a\n    call (((\n"
    assert refers(text).kind == "error"
    yaml = (
        "tenuto: 1\nerrors: { A: null }\nworkflows:\n  w:\n    states:\n      broken\n      a: { do: [{ fail: ‸A }] }\n"
    )
    assert refers(yaml, "a.yaml").kind == "error"


def test_parameters_are_renamed_in_statements_too() -> None:
    text = 'activity f(amo‸unt: int) {\n  sql "insert into t values (:amount, amount::int)"; timeout 1s\n}\n'
    made, analysis, place = marked(text)
    edits = rename(made, analysis.name, place, "sum")
    assert "(:sum, amount::int)" in apply(analysis.source, edits[analysis.name])


@pytest.mark.parametrize(
    ("text", "name", "why"),
    [
        ("error ‸A\n", "Timeout", "built in"),
        ("error ‸A\nerror B\n", "B", "declared already"),
        ("error ‸A\n", "1a", "is not a name"),
        ("type ‸A = int\n", "string", "built in"),
        ("workflow w() { signal ‸go() do { wait 1s } }\n", "error", "word of the language"),
        ("workflow w() {\n  var ‸a: int = 1\n  do { let b = 1; a = b }\n}\n", "b", "would be an error"),
    ],
)
def test_what_cannot_be_a_name_is_refused(text: str, name: str, why: str) -> None:
    made, analysis, place = marked(text)
    with pytest.raises(RefusedError, match=why):
        rename(made, analysis.name, place, name)


def test_an_analysis_is_made_once_for_a_version_and_anew_when_an_import_changes() -> None:
    made = workspace(a_tenuto='import "b.tenuto"\nworkflow w() { do { fail A } }\n', b_tenuto="error A\n")
    first = made.analysis("/w/a.tenuto")
    assert made.analysis("/w/a.tenuto") is first
    made.put("/w/c.tenuto", "error C\n")
    assert made.analysis("/w/a.tenuto") is first
    made.put("/w/b.tenuto", "error B\n")
    second = made.analysis("/w/a.tenuto")
    assert second is not None
    assert [item.code for item in second.diagnostics if item.severity == "error"] == ["TEN202"]


def test_positions_are_counted_in_the_units_of_the_client() -> None:
    lines = analysed("# é🚀x\n").lines
    assert [lines.to_client(1, 6, e) for e in ("utf-8", "utf-16", "utf-32")] == [(0, 9), (0, 6), (0, 5)]
    assert [lines.from_client(0, n, "utf-16") for n in (3, 4, 5, 99)] == [(1, 4), (1, 4), (1, 5), (1, 6)]
