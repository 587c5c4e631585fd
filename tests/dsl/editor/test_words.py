"""Every word of the language is explained to those who point at it."""

from __future__ import annotations

from tenuto_dsl.editor.words import SNIPPETS, WORDS
from tenuto_grammars import load_tables


def test_every_keyword_is_there_and_no_other() -> None:
    assert sorted(load_tables().keywords) == sorted(WORDS)
    assert SNIPPETS.keys() <= WORDS.keys()
