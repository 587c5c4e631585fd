"""Conversion: there and back again, nothing is lost."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tenuto_dsl import Diagnostics
from tenuto_dsl.compiler import check_source, compile_source
from tenuto_dsl.format.comments import Comments
from tenuto_dsl.format.converter import SCHEMA, by_kind, convert_source
from tenuto_dsl.format.formatter import Form, format_source
from tenuto_dsl.format.text import text_of
from tenuto_dsl.format.yaml.declarations import model_of
from tenuto_dsl.format.yaml.write import write
from tenuto_dsl.syntax import parse_text, parse_yaml, tree

from tests.dsl.format.file_trees import files
from tests.dsl.format.test_format_text import SOURCES, with_comments_in_a_part
from tests.dsl.format.yaml_readers import doubtful

REAL = [path for path in SOURCES if path.stat().st_size < 6_000 and "\n###\n" not in path.read_text()]
"""Small enough to take one after the other; a file of several chunks is no one file."""
YAMLS = [path.with_suffix(".yaml") for path in REAL if path.with_suffix(".yaml").exists()]


def converted(source: str, form: Form, to: Form) -> str:
    sink = Diagnostics()
    text = convert_source(source, "made", form, to, sink)
    assert text is not None, [source, *sink.items]
    return text


def is_formatted(source: str, form: Form) -> bool:
    return format_source(source, "made", form, Diagnostics()) == source


def read(source: str, form: Form) -> tree.File:
    return (parse_text if form == "text" else parse_yaml)(source, "made", Diagnostics())


@given(files)
@settings(max_examples=40, deadline=None)
def test_a_tree_survives_yaml_and_the_way_back(file: tree.File) -> None:
    yaml = write(*model_of(file, Comments()))
    sink = Diagnostics()
    assert parse_yaml(yaml, "made.yaml", sink) == file, [yaml, *sink.items]
    assert format_source(yaml, "made.yaml", "yaml", sink) == yaml
    assert not doubtful(yaml)
    back = text_of(parse_yaml(yaml, "made.yaml", sink), Comments())
    assert parse_text(back, "made.tenuto", sink) == file, [back, *sink.items]


@pytest.mark.parametrize("path", REAL, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_real_files_come_back(path: Path) -> None:
    source = path.read_text()
    yaml = converted(source, "text", "yaml")
    text = converted(yaml, "yaml", "text")
    before, after = read(source, "text"), read(text, "text")
    assert by_kind(after.declarations) == by_kind(before.declarations)
    assert sorted(c.text for c in after.comments) == sorted(c.text for c in before.comments)
    assert is_formatted(yaml, "yaml")
    assert is_formatted(text, "text")
    assert converted(converted(text, "text", "yaml"), "yaml", "text") == text


@pytest.mark.parametrize("path", YAMLS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_both_forms_compile_to_the_same_bytes(path: Path) -> None:
    source = path.read_text()
    text = converted(source, "yaml", "text")
    folder = path.parent.as_posix()
    of_yaml = compile_source(f"{folder}/{path.stem}.yaml", source, Diagnostics())
    of_text = compile_source(f"{folder}/{path.stem}.tenuto", text, Diagnostics())
    assert [c.program.encode() for c in of_text] == [c.program.encode() for c in of_yaml]


@given(st.data())
@settings(max_examples=15, deadline=None)
def test_comments_anywhere_survive_once_each(data: st.DataObject) -> None:
    made, texts = with_comments_in_a_part(data)
    yaml = converted(made, "text", "yaml")
    back = read(converted(yaml, "yaml", "text"), "text")
    for text in texts:
        assert [comment.text for comment in read(yaml, "yaml").comments].count(text) == 1
        assert [comment.text for comment in back.comments].count(text) == 1


REMARKED = """\
tenuto: 1

