"""The LALR(1) automaton: a stack of states that tokens are fed to, and that builds nodes as it reduces.

The tables are Lark's (`tenuto_grammars.tables`); this loop is what Lark's own parser does with them, with three
differences: it knows the offsets of everything on the stack, so that spans are exact; it builds the tree as it goes, so
that no deep structure is ever walked; and `survives` asks what would happen without doing it, which is what recovery
rests on.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Protocol

from tenuto_grammars import Rule, Tables, load_tables
from tenuto_grammars.tables import END, KEEP, SPREAD

from tenuto_dsl.syntax.text.tokens import NAME, NEWLINE, Token

MAX_STACK = 1200
"""Bounds what nests without brackets, such as `!!!!…`; brackets are bounded before."""


class Build(Protocol):
    """Makes the value of a rule: its action, the offsets it covers, and its children."""

    def __call__(self, action: str, start: int, end: int, children: list[Any], /) -> Any: ...


class Machine:
    """One parse. `values[n]` is what was read to get to `states[n + 1]`."""

    def __init__(self, start: str, build: Build) -> None:
        self.tables = load_tables()
        self.states = [self.tables.starts[start]]
        self.values: list[Any] = []
        self.starts: list[int] = []
        self.ends: list[int] = []
        self.result: Any = None
        self._end_state = self.tables.ends[start]
        self._build = build

    def what_if(self, height: int) -> Machine:
        """A machine for trying: the states up to a height, and nothing to build. Only `advance` it."""
        trial = Machine("start", self._build)
        trial.states = self.states[:height]
        trial._end_state = self._end_state
        return trial

    @property
    def row(self) -> dict[str, int]:
        return self.tables.states[self.states[-1]]

    def resolve(self, token: Token) -> str:
        """The terminal that a token is in this state: a word is a keyword where one is accepted."""
        return terminal_in(self.tables, self.row, token)

    def feed(self, terminal: str, token: Token) -> bool:
        """Shift a token after the reductions it asks for. False when no state accepts it, or the stack is too high."""
        rows, rules, passing = self.tables.states, self.tables.rules, passing_rules()
        states = self.states
        while True:
            action = rows[states[-1]].get(terminal)
            while action is not None and action < 0 and (origin := passing[~action]):
                states[-1] = rows[states[-2]][origin]
                action = rows[states[-1]].get(terminal)
            if action is None or len(states) > MAX_STACK:
                return False
            if action >= 0:
                states.append(action)
                taken = token if token.type == terminal else Token(terminal, token.text, token.start, token.end)
                self.values.append(taken)
                self.starts.append(token.start)
                self.ends.append(token.end)
                return True
            if self._reduce(rules[~action], token.start) and terminal == END:
                return True

    def _reduce(self, rule: Rule, position: int) -> bool:
        """Replace the rule's positions on the stack by its value. True when that ends the parse."""
        size = rule.size
        if size:
            parts = self.values[-size:]
            start, end = self.starts[-size], self.ends[-1]
            del self.states[-size:], self.values[-size:], self.starts[-size:], self.ends[-size:]
        else:
            parts = []
            start = end = position
        children = gather(rule, parts)
        if not rule.action:
            value: Any = children
        elif rule.single and len(children) == 1:
            value = children[0]
        else:
            value = self._build(rule.action, start, end, children)
        self.push(rule.origin, value, start, end)
        if self.states[-1] == self._end_state:
            self.result = value
            return True
        return False

    def push(self, symbol: str, value: Any, start: int, end: int) -> None:
        """Go to a nonterminal as if it had been read."""
        self.states.append(self.tables.states[self.states[-1]][symbol])
        self.values.append(value)
        self.starts.append(start)
        self.ends.append(end)

    def pop_to(self, height: int) -> None:
        """Forget everything above a height of the state stack."""
        del self.states[height:], self.values[height - 1 :], self.starts[height - 1 :], self.ends[height - 1 :]

    # -- what if ---------------------------------------------------------------------------------------------------

    def survives(self, states: list[int], tokens: Sequence[Token | str]) -> int:
        """How many of these could be fed in order, beginning with a stack. A string is a terminal without a token."""
        states = list(states)
        for count, token in enumerate(tokens):
            if not simulate(self.tables, states, token, self._end_state):
                return count
        return len(tokens)

    def advance(self, token: Token) -> bool:
        """Feed a token to the stack of states alone."""
        return simulate(self.tables, self.states, token, self._end_state)

    def accepted(self) -> set[str]:
        """The terminals that could come next, really: those in the row that survive their reductions."""
        return {t for t in self.row if is_terminal(t) and self.survives(self.states, [t])}


def gather(rule: Rule, parts: list[Any]) -> list[Any]:
    """A rule's children. A list that a rule only adds to is added to in place: repetition stays linear."""
    layout = rule.layout
    if not rule.action and layout and layout[0] == (SPREAD, 0):
        children: list[Any] = parts[0]
        layout = layout[1:]
    else:
        children = []
    for kind, index in layout:
        if kind == KEEP:
            children.append(parts[index])
        elif kind == SPREAD:
            children.extend(parts[index])
        else:
            children.append(None)
    return children


def simulate(tables: Tables, states: list[int], token: Token | str, end_state: int) -> bool:
    """Feed one token to a bare stack of states."""
    if isinstance(token, str):
        terminal = token
    else:
        row = tables.states[states[-1]]
        if token.type == NEWLINE and NEWLINE not in row and not token.is_semicolon:
            return True
        terminal = terminal_in(tables, row, token)
    while True:
        action = tables.states[states[-1]].get(terminal)
        if action is None or len(states) > MAX_STACK:
            return False
        if action >= 0:
            states.append(action)
            return True
        rule = tables.rules[~action]
        if rule.size:
            del states[-rule.size :]
        states.append(tables.states[states[-1]][rule.origin])
        if states[-1] == end_state:
            return True


def terminal_in(tables: Tables, row: dict[str, int], token: Token) -> str:
    if token.type == NAME:
        for keyword in tables.keywords.get(token.text, ()):
            if keyword in row:
                return keyword
    return token.type


def is_terminal(symbol: str) -> bool:
    return symbol.isupper() or symbol == END


@lru_cache(maxsize=1)
def passing_rules() -> list[str]:
    """By rule, what it reduces to if all it does is to pass on its one part: most of them, from literals up to sums.

    Such a reduction changes the state alone, whatever it is that was read and where it stands. Those that end a parse
    are no such: they have a result.
    """
    tables = load_tables()
    ends = {
        symbol
        for name, state in tables.starts.items()
        for symbol, action in tables.states[state].items()
        if action == tables.ends[name]
    }
    own = ((True, ((KEEP, 0),)), (False, ((SPREAD, 0),)))
    return [
        rule.origin
        if rule.size == 1 and (rule.single, rule.layout) in own and bool(rule.action) is rule.single
        and rule.origin not in ends else ""
        for rule in tables.rules
    ]  # fmt: skip


@lru_cache(maxsize=1)
def symbols_of_states() -> list[str]:
    """The symbol that leads to each state: every state of an LR automaton is entered by one symbol."""
    tables = load_tables()
    symbols = [""] * len(tables.states)
    for row in tables.states:
        for symbol, action in row.items():
            if action >= 0:
                symbols[action] = symbol
    return symbols
