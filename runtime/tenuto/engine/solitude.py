"""Runs whose engines died while they held them are run apart, so that the next death takes few others along.

Shared by the lanes of a process. A careful claim is made when the process is quiet, or after a while in any case; until
its runs have shown that they do no harm (or a time limit has passed), the process claims nothing else.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable

from tenuto.store.protocol import RunKey


class Solitude:
    def __init__(self, every_s: float, alone_s: float) -> None:
        self._every = every_s
        self._alone = alone_s
        self._lock = threading.Lock()
        self._runs: set[RunKey] = set()
        self._until = 0.0
        self._next = 0.0
        self._looked = time.monotonic()

    @property
    def occupied(self) -> bool:
        """Whether runs with strikes have the process to themselves."""
        return bool(self._runs) and time.monotonic() < self._until

    def may_look(self, now: float, *, quiet: bool) -> bool:
        """Whether this lane may look for a run with strikes now; if so, the others wait for their turn."""
        if now < self._next or self.occupied:
            return False
        with self._lock:
            if now < self._next or not (quiet or now >= self._looked + self._alone):
                return False
            self._next = now + self._every
            self._looked = now
            return True

    def began(self, keys: Iterable[RunKey]) -> None:
        self._runs = set(keys)
        self._until = time.monotonic() + self._alone

    def ended(self, key: RunKey) -> None:
        """It has gone well: after the last of its group, the next may follow at once."""
        if key in self._runs:
            self._runs.discard(key)
            if not self._runs:
                self._next = 0.0
                self._looked = 0.0

    def lost(self, keys: Iterable[RunKey]) -> None:
        """Their lane has died: they are in nobody's hands, and nobody needs to keep away from them."""
        self._runs.difference_update(keys)

    @property
    def next(self) -> float:
        return self._next
