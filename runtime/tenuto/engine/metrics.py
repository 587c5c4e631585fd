"""What an engine has done, as plain numbers. Each lane counts its own; `total` adds them up."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields


@dataclass(slots=True)
class Metrics:
    steps: int = 0
    flushes: int = 0
    claims: int = 0
    """Calls of claim, found something or not."""
    claimed: int = 0
    closed: int = 0
    released: int = 0
    parked: int = 0
    dispatched: int = 0
    refused: int = 0
    """Outcomes that came too late to count."""
    lost_lanes: int = 0
    rejected: int = 0
    in_flight: int = 0
    """Attempts out at this moment."""
    runs: int = 0
    """Runs held at this moment."""


def total(parts: Iterable[Metrics]) -> Metrics:
    result = Metrics()
    for part in parts:
        for field in fields(Metrics):
            setattr(result, field.name, getattr(result, field.name) + getattr(part, field.name))
    return result
