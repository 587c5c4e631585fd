"""Nearly ours: words of this language, put together as another would put them.

`on error(Timeout)`, `signal go`, `catch (e)`: whoever writes that has the right word in mind and the wrong signs around
it. Each case gives the hint; where it is certain what was meant, the offsets of a replacement, too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from tenuto_dsl.syntax.text.tokens import NAME, NEWLINE, Token

Nearly: TypeAlias = "tuple[str] | tuple[str, int, int, str]"
"""The hint; and the offsets of what to replace, and by what."""

_OPTIONS = {
    "python",
    "http",
    "sql",
    "timeout",
    "retry",
    "raises",
    "effect",
    "header",
    "body",
    "result",
    "queue",
    "rate",
}
_CONDITIONS = {"if", "when", "until", "expect"}
_CALLS = {"call", "start", "undo", "send", "signal", "update", "activity", "workflow", "fail", "mock", "given", "reply"}
_STEP = (NEWLINE, "_LBRACE", "_RBRACE")


def nearly(tokens: Sequence[Token], position: int) -> Nearly | None:
    """What was meant at a token that nothing accepts, or None."""
    around = _Around(tokens, position)
    return next((found for case in _CASES if (found := case(around)) is not None), None)


class _Around:
    """A token and its neighbours; line ends count as neighbours of none."""

    def __init__(self, tokens: Sequence[Token], position: int) -> None:
        self.tokens = tokens
        self.position = position
        self.token = tokens[position]
        self.following = tokens[position + 1] if position + 1 < len(tokens) else None
        words = [at for at in range(max(position - 12, 0), position) if tokens[at].type != NEWLINE]
        self.before = tokens[words[-1]] if words else None
        self.second = tokens[words[-2]] if len(words) > 1 else None

    def preceded_by(self, *words: str) -> bool:
        return self.before is not None and self.before.text in words

    def followed_by(self, *words: str) -> bool:
        return self.following is not None and self.following.text in words

    def step(self) -> list[Token]:
        """The tokens of the step or member before this one, nearest first."""
        at = self.position
        while at > 0 and self.tokens[at - 1].type not in _STEP:
            at -= 1
        return list(reversed(self.tokens[at : self.position]))


def _parentheses(here: _Around) -> Nearly | None:
    if here.token.text != "(":
        return None
    if here.preceded_by("catch"):
        return ("errors are named without parentheses: `catch A | B as e { … }`",)
    if here.preceded_by("error") and here.second is not None and here.second.text == "on":
        return ("errors are named without parentheses: `on error A | B as e -> …`",)
    if here.second is not None and here.second.text in ("on", "update") and here.before is not None:
        return (f"what came with it is named by `as`: `on {here.before.text} as m`, then `m.field`",)
    return None


def _no_parentheses(here: _Around) -> Nearly | None:
    before, second = here.before, here.second
    if before is None or second is None or before.type != NAME:
        return None
    ended = here.token.type in _STEP or here.token.text == "->"
    if not ended or second.text not in ("signal", "update", "workflow", "activity"):
        return None
    if second.text in ("signal", "update") and not _declares(here, second):
        return None
    return (f"write `{second.text} {before.text}()`, with parentheses",
            before.end, before.end, "()")  # fmt: skip


def _declares(here: _Around, word: Token) -> bool:
    """Whether a word begins its line: `on update x` declares nothing."""
    at = next(index for index in range(here.position, -1, -1) if here.tokens[index] is word)
    return at == 0 or here.tokens[at - 1].type in _STEP


def _state(here: _Around) -> Nearly | None:
    if here.token.type == NAME and here.preceded_by("initial", "final") and here.followed_by("{"):
        start = here.token.start
        return (f"write `{here.before.text if here.before else ''} state {here.token.text}`", start, start, "state ")
    return None


def _trigger(here: _Around) -> Nearly | None:
    token = here.token
    if token.text in ("on_error", "onError", "onerror") and here.followed_by("->", "as", "when"):
        return ("write `on error`", token.start, token.end, "on error")
    if token.text == "timeout" and here.following is not None and here.following.type == "DURATION":
        at = here.position + 2
        if at < len(here.tokens) and here.tokens[at].text in ("->", "{", "when"):
            return ("write `after` for a deadline", token.start, token.end, "after")
    return None


def _target(here: _Around) -> Nearly | None:
    """`do { … } -> b`, and a target behind the actions."""
    if here.token.text != "->" or not here.preceded_by("}"):
        return None
    depth = 0
    for at in range(here.position - 1, -1, -1):
        text = here.tokens[at].text
        depth += (text == "}") - (text == "{")
        if depth == 0 and text == "{":
            if at > 0 and here.tokens[at - 1].text == "do":
                return ("write `done -> …`: where it leads when the work has ended", *_at(here.token, "done "))
            return ("the target stands before the actions: `-> target { … }`",)
    return None


def _at(token: Token, text: str) -> tuple[int, int, str]:
    return token.start, token.start, text


def _failure(here: _Around) -> Nearly | None:
    failing = here.token if here.token.text == "fail" else here.before
    message = here.following if failing is here.token else here.token
    if failing is not None and failing.text == "fail" and message is not None and message.type == "STRING":
        return (f"errors are declared: `error Failed`, then `fail Failed(message: {message.text[:40]})`",)
    return None


def _binding(here: _Around) -> Nearly | None:
    if here.token.type == NAME and here.preceded_by("python"):
        return ('the function is named by a string: `python "module:function"`',)
    return None


def _options(here: _Around) -> Nearly | None:
    token, following = here.token, here.following
    if token.text == "," and following is not None and following.text in _OPTIONS:
        return ("separate options by `;` or by a new line", token.start, token.end, ";")
    number, word = here.before, here.second
    if (
        token.type in _STEP
        and number is not None
        and number.type == "INT"
        and word is not None
        and word.text == "retry"
    ):
        return (f"write `retry {number.text} times`", number.end, number.end, " times")
    if token.text in ("retry", "timeout") and here.preceded_by(")"):
        words = [item.text for item in here.step()]
        if "call" in words and "with" not in words:
            return ("write `with` before the limits of one call", *_at(token, "with "))
    return None


def _equals(here: _Around) -> Nearly | None:
    token = here.token
    if token.text != "=" or here.followed_by("="):
        return None
    words = [item.text for item in here.step()]
    if words.count("(") > words.count(")") and not _CONDITIONS.isdisjoint(words) and not here.preceded_by("==", "!="):
        return ("write `==`", token.start, token.end, "==")
    return None


def _named_argument(here: _Around) -> Nearly | None:
    """`return f(x: 1)`: only calls take names."""
    if here.token.text != ":" or here.before is None or here.before.type != NAME:
        return None
    if here.second is None or here.second.text not in ("(", ","):
        return None
    depth = 0
    for at in range(here.position - 1, 0, -1):
        item = here.tokens[at]
        if item.type in _STEP:
            return None
        depth += (item.text == ")") - (item.text == "(")
        if depth < 0:
            name, ahead = here.tokens[at - 1], here.tokens[at - 2] if at > 1 else None
            if name.type != NAME or ahead is None or ahead.text in _CALLS or ahead.text == ".":
                return None
            return (f"work is called in a step of its own: `let x = call {name.text}(…)`",)
    return None


_CASES: tuple[Callable[[_Around], Nearly | None], ...] = (
    _parentheses, _no_parentheses, _state, _trigger, _target, _failure, _binding, _options, _equals, _named_argument,
)  # fmt: skip
