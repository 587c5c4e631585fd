"""Where totals are read by others: a log line here, a row of a table in your house."""

from __future__ import annotations

import tenuto


@tenuto.activity
def store(name: str, counts: dict[str, int]) -> None:
    """Write the totals of a counter."""
    tenuto.context().logger.info("totals", name=name, **counts)
