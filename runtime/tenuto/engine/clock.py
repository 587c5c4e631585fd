"""The store's clock, read rarely: every time in a run's history comes from it, whatever this machine believes.

Between two readings the time is carried on by this process's monotonic clock, so that a jump of the local wall clock
changes nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable

_SAMPLES = 4


class StoreClock:
    """`read` asks the store (microseconds). With `exact`, every `now` asks it."""

    def __init__(self, read: Callable[[], int], *, every_s: float, exact: bool = False) -> None:
        self._read = read
        self._every = every_s
        self._exact = exact
        self._offset = 0
        self._next = 0.0
        self.sync()

    def sync(self) -> None:
        """Read the store's clock a few times and believe the quickest answer: half its round trip is the error."""
        best = float("inf")
        for _ in range(1 if self._exact else _SAMPLES):
            before = time.monotonic()
            at = self._read()
            after = time.monotonic()
            if after - before < best:
                best = after - before
                self._offset = at - int((before + after) * 500_000)
        self._next = time.monotonic() + self._every

    def sync_if_due(self) -> None:
        if time.monotonic() >= self._next:
            self.sync()

    def now(self) -> int:
        """Microseconds since 1970."""
        if self._exact:
            return self._read()
        return self._offset + int(time.monotonic() * 1_000_000)
