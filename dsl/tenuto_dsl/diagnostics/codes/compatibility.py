"""TEN6xx: compatibility with what is deployed."""

from __future__ import annotations

COMPATIBILITY: dict[str, str] = {
    "TEN601": "a migration that leads nowhere",
    "TEN602": "a migration to a final state",
    "TEN603": "a state without a counterpart",
    "TEN604": "a variable without a value after a migration",
    "TEN605": "a variable of another type after a migration",
    "TEN606": "an activity that is still needed",
    "TEN607": "an unknown state or variable of the old version",
    "TEN608": "states that cannot be active together",
    "TEN609": "a change under the same version",
}
