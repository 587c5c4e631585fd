"""Both readers: equal trees, errors where the files say, recovery, spans, and hostile input."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tenuto_dsl.diagnostics import Diagnostics
from tenuto_dsl.syntax import decode_source, parse_expression, parse_file, parse_text, parse_type, parse_yaml, tree
from tenuto_grammars import compile_tables, grammar_text

LANGUAGE = Path(__file__).parent.parent / "language"
OK = sorted((LANGUAGE / "ok").glob("*.tenuto"))


def chunks() -> list[tuple[str, str]]:
    found = []
    for path in sorted((LANGUAGE / "err").iterdir()):
        parts = re.split(r"^###\n", path.read_text(), flags=re.MULTILINE)
        found += [(f"{path.stem}_{number}{path.suffix}", part) for number, part in enumerate(parts)]
    return found


def read(name: str, source: str) -> tuple[tree.File, Diagnostics]:
    sink = Diagnostics()
    return parse_file(name, source, sink), sink


def test_the_grammar_is_strict() -> None:
    compile_tables(grammar_text(), strict=True)


@pytest.mark.parametrize("path", OK, ids=[path.stem for path in OK])
def test_both_forms_give_equal_trees(path: Path) -> None:
    text, said = read(path.name, path.read_text())
    twin = path.with_suffix(".yaml")
    other, said_of_twin = read(twin.name, twin.read_text())
    assert (said.items, said_of_twin.items) == ([], [])
    assert text.declarations == other.declarations
    assert (text.form, other.form) == ("text", "yaml")


@pytest.mark.parametrize(("name", "source"), chunks(), ids=[name for name, _ in chunks()])
def test_errors_are_where_the_file_says(name: str, source: str) -> None:
    _, sink = read(name, source)
    reported = [(d.span.line, d.code, d.message) for d in sink.items]
    missing = []
    for number, line in enumerate(source.splitlines(), 1):
        for complaint in line.split("#!")[1:]:
            code, _, text = complaint.strip().partition(" ")
            fitting = [r for r in reported if r[0] == number and r[1] == code and text in r[2]]
            if fitting:
                reported.remove(fitting[0])
            else:
                missing.append((number, code, text))
    assert (missing, reported) == ([], [])


def test_what_is_sound_is_read_beside_what_is_not() -> None:
    source = "error A\nerror B {\nworkflow w() {\n  var x: int = 1\n  var y = 2\n  do { log x }\n}\n"
    file, sink = read("f.tenuto", source)
    assert [d.code for d in sink.items] == ["TEN104", "TEN101"]
    names = [d.name.text for d in file.declarations if isinstance(d, tree.ErrorDecl | tree.WorkflowDecl)]
    assert names == ["A", "B", "w"]
    workflow = file.declarations[-1]
    assert isinstance(workflow, tree.WorkflowDecl)
    assert [v.name.text for v in workflow.variables] == ["x"]


def test_places_inside_interpolations_are_places_in_the_file() -> None:
    source = 'workflow w() {\n  do {\n    log "ab ${ foo.bar } c"\n  }\n}\n'
    file, _ = read("f.tenuto", source)
    [workflow] = file.declarations
    assert isinstance(workflow, tree.WorkflowDecl)
    assert workflow.body.do is not None
    [step] = workflow.body.do.steps
    assert isinstance(step, tree.LogStep)
    assert isinstance(step.value, tree.Interpolation)
    inner = step.value.parts[1]
    assert isinstance(inner, tree.Select)
    assert (inner.span.line, inner.span.col, inner.span.end_col) == (3, 16, 23)


def test_places_inside_yaml_scalars_are_places_in_the_file() -> None:
    source = 'tenuto: 1\nworkflows:\n  w:\n    do:\n      - log: "ab ${ foo.bar } c"\n      - wait: nope(\n'
    file, sink = read("f.yaml", source)
    workflow = file.declarations[0]
    assert isinstance(workflow, tree.WorkflowDecl)
    assert workflow.body.do is not None
    step = workflow.body.do.steps[0]
    assert isinstance(step, tree.LogStep)
    assert isinstance(step.value, tree.Interpolation)
    assert (step.value.parts[1].span.line, step.value.parts[1].span.col) == (5, 21)  # type: ignore[union-attr]
    [problem] = sink.items
    assert (problem.span.line, problem.span.col) == (6, 19)


def test_comments_are_kept() -> None:
    file, _ = read("f.tenuto", "# first\nerror A # second\n")
    assert [(c.text, c.trailing) for c in file.comments] == [("# first", False), ("# second", True)]


@pytest.mark.parametrize("comment", ["# one; two", "# one\n  ; ", "# one\n  # two; three"])
def test_a_semicolon_in_a_comment_separates_nothing(comment: str) -> None:
    source = "workflow w() {  %s\n  do { log 1 }\n}\n"
    sink = Diagnostics()
    parse_file("f.tenuto", source % comment, sink)
    assert bool(sink.items) == ("\n  ;" in comment)


@pytest.mark.parametrize(
    "word", ["state", "signal", "do", "id", "to", "on", "type", "map", "error", "call", "in_", "at"]
)
def test_words_of_the_language_may_be_names_of_fields_and_arguments(word: str) -> None:
    _, sink = read(
        "f.tenuto", f"type T = {{ {word}: int }}\nworkflow w({word}: int) {{ do {{ call f({word}: 1) }} }}\n"
    )
    assert sink.items == []


@pytest.mark.parametrize(
    ("text", "value"),
    [("1h30m", 5_400_000_000), ("7d", 604_800_000_000), ("250ms", 250_000), ("1w", 604_800_000_000), ("5us", 5)],
)
def test_durations(text: str, value: int) -> None:
    node = parse_expression(text, "f", Diagnostics())
    assert node == tree.Literal_("duration", value, span=node.span)  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (r'"a\n\t\"\\\$"', 'a\n\t"\\$'), (r'r"a\n"', r"a\n"), (r'"\x41B\U00000043\104"', "ABCD"), ("'it'", "it"),
        ('"""a "quoted" b"""', 'a "quoted" b'), (r'b"\xff\x41é"', b"\xffA\xc3\xa9"), ("0x1F", 31), ("12u", 12),
        ("1.5e3", 1500.0),
    ],
)  # fmt: skip
def test_literals(text: str, value: object) -> None:
    sink = Diagnostics()
    node = parse_expression(text, "f", sink)
    assert sink.items == []
    assert isinstance(node, tree.Literal_)
    assert node.value == value


@pytest.mark.parametrize(
    "text",
    ["a ? b : c", "a.?b[?c]", "[?a, b]", "{?a: b, 'c': d}", "!a && -b < c || d in e", "a.map(x, y, x + y)", "f()"],
)
def test_expressions_are_read(text: str) -> None:
    sink = Diagnostics()
    assert parse_expression(text, "f", sink) is not None
    assert sink.items == []


def test_yaml_1_2_scalars() -> None:
    source = (
        "tenuto: 1\nconfig: { a: { type: string, default: no }, b: { type: int, default: -2 },"
        " c: { type: any, default: [1.5, true, ~, on] } }\n"
    )
    file, sink = read("f.yaml", source)
    assert sink.items == []
    said = [repr(d.default) for d in file.declarations if isinstance(d, tree.ConfigDecl)]
    assert "'no'" in said[0]
    assert "value=-2" in said[1]
    assert all(part in said[2] for part in ("1.5", "True", "None", "'on'"))


# -- hostile input -------------------------------------------------------------------------------------------------

HOSTILE = {
    "parentheses": "workflow w() { do { log " + "(\n" * 30_000 + "1" + ")\n" * 30_000 + " } }",
    "brackets": "[" * 100_000,
    "braces": "{\n" * 100_000,
    "quotes": '"' * 9_999,
    "triple quotes": '"""\n' * 30_001,
    "long line": "workflow w() { do { log " + "1 + " * 20_000 + "1 } }",
    "ten megabytes": "x" * 10_000_000,
    "dollars": 'workflow w() { do { log "' + "${" * 4_000 + '" } }',
    "nested interpolations": 'workflow w() { do { log "' + "${'" * 500 + "'}" * 500 + '" } }',
    "separators": "workflow w() {" + "\n;" * 50_000,
    "comments": "#\n" * 100_000,
    "escapes": 'workflow w() { do { log "' + "\\q" * 3_000 + '" } }',
    "bangs": "workflow w() { do { log " + "!" * 30_000 + "1 } }",
    "else ifs": "workflow w() { do { if a {}" + " else if a {}" * 10_000 + " } }",
    "conditionals": "workflow w() { do { log " + "a ? b : " * 20_000 + "1 } }",
    "a long chain": "workflow w() { do { log a" + ".a" * 30_000 + " } }",
    "closers": "}\n" * 50_000,
    "mixed brackets": "([{)]}" * 20_000,
    "mistakes": "workflow w() { do {\n" + "x y z\n" * 10_000 + " } }",
    "digits": "workflow w() { do { log " + "9" * 900_000 + " } }",
    "open interpolations": '"' + '${"' * 300_000,
    "control characters": "workflow w\x1b[31m() {}\u202e",
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("form", ["tenuto", "yaml"])
def test_hostile_sources_end_in_diagnostics_soon(name: str, form: str) -> None:
    began = time.monotonic()
    _, sink = read(f"f.{form}", HOSTILE[name])
    assert time.monotonic() - began < 10  # a tenth of that on an idle machine
    assert sink.items or name == "comments"


