"""A model that follows a script, and tools that only say what they would do."""

from __future__ import annotations

from typing import Any

import tenuto


@tenuto.activity
def complete(model: str, messages: list[dict[str, Any]]) -> dict[str, Any]:
    """Look first, then ask to delete, then answer: what a model might do with the task in input.json."""
    results = [message for message in messages if message["role"] == "tool"]
    calls = []
    if not results:
        calls = [{"id": "look", "tool": "list", "argument": "var/cache", "risk": "low"}]
    elif len(results) == 1:
        calls = [{"id": "clean", "tool": "delete", "argument": "var/cache/old", "risk": "high"}]
    text = "" if calls else f"I am done; the last tool said: {results[-1]['content']}."
    return {"text": text, "calls": calls, "tokens": 50 * len(messages)}


@tenuto.activity
def run_tool(id: str, tool: str, argument: str) -> str:
    """Say what would be done."""
    tenuto.context().logger.info("tool", tool=tool, argument=argument)
    return f"{tool} {argument}: ok"


@tenuto.activity
def ask_person(call: dict[str, Any]) -> None:
    """Put a risky call before somebody, with buttons that send the signal `decide`."""
    tenuto.context().logger.warning("may I?", call=call["id"], tool=call["tool"], argument=call["argument"])


@tenuto.activity
def summarise(messages: list[dict[str, Any]]) -> str:
    """A long conversation in a few words."""
    return f"{len(messages)} messages were exchanged"
