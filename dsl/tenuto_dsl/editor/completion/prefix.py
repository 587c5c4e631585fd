"""What the parser knows at a cursor: the text before it, read up to there.

The stack of an LR parser is the context. Its symbols say in what the cursor stands (`_CALL`: a name of an activity
comes; `_LPAR` after that: an argument), its values what was read of it, and the state on top which words may follow.
Nothing after the cursor is looked at, so a line may be as unfinished as lines are while somebody writes them. Of the
text before, the declaration in which the cursor stands is enough.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from tenuto_grammars.tables import END

from tenuto_dsl.diagnostics import Diagnostics
from tenuto_dsl.syntax import tree
from tenuto_dsl.syntax.source import Source
from tenuto_dsl.syntax.text.actions import ACTIONS
from tenuto_dsl.syntax.text.brackets import Settled
from tenuto_dsl.syntax.text.builder import Builder
from tenuto_dsl.syntax.text.literals import pieces
from tenuto_dsl.syntax.text.machine import Machine, symbols_of_states
from tenuto_dsl.syntax.text.parse import parse_part
from tenuto_dsl.syntax.text.recovery import FileParser
from tenuto_dsl.syntax.text.scanner import scan
from tenuto_dsl.syntax.text.tokens import BAD, NEWLINE, Token

_DECLARATION = re.compile(r"^(?:import|type|error|config|activity|workflow|test)\b", re.MULTILINE)
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_CONTINUING = frozenset(("_ELSE", "_CATCH", "_FINALLY", "_UNDO", "_WITH", "_WITHIN", "_UNTIL", "IN"))
"""Words that go on with the line before when they stand at the begin of one."""


@dataclass(slots=True)
class Prefix:
    """`symbols[n]` is what `values[n]` was read as. `word` is what of a word stands right before the cursor."""

    symbols: list[str]
    values: list[Any]
    accepted: set[str]
    word: str
    start: int
    """The offset at which the word begins."""
    continuing: set[str] = field(default_factory=set)
    """Terminals that could go on with the line before this one."""
    in_string: str | None = None
    """The text of the string literal in which the cursor stands, up to the cursor; then nothing else counts."""
    after_import: bool = False
    outer: Prefix | None = None
    """Of an expression in a string: what stands before that string."""

    def top(self, depth: int = 1) -> str:
        return self.symbols[-depth] if len(self.symbols) >= depth else ""

    def value(self, depth: int = 1) -> Any:
        return self.values[-depth] if len(self.values) >= depth else None


def read_prefix(text: str, file: str, offset: int) -> Prefix | None:
    """What stands before an offset of the text form; None in a comment or a description."""
    word = _WORD.search(text, 0, offset)
    start = word.start() if word else offset
    first = max((m.start() for m in _DECLARATION.finditer(text, 0, start)), default=0)
    return _read(Source(text, file), first, start, offset, "start")


def read_expression(source: Source, start: int, offset: int, rule: str = "expression_only") -> Prefix | None:
    """The same within a lone expression or type that begins at an offset of a source."""
    word = _WORD.search(source.text, start, offset)
    return _read(source, start, word.start() if word else offset, offset, rule)


def _read(source: Source, first: int, start: int, offset: int, rule: str) -> Prefix | None:
    sink = Diagnostics()
    scanned = scan(source, sink, first, start)
    tokens = scanned.tokens
    between = source.text[tokens[-1].end if tokens else first : start]
    if "#" in between.rpartition("\n")[2]:
        return None
    word = source.text[start:offset]
    if tokens and _is_open_string(source, tokens[-1]):
        return _in_string(source, tokens, offset, first, rule)
    if tokens and tokens[-1].type == BAD and tokens[-1].end == start:
        return None
    parser = _PrefixParser(source, sink, Settled(tokens), _builder(source, sink), set())
    parser.machine = Machine(rule, parser.build)
    parser.read()
    machine = parser.machine
    continuing: set[str] = set()
    if "\n" in between or ";" in between:
        continuing = machine.accepted() & _CONTINUING if "\n" in between else set()
        machine.feed(NEWLINE, Token(NEWLINE, between, start, start))
    symbols = [symbols_of_states()[state] for state in machine.states[1:]]
    return Prefix(symbols, machine.values, machine.accepted(), word, start, continuing)


class _PrefixParser(FileParser):
    """Reads all tokens and stops before the end, in whatever it is."""

    def __init__(self, source: Source, sink: Diagnostics, settled: Settled, build: Builder, broken: set[int]) -> None:
        super().__init__(source, sink, settled, build, broken)
        self.build = build

    def read(self) -> None:
        position = 0
        while position < len(self.tokens) - 1:
            token = self.tokens[position]
            skipped = token.type == NEWLINE and NEWLINE not in self.machine.row and ";" not in token.text
            if skipped or self.machine.feed(self.machine.resolve(token), token):
                position += 1
            else:
                position = self.recover(position)

    def _goes_on(self, states: list[int], position: int) -> bool:
        """At the cursor the smallest element that was begun is dropped, however unfinished what is around it."""
        return self.tokens[position].type == END or super()._goes_on(states, position)


def _builder(source: Source, sink: Diagnostics) -> Builder:
    def inner(first: int, last: int) -> tree.Expr | None:
        node: tree.Expr | None = parse_part(source, sink, "expression_only", first, last)
        return node

    return Builder(source, sink, inner, ACTIONS)


# -- strings ----------------------------------------------------------------------------------------------------------


def _is_open_string(source: Source, token: Token) -> bool:
    """The scanner ends a string that is not closed where its line ends, and gives it an empty text."""
    return token.type == "STRING" and token.text in ('""', "''") and source.text[token.start : token.end] != token.text


def _in_string(source: Source, tokens: list[Token], offset: int, first: int, rule: str) -> Prefix | None:
    token = tokens[-1]
    if source.text.startswith(('"""', "'''"), token.start):
        return None
    begin = token.start + 1
    outer = _read(source, first, token.start, token.start, rule)
    for kind, start, _ in pieces(source.text[begin:offset], escapes=True):
        if kind == "open":
            inner = read_expression(source, begin + start + 2, offset)
            if inner is not None:
                inner.outer = outer
            return inner
    before = tokens[-2].text if len(tokens) > 1 else ""
    content = source.text[begin:offset]
    prefix = Prefix([], [], set(), content, begin, in_string=content, after_import=before == "import")
    if outer is not None:
        prefix.symbols, prefix.values, prefix.accepted = outer.symbols, outer.values, outer.accepted
    return prefix
