"""Where other threads leave things for a lane: outcomes of activities, and hints that the store has news.

Appending to a deque needs no lock; waking needs one only when the lane sleeps. A lane that is busy, or waits for its
commit, is never woken: it looks into its mailbox before it sleeps.
"""

from __future__ import annotations

import contextlib
import threading
from collections import deque
from typing import Any

from tenuto_interpreter.events import Failure

from tenuto.activities.job import Job

Outcome = tuple[Job, Any, Failure | None]


class Mailbox:
    """Any thread may `settle` and `hint`; one thread, the lane's, takes and sleeps."""

    def __init__(self) -> None:
        self.outcomes: deque[Outcome] = deque()
        self.hinted = False
        self.urgent = False
        self._sleeping = False
        self._closed = False
        self._gate = threading.Lock()
        self._gate.acquire()

    def settle(self, job: Job, result: Any, failure: Failure | None) -> None:
        self.outcomes.append((job, result, failure))
        if self._sleeping:
            self.wake()
        elif self._closed:
            self.close()

    def close(self) -> None:
        """Nobody takes outcomes any more: what was done in a transaction is undone, now or when it comes."""
        self._closed = True
        while self.outcomes:
            with contextlib.suppress(IndexError):
                self.outcomes.popleft()[0].discard()

    def hint(self) -> None:
        """The store may have runs or news for the lane."""
        self.hinted = True
        self.wake()

    def call(self) -> None:
        """Somebody wants the lane's attention: a drain, a lost lease."""
        self.urgent = True
        self.wake()

    def wake(self) -> None:
        self._sleeping = False
        with contextlib.suppress(RuntimeError):  # open already
            self._gate.release()

    def sleep(self, seconds: float) -> None:
        """Wait until something arrives, at most so long."""
        self._sleeping = True
        if not (self.outcomes or self.hinted or self.urgent):
            self._gate.acquire(timeout=max(seconds, 0.0))
        self._sleeping = False
