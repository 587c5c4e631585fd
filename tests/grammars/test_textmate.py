"""The TextMate grammar colours what the parser knows: every keyword, and the parts of sound files as what they are."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import tenuto_grammars
from tenuto_grammars import load_tables

from tests.grammars.textmate import Engine, Token

FOLDER = Path(tenuto_grammars.__file__).parent
GRAMMAR: dict[str, Any] = json.loads((FOLDER / "tenuto.tmLanguage.json").read_text())
ENGINE = Engine(GRAMMAR)
SAMPLES = sorted((Path(__file__).parents[2] / "samples").glob("*/*.tenuto"))


def kind(token: Token) -> str:
    return token.scopes[-1].removesuffix(".tenuto") if token.scopes else ""


def coloured(line: str) -> list[tuple[str, str]]:
    [tokens] = ENGINE.tokens(line)
    return [(token.text.strip(), kind(token)) for token in tokens]


@pytest.mark.parametrize("word", sorted(load_tables().keywords))
def test_every_keyword_is_coloured(word: str) -> None:
    first, found = coloured("map(string, T)" if word == "map" else f"{word} ")[0]
    assert first == word
    assert re.match(r"keyword|storage|constant\.language|support\.type", found), found


@pytest.mark.parametrize("word", sorted(load_tables().keywords.keys() - {"true", "false", "null"}))
def test_a_keyword_that_is_the_name_of_a_field_or_an_argument_is_not(word: str) -> None:
    assert (word, "variable.other.property") in coloured(f"x.{word}")
    assert coloured(f"{{ {word}: y }}")[1] == (word, "variable.parameter")


@pytest.mark.parametrize(
    ("line", "token", "scope"),
    [
        ("activity charge(id: string) {", "charge", "entity.name.function.activity"),
        ("  initial state paying {", "paying", "entity.name.section.state"),
        ("    done -> paying.now", "paying.now", "entity.name.section.state"),
        ("    on approve as a -> b", "approve", "entity.name.function.member"),
        ("    on error A | B as e", "B", "entity.name.type.error"),
        ("    retry 3 times backoff 1h30m", "1h30m", "constant.numeric.duration"),
        ("    effect keyed", "keyed", "constant.language.effect"),
        ("    call f(x: 1) undo g()", "g", "entity.name.function"),
        ("    total = config.limit", "config", "support.variable"),
        ("    x = items.filter(i, i > 2)", "filter", "entity.name.function.call"),
        ("  attribute customer: keyword = order.id", "keyword", "support.type"),
        ("var x: decimal", "decimal", "support.type"),
        ('x = decimal("1")', "decimal", "entity.name.function.call"),
        ("# a comment", "# a comment", "comment.line.number-sign"),
        (r'x = "a\n"', r"\n", "constant.character.escape"),
    ],
)
def test_parts_are_what_they_are(line: str, token: str, scope: str) -> None:
    assert (token, scope) in coloured(line)


def test_expressions_in_strings_are_coloured_as_expressions() -> None:
    tokens = {token.text: token.scopes for token in ENGINE.tokens('log "a ${ {"k": x.total}["k"] } b $${c} ${y}"')[0]}
    assert tokens["total"][-1] == "variable.other.property.tenuto"
    assert tokens["total"][0] == "string.quoted.double.tenuto"
    assert "meta.embedded.interpolation.tenuto" in tokens["y"]
    assert "meta.embedded.interpolation.tenuto" not in tokens["{c} "]


def test_descriptions_go_over_lines() -> None:
    lines = ENGINE.tokens('workflow w() {\n  """one\n  two"""\n  do { }\n}')
    assert {kind(token) for token in lines[2]} == {"string.quoted.triple"}
    assert kind(lines[3][0]) == "keyword.control.trigger"


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_every_token_of_a_sample_is_something(path: Path) -> None:
    bare = [token.text for line in ENGINE.tokens(path.read_text()) for token in line if not token.scopes]
    assert bare == []


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_samples_hold_nothing_illegal_and_end_outside_of_everything(path: Path) -> None:
    lines = ENGINE.tokens(path.read_text() + "\nerror Last")
    assert all("invalid" not in kind(token) for line in lines for token in line)
    assert [kind(token) for token in lines[-1]] == ["storage.type.error", "entity.name.type.error"]


def test_the_grammar_for_markdown_leads_to_this_one() -> None:
    markdown = json.loads((FOLDER / "tenuto.markdown.tmLanguage.json").read_text())
    [inner] = markdown["repository"]["block"]["patterns"]
    assert inner["patterns"] == [{"include": GRAMMAR["scopeName"]}]
    begin = re.compile(markdown["repository"]["block"]["begin"].replace(r"(^|\G)", "(^)"))
    assert begin.match("```tenuto steps")
    assert not begin.match("```python")
