"""What an exploration found, as plain data."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from tenuto_interpreter.commands import Command
from tenuto_interpreter.events import Event
from tenuto_interpreter.machine import Snapshot

from tenuto_dsl.syntax.tree import Span

FindingKind: TypeAlias = Literal["property", "fault", "undo", "deadlock", "endless"]


@dataclass(frozen=True, slots=True)
class Bounds:
    """How far an exploration goes. `depth` counts moves from the start."""

    states: int = 20_000
    depth: int = 1_000


@dataclass(slots=True)
class Notes:
    """What was taken as equal although it may not be, or was not tried, in words.

    `lossy` is set by whatever may hide a way on: who asks for it has cleared it before.
    """

    found: dict[str, None] = field(default_factory=dict)
    lossy: bool = False

    def add(self, text: str, *, lossy: bool = True) -> None:
        self.found.setdefault(text, None)
        self.lossy = self.lossy or lossy


@dataclass(frozen=True, slots=True)
class Happened:
    """An event of a trace, what the run asked for, and how it stood after it."""

    event: Event
    commands: tuple[Command, ...]
    after: Snapshot


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong, with a shortest way to it.

    `name` is the property, or the place of a fault; `test` a `test` declaration in the file's form that shows it, when
    one can; `why_not` why none can.
    """

    kind: FindingKind
    name: str
    message: str
    span: Span
    trace: tuple[Happened, ...]
    steps: tuple[str, ...] = ()
    test: str = ""
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class Unseen:
    """A state no run has entered, or a transition none has taken."""

    kind: Literal["state", "transition"]
    name: str
    span: Span


@dataclass(frozen=True, slots=True)
class Unread:
    """A message that nobody had taken from the mailbox when the run ended, with a shortest way there."""

    name: str
    ended: str
    span: Span
    trace: tuple[Happened, ...]
    steps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """`bounded` says why not every state was seen; empty when all were. `assumed` is what was taken as equal, or not
    tried, within that. `starts` are the beginnings a run was explored from."""

    workflow: str
    file: str
    starts: int
    states: int
    moves: int
    ends: int
    bounded: tuple[str, ...]
    assumed: tuple[str, ...]
    findings: tuple[Finding, ...]
    unseen: tuple[Unseen, ...]
    unread: tuple[Unread, ...] = ()

    @property
    def whole(self) -> bool:
        return not self.bounded
