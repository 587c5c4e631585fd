"""Makes the nodes as the machine reduces, and holds what the actions share: places, the sink, and strings.

Actions are functions by the name of their rule (`actions/`): from a builder, a span and the children to a node, or to a
`Part` when what was read belongs to the node around it. An absent option is None.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tenuto_dsl.diagnostics import Diagnostics, Fix
from tenuto_dsl.syntax import tree
from tenuto_dsl.syntax.source import Source
from tenuto_dsl.syntax.text.literals import description, pieces, unescaped
from tenuto_dsl.syntax.text.tokens import Token
from tenuto_dsl.syntax.tree import Span

MAX_BAD_ESCAPES = 5
"""Reported in one string."""

InnerParse = Callable[[int, int], "tree.Expr | None"]
"""Parse a lone expression between two offsets of the same source."""


@dataclass(frozen=True, slots=True)
class Part:
    """Something that belongs to the node around it; `kind` says as what."""

    kind: str
    value: Any
    span: Span


Action = Callable[["Builder", Span, list[Any]], Any]


class Builder:
    def __init__(self, source: Source, sink: Diagnostics, inner: InnerParse, actions: dict[str, Action]) -> None:
        self.source = source
        self.sink = sink
        self.inner = inner
        self.actions = actions
        self.huge: dict[int, Span] = {}
        """By offset: the literals 2^63, which are an int only with a minus before them."""

    def __call__(self, action: str, start: int, end: int, children: list[Any]) -> Any:
        return self.actions[action](self, self.source.span(start, end), children)

    def span(self, token: Token) -> Span:
        return self.source.span(token.start, token.end)

    # -- strings ---------------------------------------------------------------------------------------------------

    def content(self, token: Token) -> tuple[str, int]:
        """What stands between a string's quotes, and its offset. Nothing, for a string that was not closed."""
        text = token.text
        width = 3 if text.startswith(('"""', "'''")) else 1
        return text[width:-width], token.start + width

    def unescape(self, text: str, offset: int) -> str:
        value, bad = unescaped(text)
        for start, end in bad[:MAX_BAD_ESCAPES]:
            span = self.source.span(offset + start, offset + end)
            self.sink.error("TEN105", span, f"`{text[start:end]}` is no escape", "a backslash is written `\\\\`")
        return value

    def plain(self, token: Token) -> str:
        """A string in which nothing can be interpolated."""
        text, offset = self.content(token)
        for kind, start, end in pieces(text, escapes=True):
            if kind in ("code", "open"):
                span = self.source.span(offset + start - 2, offset + end + 1)
                self.sink.error("TEN113", span, "nothing can be interpolated here", "write `$${` for the two signs")
                return self.unescape(text, offset)
        found = pieces(text, escapes=True)
        return "".join(self.unescape(text[a:b], offset + a) if kind == "text" else text[a:b] for kind, a, b in found)

    def doc(self, token: Token) -> str:
        text, offset = self.content(token)
        return description(inspect.cleandoc(self.unescape(text, offset)))

    def string(self, token: Token, span: Span) -> tree.Expr:
        """A string literal, or what it interpolates."""
        text, offset = self.content(token)
        if "${" not in text:
            return tree.Literal_("string", self.unescape(text, offset), span=span, spelling=token.text)
        parts: list[str | tree.Expr] = []
        for kind, start, end in pieces(text, escapes=True):
            if kind == "code":
                parts.append(self._interpolated(offset + start, offset + end))
            elif kind == "open":
                where = self.source.span(offset + start, offset + start + 2)
                self.sink.error("TEN103", where, "this `${` is not closed by `}`", "write `$${` for the two signs")
                join(parts, text[start:end])
            else:
                join(parts, self.unescape(text[start:end], offset + start) if kind == "text" else text[start:end])
        if len(parts) == 1 and not isinstance(parts[0], str):
            inner = self.source.text[offset + 2 : offset + len(text) - 1].strip()
            self.sink.error(
                "TEN107", span, "a string that is only one interpolation", "write the expression itself",
                Fix("write the expression itself", span, inner),
            )  # fmt: skip
            return parts[0]
        return interpolation(parts, span, token.text)

    def _interpolated(self, start: int, end: int) -> tree.Expr:
        if not self.source.text[start:end].strip():
            span = self.source.span(start - 2, end + 1)
            self.sink.error("TEN101", span, "`${}` holds no expression")
            return tree.Literal_("string", "", span=span)
        node = self.inner(start, end)
        return node if node is not None else tree.Literal_("string", "", span=self.source.span(start, end))


def join(parts: list[str | tree.Expr], text: str) -> None:
    """Add a text to the parts of an interpolation: never two in a row, never an empty one."""
    if parts and isinstance(parts[-1], str):
        parts[-1] += text
    elif text:
        parts.append(text)


def interpolation(parts: list[str | tree.Expr], span: Span, spelling: str | None = None) -> tree.Expr:
    if not parts:
        return tree.Literal_("string", "", span=span, spelling=spelling)
    if len(parts) == 1 and isinstance(parts[0], str):
        return tree.Literal_("string", parts[0], span=span, spelling=spelling)
    return tree.Interpolation(tuple(parts), span=span, spelling=spelling)
