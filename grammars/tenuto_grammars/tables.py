"""Parse tables: what the LALR(1) driver and the scanner need, as plain data, made from `workflow.lark` by Lark.

The tables are those of Lark's own parser. The scanner's pattern joins the grammar's terminals in the order in which
Lark tries them; keywords are left out of it and listed by their words, because a keyword is a word first and becomes
a keyword only in a state that accepts it. That is what Lark's contextual lexer does with one pattern for each state,
for the price of compiling a single one. A test holds the two to the same tokens.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

STARTS = ("start", "expression_only", "type_only")
"""A file; a lone expression; a lone type."""

END = "$END"

KEEP, SPREAD, NOTHING = 0, 1, 2
"""What a rule does with a position: keep the child, take its children in its place, or stand for an absent option."""

_GRAMMAR = Path(__file__).with_name("workflow.lark")
_WORDS = re.compile(r"(?:\(\?:(?P<many>[A-Za-z_|]+)\)|(?P<one>[A-Za-z_]+))\\b")


@dataclass(frozen=True, slots=True)
class Rule:
    """A production. `action` is the name of what it builds, empty when its children are spread into its parent."""

    origin: str
    action: str
    size: int
    single: bool
    """With exactly one child, the rule stands for that child."""
    layout: tuple[tuple[int, int], ...]
    """Of what the value is made: (`KEEP` or `SPREAD`, position in the production) or (`NOTHING`, 0)."""


@dataclass(frozen=True, slots=True)
class Tables:
    """`states[s][symbol]` is a state to shift or go to when it is 0 or more, else `~n` for reducing by rule n."""

    states: list[dict[str, int]]
    starts: dict[str, int]
    ends: dict[str, int]
    rules: list[Rule]
    pattern: str
    keywords: dict[str, list[str]]
    """The terminals a word may be, the first that a state accepts winning."""

    def to_json(self) -> str:
        return json.dumps(
            {
                "states": self.states,
                "starts": self.starts,
                "ends": self.ends,
                "rules": [[r.origin, r.action, r.size, r.single, r.layout] for r in self.rules],
                "pattern": self.pattern,
                "keywords": self.keywords,
            },
            separators=(",", ":"),
        )

    @staticmethod
    def from_json(text: str) -> Tables:
        """Raises ValueError, KeyError or TypeError when the text is not what `to_json` writes."""
        data: dict[str, Any] = json.loads(text)
        rules = [
            Rule(origin, action, size, single, tuple((kind, index) for kind, index in layout))
            for origin, action, size, single, layout in data["rules"]
        ]
        return Tables(data["states"], data["starts"], data["ends"], rules, data["pattern"], data["keywords"])


def grammar_text() -> str:
    return _GRAMMAR.read_text(encoding="utf-8")


def compile_tables(grammar: str, *, strict: bool = False) -> Tables:
    """The tables of a grammar. With `strict`, also refuses colliding terminals (needs `interegular`)."""
    import lark  # a tenth of a second, only paid when the cache is cold

    parser = lark.Lark(
        grammar, parser="lalr", lexer="contextual", start=list(STARTS), maybe_placeholders=True, strict=strict
    )
    table = parser.parser.parser.parser.parse_table
    numbers: dict[Any, int] = {}
    states: list[dict[str, int]] = [{} for _ in table.states]
    order = {state: index for index, state in enumerate(table.states)}
    for state, actions in table.states.items():
        row = states[order[state]]
        for symbol, (action, argument) in actions.items():
            if action.name == "Shift":
                row[symbol] = order[argument]
            else:
                row[symbol] = ~numbers.setdefault(argument, len(numbers))
    rules = [_rule(rule) for rule in numbers]
    pattern, keywords = _terminals(parser.terminals)
    starts = {name: order[state] for name, state in table.start_states.items()}
    ends = {name: order[state] for name, state in table.end_states.items()}
    return Tables(states, starts, ends, rules, pattern, keywords)


def _rule(rule: Any) -> Rule:
    """Source of the layout: how Lark's tree builder filters, inlines and fills in (`maybe_create_child_filter`)."""
    name = rule.origin.name
    layout: list[tuple[int, int]] = []
    absent = "".join("1" if empty else "0" for empty in rule.options.empty_indices)
    gaps = [len(gap) for gap in absent.split("0")] if absent else [0] * (len(rule.expansion) + 1)
    for index, symbol in enumerate(rule.expansion):
        layout += [(NOTHING, 0)] * gaps[index]
        if symbol.is_term:
            if not symbol.filter_out:
                layout.append((KEEP, index))
        else:
            layout.append((SPREAD if symbol.name.startswith("_") else KEEP, index))
    layout += [(NOTHING, 0)] * gaps[len(rule.expansion)]
    action = "" if name.startswith("_") else rule.alias or name
    return Rule(name, action, len(rule.expansion), bool(rule.options.expand1), tuple(layout))


def _terminals(terminals: Collection[Any]) -> tuple[str, dict[str, list[str]]]:
    ordered = sorted(
        terminals, key=lambda t: (-t.priority, -t.pattern.max_width, -len(t.pattern.value), t.name)
    )  # the order of Lark's lexer
    keywords: dict[str, list[str]] = {}
    patterns = []
    for terminal in ordered:
        words = _WORDS.fullmatch(terminal.pattern.value)
        if words:
            for word in (words["many"] or words["one"]).split("|"):
                keywords.setdefault(word, []).append(terminal.name)
        else:
            patterns.append(f"(?P<{terminal.name}>{terminal.pattern.to_regexp()})")
    return "|".join(patterns), keywords
