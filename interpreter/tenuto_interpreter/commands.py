"""What a step asks the world to do: its frozen outputs, in the imperative.

Commands are recorded with the event that caused them and carried out after that record is committed; carrying one out
twice must be harmless or be fenced by the runtime. A command's plain form is a list headed by its tag; tags are
permanent, fields may be added at the end only.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, ClassVar, Literal, TypeAlias

from tenuto_interpreter.events import Failure, UnknownRecord


@dataclass(frozen=True, slots=True)
class ScheduleActivity:
    """Run one attempt of an activity, now.

    `activity` is an index into `Program.activities`, `args` its arguments in order, `key` the idempotency key (the same
    at every attempt). The timeouts are microseconds, `queued_timeout` what is left of it. `priority` is 1 (first) to 5,
    0 when none was given.
    """

    tag: ClassVar[str] = "activity"
    op: int
    attempt: int
    activity: int
    args: tuple[Any, ...]
    key: str
    attempt_timeout: int | None = None
    heartbeat_timeout: int | None = None
    queue: str | None = None
    priority: int = 0
    queued_timeout: int | None = None


@dataclass(frozen=True, slots=True)
class CancelActivity:
    """Ask an attempt in flight to stop. Its outcome is still reported."""

    tag: ClassVar[str] = "stop"
    op: int


@dataclass(frozen=True, slots=True)
class StartChild:
    """Start a child run; with `awaited`, its outcome comes back as ChildCompleted or ChildFailed."""

    tag: ClassVar[str] = "child"
    op: int
    workflow: str
    workflow_id: str
    input: dict[str, Any]
    awaited: bool
    on_close: Literal["abandon", "cancel", "terminate"]


@dataclass(frozen=True, slots=True)
class CancelChild:
    tag: ClassVar[str] = "stopchild"
    op: int


@dataclass(frozen=True, slots=True)
class SendSignal:
    """`id` makes the delivery idempotent."""

    tag: ClassVar[str] = "send"
    workflow_id: str
    name: str
    payload: dict[str, Any]
    id: str


@dataclass(frozen=True, slots=True)
class AnswerUpdate:
    """Exactly one for every update received: completed with a value, or rejected with a message."""

    tag: ClassVar[str] = "answer"
    id: str
    outcome: Literal["completed", "rejected"]
    value: Any


@dataclass(frozen=True, slots=True)
class SetAttributes:
    """All attributes of the run, by name."""

    tag: ClassVar[str] = "attributes"
    values: dict[str, Any]


@dataclass(frozen=True, slots=True)
class WriteLog:
    tag: ClassVar[str] = "log"
    value: Any


@dataclass(frozen=True, slots=True)
class CloseRun:
    """The run has ended and nothing tracked is open. `result` is set when completed, `failure` otherwise."""

    tag: ClassVar[str] = "close"
    status: Literal["completed", "failed", "cancelled", "terminated"]
    result: Any = None
    failure: Failure | None = None


@dataclass(frozen=True, slots=True)
class ContinueRun:
    """Close this run and start the next under the same workflow id, with unread and unhandled messages handed on."""

    tag: ClassVar[str] = "continue"
    input: dict[str, Any]
    messages: tuple[tuple[str, str, dict[str, Any]], ...]


@dataclass(frozen=True, slots=True)
class ParkRun:
    """The program is at fault: the run waits, undamaged, for an operator. `place` is where, for people."""

    tag: ClassVar[str] = "park"
    reason: str
    place: str = ""


@dataclass(frozen=True, slots=True)
class ReportViolation:
    """A property that the workflow declares does not hold. For people: nothing follows from it."""

    tag: ClassVar[str] = "violation"
    name: str
    kind: Literal["never", "always", "eventually"]


Command: TypeAlias = (
    ScheduleActivity
    | CancelActivity
    | StartChild
    | CancelChild
    | SendSignal
    | AnswerUpdate
    | SetAttributes
    | WriteLog
    | CloseRun
    | ContinueRun
    | ParkRun
    | ReportViolation
)

_COMMANDS: dict[str, type[Any]] = {
    cls.tag: cls
    for cls in (
        ScheduleActivity, CancelActivity, StartChild, CancelChild, SendSignal, AnswerUpdate, SetAttributes, WriteLog,
        CloseRun, ContinueRun, ParkRun, ReportViolation,
    )
}  # fmt: skip
_FIELDS = {tag: tuple((f.name, f.default) for f in fields(cls)) for tag, cls in _COMMANDS.items()}


def command_to_plain(command: Command) -> list[Any]:
    """`[tag, field, …]`; trailing fields that hold their default are left out."""
    tag = command.tag
    plain: list[Any] = [tag]
    keep = 1
    for name, default in _FIELDS[tag]:
        value = getattr(command, name)
        if type(value) is Failure:
            value = value.to_plain()
        elif type(value) is tuple:
            value = list(value)
        plain.append(value)
        if value != default:
            keep = len(plain)
    del plain[keep:]
    return plain


def command_from_plain(data: list[Any]) -> Command:
    """The inverse of `command_to_plain`. Raises UnknownRecord for a tag or shape it does not know."""
    cls = _COMMANDS.get(data[0]) if data else None
    if cls is None or len(data) - 1 > len(_FIELDS[cls.tag]):
        raise UnknownRecord(f"unknown command {data[:1]!r}")
    values = data[1:]
    if cls is ScheduleActivity:
        values[3] = tuple(values[3])
    elif cls is CloseRun and len(values) > 2 and values[2] is not None:
        values[2] = Failure.from_plain(values[2])
    elif cls is ContinueRun:
        values[1] = tuple(tuple(message) for message in values[1])
    command: Command = cls(*values)
    return command
