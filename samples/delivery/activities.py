"""Carriers and customers, as stand-ins: bikes take light parcels, vans some, the post everything."""

from __future__ import annotations

from typing import Any

import tenuto

HEAVIEST_G = {"bike": 5_000, "van": 30_000}


@tenuto.activity
def book(carrier: str, parcel: dict[str, Any]) -> dict[str, str]:
    """Ask a carrier to fetch a parcel. Under one key, a second request books nothing further."""
    if parcel["weight_g"] > HEAVIEST_G.get(carrier, 1_000_000):
        raise tenuto.ActivityError("Refused", f"{carrier} does not carry {parcel['weight_g']} g", carrier=carrier)
    return {"booking": f"{carrier}-{parcel['id']}"}


@tenuto.activity
def cancel_booking(carrier: str, parcel: str) -> None:
    """Give a booking back; nothing, when there is none."""
    tenuto.context().logger.info("booking cancelled", carrier=carrier, parcel=parcel)


@tenuto.activity
def find_pickup_point(near: dict[str, Any]) -> dict[str, str]:
    """The nearest place that keeps parcels."""
    return {"point": f"the kiosk in {near['city']}"}


@tenuto.activity
def tell_customer(parcel: str, text: str) -> None:
    """A message to whoever waits for a parcel."""
    tenuto.context().logger.info("to the customer", parcel=parcel, text=text)
