"""When to ask the store again: at once on a hint, soon after something was found, ever more rarely when nothing is.

A poll is never repeated before ten times its own cost has passed, so that polling takes at most a tenth of anything.
"""

from __future__ import annotations

_COST_FACTOR = 10.0
_GROWTH = 1.6


class PollPolicy:
    """Times are seconds of the monotonic clock."""

    def __init__(self, least_s: float, most_s: float) -> None:
        self._least = least_s
        self._most = most_s
        self._interval = least_s
        self._cost = 0.0
        self._last = 0.0
        self.next = 0.0

    def due(self, now: float, *, hinted: bool) -> bool:
        # A stream of hints is a reason to poll often, not to do nothing else: leave at least the cost in between.
        return now >= self.next or (hinted and now >= self._last + self._cost)

    def polled(self, now: float, cost: float, *, found: bool, more: bool = False) -> None:
        """`more`: there is certainly more to fetch, so ask again at the next turn."""
        self._cost = cost
        self._last = now
        floor = max(self._least, cost * _COST_FACTOR)
        self._interval = floor if found else min(max(self._interval * _GROWTH, floor), max(self._most, floor))
        self.next = now if more else now + self._interval

    def no_later_than(self, when: float) -> None:
        """Something is known to fall due then."""
        self.next = min(self.next, max(when, self._last + self._cost))
