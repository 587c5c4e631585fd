"""Texts that the grammar allows, made from its productions at random, with words of files that people wrote."""

from __future__ import annotations

import random
from functools import cache

import lark
from tenuto_dsl import Diagnostics
from tenuto_dsl.syntax.source import Source
from tenuto_dsl.syntax.text.scanner import scan
from tenuto_dsl.syntax.text.tokens import SIGNS
from tenuto_grammars import load_tables
from tenuto_grammars.tables import STARTS, grammar_text

from tests.dsl.fuzz.files import sources

_FEW = 12
"""Names to choose among: few, so that declarations and uses meet."""


@cache
def _productions() -> dict[str, list[list[lark.grammar.Symbol]]]:
    """By nonterminal, what it may consist of."""
    parser = lark.Lark(grammar_text(), parser="lalr", lexer="contextual", start=list(STARTS), maybe_placeholders=True)
    found: dict[str, list[list[lark.grammar.Symbol]]] = {}
    for rule in parser.rules:
        found.setdefault(rule.origin.name, []).append(list(rule.expansion))
    return found


@cache
def _heights() -> dict[str, int]:
    """By nonterminal, how high the lowest tree of it is."""
    heights: dict[str, int] = {}
    changed = True
    while changed:
        changed = False
        for name, choices in _productions().items():
            reached = [_height(choice, heights) for choice in choices]
            known = [height for height in reached if height is not None]
            if known and heights.get(name) != min(known):
                heights[name] = min(known)
                changed = True
    return heights


def _height(symbols: list[lark.grammar.Symbol], heights: dict[str, int]) -> int | None:
    highest = 0
    for symbol in symbols:
        if not symbol.is_term:
            if symbol.name not in heights:
                return None
            highest = max(highest, heights[symbol.name])
    return highest + 1


@cache
def _words() -> dict[str, list[str]]:
    """By terminal, texts that are one."""
    found: dict[str, set[str]] = {}
    for name, source in sources():
        if name.endswith(".tenuto"):
            for token in scan(Source(source, name), Diagnostics()).tokens:
                found.setdefault(token.type, set()).add(token.text)
    words = {kind: sorted(texts) for kind, texts in found.items()}
    for word, terminals in load_tables().keywords.items():
        for terminal in terminals:
            words.setdefault(terminal, []).append(word)
    words["NAME"] = random.Random(7).sample(words["NAME"], _FEW)
    words["_NL"] = ["\n"]
    return {**words, **{kind: [sign] for kind, sign in SIGNS.items()}}


def sentence(choose: random.Random, start: str = "start", depth: int = 40) -> str:
    """A text that `start` derives; productions are chosen freely down to a depth, then the lowest ones."""
    heights, words = _heights(), _words()
    out: list[str] = []
    stack: list[tuple[lark.grammar.Symbol | lark.grammar.NonTerminal, int]] = [(lark.grammar.NonTerminal(start), depth)]
    while stack and len(out) < 3_000:
        symbol, left = stack.pop()
        if symbol.is_term:
            out.append(choose.choice(words.get(symbol.name, ["x"])))
            continue
        choices = _productions()[symbol.name]
        measured = [(_height(choice, heights) or 0, choice) for choice in choices]
        fitting = [choice for height, choice in measured if height <= left]
        lowest = min(height for height, _ in measured)
        chosen = choose.choice(fitting or [choice for height, choice in measured if height == lowest])
        stack.extend((part, left - 1) for part in reversed(chosen))
    return " ".join(out)
