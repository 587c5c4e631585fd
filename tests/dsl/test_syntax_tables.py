"""The grammar, the tables made of it, and their cache."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import lark
import pytest
from tenuto_dsl.diagnostics import Diagnostics
from tenuto_dsl.syntax.source import Source
from tenuto_dsl.syntax.text.machine import Machine
from tenuto_dsl.syntax.text.scanner import scan
from tenuto_dsl.syntax.text.tokens import NEWLINE
from tenuto_grammars import compile_tables, grammar_text
from tenuto_grammars.cache import cache_file, load_tables
from tenuto_grammars.tables import STARTS, Tables

ROOT = Path(__file__).parent.parent.parent
SOURCES = sorted([*(ROOT / "tests" / "language" / "ok").glob("*.tenuto"), *(ROOT / "samples").rglob("*.tenuto")])


@pytest.fixture(scope="module")
def reference() -> lark.Lark:
    return lark.Lark(grammar_text(), parser="lalr", lexer="contextual", start=list(STARTS), maybe_placeholders=True)


@pytest.mark.parametrize("path", SOURCES, ids=[path.stem for path in SOURCES])
def test_our_scanner_finds_the_tokens_of_larks_contextual_lexer(path: Path, reference: lark.Lark) -> None:
    text = path.read_text()
    session = reference.parse_interactive(text, start="start")
    theirs = [(t.type, t.start_pos, t.end_pos) for t in session.iter_parse()]
    ours = []
    machine = Machine("start", lambda action, start, end, children: None)
    for token in scan(Source(text, path.name), Diagnostics()).tokens:
        if token.type == NEWLINE and NEWLINE not in machine.row:
            continue
        terminal = machine.resolve(token)
        ours.append((terminal, token.start, token.end))
        assert machine.feed(terminal, token)
    assert ours == theirs


def test_every_terminal_is_named() -> None:
    parser = lark.Lark(grammar_text(), parser="lalr", start=list(STARTS))
    assert [t.name for t in parser.terminals if t.name.startswith("__ANON")] == []


def test_tables_survive_the_round_trip() -> None:
    tables = load_tables()
    assert Tables.from_json(tables.to_json()) == tables


def run(code: str, **environment: str) -> str:
    """In a process of its own: the tables are loaded once in each."""
    return subprocess.run(
        [sys.executable, "-c", code], env=os.environ | environment, check=True, capture_output=True, text=True
    ).stdout


LOAD = "import sys; from tenuto_grammars import load_tables; print(len(load_tables().states), 'lark' in sys.modules)"


def test_the_cache_is_filled_and_then_read_without_lark(tmp_path: Path) -> None:
    cold = run(LOAD, XDG_CACHE_HOME=str(tmp_path)).split()
    warm = run(LOAD, XDG_CACHE_HOME=str(tmp_path)).split()
    assert (cold[1], warm[1]) == ("True", "False")
    assert cold[0] == warm[0]
    assert [path.suffix for path in (tmp_path / "tenuto").iterdir()] == [".json"]


@pytest.mark.parametrize("damage", ["", "{}", "not json", "half"])
def test_a_damaged_cache_is_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damage: str) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    path = cache_file(grammar_text())
    assert path is not None
    path.parent.mkdir(parents=True)
    whole = load_tables().to_json()
    path.write_text(whole[: len(whole) // 2] if damage == "half" else damage)
    assert run(LOAD).split()[1] == "True"
    assert run(LOAD).split()[1] == "False"


def test_a_cache_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "tenuto").write_text("a file where the directory should be")
    assert run(LOAD, XDG_CACHE_HOME=str(tmp_path)).split()[1] == "True"


def test_a_user_without_a_home_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere() -> Path:
        raise RuntimeError("no home")

    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(Path, "home", nowhere)
    assert cache_file("") is None


def test_parsing_needs_neither_lark_nor_yaml(tmp_path: Path) -> None:
    code = (
        "import sys; from tenuto_dsl.diagnostics import Diagnostics; from tenuto_dsl.syntax import parse_text;"
        "parse_text('error A', 'f', Diagnostics()); print('lark' in sys.modules, 'yaml' in sys.modules)"
    )
    run(code, XDG_CACHE_HOME=str(tmp_path))
    assert run(code, XDG_CACHE_HOME=str(tmp_path)).split() == ["False", "False"]


def test_a_grammar_with_colliding_terminals_is_refused() -> None:
    with pytest.raises(lark.exceptions.LexError):
        compile_tables("start: A | B\nexpression_only: A\ntype_only: B\nA: /a+/\nB: /[ab]+/\n", strict=True)
