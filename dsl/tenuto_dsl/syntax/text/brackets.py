"""Which bracket belongs to which, settled before parsing, so that one missing brace is one mistake.

While brackets match, nothing is done. When they don't, indentation tells where the missing one belongs: a line that
begins no deeper than the line of an open bracket says that this bracket was meant to be closed before. The tokens are
repaired (a missing closer is added without text, a surplus one left out), so that the parser meets a balanced file and
only this diagnostic is given.

What is surplus may in truth belong to an opener that is missing; only the parser sees where. So surplus closers are
handed on, and reported when the parser has found no use for them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from tenuto_dsl.diagnostics import Diagnostics, Fix
from tenuto_dsl.syntax.source import Source
from tenuto_dsl.syntax.text.tokens import CLOSERS, NEWLINE, OPENERS, SIGNS, Token

MAX_NESTING = 60
"""How deep brackets may nest. What reads the tree later may recurse."""

MAX_SURPLUS = 20
"""Surplus closers that are reported; more say nothing new."""


@dataclass(slots=True)
class Settled:
    """Balanced tokens, and the closers that were left out of them, in order."""

    tokens: list[Token]
    surplus: list[Token] = field(default_factory=list)


_DECLARATIONS = {"type", "error", "config", "activity", "workflow", "test", "import"}


def settle(source: Source, tokens: Sequence[Token], lines_broken: set[int], sink: Diagnostics) -> Settled:
    """Balance the brackets. No tokens are left when they nest too deeply."""
    open_: list[str] = []
    balanced = not lines_broken
    starts: list[int] = []
    for index, token in enumerate(tokens):
        if token.type in OPENERS:
            open_.append(OPENERS[token.type])
            if len(open_) > MAX_NESTING:
                message = f"brackets nested deeper than {MAX_NESTING} levels"
                sink.error("TEN109", source.span(token.start, token.end), message)
                return Settled([])
        elif token.type in CLOSERS:
            balanced = bool(open_) and open_.pop() == token.type and balanced
        elif token.text in _DECLARATIONS and _begins_declaration(source, tokens, index):
            starts.append(index)
            balanced = balanced and not open_
            if not balanced:
                open_ = []
    if balanced and not open_:
        return Settled(list(tokens))
    # Each declaration for itself: what one lacks, another cannot make up for.
    settled = Settled([])
    for first, last in pairwise([0, *starts, len(tokens)]):
        part = _Settling(source, lines_broken, sink).run(tokens[first:last])
        settled.tokens += part.tokens
        settled.surplus += part.surplus
    return settled


def _begins_declaration(source: Source, tokens: Sequence[Token], index: int) -> bool:
    token = tokens[index]
    if token.start and source.text[token.start - 1] != "\n":
        return False
    if token.text == "config" and [each.text for each in tokens[index + 2 : index + 3]] == ["="]:
        return False  # a step of a test
    return index + 1 < len(tokens) and tokens[index + 1].type in ("NAME", "STRING")


@dataclass(slots=True)
class _Open:
    token: Token
    closer: str
    line: int
    indent: int


class _Settling:
    def __init__(self, source: Source, lines_broken: set[int], sink: Diagnostics) -> None:
        self.source = source
        self.lines_broken = lines_broken
        self.sink = sink
        self.open: list[_Open] = []
        self.out: list[Token] = []
        self.surplus: list[Token] = []
        self.sole = False  # nothing but closers stands before this place on its line
        self.missing: Counter[str] = Counter()  # by closer: how many more openers than closers there are

    def run(self, tokens: Sequence[Token]) -> Settled:
        for token in tokens:
            self.missing[OPENERS.get(token.type, "")] += 1
            if token.type in CLOSERS:
                self.missing[token.type] -= 1
        before: Token | None = None
        line_end: list[Token] = []  # separators not yet passed on: a closer that is added goes before them
        for token in tokens:
            if token.type == NEWLINE:
                line_end.append(token)
                continue
            if before is None or "\n" in self.source.text[before.end : token.start]:
                self._line(token, before)
                self.sole = True
            self.out += line_end
            line_end = []
            if token.type in CLOSERS:
                self._close(token, before)
            else:
                self.sole = False
                self.out.append(token)
                if token.type in OPENERS:
                    line, _ = self.source.place(token.start)
                    self.open.append(_Open(token, OPENERS[token.type], line, self.source.indent(token.start)))
            before = token
        while self.open:
            self._unclosed(before)
        return Settled(self.out + line_end, self.surplus)

    def _line(self, token: Token, before: Token | None) -> None:
        """A line begins: what its indentation says of the open brackets."""
        indent = self.source.indent(token.start)
        line, _ = self.source.place(token.start)
        while self.open:
            top = self.open[-1]
            if self.missing[top.closer] <= 0 and top.line not in self.lines_broken:
                return
            if token.type in CLOSERS:
                outlives = top.indent > indent or (top.indent == indent and top.closer != token.type)
            else:
                outlives = top.indent >= indent
            if not outlives or top.line == line:
                return
            self._unclosed(before, line)

    def _close(self, token: Token, before: Token | None) -> None:
        if not self.open:
            self._surplus(token)
            return
        top = self.open[-1]
        if top.closer == token.type:
            if self.missing[token.type] < 0 and self._looks_surplus(token, top):
                self._surplus(token)
                return
            self.open.pop()
            self.out.append(token)
        elif self.missing[token.type] < 0 and self._looks_surplus(token, self._match(token) or top):
            self._surplus(token)
        elif self._match(token):
            while self.open[-1].closer != token.type:
                self._unclosed(before)
            self.open.pop()
            self.out.append(token)
        elif self.missing[top.closer] > 0 and self.missing[token.type] < 0:
            self._wrong(token, self.open.pop())
        else:
            self._surplus(token)

    def _looks_surplus(self, token: Token, top: _Open) -> bool:
        """On a line of its own a closer stands as deep as its opener's line; after something else, on the same line."""
        if self.sole:
            return self.source.indent(token.start) > top.indent
        line, _ = self.source.place(token.start)
        return top.line != line

    def _match(self, token: Token) -> _Open | None:
        """The open bracket that a closer could be meant for: `)` and `]` do not reach out of a block."""
        for candidate in reversed(self.open):
            if candidate.closer == token.type:
                return candidate
            if candidate.closer == "_RBRACE" and token.type != "_RBRACE":
                return None
        return None

    def _unclosed(self, before: Token | None, line: int | None = None) -> None:
        opened = self.open.pop()
        self.missing[opened.closer] -= 1
        place = before.end if before is not None else opened.token.end
        self.out.append(Token(opened.closer, "", place, place))
        if opened.line not in self.lines_broken:
            sign, closer = SIGNS[opened.token.type], SIGNS[opened.closer]
            where = f"before line {line}" if line is not None else "after it"
            span = self.source.span(opened.token.start, opened.token.end)
            self.sink.error("TEN104", span, f"this `{sign}` is not closed", f"a `{closer}` is missing {where}")

    def _surplus(self, token: Token) -> None:
        self.missing[token.type] += 1
        line, _ = self.source.place(token.start)
        if line not in self.lines_broken:
            self.surplus.append(token)

    def _wrong(self, token: Token, opened: _Open) -> None:
        self.missing[opened.closer] -= 1
        self.missing[token.type] += 1
        self.out.append(Token(opened.closer, token.text, token.start, token.end))
        right = SIGNS[opened.closer]
        span = self.source.span(token.start, token.end)
        message = f"`{token.text}` closes a `{SIGNS[opened.token.type]}`; expected `{right}`"
        self.sink.error("TEN104", span, message, fix=Fix(f"write `{right}`", span, right))


def report_surplus(source: Source, surplus: Sequence[Token], sink: Diagnostics) -> None:
    """Report the closers that nothing was found for."""
    for token in surplus[:MAX_SURPLUS]:
        span = source.span(token.start, token.end)
        fix = Fix(f"remove this `{token.text}`", span, "")
        sink.error("TEN104", span, f"this `{token.text}` closes nothing", fix=fix)
