"""What happens to a run: the frozen inputs of `step`, named in the past tense.

Everything the interpreter may not find out by itself arrives here: the time (`at`, microseconds since 1970 UTC), the
run's identity, the outcomes of operations. An event's plain form is a list headed by its tag; tags are permanent,
fields may be added at the end only.

`op` is the number a run gave to an operation (activity or child); `attempt` counts its dispatches from 1.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, ClassVar, TypeAlias


@dataclass(frozen=True, slots=True)
class Failure:
    """Why something failed. `details` are the declared fields of the error.

    `unknown`: the outcome is not known (a timeout, a lost process): the effect may have happened. `where`: for people,
    the place in an activity's own code that raised it.
    """

    code: str
    message: str = ""
    details: dict[str, Any] | None = None
    retryable: bool = True
    unknown: bool = False
    where: str = ""

    def to_plain(self) -> list[Any]:
        plain = [self.code, self.message, self.details, self.retryable, self.unknown]
        return [*plain, self.where] if self.where else plain

    @staticmethod
    def from_plain(data: list[Any]) -> Failure:
        return Failure(*data)

    def value(self) -> dict[str, Any]:
        """The record an author sees in `catch … as e` and `on error … as e`.

        A declared field named `code` hides the error's own, which then stands under `$code`, out of every author's
        reach, so that raising the record again raises the same error.
        """
        record = {"code": self.code, "message": self.message, **(self.details or {})}
        if record["code"] is not self.code:
            record["$code"] = self.code
        return record

    @staticmethod
    def from_value(record: dict[str, Any]) -> Failure:
        """The failure whose `value()` this is, not to be retried."""
        details = dict(record)
        code = details.pop("$code") if "$code" in details else details.pop("code")
        return Failure(code, details.pop("message"), details or None, retryable=False)


@dataclass(frozen=True, slots=True)
class RunStarted:
    """`input` by parameter name, `config` by name: both already of their declared types, defaults not yet filled.

    `messages` are signals that a continued run hands on, as (id, name, payload). `first_id` is the first number it
    gives to an operation or a timer: it goes on where the run it continues has stopped, so that no number is used twice
    under one workflow id (the ids of children are made of them).
    """

    tag: ClassVar[str] = "run"
    at: int
    run_id: str
    workflow_id: str
    input: dict[str, Any]
    config: dict[str, Any]
    messages: tuple[tuple[str, str, dict[str, Any]], ...] = ()
    first_id: int = 1


@dataclass(frozen=True, slots=True)
class ActivityCompleted:
    tag: ClassVar[str] = "done"
    at: int
    op: int
    attempt: int
    result: Any


@dataclass(frozen=True, slots=True)
class ActivityFailed:
    """One attempt failed; whether another follows is the interpreter's decision."""

    tag: ClassVar[str] = "failed"
    at: int
    op: int
    attempt: int
    failure: Failure


@dataclass(frozen=True, slots=True)
class AttemptLost:
    """The process that ran this attempt is gone. Counted as an attempt, not as a failure."""

    tag: ClassVar[str] = "lost"
    at: int
    op: int
    attempt: int


@dataclass(frozen=True, slots=True)
class AttemptFaulted:
    """The program or its deployment is at fault: an attempt could not begin, or its answer could not be read.

    No failure of the outside world, so the retry policy is not asked and nothing is compensated: the run is parked, and
    makes the attempt when it is retried. `begun`: the activity may have had its effect. An attempt that has not begun
    does not count. Without a `reason` nobody is at fault: a draining engine has handed the attempt on, unbegun.
    """

    tag: ClassVar[str] = "faulted"
    at: int
    op: int
    attempt: int
    reason: str = ""
    begun: bool = False


@dataclass(frozen=True, slots=True)
class AttemptTakenOver:
    """An attempt that was handed on unbegun has found an engine to begin it."""

    tag: ClassVar[str] = "takenover"
    at: int
    op: int
    attempt: int


@dataclass(frozen=True, slots=True)
class TimerFired:
    tag: ClassVar[str] = "timer"
    at: int
    timer: int


@dataclass(frozen=True, slots=True)
class SignalReceived:
    tag: ClassVar[str] = "signal"
    at: int
    id: str
    name: str
    payload: dict[str, Any]


@dataclass(frozen=True, slots=True)
class UpdateReceived:
    tag: ClassVar[str] = "update"
    at: int
    id: str
    name: str
    payload: dict[str, Any]


@dataclass(frozen=True, slots=True)
class CancelRequested:
    tag: ClassVar[str] = "cancel"
    at: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class TerminateRequested:
    """The run ends at once: nothing is undone, calls in flight are asked to cancel and not waited for."""

    tag: ClassVar[str] = "terminate"
    at: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ChildCompleted:
    tag: ClassVar[str] = "child"
    at: int
    op: int
    result: Any


@dataclass(frozen=True, slots=True)
class ChildFailed:
    tag: ClassVar[str] = "childfailed"
    at: int
    op: int
    failure: Failure


@dataclass(frozen=True, slots=True)
class RetryRequested:
    """An operator's order: a parked run goes on with what it had set aside; waits before a retry end now."""

    tag: ClassVar[str] = "retry"
    at: int


@dataclass(frozen=True, slots=True)
class Migrated:
    """The run goes on in another program, whose digest `definition` is; `config` is what the run has not captured yet.

    Both programs take part in it: see `tenuto_interpreter.machine.migration`.
    """

    tag: ClassVar[str] = "migrated"
    at: int
    definition: str
    config: dict[str, Any]


Event: TypeAlias = (
    RunStarted
    | ActivityCompleted
    | ActivityFailed
    | AttemptLost
    | AttemptFaulted
    | AttemptTakenOver
    | TimerFired
    | SignalReceived
    | UpdateReceived
    | CancelRequested
    | TerminateRequested
    | ChildCompleted
    | ChildFailed
    | RetryRequested
    | Migrated
)

_EVENTS: dict[str, type[Any]] = {
    cls.tag: cls
    for cls in (
        RunStarted, ActivityCompleted, ActivityFailed, AttemptLost, AttemptFaulted, AttemptTakenOver, TimerFired,
        SignalReceived, UpdateReceived, CancelRequested, TerminateRequested, ChildCompleted, ChildFailed,
        RetryRequested, Migrated,
    )
}  # fmt: skip
_FIELDS = {tag: tuple(f.name for f in fields(cls)) for tag, cls in _EVENTS.items()}


class UnknownRecord(ValueError):
    """History holds an event or a command this program does not know: it was written by a newer one."""


def event_to_plain(event: Event) -> list[Any]:
    """`[tag, field, …]`, ready for `tenuto_interpreter.codec`."""
    tag = event.tag
    plain: list[Any] = [tag]
    for name in _FIELDS[tag]:
        value = getattr(event, name)
        plain.append(value.to_plain() if type(value) is Failure else value)
    if type(event) is RunStarted and event.first_id == 1:
        plain.pop()  # as it was written before there was one
    return plain


def event_from_plain(data: list[Any]) -> Event:
    """The inverse of `event_to_plain`. Raises UnknownRecord for a tag or shape it does not know."""
    cls = _EVENTS.get(data[0]) if data else None
    if cls is None or len(data) - 1 > len(_FIELDS[cls.tag]):
        raise UnknownRecord(f"unknown event {data[:1]!r}")
    values = data[1:]
    if cls is ActivityFailed or cls is ChildFailed:
        values[-1] = Failure.from_plain(values[-1])
    elif cls is RunStarted and len(values) >= 6:
        values[5] = tuple(tuple(message) for message in values[5])
    event: Event = cls(*values)
    return event
