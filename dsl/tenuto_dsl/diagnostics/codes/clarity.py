"""TEN7xx: clarity: what is not used, not meant, or hard to read."""

from __future__ import annotations

CLARITY: dict[str, str] = {}
