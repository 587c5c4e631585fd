"""How long a lane waits for company before a commit: not at all when it is alone, a little when outcomes pour in."""

from __future__ import annotations

import time

from tenuto.engine.mailbox import Mailbox

_MANY = 8
_WINDOW_S = 0.0005


class Gathering:
    """Judges by what came last time: a steady stream of outcomes is worth waiting for, a lone one is not."""

    def __init__(self, limit_s: float) -> None:
        self._limit = limit_s
        self._last = 0

    def wait(self, mailbox: Mailbox, in_flight: int) -> None:
        """Called with at least one outcome waiting and `in_flight` attempts out (those waiting included)."""
        got = len(mailbox.outcomes)
        if self._limit > 0 and got < in_flight and max(got, self._last) >= _MANY:
            end = time.monotonic() + self._limit
            while time.monotonic() < end:
                time.sleep(_WINDOW_S)
                now = len(mailbox.outcomes)
                more, got = now - got, now
                if more < _MANY or got >= in_flight:
                    break
        self._last = got
