"""Repairs of one token: the cheapest change after which the rest of the line parses.

In this order: a mistyped keyword, a wrong sign, a missing sign, a surplus token. A repair counts only when everything
up to the end of the line is accepted after it; so a wrong guess is not made.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tenuto_grammars.tables import END

from tenuto_dsl.diagnostics import nearest
from tenuto_dsl.syntax.text.expectations import describe, keyword_words
from tenuto_dsl.syntax.text.machine import Machine
from tenuto_dsl.syntax.text.tokens import BAD, CLOSERS, NAME, NEWLINE, OPENERS, SIGNS, Token

_LEAST, _MOST = 3, 16
_CERTAIN = 5
_ADDED = ("_COLON", "_EQ", "_COMMA", "_ARROW", NEWLINE, "_DO")
_SWAPPED = ("_EQ", "_COLON", "EQEQ", "_ARROW", "_COMMA", "OR", "AND", "_BAR", NEWLINE)


@dataclass(frozen=True, slots=True)
class Repair:
    """Put `tokens` in the place of the first `replaced`. No message: the general one fits."""

    tokens: list[Token]
    replaced: int
    message: str | None = None
    hint: str | None = None
    title: str = ""
    text: str | None = None
    adds: bool = False
    enough: int = _MOST
    """So many tokens read after it make it certain, whatever comes then."""


def find_repair(machine: Machine, tokens: list[Token], position: int) -> Repair | None:
    ahead = window(tokens, position)
    if not ahead:
        return None
    for repair in _candidates(machine, tokens, position):
        if survives_line(machine, machine.states, [*repair.tokens, *ahead[repair.replaced :]], repair.enough):
            return repair
    return None


def survives_line(machine: Machine, states: list[int], tokens: list[Token], enough: int = _MOST) -> bool:
    """Whether a window can be read, or enough of it.

    Its last token may be a mistake of its own, when a whole line stands before it.
    """
    count = machine.survives(states, tokens)
    if count == len(tokens) or count >= enough:
        return True
    if len(tokens) < 2 or tokens[-2].type != NEWLINE:
        return False
    line: list[Token | str] = [*tokens[:-2], NEWLINE]
    return machine.survives(states, line) == len(line)


def window(tokens: list[Token], position: int) -> list[Token]:
    """The rest of the line and the token after it; at least `_LEAST`, at most `_MOST`."""
    end = position
    while end < len(tokens) and end - position < _MOST:
        token = tokens[end]
        if token.type == END:
            end += 1
            break
        if token.type == NEWLINE and end - position >= _LEAST - 1:
            end = min(end + 2, len(tokens))
            break
        end += 1
    return tokens[position:end]


def _candidates(machine: Machine, tokens: list[Token], position: int) -> Iterator[Repair]:
    token = tokens[position]
    accepted = machine.accepted()
    shown = describe(token)
    if token.type == NAME:
        word = meant_keyword(token.text, accepted)
        if word is not None:
            meant = Token(NAME, word, token.start, token.end)
            message = f"unexpected {shown}; did you mean `{word}`?"
            yield Repair([meant], 1, message, title=f"write `{word}`", text=word, enough=_CERTAIN)
    if token.type == END:
        return
    if token.type in SIGNS and token.type not in OPENERS and token.type not in CLOSERS:
        for sign in _SWAPPED:
            if sign in accepted and sign != token.type:
                if sign == NEWLINE:
                    made = Token(NEWLINE, ";", token.start, token.end)
                    message = f"unexpected {shown}; elements are separated by a new line or `;`"
                    yield Repair([made], 1, message, title="write `;`", text=";")
                else:
                    text = SIGNS[sign]
                    made = Token(sign, text, token.start, token.end)
                    message = f"unexpected {shown}; expected `{text}`"
                    yield Repair([made], 1, message, title=f"write `{text}`", text=text)
        if token.type == "_EQ" and tokens[position + 1].type == "GT" and "_ARROW" in accepted:
            made = Token("_ARROW", "->", token.start, tokens[position + 1].end)
            yield Repair([made], 2, "unexpected `=>`; an arrow is written `->`")
    if token.type not in (BAD, NEWLINE):
        before = tokens[position - 1] if position else None
        for sign in _ADDED:
            if sign not in accepted:
                continue
            place = before.end if before is not None else token.start
            text = {NEWLINE: ";", "_DO": "do"}.get(sign) or SIGNS[sign]
            words = "a new line or `;`" if sign == NEWLINE else f"`{text}`"
            made = Token(NAME if sign == "_DO" else sign, text, place, place)
            adding = " do" if sign == "_DO" else text
            message = f"expected {words} before {shown}"
            yield Repair([made, token], 1, message, title=f"add `{text}`", text=adding, adds=True)
    if token.type not in OPENERS and token.type not in CLOSERS and token.type != NEWLINE:
        yield Repair([], 1)


def meant_keyword(word: str, accepted: set[str]) -> str | None:
    """The accepted keyword that a word was probably meant to be."""
    words = keyword_words()
    return nearest(word, [known for terminal in accepted for known in words.get(terminal, ())])
