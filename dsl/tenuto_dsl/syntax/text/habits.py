"""Habits of other languages, answered with ours.

At a place that no state accepts, the words around it often show which language somebody comes from. Then the message
keeps to the fact, and the hint says how it is written here; where that is certain, it is a fix. Nothing here decides
how reading goes on.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from tenuto_dsl.syntax.text.nearly import nearly
from tenuto_dsl.syntax.text.tokens import NAME, NEWLINE, Token

_OPERATORS = {"and": "&&", "or": "||", "AND": "&&", "OR": "||", "is": "=="}
_ELSE_IF = {"elif", "elseif", "elsif", "elif:"}
_CATCH = {"except", "rescue", "onerror"}
_FAIL = {"throw", "raise"}
_WAIT = {"sleep", "delay", "pause"}
_LOCAL = {"const", "var", "val", "auto", "mut"}
_TYPES = {"int", "string", "bool", "double", "decimal", "duration", "timestamp", "float", "str", "any", "boolean"}
_CHOICE = {"switch", "match", "case", "when"}
_LISTS = {"list", "List", "Array", "array", "seq", "Seq", "Vec", "vector"}
_MAPS = {"map", "Map", "dict", "Dict", "Record", "HashMap"}
_BLOCKS = {"do", "else", "try", "repeat", "parallel", "entry", "exit", "finally"}
_UNITS = {
    "ms": "ms", "s": "s", "sec": "s", "secs": "s", "second": "s", "seconds": "s", "m": "m", "min": "m", "mins": "m",
    "minute": "m", "minutes": "m", "h": "h", "hour": "h", "hours": "h", "d": "d", "day": "d", "days": "d", "w": "w",
    "week": "w", "weeks": "w",
}  # fmt: skip
_LENGTH = re.compile(r"([0-9]+)([a-z]+)")
_DECLARATIONS = {
    **dict.fromkeys(("def", "function", "func", "fn", "fun", "task", "async"), "activity name(x: T) -> T { … }"),
    **dict.fromkeys(("struct", "record", "class", "interface", "message", "object"), "type Name = { field: T }"),
    **dict.fromkeys(("machine", "statemachine", "flow", "process", "saga"), "workflow name(x: T) -> T { … }"),
    "enum": 'type Name = "a" | "b"', "exception": "error Name { field: T }", "const": "config name: T = value",
    "include": 'import "file.tenuto"', "use": 'import "file.tenuto"', "from": 'import "file.tenuto"',
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Habit:
    """What to say; and for a fix, the offsets of what to replace, and by what."""

    hint: str
    start: int = 0
    end: int = 0
    text: str | None = None


def find_habit(tokens: Sequence[Token], position: int) -> Habit | None:
    """The habit that shows at a token, or None."""
    token = tokens[position]
    following = tokens[position + 1] if position + 1 < len(tokens) else None
    before = _before(tokens, position)
    return (
        _comment(token, before, following)
        or _nearly(tokens, position)
        or _word(token, before)
        or _beginning(tokens, position, before)
        or _doubled(tokens, position)
        or _sign(token, before, following)
        or _type(token, before, following)
    )


def _before(tokens: Sequence[Token], position: int) -> Token | None:
    return next((tokens[at] for at in range(position - 1, -1, -1) if tokens[at].type != NEWLINE), None)


def _nearly(tokens: Sequence[Token], position: int) -> Habit | None:
    found = nearly(tokens, position)
    return None if found is None else Habit(*found)


def _instead(token: Token, text: str) -> Habit:
    return Habit(f"write `{text}`", token.start, token.end, text)


def _touch(first: Token | None, second: Token | None) -> bool:
    return first is not None and second is not None and first.end == second.start


def _comment(token: Token, before: Token | None, following: Token | None) -> Habit | None:
    """`//` and `/*`; the second sign of one behind an operand, the first one elsewhere."""
    for first, second in ((token, following), (before, token)):
        if _touch(first, second) and first is not None and second is not None and first.text == "/":
            if second.text == "/":
                return Habit("a comment begins with `#`")
            if second.text == "*":
                return Habit("a comment begins with `#`, on each of its lines")
    return None


def _word(token: Token, before: Token | None) -> Habit | None:
    """A word that stands for one of ours."""
    word = token.text
    if word in _OPERATORS and before is not None:
        return _instead(token, _OPERATORS[word])
    if word in _ELSE_IF:
        return _instead(token, "else if")
    if word in _CATCH:
        return _instead(token, "catch")
    if word in ("goto", "transition", "to") and token.type == NAME:
        return _instead(token, "->")
    if word == "if" and before is not None and before.text not in ("{", "}", ";", "else"):
        return Habit("a choice between two values is `condition ? a : b`")
    if word in _UNITS and before is not None and before.type == "INT":
        return Habit(f"write `{before.text}{_UNITS[word]}`", before.start, token.end, f"{before.text}{_UNITS[word]}")
    return None


def length_in_full(text: str) -> str | None:
    """A duration with its unit in full, `10min`, as it is written here."""
    found = _LENGTH.fullmatch(text)
    unit = _UNITS.get(found[2]) if found is not None else None
    return f"{found[1]}{unit}" if found is not None and unit is not None else None


def _beginning(tokens: Sequence[Token], position: int, before: Token | None) -> Habit | None:
    """A word before the token that another language would begin a step or a declaration with."""
    token = tokens[position]
    if token.type == NAME and token.text in _DECLARATIONS and _begins(tokens, position):
        return Habit(f"here it is `{_DECLARATIONS[token.text]}`")
    if before is None or before.type != NAME:
        return None
    word = before.text
    if word == "not":
        return Habit("write `!`", before.start, token.start, "!")
    if word == "await":
        return _instead(before, "call")
    if word in ("call", "start") and token.type == NAME:
        return Habit(f"it stands in a step of its own: `let x = {word} {token.text}(…)`")
    if not _begins(tokens, _index(tokens, position, before)):
        return None
    if word == "while":
        return Habit("a loop is `repeat { … } until condition`; to wait for a condition, `wait for condition`")
    if word in _CHOICE and token.text != "->":
        return Habit("a choice is `if … { … } else if … { … }`, or a transition with a guard for each case")
    if word == "foreach":
        return _instead(before, "for")
    if word == "for" and token.text == "(":
        return Habit("write `for item in list { … }`, without parentheses")
    if word in _FAIL:
        return _instead(before, "fail")
    if word in _WAIT:
        return _instead(before, "wait") if token.type == "DURATION" else Habit("write `wait 5s`")
    if word in ("print", "println", "echo", "console", "printf"):
        return _instead(before, "log") if token.text != "." else Habit("write `log …`")
    if token.type == NAME and word in _LOCAL:
        return _instead(before, "let")
    if token.type == NAME and word in _TYPES:
        return Habit(f"a local is declared by `let {token.text} = …`")
    if token.text == "(":
        return Habit(f"work is called with `call {word}(…)`", before.start, before.start, "call ")
    following = tokens[position + 1] if position + 1 < len(tokens) else None
    doubled = following is not None and following.start == token.end and following.text in ("=", token.text)
    if token.text in ("+", "-", "*", "/") and doubled:
        return Habit(f"write `{word} = {word} {token.text} …`")
    return None


def _begins(tokens: Sequence[Token], position: int) -> bool:
    """Whether a token begins a step, a member or a declaration."""
    return position == 0 or tokens[position - 1].type in (NEWLINE, "_LBRACE", "_RBRACE")


def _index(tokens: Sequence[Token], position: int, token: Token) -> int:
    while tokens[position] is not token:
        position -= 1
    return position


def _doubled(tokens: Sequence[Token], position: int) -> Habit | None:
    """The second brace of `${{ x }}`, as GitHub's workflows have it: to us the inner pair is a map without a value."""
    last = position + 2 >= len(tokens)  # but for the end itself
    around = last and tokens[0].text == "{" and tokens[position].text == "}"
    if not around or any(token.text == ":" for token in tokens):
        return None
    return Habit("an interpolation has single braces: `${x}`")


