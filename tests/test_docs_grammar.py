"""docs/grammar.md is the grammar of the parser: in step with it, whole, and with nothing left undefined."""

from __future__ import annotations

import re
import runpy

from tenuto_grammars import grammar_text

from tests.docs_pages import ROOT, blocks

PAGE = ROOT / "docs" / "grammar.md"
TERMINALS = {"NAME", "QUOTED", "INT", "UINT", "FLOAT", "DURATION", "STRING", "DOC", "RAW", "BYTES", "NL"}


def test_the_page_is_in_step() -> None:
    made = runpy.run_path(str(ROOT / "docs" / "grammar.py"))["page"]()
    assert PAGE.read_text(encoding="utf-8") == made, "run `python docs/grammar.py`"


def rules() -> dict[str, str]:
    text = "".join(block.code for block in blocks(PAGE, "ebnf"))
    return dict(re.findall(r"^([a-z_]+) =\s(.*?)(?=^[a-z_]+ =|\Z)", text, re.MULTILINE | re.DOTALL))


def test_every_name_is_defined() -> None:
    used = {word for body in rules().values() for word in re.findall(r"[A-Za-z_]+", re.sub(r"'[^']*'", "", body))}
    assert used - set(rules()) - TERMINALS == set()


def test_every_rule_is_used_or_a_beginning() -> None:
    used = {word for body in rules().values() for word in re.findall(r"[A-Za-z_]+", re.sub(r"'[^']*'", "", body))}
    assert set(rules()) - used == {"start", "expression_only", "type_only"}


def test_every_keyword_is_shown() -> None:
    """The words of the grammar's terminals, each as a keyword of some rule."""
    shown = {word for body in rules().values() for word in re.findall(r"'([a-zA-Z]+)'", body)}
    declared = {
        word
        for body in re.findall(r"^_?[A-Z_]+\.\d: /(?:\(\?:)?([A-Za-z|]+)\)?\\b/$", grammar_text(), re.MULTILINE)
        for word in body.split("|")
    }
    assert declared <= shown
