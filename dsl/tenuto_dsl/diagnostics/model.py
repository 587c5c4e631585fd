"""One diagnostic, and the list that passes collect them in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from tenuto_interpreter.frozen import frozen

from tenuto_dsl.diagnostics.codes import CODES

if TYPE_CHECKING:  # at run time the syntax imports us
    from tenuto_dsl.syntax.tree import Span

Severity: TypeAlias = Literal["error", "warning", "info"]


@frozen
class Fix:
    """A certain remedy: replace what the span covers by the text. `title` says so in an imperative."""

    title: str
    span: Span
    text: str


@frozen
class Spelled:
    """A hint that shows how something is written, in both forms of the language: `said` in the file's own."""

    text: str
    yaml: str


Hint: TypeAlias = str | Spelled | None


def said(hint: Hint, span: Span) -> str | None:
    """The hint in the form of the file in which the span is."""
    if isinstance(hint, Spelled):
        return hint.yaml if span.is_yaml else hint.text
    return hint


@frozen
class Diagnostic:
    """`code` is permanent and listed in `CODES`; `hint` is one sentence on the remedy."""

    code: str
    severity: Severity
    message: str
    span: Span
    hint: str | None = None
    fix: Fix | None = None


class Diagnostics:
    """Collects diagnostics; the same one said twice is kept once."""

    def __init__(self) -> None:
        self._items: list[Diagnostic] = []
        self._seen: set[tuple[str, str, Span]] = set()

    def error(self, code: str, span: Span, message: str, hint: Hint = None, fix: Fix | None = None) -> None:
        self.add(Diagnostic(code, "error", message, span, said(hint, span), fix))

    def warning(self, code: str, span: Span, message: str, hint: Hint = None, fix: Fix | None = None) -> None:
        self.add(Diagnostic(code, "warning", message, span, said(hint, span), fix))

    def add(self, diagnostic: Diagnostic) -> None:
        assert diagnostic.code in CODES, f"{diagnostic.code} is not a registered code"
        key = (diagnostic.code, diagnostic.message, diagnostic.span)
        if key not in self._seen:
            self._seen.add(key)
            self._items.append(diagnostic)

    @property
    def items(self) -> list[Diagnostic]:
        """In the order of the source: by file, line, column; as found where they coincide."""
        return sorted(self._items, key=lambda d: (d.span.file, d.span.line, d.span.col))

    @property
    def has_errors(self) -> bool:
        return any(d.severity == "error" for d in self._items)

    def __len__(self) -> int:
        return len(self._items)
