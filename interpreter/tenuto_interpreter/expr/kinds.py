"""Types that exist only while an expression is checked, and the type patterns of overloads.

Beside the language's own types an expression may be `dyn` (typed at run time), `never` (the item of an empty list: fits
any type), `type` (what `type(x)` gives) or `unknown` (something was wrong and has been said). In patterns a `Ref` whose
name begins with `$` is a type variable.
"""

from __future__ import annotations

import re
from typing import cast

from tenuto_interpreter.types import SCALARS, ListOf, MapOf, Optional, Ref, Scalar, ScalarKind, Type

DYN = Scalar(cast("ScalarKind", "dyn"))
NEVER = Scalar(cast("ScalarKind", "never"))
TYPE = Scalar(cast("ScalarKind", "type"))
UNKNOWN = Scalar(cast("ScalarKind", "unknown"))

_SPECIAL = {"dyn": DYN, "type": TYPE}
_TOKEN = re.compile(r"\s*(->|[\[\](),?]|[A-Za-z]+|\.\.\.)")


class Signature:
    """`[T], int -> T`, parsed. A final `...` repeats the last parameter any number of times."""

    __slots__ = ("params", "result", "variadic")

    def __init__(self, text: str) -> None:
        self.variadic = False
        tokens = _TOKEN.findall(text)
        params: list[Type] = []
        while tokens[0] != "->":
            if tokens[0] == "...":
                self.variadic = True
                tokens.pop(0)
            elif tokens[0] == ",":
                tokens.pop(0)
            else:
                params.append(_pattern(tokens))
        tokens.pop(0)
        self.params = tuple(params)
        self.result = _pattern(tokens)
        assert not tokens, text


def _pattern(tokens: list[str]) -> Type:
    token = tokens.pop(0)
    pattern: Type
    if token == "[":  # noqa: S105  # a bracket, not a password
        pattern = ListOf(_pattern(tokens))
        assert tokens.pop(0) == "]"
    elif token == "map":  # noqa: S105  # a word of the notation
        assert tokens.pop(0) == "("
        pattern = MapOf(_pattern(tokens))
        assert tokens.pop(0) == ")"
    elif token in SCALARS:
        pattern = Scalar(token)
    elif token in _SPECIAL:
        pattern = _SPECIAL[token]
    else:
        assert len(token) == 1, token
        assert token.isupper(), token
        pattern = Ref("$" + token)
    if tokens and tokens[0] == "?":
        tokens.pop(0)
        pattern = Optional(pattern)
    return pattern


def is_variable(type_: Type) -> bool:
    """Whether a pattern is a type variable."""
    return isinstance(type_, Ref) and type_.name.startswith("$")
