"""TEN4xx: durability."""

from __future__ import annotations

DURABILITY: dict[str, str] = {}
