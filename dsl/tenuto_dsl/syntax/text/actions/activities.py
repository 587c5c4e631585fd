"""Activities and their options."""
# ruff: noqa: ARG001, ARG005  # actions have one signature, whatever they need of it

from __future__ import annotations

from typing import Any

from tenuto_dsl.syntax import tree
from tenuto_dsl.syntax.text.builder import Action, Builder, Part
from tenuto_dsl.syntax.text.literals import pieces
from tenuto_dsl.syntax.tree import Span

_BINDINGS = ("python", "http", "sql")
_OF_HTTP = ("header", "body", "result")


class Parts:
    """The parts of a node, to be taken out by kind."""

    def __init__(self, b: Builder, parts: list[Any]) -> None:
        self._b = b
        self._parts: dict[str, list[Part]] = {}
        for part in parts:
            if isinstance(part, Part):
                self._parts.setdefault(part.kind, []).append(part)

    def all(self, kind: str) -> list[Part]:
        return self._parts.get(kind, [])

    def span(self, kind: str) -> Span | None:
        """Where the first part of a kind stands."""
        return next((part.span for part in self.all(kind)), None)

    def one(self, kind: str, words: str | None = None) -> Any:
        """The value of the only part of a kind, None without one; a second is an error."""
        found = self.all(kind)
        for again in found[1:]:
            line = found[0].span.line
            self._b.sink.error("TEN111", again.span, f"`{words or kind}` is given twice", f"first in line {line}")
        return found[0].value if found else None


def activity_decl(b: Builder, at: Span, c: list[Any]) -> Any:
    parts = Parts(b, c[3:])
    bound = sorted((p for kind in _BINDINGS for p in parts.all(kind)), key=lambda p: (p.span.line, p.span.col))
    for again in bound[1:]:
        hint = f"`{bound[0].kind}` in line {bound[0].span.line} binds it already"
        b.sink.error("TEN111", again.span, "an activity has one binding", hint)
    binding: Any = bound[0].value if bound else None
    if isinstance(binding, tuple):
        method, url = binding
        headers = tuple(p.value for p in parts.all("header"))
        binding = tree.HttpBinding(
            method, url, headers, parts.one("body"), parts.one("result"), span=_covering(bound[0], parts)
        )
    else:
        for part in (p for kind in _OF_HTTP for p in parts.all(kind)):
            b.sink.error("TEN114", part.span, f"`{part.kind}` belongs to `http`")
    return tree.ActivityDecl(
        c[0], c[1], c[2], binding,
        raises=tuple(p.value for p in parts.all("raises")),
        timeout=parts.one("timeout"),
        retry=parts.one("retry"),
        effect=parts.one("effect"),
        queue=parts.one("queue"),
        rate=parts.one("rate"),
        priority=parts.one("priority"),
        doc=one_doc(b, c[3:]),
        doc_span=parts.span("doc"),
        span=at,
    )  # fmt: skip


def one_doc(b: Builder, members: list[Any]) -> str | None:
    """A description stands first, so that it is not taken for that of the member before it."""
    found = Parts(b, members).all("doc")
    for part in found:
        if part is not members[0]:
            b.sink.error("TEN114", part.span, "a description stands first", "move it to the head of the braces")
    return found[0].value if found else None


def _covering(http: Part, parts: Parts) -> Span:
    end = max((p.span for kind in ("http", *_OF_HTTP) for p in parts.all(kind)), key=lambda s: (s.end_line, s.end_col))
    return Span(http.span.file, http.span.line, http.span.col, end.end_line, end.end_col)


def sql_option(b: Builder, at: Span, c: list[Any]) -> Any:
    text, offset = b.content(c[0])
    for kind, start, end in pieces(text, escapes=True):
        if kind in ("code", "open"):
            span = b.source.span(offset + start - (2 if kind == "code" else 0), offset + end + (kind == "code"))
            b.sink.error("TEN113", span, "nothing is interpolated into SQL", "name the parameter: `:name`")
    return Part("sql", tree.SqlBinding(b.unescape(text, offset), span=at), at)


def timeout_option(b: Builder, at: Span, c: list[Any]) -> Any:
    limits: dict[str, Any] = {}
    for child in c:
        kind, value, span = (child.kind, child.value, child.span) if isinstance(child, Part) else ("attempt", child, at)
        if kind in limits:
            b.sink.error("TEN111", span, f"`{kind}` is given twice")
        limits.setdefault(kind, value)
    return Part("timeout", tree.Timeout(**limits, span=at), at)


def retry_option(b: Builder, at: Span, c: list[Any]) -> Any:
    times, backoff, factor, up_to, unless = c
    return Part("retry", tree.Retry(times, backoff, factor, up_to, unless or (), span=at), at)


def _part(kind: str) -> Action:
    return lambda b, at, c: Part(kind, c[0], at)


ACTIVITIES: dict[str, Action] = {
    "activity_decl": activity_decl,
    "python_option": lambda b, at, c: Part("python", tree.PythonBinding(b.plain(c[0]), span=at), at),
    "sql_option": sql_option,
    "http_option": lambda b, at, c: Part("http", (c[0].text, c[1]), at),
    "header_option": lambda b, at, c: Part("header", tree.Header(b.plain(c[0]), c[1], span=at), at),
    "body_option": _part("body"),
    "result_option": _part("result"),
    "raises_option": lambda b, at, c: Part("raises", tree.Raises(c[0], c[1], span=at), at),
    "timeout_option": timeout_option,
    "limit": lambda b, at, c: Part(c[0].text, c[1], at),
    "retry_option": retry_option,
    "effect_option": _part("effect"),
    "queue_option": _part("queue"),
    "rate_option": lambda b, at, c: Part("rate", tree.Rate(c[0], c[1], span=at), at),
    "priority_option": _part("priority"),
}
