"""TEN4xx: durability."""

from __future__ import annotations

DURABILITY: dict[str, str] = {
    "TEN401": "an activity without a timeout",
    "TEN402": "a retry of what must happen once",
    "TEN403": "a request without an idempotency key",
    "TEN404": "a fan-out without a bound",
    "TEN405": "a variable read before a wait and written after it, in concurrent work",
    "TEN406": "a cycle that collects undos and never commits",
    "TEN407": "a call that could be undone, and is not",
    "TEN408": "an undo that gives up at the first failure",
    "TEN409": "an undo that needs the result it may never get",
}
