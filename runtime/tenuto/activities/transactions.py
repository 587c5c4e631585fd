"""Transactions that activities work in and the engine commits together with the history of their success.

An activity's transaction is begun in the thread that runs it, on a connection of its own. When the activity has
succeeded, the lane that owns the run takes it over: it writes the event and what follows from it into the same
transaction (the fence comes first, as in every flush) and commits. Whatever else happens rolls it back: a failure, a
limit that has passed, an outcome nobody wants any more, a lane that is fenced off, the death of this process or of the
connection. So effect and history are there both or not at all.

While it runs nothing of the lane's is locked: a lane whose activity takes its time can be declared dead by others, and
its transaction is refused when it comes.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tenuto.activities.errors import ActivityFault

if TYPE_CHECKING:
    import psycopg

    from tenuto.activities.job import Job

_PAUSE_S = 0.05


class Transactions:
    """The connections of a process, at most `limit`; who needs more waits. `open_` makes one (raises Unreachable)."""

    def __init__(self, open_: Callable[[], Any], limit: int = 8) -> None:
        self._open = open_
        self._room = threading.Semaphore(limit)
        self._idle: list[Any] = []
        self._lock = threading.Lock()
        self._closed = False

    def begin(self, limit_ms: int | None) -> Transaction:
        """A transaction whose statements end within so long. Raises Unreachable."""
        self._room.acquire()
        try:
            while True:
                with self._lock:
                    channel = self._idle.pop() if self._idle else None
                fresh = channel is None
                channel = channel or self._open()
                try:
                    channel.begin(limit_ms)
                except Exception:
                    channel.close()
                    if fresh:
                        raise
                else:
                    return Transaction(channel, self._end)
        except BaseException:
            self._room.release()
            raise

    def close(self) -> None:
        self._closed = True
        with self._lock:
            idle, self._idle = self._idle, []
        for channel in idle:
            channel.close()

    def _end(self, channel: Any) -> None:
        self._room.release()
        with self._lock:
            if not channel.closed and not self._closed:
                self._idle.append(channel)
                return
        channel.close()


LOSSES = 5
"""Connections that an attempt may lose, one after the other, before it is thought to be its own doing."""


def again(job: Job, times: int) -> bool:
    """An attempt whose effects are all in its transaction has failed. True: because its connection was lost, for the
    n-th time. Then nothing has happened and nothing counts: it is to be made again, after the pause made here."""
    lost = job.transaction is not None and job.transaction.channel.broken
    if not lost or job.cancelled or times >= LOSSES:
        return False
    job.discard()
    time.sleep(_PAUSE_S * 2**times)
    return True


class Transaction:
    """One, open until it is ended: by the lane that commits it, or by `discard`. Any thread may discard."""

    def __init__(self, channel: Any, end: Callable[[Any], None]) -> None:
        self.channel = channel
        self._end = end
        self._ended = False
        self._lock = threading.Lock()

    @property
    def connection(self) -> psycopg.Connection:
        """For the activity's own statements."""
        connection: psycopg.Connection = self.channel.connection
        return connection

    def check(self, over: str) -> None:
        """Before success is told: errors that would come with the commit are the activity's. Raises them; and
        ActivityFault, saying `over`, when the activity has ended the transaction itself: another attempt would, too."""
        if not self.channel.check():
            raise ActivityFault(over)

    def cancel(self) -> None:
        """End the statement that is running, without waiting."""
        threading.Thread(target=self._cancel, name="tenuto-cancel", daemon=True).start()

    def discard(self) -> None:
        """Roll back, unless it has been ended."""
        if self._finish():
            with contextlib.suppress(Exception):
                self.channel.rollback()
            self._end(self.channel)

    def committed(self) -> None:
        """The lane has ended it, one way or the other."""
        if self._finish():
            self._end(self.channel)

    def _cancel(self) -> None:
        with self._lock, contextlib.suppress(Exception):
            if not self._ended:
                self.channel.cancel()

    def _finish(self) -> bool:
        with self._lock:
            first, self._ended = not self._ended, True
        return first
