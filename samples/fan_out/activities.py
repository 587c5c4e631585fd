"""An album of pictures that exist only as names; work takes a moment, so that there is something to watch."""

from __future__ import annotations

import time
from typing import Any

import tenuto

WORK_S = 0.2
"""How long each pretended piece of work takes."""

JPEG = b"\xff\xd8\xff"
"""How a JPEG begins."""


@tenuto.activity
def list_pictures(album: str) -> list[dict[str, Any]]:
    """A dozen pictures, one of which is damaged."""
    return [{"name": f"{album}-{number:02}", "bytes": 1000 * number, "head": JPEG} for number in range(12)]


@tenuto.activity
def shrink(album: str, picture: dict[str, Any]) -> dict[str, str]:
    """Make a thumbnail. The seventh picture cannot be read."""
    time.sleep(WORK_S)
    if picture["name"].endswith("-07"):
        raise tenuto.ActivityError("Unreadable", "this is not a picture", name=picture["name"])
    return {"path": f"{album}/thumbs/{picture['name']}.jpg"}


@tenuto.activity
def publish(album: str, paths: list[str]) -> dict[str, str]:
    """Put the thumbnails where people see them."""
    tenuto.context().logger.info("published", album=album, pictures=len(paths))
    return {"url": f"https://pictures.example/{album}"}
