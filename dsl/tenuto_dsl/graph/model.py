"""A state chart as data: what a drawing shows, without saying where.

States are a tree of `Vertex`; the root is the workflow. An `Arrow` joins two of them by path and stands for one
transition that has a target. What a state does, and what it answers without leaving, are its rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

Detail: TypeAlias = Literal["brief", "normal", "full"]
"""brief: names and triggers. normal: activities and guards, too. full: also undos, entry, exit and actions."""

Direction: TypeAlias = Literal["auto", "down", "right"]
"""Where the main path leads. auto: down, but to the right where many states would lie beside each other."""

Glyph: TypeAlias = Literal[
    "activity", "workflow", "clock", "envelope", "update", "send", "error", "cancel", "defer", "condition", "step",
]  # fmt: skip

TriggerKind: TypeAlias = Literal["done", "signal", "update", "error", "cancel", "after", "at", "every", "when"]

Tone: TypeAlias = Literal["main", "plain", "time", "error", "cancel"]
"""How an arrow is drawn: the main path, another way on, a deadline, a failure, a cancellation."""

Outcome: TypeAlias = Literal["return", "fail", "cancel", "continue", "complete"]
"""How a final state ends: of the workflow the first four; of an enclosing state, it completes it."""


@dataclass(frozen=True, slots=True)
class Row:
    """A line inside a state: what it does (`charge`), or a message it takes without leaving. `note` is said softer."""

    glyph: Glyph
    text: str
    note: str = ""
    full: bool = False
    """Shown at full detail only."""


@dataclass(frozen=True, slots=True)
class Vertex:
    path: str
    name: str
    kind: Literal["root", "plain", "final", "region"]
    line: int
    initial: bool = False
    outcome: Outcome | None = None
    ending: str = ""
    """What a final state returns or fails with, shortly."""
    doc: str = ""
    rows: tuple[Row, ...] = ()
    states: tuple[Vertex, ...] = ()
    regions: tuple[Vertex, ...] = ()

    @property
    def inner(self) -> tuple[Vertex, ...]:
        return (*self.states, *self.regions)


@dataclass(frozen=True, slots=True)
class Arrow:
    """A transition. `trigger` is its text without the keyword where the glyph says it."""

    id: str
    source: str
    target: str
    kind: TriggerKind
    trigger: str
    guard: str
    actions: tuple[str, ...]
    history: bool
    main: bool
    line: int
    tone: Tone = "plain"


def tone_of(kind: TriggerKind, target: Vertex, *, main: bool) -> Tone:
    """How an arrow is drawn. A message that leads to a cancelled end asks for cancellation, whatever its name."""
    if main:
        return "main"
    if kind == "error":
        return "error"
    if kind == "cancel" or (target.outcome == "cancel" and kind in ("signal", "update")):
        return "cancel"
    return "time" if kind in ("after", "at") else "plain"


@dataclass(frozen=True, slots=True)
class Chart:
    workflow: str
    doc: str
    root: Vertex
    arrows: tuple[Arrow, ...]
    active: tuple[str, ...] = ()
    """The innermost states that a run is in, when the chart shows one."""

    def at(self, states: Iterable[str]) -> Chart:
        """The chart of a run in those states; what is not drawn is left out."""
        known = {vertex.path for vertex in self.vertices()}
        return replace(self, active=tuple(path for path in states if path in known))

    def vertices(self) -> Iterator[Vertex]:
        """Every state, parents before children, in document order."""
        pending = [self.root]
        while pending:
            vertex = pending.pop()
            yield vertex
            pending.extend(reversed(vertex.inner))


def rows_at(vertex: Vertex, detail: Detail, limit: int = 6) -> tuple[Row, ...]:
    """The rows that are shown at a level of detail; too many are cut, and their number told."""
    if detail == "brief":
        return ()
    if detail == "full":
        return vertex.rows
    rows = [row for row in vertex.rows if not row.full]
    if len(rows) <= limit:
        return tuple(rows)
    return (*rows[: limit - 1], Row("step", f"{len(rows) - limit + 1} more"))
