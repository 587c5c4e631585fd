"""Parsing a file: the way on after a mistake.

One mistake is to give one diagnostic, and whatever can be read after it is to be read. At a token that no state
accepts, the first of these that works is taken:

1. **An unfinished line.** The line before ends too early, and this one begins something new: blame the line before.
2. **A bracket** that was added elsewhere, or one that explains a surplus closer, belongs here (see `brackets`).
3. **A repair** (`repair`): one token replaced, added or left out, after which the rest of the line parses. The tree
   loses nothing.
4. **Panic.** The smallest element (step, member, option, declaration) that was begun is dropped, and what follows it
   up to the separator or closer that ends it. Brackets are balanced by now, so the end is where it looks.

Nothing is reported for a line that holds an unclosed string: that was reported.
"""

from __future__ import annotations

from bisect import bisect_left

from tenuto_dsl.diagnostics import Diagnostics, Fix
from tenuto_dsl.syntax.source import Source
from tenuto_dsl.syntax.text.brackets import Settled
from tenuto_dsl.syntax.text.expectations import describe, expected
from tenuto_dsl.syntax.text.habits import find_habit
from tenuto_dsl.syntax.text.machine import MAX_STACK, Build, symbols_of_states
from tenuto_dsl.syntax.text.parser import Parser
from tenuto_dsl.syntax.text.repair import Repair, find_repair, meant_keyword, survives_line, window
from tenuto_dsl.syntax.text.tokens import CLOSERS, NAME, NEWLINE, OPENERS, SIGNS, Token

MAX_ERRORS = 40
"""After that many mistakes the rest of a file is not worth reading."""

_ELEMENTS = ("_step", "_member", "_option", "_migration", "_test_step", "branch", "_item")


