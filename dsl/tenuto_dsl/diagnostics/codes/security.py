"""TEN5xx: security."""

from __future__ import annotations

SECURITY: dict[str, str] = {}
