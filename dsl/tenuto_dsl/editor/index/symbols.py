"""Things that have names, and the places where they are named."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from tenuto_dsl.editor.positions import Place, within
from tenuto_dsl.syntax import tree

Kind: TypeAlias = Literal[
    "type", "field", "error", "config", "activity", "workflow", "parameter", "signal", "update", "query", "attribute",
    "variable", "let", "binding", "loop variable", "macro variable", "state", "region", "property", "branch", "test",
    "import",
]  # fmt: skip

GLOBAL: frozenset[Kind] = frozenset(("type", "field", "error", "config", "activity", "workflow", "parameter", "signal"))
"""What files that import the declaring one may name."""


@dataclass(frozen=True, slots=True)
class Symbol:
    """Something declared. Two symbols are one when they are of one kind and declared at one place."""

    kind: Kind
    name: str = field(compare=False)
    span: tree.Span
    node: tree.Node = field(compare=False, repr=False)
    owner: str = field(default="", compare=False)
    """What it belongs to: a workflow, an activity, a state's path."""


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A place where a symbol is named; `span` covers nothing but the name."""

    symbol: Symbol
    span: tree.Span
    role: Literal["declaration", "read", "write"] = "read"


@dataclass(slots=True)
class Index:
    """What the names in one file refer to, in the order of the file."""

    occurrences: list[Occurrence] = field(default_factory=list)

    def at(self, place: Place) -> Occurrence | None:
        """The name at a place; of two that touch there, the one that begins."""
        found = [o for o in self.occurrences if within(place, o.span)]
        return max(found, key=lambda o: (o.span.line, o.span.col), default=None)

    def of(self, symbol: Symbol) -> Iterator[Occurrence]:
        """Every place where a symbol is named, its declaration among them."""
        return (o for o in self.occurrences if o.symbol == symbol)

    def declared(self) -> Iterator[Symbol]:
        return (o.symbol for o in self.occurrences if o.role == "declaration")