class FileParser(Parser):
    """A parse that reads whatever can be read. Repairs change its tokens."""

    def __init__(
        self, source: Source, sink: Diagnostics, settled: Settled, build: Build, lines_broken: set[int]
    ) -> None:
        super().__init__(source, sink, "start", settled.tokens, build)
        self._surplus = settled.surplus
        self._lines_broken = lines_broken
        self._errors = 0
        self._depths: list[int] | None = None

    def recover(self, position: int) -> int:
        """Report and get over a mistake; the position to go on from."""
        self._errors += 1
        if self._errors > MAX_ERRORS:
            return self._give_up()
        if len(self.machine.states) > MAX_STACK:
            token = self.tokens[position]
            self.sink.error("TEN109", self.source.span(token.start, token.end), "nested too deeply")
            return self._panic(position)
        rewound = self._unfinished_line(position)
        if rewound is not None:
            return rewound
        if self._move_closer(position) or self._add_opener(position):
            return position
        again = self._misspelt_before(position)
        if again is not None:
            return again
        if not self.is_reported(position):
            repair = find_repair(self.machine, self.tokens, position)
            if repair is not None:
                return self._apply(repair, position)
        self.report(position)
        return self._panic(position)

    def _apply(self, repair: Repair, position: int) -> int:
        self.say(repair, position)
        self.tokens[position : position + repair.replaced] = repair.tokens
        self._depths = None
        return position

    def _unfinished_line(self, position: int) -> int | None:
        """When the line before was left unfinished: report that, forget its element, and read this line again."""
        separator = position - 1
        while separator > 0 and position - separator <= 3 and self.tokens[separator].type != NEWLINE:
            separator -= 1
        if separator < 0 or self.tokens[separator].type != NEWLINE:
            return None
        level = self._element_at(self.tokens[separator].start, self._depth(separator))
        if level is None:
            return None
        height, symbol = level
        ahead = self._ahead(separator, 3 + position - separator)
        states = self.machine.states[:height]
        states.append(self.machine.tables.states[states[-1]][symbol])
        if self.machine.survives(states, ahead) < len(ahead):
            return None
        first = self._index_of(self.machine.starts[height - 1])
        self._report_unfinished(height, first, separator)
        self._drop(height, symbol)
        return separator

    def _move_closer(self, position: int) -> bool:
        """A closer that was added, and reported, may belong here and not where indentation put it."""
        for later in range(position, min(position + 400, len(self.tokens))):
            token = self.tokens[later]
            if token.type in CLOSERS and token.start == token.end:
                window = [token, *self.tokens[position : min(position + 4, later)]]
                if self.machine.survives(self.machine.states, window) < len(window):
                    return False
                place = self.tokens[position - 1].end
                del self.tokens[later]
                self.tokens.insert(position, Token(token.type, "", place, place))
                self._depths = None
                return True
        return False

    def _add_opener(self, position: int) -> bool:
        """An opener missing here explains a closer that closes nothing."""
        token = self.tokens[position]
        for surplus in self._surplus:
            if surplus.start < token.start:
                continue
            for opener in ("_LBRACE", "_LPAR", "_LSQB"):
                if OPENERS[opener] != surplus.type:
                    continue
                ahead = [t for t in self.tokens[position : position + 4] if t.start < surplus.start]
                window = [opener, *ahead]
                if self.machine.survives(self.machine.states, window) < len(window):
                    continue
                before = self.before(position)
                text = SIGNS[opener]
                if not self.is_reported(position):
                    fix = Fix(f"add `{text}`", before, f" {text}")
                    self.sink.error("TEN104", before, f"expected `{text}`", fix=fix)
                self._surplus.remove(surplus)
                self.tokens.insert(self._index_of(surplus.start), surplus)
                place = self.tokens[position - 1].end
                self.tokens.insert(position, Token(opener, "", place, place))
                self._depths = None
                return True
            return False
        return False

    def _misspelt_before(self, position: int) -> int | None:
        """The word before may be a mistyped keyword that was taken for a name: read its element again with it."""
        machine = self.machine
        if position == 0 or self.tokens[position - 1].type != NAME or self.is_reported(position):
            return None
        wrong = self.tokens[position - 1]
        if find_habit(self.tokens, position) is not None:
            return None
        level = next(
            ((h, s) for h in range(len(machine.states) - 1, 0, -1) if (s := self._goto(machine.states[h - 1]))), None
        )
        if level is None or machine.starts[level[0] - 1] > wrong.start:
            return None
        height = level[0]
        first = self._index_of(machine.starts[height - 1])
        trial = machine.what_if(height)
        for token in self.tokens[first : position - 1]:
            if not trial.advance(token):
                return None
        word = meant_keyword(wrong.text, trial.accepted())
        if word is None:
            return None
        right = Token(NAME, word, wrong.start, wrong.end)
        ahead = [right, *window(self.tokens, position)]
        line = next((number for number, token in enumerate(ahead) if token.type == NEWLINE), len(ahead))
        reads_line = line > 1 and machine.survives(trial.states, ahead) > line  # the next line may be wrong, too
        if not reads_line and not survives_line(trial, trial.states, ahead):
            return None
        span = self.source.span(wrong.start, wrong.end)
        message = f"unexpected {describe(wrong)}; did you mean `{word}`?"
        self.sink.error("TEN101", span, message, fix=Fix(f"write `{word}`", span, word))
        self.tokens[position - 1] = right
        machine.pop_to(height)
        return first

    def _element_at(self, offset: int, depth: int) -> tuple[int, str] | None:
        """The innermost element begun before an offset: the height of the stack before it, and its symbol."""
        machine = self.machine
        unclosed = 0
        here = self._depth_of_stack()
        for height in range(len(machine.states) - 1, 0, -1):
            value = machine.values[height - 1]
            if isinstance(value, Token) and value.type in OPENERS:
                unclosed += 1
            symbol = self._goto(machine.states[height - 1])
            if symbol is not None:
                return (height, symbol) if machine.starts[height - 1] < offset and here - unclosed == depth else None
        return None

    def _depth_of_stack(self) -> int:
        return sum(1 for v in self.machine.values if isinstance(v, Token) and v.type in OPENERS)

    def _goto(self, state: int) -> str | None:
        row = self.machine.tables.states[state]
        return next((symbol for symbol in _ELEMENTS if symbol in row), None)

    def _panic(self, position: int) -> int:
        """Drop the smallest element that gets us past the mistake."""
        machine = self.machine
        depth = self._depth_of_stack()
        if self._is_after_element():  # keep it
            after = self._skip(position, depth, self.source.indent(machine.ends[-1] - 1))
            if self._goes_on(machine.states, after):
                return after
        unclosed = 0
        for height in range(len(machine.states), 0, -1):
            if height < len(machine.states):
                value = machine.values[height - 1]
                if isinstance(value, Token) and value.type in OPENERS:
                    unclosed += 1
            symbol = self._goto(machine.states[height - 1])
            if symbol is None:
                continue
            begun = machine.starts[height - 1] if height < len(machine.states) else self.tokens[position].start
            after = self._skip(position, depth - unclosed, self.source.indent(begun))
            states = [*machine.states[:height], machine.tables.states[machine.states[height - 1]][symbol]]
            if self._goes_on(states, after):
                self._drop(height, symbol)
                return after
        return self._give_up() if position >= len(self.tokens) - 1 else position + 1

    def _goes_on(self, states: list[int], position: int) -> bool:
        """Whether reading can go on at a token with a stack of states."""
        return self.machine.survives(states, [self.tokens[position]]) == 1

    def _drop(self, height: int, symbol: str) -> None:
        """Put an element without contents in the place of everything above a height."""
        machine = self.machine
        whole = height < len(machine.states)
        start = machine.starts[height - 1] if whole else (machine.ends[-1] if machine.ends else 0)
        end = machine.ends[-1] if machine.ends else 0
        machine.pop_to(height)
        machine.push(symbol, None if symbol == "branch" else [], start, end)

    def _is_after_element(self) -> bool:
        """Whether an element was just finished: reduced already, or closed by a brace."""
        machine = self.machine
        top = symbols_of_states()[machine.states[-1]]
        if top in _ELEMENTS or top.startswith("__"):
            return True
        closed = bool(machine.ends) and self.source.text[machine.ends[-1] - 1] == "}"
        return closed and machine.survives(machine.states, [NEWLINE]) == 1

    def _skip(self, position: int, depth: int, indent: int) -> int:
        """The next separator, or closer of what is around, at a depth of brackets; lines indented deeper belong to the
        element that is dropped."""
        while position < len(self.tokens) - 1:
            token = self.tokens[position]
            if self._depth(position) <= depth:
                if token.type in CLOSERS:
                    return position
                following = self.tokens[position + 1]
                if token.type == NEWLINE and (token.is_semicolon or self.source.indent(following.start) <= indent):
                    return position
            position += 1
        return position

    def _give_up(self) -> int:
        """Keep the declarations that were read whole, and end."""
        machine = self.machine
        for height in range(1, len(machine.states) + 1):
            if "_item" in machine.tables.states[machine.states[height - 1]]:
                break
        self._drop(height, "_item")
        return len(self.tokens) - 1

    # -- places ----------------------------------------------------------------------------------------------------

    def _depth(self, position: int) -> int:
        """How many brackets are open before a token."""
        if self._depths is None:
            depth, depths = 0, []
            for token in self.tokens:
                depths.append(depth)
                depth += (token.type in OPENERS) - (token.type in CLOSERS)
            self._depths = depths
        return self._depths[position]

    def _ahead(self, position: int, most: int) -> list[Token]:
        return self.tokens[position : position + most]

    def _index_of(self, offset: int) -> int:
        return bisect_left(self.tokens, offset, key=lambda token: token.start)

    def is_reported(self, position: int) -> bool:
        if not self._lines_broken:
            return False
        token = self.tokens[position]
        before = self.tokens[position - 1] if position else token
        return not self._lines_broken.isdisjoint(
            {self.source.place(token.start)[0], self.source.place(before.start)[0]}
        )

    def _report_unfinished(self, height: int, first: int, separator: int) -> None:
        """The line's end, where something more was expected: found out by reading the element again up to there."""
        if self.is_reported(separator):
            return
        what_if = self.machine.what_if(height)
        for token in self.tokens[first:separator]:
            if not what_if.advance(token):
                break
        words = expected(what_if.accepted() - {NEWLINE}, symbols_of_states()[what_if.states[-1]])
        message = "the line ends too early" + (f"; expected {words}" if words else "")
        self.sink.error("TEN101", self.before(separator), message)
