"""The shop's side of order fulfilment: stock, packing and mail, as they would call real systems.

Each activity takes the idempotency key of its call as the name of what it does, so that a second attempt finds the
first one's work instead of doing it twice.
"""

from __future__ import annotations

import time

import payment_service
import tenuto

payment_service.ensure_running()  # the stand-in for the payment provider; in a real project it is somebody else's

WORK_S = 0.1
"""How long a pretended piece of work takes."""

SOLD_OUT = "unobtainium"


@tenuto.activity
def reserve_stock(order_id: str, items: list[dict[str, object]]) -> dict[str, str]:
    """Set the goods aside for this order."""
    time.sleep(WORK_S)
    for item in items:
        if item["sku"] == SOLD_OUT:
            raise tenuto.ActivityError("OutOfStock", f"no {SOLD_OUT} left", retryable=False, sku=SOLD_OUT)
    return {"reservation": f"reservation-{order_id}"}


@tenuto.activity
def release_stock(order_id: str) -> None:
    """Put the goods back. Nothing to do when none were set aside."""
    time.sleep(WORK_S)


@tenuto.activity
def pack(order_id: str, items: list[dict[str, object]]) -> dict[str, str]:
    """Pick every item and hand the parcel to the carrier."""
    context = tenuto.context()
    for item in items:
        context.raise_if_cancelled()
        context.logger.debug("picked", sku=item["sku"], quantity=item["quantity"])
        time.sleep(WORK_S / len(items))
    return {"tracking": f"parcel-{order_id}"}


@tenuto.activity
def send_invoice(order_id: str, email: str) -> None:
    """Mail the invoice."""
    time.sleep(WORK_S)
    tenuto.context().logger.debug("invoice sent", order=order_id, to=email)
