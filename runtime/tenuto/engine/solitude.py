"""Runs whose engines died while they held them are run alone, so that the next death takes nobody with it.

Shared by the lanes of a process. A careful claim is made when the process is quiet, or after a while in any case; until
that run has been given back or has ended (or a time limit has passed), the process claims nothing else.
"""

from __future__ import annotations

import threading
import time

from tenuto.store.protocol import RunKey


class Solitude:
    def __init__(self, every_s: float, alone_s: float) -> None:
        self._every = every_s
        self._alone = alone_s
        self._lock = threading.Lock()
        self._run: RunKey | None = None
        self._until = 0.0
        self._next = 0.0
        self._looked = time.monotonic()

    @property
    def occupied(self) -> bool:
        """Whether a run with strikes has the process to itself."""
        return self._run is not None and time.monotonic() < self._until

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

    def began(self, key: RunKey) -> None:
        self._run = key
        self._until = time.monotonic() + self._alone

    def ended(self, key: RunKey) -> None:
        """It has gone well: the next one may follow at once."""
        if self._run == key:
            self._run = None
            self._next = 0.0
            self._looked = 0.0

    @property
    def next(self) -> float:
        return self._next
