"""TEN2xx: names and types."""

from __future__ import annotations

NAMES: dict[str, str] = {}