types:
  Item:  # open
    # above sku
    sku: string  # behind sku
    list:  # behind list
      - inner: int  # behind inner
    # the end of Item
  Flow: { a: int, b: int }  # behind Flow
  Listed: [Flow]  # behind Listed

errors:
  Gone:
    # above code_
    code_: string  # behind code_

activities:
  f:
    params:
      item: { a: int }  # behind item
    returns:
      # above r
      r: string  # behind r
    python: m:f

workflows:
  w:
    vars:
      v:  # open v
        a: int  # behind a
    states:
      one:
        initial: true
        transitions:
          - { done: null, to: two }
          # the end of the transitions
      two:
        final: true
        # the end of two
"""


def test_comments_of_maps_stay_with_their_fields() -> None:
    """Each behind the field that it was behind, above that it was above, and within the braces that end it."""
    lines = [" ".join(line.split()) for line in converted(REMARKED, "yaml", "text").splitlines()]
    for begin, words in {
        "type Item = {": "open", "sku: string,": "behind sku", "list: [{": "behind list", "inner: int,": "behind inner",
        "type Flow = { a: int, b: int }": "behind Flow", "type Listed = [Flow]": "behind Listed",
        "code_: string,": "behind code_", "activity f(item: { a: int })": "behind item", "r: string,": "behind r",
        "var v: {": "open v", "a: int,": "behind a", "final state two {}": "the end of two",
    }.items():  # fmt: skip
        [line] = [line for line in lines if line.startswith(begin)]
        assert line.partition("#")[2].strip() == words
    for above, below in [
        ("# above sku", "sku: string,"), ("# the end of Item", "}"), ("# above code_", "code_: string,"),
        ("# above r", "r: string,"), ("# the end of the transitions", "}"),
    ]:  # fmt: skip
        assert lines[lines.index(above) + 1].startswith(below), above


@pytest.mark.parametrize("step", ["x = 5", 'let p = { "a": 1 }', "repeat { wait 1h } until b"])
def test_the_comment_of_a_step_stands_behind_its_first_key(step: str) -> None:
    yaml = converted(f"workflow w() {{\n  do {{\n    {step}  # why\n  }}\n}}\n", "text", "yaml")
    [line] = [line for line in yaml.splitlines() if "# why" in line]
    assert re.match(r" +- \w+:", line)


def test_a_schema_is_named_when_asked_for_and_kept() -> None:
    sink = Diagnostics()
    yaml = convert_source("type T = int\n", "made", "text", "yaml", sink, "https://example.org/s.json")
    assert yaml == f"{SCHEMA}https://example.org/s.json\ntenuto: 1\n\ntypes:\n  T: int\n"
    assert convert_source(yaml, "made", "yaml", "yaml", sink, "https://other.example") == yaml
    text = converted(yaml, "yaml", "text")
    assert text == f"{SCHEMA}https://example.org/s.json\n\ntype T = int\n"
    assert converted(text, "text", "yaml") == yaml


def test_what_cannot_be_said_is_refused_with_the_reason() -> None:
    sink = Diagnostics()
    assert convert_source("error A\nerror A\n", "made", "text", "yaml", sink) is None
    [item] = sink.items
    assert item.code == "TEN151"
    assert "`A` is given twice" in item.message


@pytest.mark.parametrize("doc", ["${x} and $${y}", '"quoted"', 'a """" b""', "back\\slash\\", "${"])
def test_descriptions_are_taken_to_the_letter(doc: str) -> None:
    """Nothing is interpolated in one."""
    source = f"tenuto: 1\nworkflows:\n  w:\n    doc: {json.dumps(doc)}\n    do:\n      - wait: 1h\n"
    text = convert_source(source, "w.yaml", "yaml", "text", Diagnostics())
    assert text is not None
    assert format_source(text, "w.tenuto", "text", Diagnostics()) == text
    [workflow] = check_source("w.tenuto", text, Diagnostics()).facts.workflows
    assert workflow.node.doc == doc
