"""Habits of other formats: keys that people write who know those, and what they are here."""

from __future__ import annotations

from tenuto_dsl.diagnostics.nearest import nearest

_TRIGGERS = ("on", "done", "after", "at", "every", "error", "on_error", "cancel", "update", "when")
_SYNONYMS: dict[str, tuple[str, ...]] = {
    "returns": ("output",), "result": ("output", "returns"), "output": ("returns",), "params": ("input", "args"),
    "parameters": ("input", "params"), "input": ("params", "args", "given"), "arguments": ("args",), "with": ("args",),
    "variables": ("vars",), "target": ("to",), "goto": ("to",), "next": ("to",),
    "signal": ("on",), "assign": ("set",), "description": ("doc",), "steps": ("do",), "then": ("do",), "body": ("do",),
    "retries": ("retry",), "sleep": ("wait",), "delay": ("wait",), "raise": ("fail",), "throw": ("fail",),
    "print": ("log",), "header": ("headers",), **dict.fromkeys(_TRIGGERS, ("transitions",)),
}  # fmt: skip
"""What people write who know other formats."""


def meant_key(key: str, names: tuple[str, ...]) -> tuple[str | None, str | None]:
    """Of these keys the one that was meant, when another word for it or a misspelling was written; and the hint."""
    meant = next((name for name in _SYNONYMS.get(key, ()) if name in names), None) or nearest(key, names)
    if meant == "transitions" and key in _TRIGGERS:
        trigger = "error" if key == "on_error" else key
        return None, f"it stands in the list `transitions`: `- {{ {trigger}: …, to: … }}`"
    return meant, f"did you mean `{meant}`?" if meant else None
