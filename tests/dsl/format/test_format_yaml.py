"""The YAML form: formatted it says the same, again formatted it stays, and no comment is lost."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tenuto_dsl import Diagnostics
from tenuto_dsl.format.formatter import format_source
from tenuto_dsl.syntax import parse_yaml

from tests.dsl.format.yaml_readers import data_of, doubtful

ROOT = Path(__file__).parents[3]
SOURCES = sorted(path for pattern in ("samples/*/*.yaml", "tests/language/[ol]*/*.yaml") for path in ROOT.glob(pattern))


def formatted(source: str) -> str:
    sink = Diagnostics()
    text = format_source(source, "made.yaml", "yaml", sink)
    assert text is not None, [source, *sink.items]
    return text


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_real_files_stay_as_formatted(path: Path) -> None:
    once = formatted(path.read_text())
    assert formatted(once) == once


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_other_readers_of_yaml_take_what_is_written_as_what_was_read(path: Path) -> None:
    source = path.read_text()
    once = formatted(source)
    assert data_of(once) == data_of(source)
    assert not doubtful(once)


TEXTS = {
    "an escaped blank at the end of a line": '"foo\\ \n      bar"',
    "an escaped line end": '"foo \\\n      bar"',
    "empty lines within quotes": "'a\n\n      b c '",
    "empty lines that are kept": "|+\n      x\n\n",
    "empty lines that are kept and folded": ">+\n      x\n\n",
    "nothing to keep": "|+\n      x",
    "blanks at the end of a line": "|\n      a  \n      b",
    "blanks alone on a line, as editors leave them": "|\n      a\n      \n      b",
    "more blanks on a line than its indentation": "|\n      a\n         \n      b",
    "a folded text with an indented line": ">\n      a\n       b\n      c",
    "a value that is left empty": "{ a: , b: 1, c: }",
    "a key alone": "{ a, b }",
    "an empty value behind quotes": '{ "a":, b: [ "c": ] }',
    "an empty value by itself": "\n      a:\n      b: c",
    "colons in plain texts": "{ a: b:c, d: [1:30] }",
    "what 1.1 takes for something else": "[1:30, 0777, yes, on, 2020-01-01, 1_000, 0o7, ~, '']",
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_texts_are_kept_for_every_reader(text: str) -> None:
    source = f"tenuto: 1\nconfig:\n  a:\n    default: {text}\n    type: any\n"
    once = formatted(source)
    assert data_of(once) == data_of(source)
    assert not doubtful(once)
    assert formatted(once) == once


def with_comments(source: str, spots: list[int], kinds: list[int]) -> tuple[str, list[str]]:
    """A source with comments behind some lines, or on lines of their own, indented in one of several ways."""
    lines = source.split("\n")
    texts = []
    for number, (spot, kind) in enumerate(zip(spots, kinds, strict=True)):
        at = spot % len(lines)
        text = f"# remark {number}"
        changed = [*lines]
        if kind == 0 and lines[at].strip() and "#" not in lines[at]:
            changed[at] = f"{lines[at]} {text}"
        else:
            indent = len(lines[at]) - len(lines[at].lstrip())
            changed.insert(at, " " * max(0, indent + 2 * (kind - 2)) + text)
        sink = Diagnostics()
        read = parse_yaml("\n".join(changed), "made.yaml", sink)
        known = [comment.text for comment in read.comments]
        if not sink.has_errors and known.count(text) == 1 and read == parse_yaml(source, "made.yaml", Diagnostics()):
            lines = changed
            texts.append(text)
    return "\n".join(lines), texts


@given(st.data())
@settings(max_examples=40, deadline=None)
def test_comments_anywhere_survive_once_each(data: st.DataObject) -> None:
    source = data.draw(st.sampled_from(SOURCES)).read_text()
    spots = data.draw(st.lists(st.integers(0, 5000), min_size=1, max_size=4))
    kinds = data.draw(st.lists(st.integers(0, 4), min_size=len(spots), max_size=len(spots)))
    made, texts = with_comments(source, spots, kinds)
    once = formatted(made)
    for text in texts:
        assert len(re.findall(re.escape(text) + r"\b", once)) == 1, once
    assert formatted(once) == once


def test_a_blank_line_above_brackets_that_are_broken_up_stays_one() -> None:
    fields = ", ".join(f"field_with_a_long_name_{number}: string" for number in range(5))
    once = formatted(f"tenuto: 1\ntypes:\n  A: int\n\n  B: {{ {fields} }}\n")
    assert once.count("\n\n") == 1
    assert "\n\n  B:\n    field_with" in once
    assert formatted(once) == once


@pytest.mark.parametrize(
    ("source", "written"),
    [
        ("tenuto:   1\ntypes: {T:   int}\n", "tenuto: 1\ntypes: { T: int }\n"),
        ("tenuto: 1\n\n\n\n# why\ntypes:\n    T: int # here\n", "tenuto: 1\n\n# why\ntypes:\n  T: int  # here\n"),
        ("tenuto: 1\ntypes:\n  T:\n    doc: |\n        one\n          two\n    type: int\n",
         "tenuto: 1\ntypes:\n  T:\n    doc: |\n      one\n        two\n    type: int\n"),
        ("tenuto: 1\ntypes:\n  T: 'int'\n  # end of types\n# end\n",
         "tenuto: 1\ntypes:\n  T: 'int'\n  # end of types\n# end\n"),
        ("tenuto: 1\nconfig:\n  a: {type: int, # why\n      default: 1}\n",
         "tenuto: 1\nconfig:\n  a:\n    type: int  # why\n    default: 1\n"),
        ("tenuto: 1\nimport: [ 'a.tenuto', # one\n b.tenuto ]\n",
         "tenuto: 1\nimport:\n  - 'a.tenuto'  # one\n  - b.tenuto\n"),
        ("tenuto: 1\nerrors: { A: , B: }\n", "tenuto: 1\nerrors: { A: null, B: null }\n"),
        ("tenuto: 1\nerrors:\n  A:\n  B: # why\n", "tenuto: 1\nerrors:\n  A:\n  B:  # why\n"),
        ("---\ntenuto: 1\nimport:\n- a.tenuto\n-   b.tenuto\n", "tenuto: 1\nimport:\n  - a.tenuto\n  - b.tenuto\n"),
    ],
)  # fmt: skip
def test_layout(source: str, written: str) -> None:
    assert formatted(source) == written
    assert formatted(written) == written


def test_what_silences_a_broken_line_is_lifted_above_the_item_that_begins_it() -> None:
    long = ", ".join(f"{letter * 40}: 1" for letter in "abc")
    once = formatted(f"tenuto: 1\nworkflows:\n  w:\n    do:\n      - let: {{ {long} }}  # tenuto: ignore TEN701\n")
    assert once.splitlines()[4:6] == ["      # tenuto: ignore TEN701", "      - let:"]
    assert formatted(once) == once
