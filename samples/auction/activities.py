"""The auction house's office: announcements, invoices, and the bank's answer whether they are paid."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import tenuto


@tenuto.activity
def announce(auction: str, lots: list[str]) -> None:
    tenuto.context().logger.info("for sale", auction=auction, lots=lots)


@tenuto.activity
def remind(auction: str, opens: datetime) -> None:
    tenuto.context().logger.info("reminder", auction=auction, opens=opens.isoformat())


@tenuto.activity
def invoice(buyer: str, lot: str, price: Decimal) -> dict[str, str]:
    """Write an invoice, under a number made from the key of the call: asked twice, it is the same one."""
    context = tenuto.context()
    number = f"R-{lot}-{buyer}"
    context.logger.info("invoice", number=number, price=str(price), key=context.idempotency_key)
    return {"number": number}


@tenuto.activity
def is_paid(number: str) -> bool:
    """Ask the bank. Here everybody pays at once, but nobody called `late`."""
    return not number.endswith("-late")
