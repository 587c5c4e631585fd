"""TEN3xx: the state machine."""

from __future__ import annotations

STATES: dict[str, str] = {}
