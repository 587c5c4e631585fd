"""One attempt of an activity on its way through this process, and the sink its outcome goes to.

A job is touched by two threads: the lane that owns the run (dispatch, cancel, expiry) and the worker that runs it
(start, beat, outcome). Each field has one writer, and whether an outcome still counts is decided by the lane alone
when it takes the outcome out of its mailbox, so no lock is needed.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Protocol

from tenuto_interpreter.events import Failure

if TYPE_CHECKING:
    import asyncio

    import psycopg

    from tenuto.activities.binding import Binding
    from tenuto.activities.limiter import Rate
    from tenuto.activities.transactions import Transaction, Transactions


class Sink(Protocol):
    """Where outcomes go: a lane's mailbox. Called from any thread."""

    def settle(self, job: Job, result: Any, failure: Failure | None) -> None: ...


NORMAL_PRIORITY = 3
"""Of 1 to 5, as with Temporal; 1 goes first."""


class Job:
    """`timeout` and `heartbeat_timeout` are seconds; they run from the moment the attempt starts. `queued_timeout` runs
    from `queued_at`, and both by the monotonic clock.

    An attempt that waited too long has not begun, and the one who says so must be sure of it: `withdraw` and `start`
    exclude each other.
    """

    __slots__ = (
        "abandoned", "args", "attempt", "beat_at", "beat_details", "binding", "cancelled", "compensated", "config",
        "finished", "heartbeat_timeout", "idempotency_key", "op", "previous_details", "priority", "queued_at",
        "queued_timeout", "rate", "run", "run_id", "sink", "started_at", "task", "ticket", "timeout", "transaction",
        "transactions", "workflow_id",
    )  # fmt: skip

    def __init__(
        self, sink: Sink, binding: Binding, args: tuple[Any, ...], *, op: int = 0, attempt: int = 1, key: str = "",
        run: Any = None, run_id: str = "", workflow_id: str = "", config: dict[str, Any] | None = None,
        timeout: float | None = None, heartbeat_timeout: float | None = None, queued_timeout: float | None = None,
        previous_details: Any = None, priority: int = 0, queued_at: float | None = None,
    ) -> None:  # fmt: skip
        self.sink = sink
        self.binding = binding
        self.args = args
        self.op = op
        self.attempt = attempt
        self.idempotency_key = key
        self.run = run
        self.run_id = run_id
        self.workflow_id = workflow_id
        self.config = config
        self.timeout = timeout
        self.heartbeat_timeout = heartbeat_timeout
        self.queued_timeout = queued_timeout
        self.previous_details = previous_details
        self.cancelled = False
        self.abandoned = False
        self.compensated = False
        self.finished = False
        self.priority = priority or NORMAL_PRIORITY
        self.queued_at = time.monotonic() if queued_at is None else queued_at
        self.rate: Rate | None = None
        self.ticket = None if queued_timeout is None else [None]
        self.started_at: float | None = None
        self.beat_at = 0.0
        self.beat_details: Any = None
        self.task: asyncio.Task[None] | None = None
        self.transaction: Transaction | None = None
        self.transactions: Transactions | None = None

    def connection(self) -> psycopg.Connection:
        """The connection of its transaction, begun at the first call. Raises RuntimeError where there can be none."""
        if self.transaction is None:
            if self.transactions is None or self.binding.kind != "sync":
                raise RuntimeError("a connection is for plain activities of an engine on PostgreSQL")
            limit = None if self.timeout is None else max(int(self.timeout * 1000), 1)
            self.transaction = self.transactions.begin(limit)
        return self.transaction.connection

    def discard(self) -> None:
        """Roll back what the activity did in its transaction, if it has one."""
        if self.transaction is not None:
            self.transaction.discard()
            self.transaction = None

    def hold_to(self, rate: Rate) -> None:
        """No more attempts than that are to begin. Said before it is dispatched."""
        self.rate = rate
        self.ticket = self.ticket or [None]

    def start(self) -> bool:
        """It begins now. False: it has been withdrawn, and must not."""
        if self.ticket is not None and not self._take_ticket():
            return False
        self.started_at = self.beat_at = time.monotonic()
        return True

    def withdraw(self) -> bool:
        """Whether it has not begun, and never will. Only for attempts that may have to wait: with a rate or a limit."""
        return self.ticket is not None and self._take_ticket()

    def _take_ticket(self) -> bool:
        assert self.ticket is not None, "only who may be withdrawn has one"
        try:
            self.ticket.pop()  # atomic: one of two threads gets it
        except IndexError:
            return False
        return True

    def beat(self, details: Any) -> None:
        self.beat_details = details
        self.beat_at = time.monotonic()

    def deadline(self, now: float) -> tuple[float, str] | None:
        """When this attempt runs out of time, and which limit that is; None without a limit.

        For an attempt that has not started, its limits count from `now`: a bound, not a promise.
        """
        if self.started_at is None:
            if self.queued_timeout is not None:
                return self.queued_at + self.queued_timeout, "queued"
            limits = [limit for limit in (self.timeout, self.heartbeat_timeout) if limit is not None]
            return (now + min(limits), "attempt") if limits else None
        end = None if self.timeout is None else (self.started_at + self.timeout, "attempt")
        if self.heartbeat_timeout is not None:
            beat = (self.beat_at + self.heartbeat_timeout, "heartbeat")
            end = beat if end is None or beat < end else end
        return end

    @property
    def has_limit(self) -> bool:
        return self.timeout is not None or self.heartbeat_timeout is not None or self.queued_timeout is not None
