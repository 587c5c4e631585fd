"""A small engine for TextMate grammars: `match`, `begin` and `end`, captures with patterns, `include` within a file.

It does what vscode-textmate does with these (the tokens of every sample were compared), for as much of the format as
our grammar uses; anything else in a grammar is refused. Python's `re` stands in for Oniguruma.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

KNOWN = {"name", "match", "begin", "end", "captures", "beginCaptures", "endCaptures", "patterns", "include"}


@dataclass(frozen=True)
class Token:
    text: str
    scopes: tuple[str, ...]


@cache
def regex(source: str) -> re.Pattern[str]:
    return re.compile(source)


class Engine:
    def __init__(self, grammar: dict[str, Any]) -> None:
        self.repository = grammar["repository"]
        self.patterns = grammar["patterns"]

    def tokens(self, text: str) -> list[list[Token]]:
        """The tokens of each line that are not blank."""
        stack: list[tuple[dict[str, Any], tuple[str, ...]]] = [({"patterns": self.patterns}, ())]
        return [[t for t in self._line(line, stack) if t.text.strip()] for line in text.split("\n")]

    def rules(self, patterns: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        for rule in patterns:
            assert rule.keys() <= KNOWN, rule.keys() - KNOWN
            if "include" in rule:
                found = self.repository[rule["include"].removeprefix("#")]
                yield from self.rules([found])
            elif "match" in rule or "begin" in rule:
                yield rule
            else:
                yield from self.rules(rule["patterns"])

    def _line(self, line: str, stack: list[tuple[dict[str, Any], tuple[str, ...]]]) -> Iterator[Token]:
        position = 0
        while True:
            rule, scopes = stack[-1]
            ending = regex(rule["end"]).search(line, position) if "end" in rule else None
            best, chosen = ending, None
            for candidate in self.rules(rule.get("patterns", [])):
                found = regex(candidate.get("match") or candidate["begin"]).search(line, position)
                if found and (best is None or found.start() < best.start()):
                    best, chosen = found, candidate
            if best is None:
                yield Token(line[position:], scopes)
                return
            yield Token(line[position : best.start()], scopes)
            if chosen is None:
                yield from self._captured(best, rule.get("endCaptures", {}), scopes)
                stack.pop()
            elif "match" in chosen:
                inner = (*scopes, *_name(chosen))
                yield from self._captured(best, chosen.get("captures", {}), inner)
            else:
                inner = (*scopes, *_name(chosen))
                yield from self._captured(best, chosen.get("beginCaptures", {}), inner)
                stack.append((chosen, inner))
            if best.end() == position and best.start() == position and chosen is not None and "match" in chosen:
                position += 1  # an empty match must not hold the line up
            position = max(position, best.end())
            if position >= len(line) and not (chosen and "begin" in chosen):
                ending = regex(stack[-1][0]["end"]).match(line, position) if "end" in stack[-1][0] else None
                if ending is None:
                    return

    def _captured(self, match: re.Match[str], captures: dict[str, Any], scopes: tuple[str, ...]) -> Iterator[Token]:
        position = match.start()
        for number in range(match.re.groups + 1):
            capture = captures.get(str(number))
            start, end = match.span(number)
            if capture is None or start < position or start == end:
                continue
            yield Token(match.string[position:start], scopes)
            if "patterns" in capture:
                yield from self._line(match.string[start:end], [(capture, (*scopes, *_name(capture)))])
            else:
                yield Token(match.string[start:end], (*scopes, *_name(capture)))
            position = end
        yield Token(match.string[position : match.end()], scopes)


def _name(rule: dict[str, Any]) -> tuple[str, ...]:
    return tuple(rule["name"].split()) if "name" in rule else ()
