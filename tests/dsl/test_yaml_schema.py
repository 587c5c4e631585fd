"""The JSON Schema of the YAML form: in step with the models, and of one mind with the loader about shapes."""

from __future__ import annotations

import copy
import json
import random
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import tenuto_grammars
from jsonschema import Draft7Validator
from tenuto_dsl.diagnostics import Diagnostics
from tenuto_dsl.syntax import parse_yaml
from tenuto_dsl.syntax.yaml import models, reference, schema
from tenuto_dsl.syntax.yaml.models import Shape, Union
from tenuto_dsl.syntax.yaml.schema import schema_text, workflow_schema
from tenuto_dsl.syntax.yaml.tabulate import table_text

from tests.dsl.yaml_data import data_of

ROOT = Path(__file__).parents[2]
COMMITTED = Path(tenuto_grammars.__file__).with_name("workflow.schema.json")
TABLE = Path(schema.__file__).with_name("table.py")
LANGUAGE = ROOT / "tests" / "language"
SOUND = sorted([*(LANGUAGE / "ok").glob("*.yaml"), *(ROOT / "samples").glob("*/*.yaml")])

SHAPE = {"TEN111", "TEN121", "TEN122", "TEN124", "TEN125", "TEN127"}
"""What the loader says about shapes; the other codes are about what texts mean."""


@cache
def validator() -> Draft7Validator:
    return Draft7Validator(workflow_schema())


def loader_says(source: str) -> list[str]:
    sink = Diagnostics()
    parse_yaml(source, "f.yaml", sink)
    return [item.code for item in sink.items if item.severity == "error"]


def test_the_committed_file_is_what_the_models_say() -> None:
    """`python3 dev.py models` makes it anew."""
    assert COMMITTED.read_text(encoding="utf-8") == schema_text()


def test_the_loaders_table_is_what_the_models_say() -> None:
    """`python3 dev.py models` makes it anew."""
    assert TABLE.read_text(encoding="utf-8") == table_text()


def test_the_page_of_keys_is_what_the_models_say() -> None:
    """`python3 dev.py models` makes it anew."""
    assert (ROOT / "docs" / "language" / "yaml.md").read_text(encoding="utf-8") == reference.page()


def test_the_page_of_keys_shows_every_shape() -> None:
    known: set[type[Shape]] = set()
    for item in (getattr(models, name) for name in models.__all__):
        if isinstance(item, Union):
            known |= set(item.shapes.values())
        elif isinstance(item, type) and issubclass(item, Shape):
            known.add(item)
    assert known - {Shape, models.TransitionShape} == reference.shapes()


def test_the_language_lists_where_expressions_are_bare() -> None:
    """By part of the form, as the models have them."""
    text = (ROOT / "docs" / "language.md").read_text(encoding="utf-8")
    table = text.partition("Bare are, and no others:")[2].partition("A constant")[0]
    rows = dict(re.findall(r"^\| (\w+) \| ([^|:]+)", table, re.MULTILINE))
    assert {part: re.findall(r"`(\w+)`", keys) for part, keys in rows.items()} == reference.bare_keys()


def test_it_is_a_schema_in_draft_7() -> None:
    Draft7Validator.check_schema(workflow_schema())


@pytest.mark.parametrize("path", SOUND, ids=lambda path: path.stem)
def test_sound_files_are_valid(path: Path) -> None:
    assert [error.message for error in validator().iter_errors(data_of(path.read_text()))] == []


def test_every_key_is_described() -> None:
    bare = [
        f"{name}.{key}"
        for name, shape in {**workflow_schema()["definitions"], "file": workflow_schema()}.items()
        for key, value in shape.get("properties", {}).items()
        if not value.get("markdownDescription")
    ]
    assert bare == []


def test_what_the_loader_refuses_for_its_shape_is_invalid() -> None:
    chunks = re.split(r"^###\n", (LANGUAGE / "err" / "yaml.yaml").read_text(), flags=re.MULTILINE)
    refused = [chunk for chunk in chunks if set(loader_says(chunk)) & SHAPE]
    assert len(refused) > 3
    for chunk in refused:
        assert not validator().is_valid(data_of(chunk)), chunk


def test_errors_say_what_is_wrong_and_where() -> None:
    source = "tenuto: 1\nworkflows:\n  w:\n    do:\n      - { call: f, arg: {} }\n      - { wate: 1h }\n      - if: x\n"
    [odd, unknown, missing] = validator().iter_errors(data_of(source))
    assert "'arg' was unexpected" in odd.message
    assert list(odd.absolute_path) == ["workflows", "w", "do", 0]
    assert unknown.schema["errorMessage"].startswith("a step has one verb: call, start")
    assert missing.message == "'then' is a required property"


@pytest.mark.parametrize("path", [p for p in SOUND if p.parent.name == "ok"], ids=lambda path: path.stem)
def test_changed_files_are_valid_exactly_when_the_loader_takes_their_shape(path: Path) -> None:
    """Keys dropped, renamed, added, values of other kinds: loader and schema agree about each."""
    whole = data_of(path.read_text())
    for seed in range(60):
        data = changed(whole, random.Random(seed))
        said = loader_says(json.dumps(data, ensure_ascii=False))
        if set(said) - SHAPE:
            continue  # a text that cannot be read may hide what stands around it
        assert validator().is_valid(data) == (not said), (seed, said)