def _sign(token: Token, before: Token | None, following: Token | None) -> Habit | None:
    sign = token.text
    if sign == "=" and _touch(before, token) and before is not None and before.text in ("==", "!="):
        return Habit(f"write `{before.text}`", before.start, token.end, before.text)
    if sign == ":" and before is not None:
        if before.text in _BLOCKS:
            return Habit(f"a block stands in braces: `{before.text} {{ … }}`", token.start, token.end, " {")
        if before.text == ")":
            return Habit("a result is declared by `-> T`", token.start, token.end, " ->")
    if sign.startswith("`"):
        return Habit('strings stand in `"…"`')
    if token.type == "STRING" and _touch(before, token) and before is not None and before.type == NAME:
        return Habit(f"strings interpolate `${{…}}` as they are: leave `{before.text}` out")
    if sign == "?" and following is not None and following.text == ":" and before is not None:
        return Habit(f"what may be null is `{before.text}: T?`")
    return None


def _type(token: Token, before: Token | None, following: Token | None) -> Habit | None:
    if before is None or before.type != NAME:
        return None
    name = before.text
    if token.text in ("<", "[", "(") and name in _LISTS:
        return Habit("a list of T is `[T]`")
    if token.text in ("<", "[") and name in _MAPS:
        return Habit("a map is `map(string, T)`")
    if token.text == "[" and following is not None and following.text == "]":
        return Habit(f"a list of {name} is `[{name}]`", before.start, following.end, f"[{name}]")
    return None
