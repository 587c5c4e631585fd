"""What follows when a run's lane dies again and again while it holds the run. `tenuto.reap` says the same in SQL."""

CAREFUL = 2
"""From so many strikes on, a run is handed out apart from those with fewer, and only after a pause."""
PARKED = 8
"""With so many it is parked, until an operator's order."""


def pause_ms(strikes: int) -> int:
    """Before a run with this many strikes is handed out again."""
    return 0 if strikes < CAREFUL else min(2 ** (strikes - 2), 60) * 1000


def group(strikes: int) -> int:
    """How many runs with this many strikes are handed out together: 32, 8, 2, then each alone.

    A process that dies twice takes all its runs along, most of them innocent. Were each tried alone, a thousand of them
    would be held up for as long as a thousand activities take; in groups that shrink, the culprit still ends alone.
    """
    return max(1, 32 >> 2 * (strikes - CAREFUL))


def parked_reason(strikes: int) -> str:
    return f"its engine died {strikes} times in a row while it held this run"
