"""A source, workers and tables that exist only in the log; loading takes a moment."""

from __future__ import annotations

import time
from typing import Any

import tenuto

WORK_S = 0.2
"""How long each pretended piece of work takes."""


@tenuto.activity
def is_ready(source: str, day: str) -> bool:
    """Whether the day is complete."""
    return True


@tenuto.activity
def list_chunks(source: str, day: str) -> list[dict[str, Any]]:
    """Twenty-four files, one for each hour."""
    return [{"uri": f"{source}/{day}/{hour:02}.csv", "rows": 100 + hour} for hour in range(24)]


@tenuto.activity
def start_workers(name: str, count: int) -> None:
    """Start machines; nothing, when they run."""
    tenuto.context().logger.info("workers started", name=name, count=count)


@tenuto.activity
def stop_workers(name: str) -> None:
    """Stop machines; nothing, when there are none."""
    tenuto.context().logger.info("workers stopped", name=name)


@tenuto.activity
def load(chunk: dict[str, Any], into: str) -> dict[str, int]:
    """Load a file. The one of three in the morning is damaged."""
    time.sleep(WORK_S)
    tenuto.context().heartbeat()
    if chunk["uri"].endswith("/03.csv"):
        raise tenuto.ActivityError("BadData", "a field is missing", line=17)
    return {"rows": chunk["rows"]}


@tenuto.activity
def publish(staging: str, target: str) -> None:
    """Swap tables."""
    tenuto.context().logger.info("published", staging=staging, target=target)


@tenuto.activity
def drop_staging(name: str) -> None:
    """Drop a table; nothing, when there is none."""
    tenuto.context().logger.info("dropped", name=name)
