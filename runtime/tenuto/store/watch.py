"""Judges which lanes are dead. Knows no SQL and takes its clock as an argument.

Three kinds of evidence. A lane whose server process is gone has no way to write left: dead at once. One whose lease has
expired and whose beat did not change for its whole time to live, by the watcher's own monotonic clock, is frozen or cut
off: a jump of the database's clock alone kills nobody. And one whose beat has stood still for four times as long is
dead whatever its lease says, for a lease written before the clock was set back may lie days ahead.
Being wrong costs work, never truth: the fence holds in any case.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from typing import NamedTuple

_STANDSTILL = 4


class Pulse(NamedTuple):
    """What the database says about a lane."""

    lane: int
    beat: int
    ttl_ms: int
    expired: bool
    gone: bool


class Watch:
    """What one watcher has seen of the lanes so far. A process's lanes share one: thread-safe."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._seen: dict[int, tuple[int, float]] = {}

    def judge(self, pulses: Iterable[Pulse]) -> tuple[list[Pulse], list[Pulse]]:
        """(gone, silent): both dead; the silent ones may still have a server process that holds locks."""
        with self._lock:
            return self._judge(pulses, self._monotonic())

    def _judge(self, pulses: Iterable[Pulse], now: float) -> tuple[list[Pulse], list[Pulse]]:
        seen: dict[int, tuple[int, float]] = {}
        gone: list[Pulse] = []
        silent: list[Pulse] = []
        for pulse in pulses:
            beat, since = self._seen.get(pulse.lane, (pulse.beat, now))
            if beat != pulse.beat:
                since = now
            seen[pulse.lane] = (pulse.beat, since)
            still_ms = (now - since) * 1000
            if pulse.gone:
                gone.append(pulse)
            elif still_ms >= pulse.ttl_ms * (1 if pulse.expired else _STANDSTILL):
                silent.append(pulse)
        self._seen = seen
        return gone, silent
