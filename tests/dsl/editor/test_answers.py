"""Quick fixes, hover, signatures, outline, folding, colours, hints, formatting."""

from __future__ import annotations

from itertools import pairwise

import pytest
from tenuto_dsl.editor.actions import actions
from tenuto_dsl.editor.colours import TYPES, colours, everything
from tenuto_dsl.editor.folding import folds
from tenuto_dsl.editor.formatting import formatted
from tenuto_dsl.editor.hints import hints
from tenuto_dsl.editor.hover import hover
from tenuto_dsl.editor.outline import outline
from tenuto_dsl.editor.rename import apply
from tenuto_dsl.editor.signatures import signatures

from tests.dsl.editor.files import analysed, marked

TEXT = """\
error A
activity f(id: string) -> { n: int } { timeout 1s }
workflow w(id: string) -> int {
  signal go(by: string)
  initial state one {
    do { let x = call f(id: id) }
    done -> two
    on go -> two
  }
  final state two { return 1 }
}
"""
YAML = """\
tenuto: 1
errors:
  A: null
activities:
  f: { params: { id: string }, returns: "{ n: int }", timeout: 1s }
workflows:
  w:
    input: { id: string }
    output: int
    signals:
      go: { by: string }
    states:
      one:
        initial: true
        do:
          - { call: f, args: { id: "${id}" }, as: x }
        transitions:
          - { done: null, to: two }
          - { on: go, to: two }
      two: { final: true, return: 1 }
"""


@pytest.mark.parametrize(
    ("name", "old", "new", "code", "title"),
    [
        ("a.tenuto", "done -> two", "done -> three", "TEN301", "add the state three"),
        ("a.tenuto", "call f(", "call reserve_all(", "TEN201", "declare the activity reserve_all"),
        ("a.tenuto", "on go ", "on approved ", "TEN203", "declare the signal approved"),
        ("a.tenuto", "on go -> two", "on error Unknown -> two", "TEN202", "declare the error Unknown"),
        ("a.yaml", "done: null, to: two", "done: null, to: three", "TEN301", "add the state three"),
        ("a.yaml", "call: f", "call: reserve_all", "TEN201", "declare the activity reserve_all"),
        ("a.yaml", "on: go", "on: approved", "TEN203", "declare the signal approved"),
        ("a.yaml", "on: go", "error: Unknown", "TEN202", "declare the error Unknown"),
    ],
)
def test_what_is_missing_can_be_declared(name: str, old: str, new: str, code: str, title: str) -> None:
    source = TEXT if name == "a.tenuto" else YAML
    analysis = analysed(source.replace(old, new), name)
    assert code in [item.code for item in analysis.diagnostics]
    [action] = [action for action in actions(analysis, 1, 99) if action.title == title]
    again = analysed(apply(analysis.source, list(action.edits)), name)
    assert code not in [item.code for item in again.diagnostics]
    assert not [item for item in again.diagnostics if item.code.startswith("TEN1")]


def test_what_was_meant_can_be_written() -> None:
    analysis = analysed(TEXT.replace("on go", "on goo"))
    [action] = [action for action in actions(analysis, 1, 99) if action.preferred]
    assert apply(analysis.source, list(action.edits)) == TEXT


def test_a_rule_can_be_silenced_with_a_reason() -> None:
    analysis = analysed(TEXT.replace(" { timeout 1s }", " {}"))
    [action] = [action for action in actions(analysis, 1, 99) if action.title.startswith("silence TEN401")]
    again = analysed(apply(analysis.source, list(action.edits)))
    assert "TEN401" not in [item.code for item in again.diagnostics]


@pytest.mark.parametrize(
    ("text", "name", "told"),
    [
        (TEXT.replace("call f", "call ‸f"), "a.tenuto", "activity f(id: string) -> { n: int }"),
        (TEXT.replace("let x", "let ‸x"), "a.tenuto", "(let) x: { n: int }"),
        (TEXT.replace("    done", "    do‸ne"), "a.tenuto", "Fires when the state's `do` has ended"),
        (TEXT.replace("two {", "‸two {"), "a.tenuto", "final state two"),
        (TEXT.replace("call f", "call ‸f"), "a.tenuto", "timeout attempt 1s"),
        (TEXT.replace("f(id: string)", "f(id: ‸string)"), "a.tenuto", "**string** text"),
        ("config ‸limit: int = 3\n", "a.tenuto", "config limit: int = 3"),
        (YAML.replace("call: f", "call: ‸f"), "a.yaml", "activity f(id: string) -> { n: int }"),
        (YAML.replace("transitions", "tran‸sitions"), "a.yaml", "What moves it on"),
        (YAML.replace("args:", "ar‸gs:"), "a.yaml", "Arguments by name"),
        ("workflow w(xs: [int]) { do { log xs.si‸ze() } }", "a.tenuto", "[T].size() -> int"),
    ],
)
def test_hover(text: str, name: str, told: str) -> None:
    _, analysis, place = marked(text, name)
    found = hover(analysis, place)
    assert found is not None
    assert told in found.text


