"""Reaching people: stand-ins for mail or chat, which write to the log."""

from __future__ import annotations

from typing import Any

import tenuto


@tenuto.activity
def ask(person: str, request: dict[str, Any], urgent: bool) -> None:
    """Put a request before somebody."""
    logger = tenuto.context().logger
    logger.info("please decide", person=person, request=request["id"], what=request["what"], urgent=urgent)


@tenuto.activity
def tell(person: str, request: str, text: str) -> None:
    """A line about a request."""
    tenuto.context().logger.info("a word", person=person, request=request, text=text)
