"""Waits for hints that something has happened. Correctness never depends on one: whoever waits also polls.

A LISTEN socket can go deaf without an error (a proxy that forgets it, a peer that vanishes); so a quiet connection is
asked something now and then, and replaced when it does not answer.
"""

from __future__ import annotations

import contextlib
import time

import psycopg

from tenuto.store.postgres.connect import connect
from tenuto.store.protocol import Unreachable

_PROBE_AFTER = 20.0
_RETRY_AFTER = 1.0


class Listener:
    """One channel: "tenuto_news" (a run has something to do) or "tenuto_closed" (a run has closed).

    Connects when first used and again after every failure. Not thread-safe, but `close` may come from another thread.
    """

    def __init__(self, dsn: str, channel: str = "tenuto_news") -> None:
        assert channel in ("tenuto_news", "tenuto_closed")
        self._dsn = dsn
        self._channel = channel
        self._connection: psycopg.Connection | None = None
        self._heard = 0.0
        self._retry_at = 0.0
        self._closed = False

    def wait_for_news(self, timeout: float) -> bool:
        """True at a hint (several become one), or when hints may have been missed; False after `timeout` seconds.

        Never raises for a connection: without one it waits the timeout out.
        """
        deadline = time.monotonic() + timeout
        connection = self._connection
        if connection is None:
            if not self._connect():
                time.sleep(max(0.0, min(deadline, self._retry_at) - time.monotonic()))
                return False
            return True  # whatever came while nobody listened
        try:
            if time.monotonic() - self._heard > _PROBE_AFTER:
                connection.execute("select 1")
                self._heard = time.monotonic()
            heard = False
            for _ in connection.notifies(timeout=max(0.0, deadline - time.monotonic()), stop_after=1):
                heard = True
                self._heard = time.monotonic()
        except psycopg.Error:
            self._drop()
            return True
        return heard

    def close(self) -> None:
        self._closed = True
        self._drop()

    def _connect(self) -> bool:
        if self._closed or time.monotonic() < self._retry_at:
            return False
        try:
            self._connection = connect(self._dsn, "tenuto listener", {"statement_timeout": "10000"})
            self._connection.execute(f"listen {self._channel}".encode())
        except (Unreachable, psycopg.Error):
            self._drop()
            self._retry_at = time.monotonic() + _RETRY_AFTER
            return False
        self._heard = time.monotonic()
        return True

    def _drop(self) -> None:
        if self._connection is not None:
            with contextlib.suppress(Exception):
                self._connection.close()
            self._connection = None