def test_hover_explains_what_is_wrong() -> None:
    _, analysis, place = marked(TEXT.replace("done -> two", "done -> thr‸ee"))
    found = hover(analysis, place)
    assert found is not None
    assert "**TEN301**" in found.text


@pytest.mark.parametrize(
    ("line", "label", "active"),
    [
        ("call f(‸", "f(id: string) -> { n: int }", 0),
        ("call f(id: ‸", "f(id: string) -> { n: int }", 0),
        ('log timestamp("x", ‸', "timestamp(string) -> timestamp", 1),
        ("fail A(‸", "A()", None),
    ],
)
def test_signatures(line: str, label: str, active: int | None) -> None:
    made, analysis, place = marked(TEXT.replace("let x = call f(id: id)", line))
    found = signatures(made, analysis.name, place)
    assert label in [one.label for one in found]
    assert found[0].active == active


@pytest.mark.parametrize(("source", "name"), [(TEXT, "a.tenuto"), (YAML, "a.yaml")])
def test_the_outline_nests_and_every_name_is_within_its_span(source: str, name: str) -> None:
    entries = outline(analysed(source, name))
    assert [entry.name for entry in entries] == ["A", "f", "w"]
    [workflow] = entries[2:]
    assert [(child.kind, child.name, child.detail) for child in workflow.children] == [
        ("signal", "go", ""), ("state", "one", "initial"), ("state", "two", "final"),
    ]  # fmt: skip
    for entry in (*entries, *workflow.children):
        outer, inner = entry.span, entry.name_span
        assert (outer.line, outer.col) <= (inner.line, inner.col)
        assert (inner.end_line, inner.end_col) <= (outer.end_line, outer.end_col)


def test_folding() -> None:
    assert folds(analysed("# a\n# b\n" + TEXT))[:2] == [(1, 2, "comment"), (5, 12, None)]
    assert (7, 20, None) in folds(analysed(YAML, "a.yaml"))


def test_colours_say_what_names_are() -> None:
    analysis = analysed(TEXT)
    found = {(line, col): TYPES[kind] for line, col, _, kind, _ in colours(analysis)}
    assert found[6, 23] == "function"
    assert found[7, 13] == "enumMember"
    assert found[8, 8] == "event"


def test_everything_is_coloured_for_editors_without_a_grammar_and_nothing_twice() -> None:
    source = TEXT.replace("on go -> two", "on go -> two # one 🚀").replace("{ let x", '{ log "a ${id} b"; let x')
    analysis = analysed(source)
    lines = source.split("\n")
    found = [
        (lines[line - 1][col - 1 : col - 1 + size], TYPES[kind]) for line, col, size, kind, _ in everything(analysis)
    ]
    for expected in (("workflow", "keyword"), ("string", "type"), ("1s", "number"), ("# one 🚀", "comment"),
                     ('"a ${', "string"), ("id", "parameter"), ('} b"', "string"), ("f", "function")):  # fmt: skip
        assert expected in found
    assert not {*colours(analysis)} - {*everything(analysis)}
    ends = [(line, col, col + size) for line, col, size, _, _ in everything(analysis)]
    assert all(one[0] < two[0] or one[2] <= two[1] for one, two in pairwise(ends))


def test_hints_give_the_types_of_what_is_named_without() -> None:
    found = hints(analysed(TEXT.replace("f(id: id)", "f(id)")))
    assert [(hint.text, hint.kind) for hint in found] == [(": { n: int }", "type"), ("id:", "parameter")]


@pytest.mark.parametrize(("source", "name"), [(TEXT, "a.tenuto"), (YAML, "a.yaml")])
def test_formatting_changes_no_more_than_lines_that_differ(source: str, name: str) -> None:
    analysis = analysed(source, name)
    once = apply(source, formatted(analysis))
    assert formatted(analysed(once, name)) == []
    messy = once.replace("  signal go", "      signal   go").replace("    output: int", "    output:   int")
    edits = formatted(analysed(messy, name))
    assert len(edits) == 1
    assert apply(messy, edits) == once
    assert formatted(analysed(messy, name), (1, 1)) == []
