"""Billing, mail and access, as stand-ins. The card of a customer with `declined` in their id is declined, softly."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import tenuto


@tenuto.activity
def make_invoice(customer: str, plan: dict[str, Any], period: int) -> dict[str, Any]:
    """An invoice for a period; the same one for the same period."""
    return {"id": f"{customer}-{period:03}", "amount": plan["price"]}


@tenuto.activity
def charge_card(customer: str, invoice: str, amount: Decimal) -> dict[str, str]:
    """Take the money, once for each key."""
    if "declined" in customer:
        raise tenuto.ActivityError("CardDeclined", "insufficient funds", reason="funds", hard=False)
    tenuto.context().logger.info("charged", customer=customer, invoice=invoice, amount=str(amount))
    return {"payment": f"payment-{invoice}"}


@tenuto.activity
def mail(to: str, template: str, text: str) -> None:
    """Write to the customer."""
    tenuto.context().logger.info("mail", to=to, template=template, text=text)


@tenuto.activity
def set_access(customer: str, granted: bool) -> None:
    """Open or close what the customer pays for."""
    tenuto.context().logger.info("access", customer=customer, granted=granted)


@tenuto.activity
def erase_data(customer: str) -> None:
    """Forget a customer; nothing, when nothing is known."""
    tenuto.context().logger.info("erased", customer=customer)
