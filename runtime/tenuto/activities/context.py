"""What a running activity can know and say: its attempt, its idempotency key, heartbeats, cancellation, a logger."""

from __future__ import annotations

import contextvars
from typing import TYPE_CHECKING, Any

import structlog

from tenuto.activities.errors import ActivityCancelled

if TYPE_CHECKING:
    import psycopg

    from tenuto.activities.job import Job

CURRENT: contextvars.ContextVar[Job] = contextvars.ContextVar("tenuto_activity")


def context() -> ActivityContext:
    """The context of the activity that is running. Raises RuntimeError outside of one."""
    job = CURRENT.get(None)
    if job is None:
        raise RuntimeError("tenuto.context() is only available inside an activity that a Tenuto engine is running")
    return ActivityContext(job)


class ActivityContext:
    """One attempt of one activity. Safe to hand to threads that the activity starts."""

    __slots__ = ("_job",)

    def __init__(self, job: Job) -> None:
        self._job = job

    @property
    def attempt(self) -> int:
        """1 for the first attempt. Attempts whose process was lost count too."""
        return self._job.attempt

    @property
    def idempotency_key(self) -> str:
        """The same at every attempt of one call, different for every other call."""
        return self._job.idempotency_key

    @property
    def workflow_id(self) -> str:
        return self._job.workflow_id

    @property
    def run_id(self) -> str:
        return self._job.run_id

    @property
    def activity(self) -> str:
        """The activity's name in the workflow file."""
        return self._job.binding.name

    @property
    def logger(self) -> Any:
        """A structlog logger that names the run, the activity and the attempt in every line."""
        job = self._job
        return structlog.get_logger("tenuto.activity").bind(
            workflow_id=job.workflow_id, run_id=job.run_id, activity=job.binding.name, attempt=job.attempt
        )

    @property
    def connection(self) -> psycopg.Connection:
        """A connection to the engine's database, in a transaction that is committed together with the record of this
        activity's success, and rolled back in every other case: what is done with it is done exactly once.

        For plain (not async) activities, in their own thread. Leave committing to the engine. Declare the activity's
        effect as `transactional` when it has no other.
        """
        return self._job.connection()

    def heartbeat(self, details: Any = None) -> None:
        """Say that the activity is alive; `details` are handed to the next attempt while the engine lives."""
        self._job.beat(details)

    @property
    def heartbeat_details(self) -> Any:
        """The details of the last heartbeat of the attempt before, if this process has them; else None."""
        return self._job.previous_details

    @property
    def cancelled(self) -> bool:
        """True once nobody waits for the outcome any more: cancelled, timed out, or taken over by another process."""
        return self._job.cancelled

    def raise_if_cancelled(self) -> None:
        """Raise `ActivityCancelled` when `cancelled`."""
        if self._job.cancelled:
            raise ActivityCancelled
