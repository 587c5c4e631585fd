"""TEN4xx: durability."""

from __future__ import annotations

DURABILITY: dict[str, str] = {
    "TEN401": "an activity without a timeout",
    "TEN402": "a retry of what must happen once",
    "TEN403": "a request without an idempotency key",
}
