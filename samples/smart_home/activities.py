"""The hub, the power exchange and a telephone, as stand-ins."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import tenuto

OFFLINE = {"garage"}
"""Devices that do not answer."""


@tenuto.activity
def set_device(device: str, command: str) -> None:
    """Tell a device what to do. To say it twice does no harm."""
    if device in OFFLINE:
        raise tenuto.ActivityError("DeviceOffline", f"{device} does not answer", device=device)
    tenuto.context().logger.info("to a device", device=device, command=command)


@tenuto.activity
def fetch_prices(zone: str) -> list[dict[str, Any]]:
    """Tomorrow's prices: cheap at night, dear in the evening."""
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    cents = [Decimal(8 + abs(hour - 3) * 2) for hour in range(24)]
    return [{"from": midnight + timedelta(hours=hour), "cents": each} for hour, each in enumerate(cents)]


@tenuto.activity
def tell(person: str, text: str) -> None:
    """A message to somebody's telephone."""
    tenuto.context().logger.info("to a person", person=person, text=text)