SOUND_FILE = """\
tenuto: 1
activities:
  charge: { params: { id: string }, python: "shop:charge", timeout: 30s, retry: { times: 3 }, effect: keyed }
workflows:
  order:
    version: 1
    input: { id: string }
    signals: { approve: { by: string } }
    states:
      one:
        initial: true
        do:
          - { call: charge, args: { id: "${id}" }, as: x }
          - { if: x != null, then: [ { log: a } ] }
        transitions:
          - { done: null, to: two }
          - { on: approve, as: a, to: two }
      two: { final: true, return: null }
"""
ONE = "workflows/order/states/one"


@pytest.mark.parametrize(
    ("written", "instead", "where", "said"),
    [
        ("activities:", "activites:", "", "'activites' was unexpected"),
        ("timeout: 30s", "timeot: 30s", "activities/charge", "'timeot' was unexpected"),
        ("{ id: string }", "{ id: '' }", "activities/charge/params/id", "does not match"),
        ("tenuto: 1", "tenuto: 1\nerrors: { E: { fields: [int] } }", "errors/E/fields", "is not of type 'string'"),
        ("tenuto: 1", "tenuto: 1\nerrors: { E: '' }", "errors/E", "does not match"),
        ("retry: { times: 3 }", "retry: { tims: 3 }", "activities/charge/retry", "'tims' was unexpected"),
        ("effect: keyed", "effect: keyd", "activities/charge/effect", "'keyd' is not one of"),
        ("timeout: 30s", "sql: select 1", "activities/charge", "no more than one of these keys: python"),
        ("  charge:", "  char-ge:", "activities", "'char-ge' does not match"),
        ("tenuto: 1", "tenuto: 2", "tenuto", "2 is not one of"),
        ("version: 1", "version: one", "workflows/order/version", "'one' is not of type 'integer'"),
        ("initial: true", "inital: true", ONE, "'inital' was unexpected"),
        ("initial: true", "initial: yes", f"{ONE}/initial", "'yes' is not of type 'boolean'"),
        ("call: charge", "cal: charge", f"{ONE}/do/0", "a step has one verb: call, start"),
        ("call: charge, ", "", f"{ONE}/do/0", "a step has one verb: call, start"),
        ("args:", "arg:", f"{ONE}/do/0", "'arg' was unexpected"),
        ("{ log: a }", "{ log: a, wait: 1h }", f"{ONE}/do/1/then/0", "'log' was unexpected"),
        ("{ log: a }", "null", f"{ONE}/do/1/then/0", "None is not of type 'object'"),
        ("{ log: a }", "committ", f"{ONE}/do/1/then/0", "'committ' is not one of"),
        (", then: [ { log: a } ]", "", f"{ONE}/do/1", "'then' is a required property"),
        ("if: x != null", 'if: "${x != null}"', f"{ONE}/do/1/if", "an expression is expected here, without"),
        ("done: null", "doen: null", f"{ONE}/transitions/0", "a transition has one verb: "),
        ("done: null", "done: true", f"{ONE}/transitions/0/done", "True is not of type 'null'"),
        ("null, to: two", "null, to: [two]", f"{ONE}/transitions/0/to", "is not of type 'string'"),
        ("on: approve", "on: approve, after: 1h", f"{ONE}/transitions/1", "'after' was unexpected"),
        ("return: null", "return: null, fail: Timeout", "workflows/order/states/two", "no more than one of these keys"),
    ],
)
def test_a_mistake_is_told_once_and_where_it_is(written: str, instead: str, where: str, said: str) -> None:
    assert written in SOUND_FILE
    found = list(validator().iter_errors(data_of(SOUND_FILE.replace(written, instead, 1))))
    told = [error for error in found if "required property" not in error.message or "required" in said]
    [error] = told
    assert "/".join(map(str, error.absolute_path)) == where
    assert said in f"{error.schema.get('errorMessage', '')} {error.message}"


def changed(whole: Any, chance: random.Random) -> Any:
    data = copy.deepcopy(whole)
    spots = [spot for spot in places(data) if not is_free(spot[2])]
    holder, key, _ = chance.choice(spots)
    match chance.randrange(5):
        case 0:
            del holder[key]
        case 1:
            holder[key] = chance.choice([None, 3, [], {}, [{}], {"odd": 1}, "a_name"])
        case 2 if isinstance(holder, dict):
            holder["odd"] = 1
        case 3 if isinstance(holder, dict):
            holder[f"{key}s"] = holder.pop(key)
        case _ if isinstance(holder, dict):
            other = chance.choice(spots)
            if isinstance(other[0], dict) and not isinstance(other[0][other[1]], bool):
                holder[other[1]] = copy.deepcopy(other[0][other[1]])
    return data


def places(data: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, Any, tuple[Any, ...]]]:
    keys: list[Any] = list(data) if isinstance(data, dict) else list(range(len(data))) if isinstance(data, list) else []
    for key in keys:
        yield data, key, (*path, key)
        yield from places(data[key], (*path, key))


def is_free(path: tuple[Any, ...]) -> bool:
    """Where any value may stand, or texts of a language of their own."""
    return any(
        key in ("args", "body", "result", "set", "let", "value", "return", "returns", "log", "reply", "yield",
                "default", "import", "raises", "defer", "error", "fields", "errors", "given", "continue_with",
                "effect")
        for key in path
    )  # fmt: skip
