"""Statements, the bank and the ledger, as stand-ins. The bank rejects drivers with `rejected` in their id."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

import tenuto


@tenuto.activity
def make_statement(driver: str, since: datetime, until: datetime) -> dict[str, Any]:
    """What a driver has earned in a period, as the trips' database knows it."""
    days = (until - since).days
    gross, fees = Decimal("37.50") * days, Decimal("7.50") * days
    return {"gross": gross, "fees": fees, "net": gross - fees, "trips": 3 * days}


@tenuto.activity
def pay(driver: str, amount: Decimal, reference: str) -> dict[str, str]:
    """Transfer money, once for each reference."""
    if "rejected" in driver:
        raise tenuto.ActivityError("BankRejected", "the account is closed", reason="closed")
    tenuto.context().logger.info("paid", driver=driver, amount=str(amount), reference=reference)
    return {"transfer": f"transfer-{reference}"}


@tenuto.activity
def take_back(reference: str) -> None:
    """Take back a transfer; nothing, when there was none."""
    tenuto.context().logger.info("taken back", reference=reference)


@tenuto.activity
def post_to_ledger(driver: str, amount: Decimal, transfer: str) -> None:
    """Tell the books."""
    tenuto.context().logger.info("posted", driver=driver, amount=str(amount), transfer=transfer)


@tenuto.activity
def tell_driver(driver: str, text: str) -> None:
    """Write to a driver."""
    tenuto.context().logger.info("to the driver", driver=driver, text=text)
