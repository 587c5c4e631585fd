"""Tokens to a tree, and what to say where that fails.

`Parser` stops at the first mistake: what a lone expression or type needs. `recovery.FileParser` goes on.
"""

from __future__ import annotations

import re
from typing import Any

from tenuto_grammars.tables import END

from tenuto_dsl.diagnostics import Diagnostics, Fix
from tenuto_dsl.syntax.source import Source
from tenuto_dsl.syntax.text.expectations import describe, expected
from tenuto_dsl.syntax.text.habits import Habit, find_habit, length_in_full
from tenuto_dsl.syntax.text.machine import MAX_STACK, Build, Machine, symbols_of_states
from tenuto_dsl.syntax.text.repair import Repair, find_repair
from tenuto_dsl.syntax.text.tokens import BAD, CLOSERS, NAME, NEWLINE, Token
from tenuto_dsl.syntax.tree import Span

_DAY_AND_HOUR = re.compile(r"\d\dT\d\d")
"""The middle of a time as ISO 8601 has it: what comes before is taken for a subtraction."""

_TIME = 'a time is written `timestamp("2026-01-31T09:00:00Z")`'
_DURATION = "a duration is written `90s` or `1h30m`, with w d h m s ms us"


class Parser:
    """One parse of a list of tokens with balanced brackets."""

    def __init__(self, source: Source, sink: Diagnostics, start: str, tokens: list[Token], build: Build) -> None:
        self.source = source
        self.sink = sink
        self.machine = Machine(start, build)
        end = tokens[-1].end if tokens else 0
        self.tokens = [*tokens, Token(END, "", end, end)]

    def run(self) -> Any:
        """The value of the start rule; None when it could not be read."""
        position = 0
        machine, tokens = self.machine, self.tokens
        while position < len(tokens):
            token = tokens[position]
            if token.type == NEWLINE and NEWLINE not in machine.row and not token.is_semicolon:
                position += 1
                continue
            terminal = machine.resolve(token)
            if machine.feed(terminal, token):
                position += 1
                continue
            onwards = self.recover(position)
            if onwards is None:
                return None
            position = onwards
        return machine.result

    def recover(self, position: int) -> int | None:
        """Report the mistake at a token; the position to go on from, None to stop."""
        self.say(find_repair(self.machine, self.tokens, position), position)
        return None

    def is_reported(self, position: int) -> bool:
        """Whether what is wrong at a token was reported already."""
        del position
        return False

    # -- places ----------------------------------------------------------------------------------------------------

    def before(self, position: int) -> Span:
        """The place right after the token before."""
        before = self.token_before(position)
        end = before.end if before is not None else self.tokens[position].start
        return self.source.span(end, end)

    def token_before(self, position: int) -> Token | None:
        for token in reversed(self.tokens[:position]):
            if token.type != NEWLINE:
                return token
        return None

    def place(self, position: int) -> Span:
        token = self.tokens[position]
        before = self.token_before(position)
        ends_line = before is not None and "\n" in self.source.text[before.end : token.start]
        invisible = token.type == END or (token.type == NEWLINE and not token.is_semicolon)
        if invisible or (token.type in CLOSERS and ends_line):
            return self.before(position)
        return self.source.span(token.start, token.end)

    # -- messages --------------------------------------------------------------------------------------------------

    def say(self, repair: Repair | None, position: int) -> None:
        """The message that a repair makes possible, or the general one."""
        token = self.tokens[position]
        span = self.source.span(token.start, token.end)
        if len(self.machine.states) > MAX_STACK:
            self.sink.error("TEN109", span, "an expression nested too deeply", "name parts with `let`")
        elif token.type != BAD and find_habit(self.tokens, position) is not None:
            self.report(position)
        elif repair is not None and repair.message is not None and token.type != BAD:
            fix = None
            if repair.text is not None:
                where = self.before(position) if repair.adds else span
                fix = Fix(repair.title, where, repair.text)
            self.sink.error("TEN101", self.place(position), repair.message, repair.hint, fix)
        else:
            self.report(position)

    def report(self, position: int) -> None:
        """The general message: what stands here, and what could."""
        if self.is_reported(position):
            return
        token = self.tokens[position]
        span = self.place(position)
        if token.type == BAD:
            self._report_bad(token, span)
            return
        before = self.token_before(position)
        before_type = symbols_of_states()[self.machine.states[-1]]
        words = expected(self.machine.accepted(), before_type)
        habit = find_habit(self.tokens, position)
        if habit is not None:
            self.sink.error("TEN101", span, f"unexpected {describe(token)}", habit.hint, self._fix(habit))
            return
        message = f"unexpected {describe(token)}" + (f"; expected {words}" if words else "")
        self.sink.error("TEN101", span, message, self._hint(token, before, before_type))

    def _fix(self, habit: Habit) -> Fix | None:
        if habit.text is None:
            return None
        return Fix(habit.hint, self.source.span(habit.start, habit.end), habit.text)

    def _report_bad(self, token: Token, span: Span) -> None:
        shown = describe(token)
        if token.text[0].isdigit():
            time = _DAY_AND_HOUR.fullmatch(token.text) is not None
            self._report_number(token, span, _TIME if time else _DURATION)
        else:
            hint = {"'": 'strings stand in `"…"`', "\\": None, "$": "`${…}` stands in strings only"}.get(token.text[0])
            self.sink.error("TEN102", span, f"{shown} means nothing here", hint)

    def _report_number(self, token: Token, span: Span, hint: str) -> None:
        length = length_in_full(token.text)
        fix = Fix(f"write `{length}`", span, length) if length is not None else None
        self.sink.error("TEN102", span, f"{describe(token)} is no number", hint if fix is None else fix.title, fix)

    def _hint(self, token: Token, before: Token | None, before_type: str) -> str | None:
        if token.type == "DOC":
            return "a description stands first in the braces, or right after a declaration that has none"
        taken = before is not None and before.type == NAME and before_type != NAME
        if before is not None and taken and token.type in ("_EQ", "_COLON", "_DOT"):
            return f"`{before.text}` is a keyword at this place; another name is needed"
        return None