YAML_HOSTILE = {
    "billion laughs": "a: &a [x]\nb: &b [*a, *a]\n",
    "merge": "tenuto: 1\nconfig: { <<: { a: 1 } }\n",
    "python": "!!python/object/apply:os.system [ls]",
    "two documents": "tenuto: 1\n---\ntenuto: 1\n",
    "a list": "- 1\n- 2\n",
    "a scalar": "hello",
    "empty": "",
    "complex key": "? [a, b]\n: c\n",
    "tab": "tenuto: 1\n\tworkflows: {}\n",
    "binary": "tenuto: \x00",
}


@pytest.mark.parametrize("name", YAML_HOSTILE)
def test_yaml_without_surprises(name: str) -> None:
    _, sink = read("f.yaml", YAML_HOSTILE[name])
    assert sink.items


@pytest.mark.parametrize(
    "data", ["workflow w() {}".encode("utf-16"), b"\xff\xff\xff", b"a\0b"], ids=["utf-16", "not utf-8", "nul"]
)
def test_bytes_that_are_no_text(data: bytes) -> None:
    sink = Diagnostics()
    assert decode_source(data, "f.tenuto", sink) is None
    assert [d.code for d in sink.items] == ["TEN110"]


def test_a_byte_order_mark_and_windows_line_ends_are_fine() -> None:
    assert decode_source(b"\xef\xbb\xbferror A\r\n", "f", Diagnostics()) == "error A\n"


