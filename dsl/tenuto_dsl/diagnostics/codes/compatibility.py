"""TEN6xx: compatibility with what is deployed."""

from __future__ import annotations

COMPATIBILITY: dict[str, str] = {}
