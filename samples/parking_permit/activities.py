"""Taking the money for a permit, and printing it."""

from __future__ import annotations

import tenuto


@tenuto.activity
def charge(plate: str, cents: int) -> None:
    """The key makes a repeated attempt the same charge."""
    context = tenuto.context()
    context.logger.info("charged", plate=plate, cents=cents, key=context.idempotency_key)


@tenuto.activity
def print_card(plate: str) -> None:
    tenuto.context().logger.info("printed", plate=plate)
