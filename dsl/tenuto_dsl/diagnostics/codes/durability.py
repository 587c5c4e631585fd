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
    "TEN410": "retries that the overall timeout leaves no time for",
    "TEN411": "limits that contradict each other",
    "TEN412": "polling several times a second",
    "TEN413": "a loop that asks without a pause and without an end",
    "TEN414": "a list that only grows",
    "TEN415": "a retry of who knows what",
    "TEN416": "`effect keyed` without sending the key",
    "TEN417": "an idempotency key that is none",
    "TEN418": "`effect pure` of a request that changes something",
    "TEN419": "`unless` names an error that the activity does not declare",
    "TEN420": "a child that is started and left alone",
    "TEN421": "a priority that does not exist",
    "TEN422": "an error of a statement with a field that nothing fills",
    "TEN423": "a child that is not undone",
    "TEN424": "an error of a request that no answer raises",
}
