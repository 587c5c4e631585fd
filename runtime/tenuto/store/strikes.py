"""What follows when a run's lane dies again and again while it holds the run. `tenuto.reap` says the same in SQL."""

CAREFUL = 2
"""From so many strikes on, a run is handed out alone, and only after a pause."""
PARKED = 8
"""With so many it is parked, until an operator's order."""


def pause_ms(strikes: int) -> int:
    """Before a run with this many strikes is handed out again."""
    return 0 if strikes < CAREFUL else min(2 ** (strikes - 2), 60) * 1000


def parked_reason(strikes: int) -> str:
    return f"its engine died {strikes} times in a row while it held this run"
