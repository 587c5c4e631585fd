"""What a client answers with: plain, frozen data."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tenuto_interpreter.commands import Command
from tenuto_interpreter.events import Event, Failure

from tenuto.store.protocol import RunKey


@dataclass(frozen=True, slots=True)
class Started:
    """`new` is False when the same request had started this run before."""

    workflow_id: str
    run_id: str
    key: RunKey
    new: bool


@dataclass(frozen=True, slots=True)
class Deployed:
    """`new` is False when this definition was already the one new runs use."""

    workflow: str
    digest: str
    new: bool


@dataclass(frozen=True, slots=True)
class Child:
    """A child run that is waited for, while it is open."""

    workflow_id: str
    status: str
    states: list[str]


@dataclass(frozen=True, slots=True)
class Timer:
    """Something that happens by itself, at `due` in microseconds; `what` says what it is for."""

    due: int
    what: str


@dataclass(frozen=True, slots=True)
class Message:
    """A message that nobody has taken yet. `where` it waits: unread (its run has not read it), mailbox (read, and not
    taken by anybody), or answering (an update that its reaction has not answered)."""

    kind: str
    name: str
    where: str


@dataclass(frozen=True, slots=True)
class Pending:
    """An operation that is out or waits to be tried again. `due` is when, in microseconds; `child` the run that does
    it, of a workflow."""

    op: int
    kind: str
    name: str
    attempt: int
    failures: int
    state: str
    due: int | None
    queue: str | None = None
    child: Child | None = None


@dataclass(frozen=True, slots=True)
class Description:
    """One run. Times are microseconds since 1970 UTC; `states` are the active states now, by path.

    `result` is set for a completed run, `failure` for one that ended otherwise. `phase` is what the run is at: open,
    leaving, compensating, closing, parked or closed; `leaving` are the states whose interrupted `finally` still runs;
    `violated` the properties that did not hold. `refused` is why the last order to migrate it was not carried out.
    `unreadable` says why the run's present state could not be computed here. `unclaimed_since`: it is due, and no
    engine has taken it. `timers` are the earliest first. `unset` are the variables nothing was assigned to yet: they
    are null in `variables`.
    """

    workflow_id: str
    run_id: str
    workflow: str
    version: int | None
    status: str
    states: list[str]
    started_at: int
    closed_at: int | None
    next_timer: int | None
    owner: int | None
    strikes: int
    parked: str | None
    events: int
    unread: int
    pending: list[Pending]
    variables: dict[str, Any]
    attributes: dict[str, Any]
    result: Any
    failure: Failure | None
    parent: str | None
    unreadable: str | None = None
    phase: str = "closed"
    leaving: list[str] = field(default_factory=list)
    violated: list[str] = field(default_factory=list)
    refused: str | None = None
    unclaimed_since: int | None = None
    timers: list[Timer] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    unset: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Migration:
    """What became of an order to migrate a run to the version of a definition.

    `outcome`: migrated; current, when it was in that definition already; refused, for the `reason`; ended, when the run
    has ended meanwhile.
    """

    workflow_id: str
    outcome: str
    digest: str
    version: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of a run's history. `kind` is step, unhandled or closed.

    A step has its event and commands; `message` says what an unhandled row was, or how the run closed.
    """

    seq: int
    at: int
    kind: str
    event: Event | None = None
    commands: tuple[Command, ...] = ()
    message: str = ""