SOURCES = [path.read_text() for path in OK] + [path.with_suffix(".yaml").read_text() for path in OK]
WORDS = [*re.findall(r"\w+|\S", " ".join(SOURCES[:3])), "\n", "\n  ", '"', '"""', "${", "}", "'", "\\"]


@st.composite
def spoiled(draw: st.DrawFn) -> str:
    """A stretch of a sound source in which something was taken out, put in or doubled."""
    source = draw(st.sampled_from(SOURCES))
    start = draw(st.integers(0, len(source)))
    source = source[start : start + 1500] if draw(st.booleans()) else source[:1500]
    for _ in range(draw(st.integers(1, 4))):
        at, size = draw(st.integers(0, len(source))), draw(st.integers(0, 20))
        source = source[:at] + draw(st.sampled_from(WORDS)) + source[at + size :]
    return source


@settings(max_examples=120, deadline=None)
@given(spoiled() | st.lists(st.sampled_from(WORDS), max_size=60).map(" ".join) | st.text(max_size=200))
def test_whatever_stands_there_is_read_or_complained_about(source: str) -> None:
    for parse in (parse_text, parse_yaml):
        sink = Diagnostics()
        file = parse(source, "f", sink)
        lines = source.split("\n")
        for diagnostic in sink.items:
            assert 1 <= diagnostic.span.line <= len(lines) + 1
            assert diagnostic.span.col >= 1
        assert isinstance(file, tree.File)
    parse_expression(source, "f", Diagnostics())
    parse_type(source, "f", Diagnostics())
