"""What a store promises about rates: how often something begins, in all processes together."""

from __future__ import annotations

from typing import Protocol


class Admissions(Protocol):
    """May be used by one thread at a time."""

    def admit(self, key: str, count: int, period_us: int, wanted: int) -> tuple[int, int]:
        """Admit up to `wanted` now, and say in how many microseconds the next may be admitted, if these are fewer.

        No period, wherever it begins, holds more than `count` admissions under a key. Above 64 they are kept in groups,
        and may be fewer by the remainder of that division. A key keeps its count and its period.
        """

    def close(self) -> None: ...
