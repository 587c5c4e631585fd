"""Characters to tokens, in one pass and linear time, by the one pattern that the grammar's terminals make.

A word is scanned as `NAME`, whatever it may become. A line end that could separate is scanned as `_NL`; whether it does
is for the parser to say. What is no token becomes one all the same, so that the parser can go on:

- a string without an end is taken to end with its line, and is reported here;
- any other character is a `BAD` token, which the parser reports where it stands.

Comments are collected on the way.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache

from tenuto_grammars import load_tables

from tenuto_dsl.diagnostics import Diagnostics
from tenuto_dsl.syntax.source import Source
from tenuto_dsl.syntax.text.tokens import BAD, NEWLINE, Token
from tenuto_dsl.syntax.tree import Comment

MAX_TOKENS = 100_000
"""Bounds the time of reading any file; a file of five thousand dense lines has that many."""

_COMMENT = re.compile(r"#[^\n\r]*")
_NUMBERS = ("INT", "FLOAT", "UINT", "DURATION")
_WORD = re.compile(r"[A-Za-z0-9_]+")
_NOTHING = re.compile(r"""[^\s\w"'()\[\]{}#;,.:=+\-*/%<>!?|&]+|[^\W\d]\w*|.""", re.DOTALL)


@dataclass(slots=True)
class Scanned:
    """`lines_broken` are the numbers of lines with an unclosed string: their brackets cannot be trusted."""

    tokens: list[Token] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)
    lines_broken: set[int] = field(default_factory=set)


@lru_cache(maxsize=1)
def _pattern() -> re.Pattern[str]:
    return re.compile(load_tables().pattern)


def scan(source: Source, sink: Diagnostics, start: int = 0, end: int | None = None) -> Scanned:
    """The tokens of a part of a source. Stops with a diagnostic after `MAX_TOKENS`."""
    text = source.text
    end = len(text) if end is None else end
    found = Scanned()
    tokens = found.tokens
    position = start
    pattern = _pattern()
    while position < end:
        scanner = pattern.scanner(text, position, end)  # type: ignore[attr-defined]  # typeshed leaves it out
        while len(tokens) <= MAX_TOKENS and (match := scanner.match()):
            kind = match.lastgroup
            first, position = match.span()
            if kind == "GAP" or kind == NEWLINE:
                if "#" in (gap := match.group()):
                    _comments(source, gap, first, found.comments)
                if kind == "GAP":
                    continue
            assert kind is not None
            if position < end and (
                (kind == "STRING" and position - first == 2 and text[position] == text[first])
                or (kind in _NUMBERS and (text[position].isalnum() or text[position] == "_"))
            ):
                position = first
                break
            tokens.append(Token(kind, match.group(), first, position))
        if len(tokens) > MAX_TOKENS:
            span = source.span(tokens[-1].start, tokens[-1].end)
            message = f"more than {MAX_TOKENS:,} words and signs in one file"
            sink.error("TEN108", span, message, "split it, and `import` the parts")
            del tokens[:]
            break
        if position < end:
            position = _no_token(source, position, end, found, sink)
    return found


def _no_token(source: Source, position: int, end: int, found: Scanned, sink: Diagnostics) -> int:
    """Make a token of what is none; where to go on."""
    text = source.text
    character = text[position]
    if character in "\"'":
        return _unclosed(source, position, end, found, sink)
    word = _WORD.match(text, position, end) if character.isascii() and character.isdigit() else None
    match = word or _NOTHING.match(text, position, end)
    assert match is not None
    found.tokens.append(Token(BAD, match.group(), position, match.end()))
    return match.end()


def _unclosed(source: Source, position: int, end: int, found: Scanned, sink: Diagnostics) -> int:
    text = source.text
    triple = text.startswith(text[position] * 3, position)
    stop = end if triple else text.find("\n", position, end)
    if stop < 0:
        stop = end
    while stop > position + 1 and text[stop - 1] in " \t\r":
        stop -= 1
    span = source.span(position, position + 3) if triple else source.span(position, stop)
    quote = text[position] * (3 if triple else 1)
    if not triple and "${" in text[position:stop] and quote in text[position + 1 : stop]:
        message = "the `${` in this string is not closed by `}`"
        sink.error("TEN103", span, message, "write `$${` when no interpolation is meant")
    else:
        where = "" if triple else " on its line"
        sink.error("TEN103", span, f"this string is not closed{where}", f"close it with {quote}")
    found.tokens.append(Token("STRING", quote[0] * 2, position, stop))
    found.lines_broken.add(source.place(position)[0])
    return stop


def _comments(source: Source, gap: str, offset: int, comments: list[Comment]) -> None:
    text = source.text
    for match in _COMMENT.finditer(gap):
        start = offset + match.start()
        line_start = text.rfind("\n", 0, start) + 1
        trailing = bool(text[line_start:start].strip())
        span = source.span(start, start + len(match.group()))
        comments.append(Comment(match.group().rstrip(), trailing, span=span))
