"""Habits of other formats: what people write who know those, and what it is here.

All of it is tables: other words for a key, keys that stand elsewhere, and what is shown where a value has another shape
than the one that is read. Nothing here decides how reading goes on.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from tenuto_dsl.diagnostics.nearest import nearest

_TRIGGERS = ("on", "done", "after", "at", "every", "error", "on_error", "cancel", "update", "when")
_SYNONYMS: dict[str, tuple[str, ...]] = {
    "returns": ("output",), "result": ("output", "returns"), "output": ("returns",), "params": ("input", "args"),
    "parameters": ("input", "params"), "input": ("params", "args", "given"), "arguments": ("args",), "with": ("args",),
    "variables": ("vars",), "target": ("to",), "goto": ("to",), "next": ("to",), "transition_to": ("to",),
    "assign": ("set",), "description": ("doc",), "steps": ("do",), "then": ("do",), "body": ("do",), "do": ("then",),
    "retries": ("retry",), "sleep": ("wait",), "delay": ("wait",), "raise": ("fail",), "throw": ("fail",),
    "print": ("log",), "header": ("headers",), "uses": ("python",), "function": ("python",),
    "signal": ("on", "send"), "event": ("on", "send"), "on signal": ("on",), "on_signal": ("on",),
    "on update": ("update",), "on_update": ("update",), "on done": ("done",), "on_done": ("done",),
    "onDone": ("done",), "on error": ("error",), "on_error": ("error",), "onError": ("error",), "catch": ("error",),
    "on cancel": ("cancel",), "on_cancel": ("cancel",), "timeout": ("after", "within"), "on_timeout": ("after",),
    "timer": ("after",), "cron": ("every",), "schedule": ("every",), "guard": ("when",), "cond": ("when",),
    "condition": ("when",), "end": ("final",), "terminal": ("final",), "is_final": ("final",), "start": ("initial",),
    "is_initial": ("initial",), "on_entry": ("entry",), "on_exit": ("exit",), "onEntry": ("entry",),
    "onExit": ("exit",), "default": ("value",), "initial": ("value",), "value": ("default",),
    "error": ("fail", "fails"),
    "max_attempts": ("times",), "maximum_attempts": ("times",), "attempts": ("times",), "interval": ("backoff",),
    "initial_interval": ("backoff",), "backoff_rate": ("factor",), "multiplier": ("factor",),
    "backoff_coefficient": ("factor",), "max_interval": ("up_to",), "maximum_interval": ("up_to",),
    "max_delay": ("up_to",), "total": ("overall",), "assert": ("expect",), "foreach": ("for",), "items": ("in",),
    "while": ("until",),
}  # fmt: skip
"""Other words for a key, in the order of what they mean where a map has several of them."""
_UNCERTAIN = ("while", "foreach", "steps", "result", "cron", "schedule")
"""Words whose value is written otherwise too: no fix renames them."""

_SHOWN = "it stands in the list `transitions`: `- {{ {key}: …, to: … }}`"
_IN_STEPS = "it stands in the list `steps`: `steps: [{{ {key}: … }}]`"
_METHOD = "the method is a value: `{{ method: {upper}, url: … }}`"
_OUTCOME = "it stands in `outcomes`: `outcomes: [{{ {key}: … }}]`"
_CHOICE = "a choice is `{{ if: …, then: [ … ], else: [ … ] }}`, with a further `if` in `else`"
_LOOP = "a loop is `{{ repeat: [ … ], until: … }}`, or `{{ for: x, in: list, do: [ … ] }}`"
_ELSEWHERE: tuple[tuple[tuple[str, ...], str, str], ...] = (
    (_TRIGGERS, "transitions", _SHOWN),
    (("initial",), "states", "each state says it for itself: `states: {{ name: {{ initial: true, … }} }}`"),
    (("timeout",), "transitions", "it is a transition: `transitions: [{{ after: 1h, to: … }}]`"),
    (("args",), "fail", "it stands inside of `fail`: `fail: {{ fail: Name, args: {{ … }} }}`"),
    (("given", "mock", "send", "update", "expect", "advance", "config", "cancel"), "steps", _IN_STEPS),
    (("workflow",), "given", "it stands beside the steps: `name: {{ workflow: w, steps: [ … ] }}`"),
    (("get", "post", "put", "patch", "delete", "head"), "method", _METHOD),
    (("returns", "fails", "hangs"), "outcomes", _OUTCOME),
    (("switch", "case", "match", "choice"), "if", _CHOICE),
    (("while", "loop"), "repeat", _LOOP),
    (("run", "shell", "script", "task"), "call", "work is an activity: declare it in `activities`, and `call` it"),
    (("required", "optional", "nullable"), "type", 'the type says it: `type: T` is required, `type: "T?"` is not'),
)
"""Keys that stand elsewhere, by a key of the map that they were written in; and what shows where."""

_EXAMPLES = {
    "an undo": "one call, without a dash: `undo: { call: refund, args: { … } }`",
    "a map from variables to values": "write `set: { variable: … }`",
    "a map from names to values": "write `let: { name: … }`",
    "a map from branches to steps": "write `parallel: { name: [ … ], other: [ … ] }`",
    "retry": "write `retry: { times: 5, backoff: 1s }`",
    "rate": "write `rate: { count: 10, per: 1s }`",
    "the options of a call": "write `with: { timeout: 5s }`",
    "an outcome": "write `- returns: …`, `- fails: Name` or `- hangs`",
    "an expression": "it is one text, such as `count > 0 && order.id != null`",
    "a list of errors": "write `[Name, Other]`",
    "a list of handlers": "write `catch: [{ error: Name, do: [ … ] }]`",
    "a list of outcomes": "write `outcomes: [{ returns: … }]`",
}
"""What is shown where something else is expected."""

_BESIDE = {
    "call": "args: { … }", "start": "args: { … }", "send": "args: { … }", "update": "args: { … }",
    "fails": "args: { … }", "mock": "outcomes: [{ returns: … }]", "receive": "as: name", "on": "as: name",
    "error": "as: name",
}  # fmt: skip
"""What stands beside a name that people write a map under."""

_CRON = re.compile(r"[0-9*][0-9*/,-]*(?: +[0-9*][0-9*/,-]*){2}(?: +[0-9*A-Z][0-9*/,A-Z-]*){2}")
_LITERALS = (
    (re.compile(r"-?[0-9]+"), "int"), (re.compile(r"-?[0-9]*\.[0-9]+"), "double"),
    (re.compile(r"true|false"), "bool"), (re.compile(r"(?:[0-9]+(?:w|d|h|ms|m|s|us))+"), "duration"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Meant:
    """What a key was meant to be, if that is known, and what is said; `is_certain` when it may be renamed unasked."""

    key: str | None
    hint: str | None
    is_certain: bool = False


def meant_key(key: str, names: tuple[str, ...]) -> Meant:
    """What a key was meant to be of these: another word for one, one that stands elsewhere, or a misspelling."""
    for keys, beside_it, words in _ELSEWHERE:
        if key.lower() in keys and beside_it in names:
            shown = "error" if key == "on_error" else key
            return Meant(None, words.format(key=shown, upper=key.upper()))
    another = next((name for name in _SYNONYMS.get(key, ()) if name in names), None)
    if another is not None:
        if key in _UNCERTAIN:
            return Meant(another, f"did you mean `{another}`?")
        return Meant(another, f"write `{another}`", is_certain=True)
    near = nearest(key, names)
    return Meant(near, f"did you mean `{near}`?" if near else None)


def example(wanted: str) -> str | None:
    """What shows how something is written that was expected."""
    return _EXAMPLES.get(wanted)


def beside(key: str, inner: list[str]) -> str | None:
    """How a name is written under which a map stands that begins with these keys."""
    rest = _BESIDE.get(key)
    name = next(iter(inner), "name") if inner[:1] not in (["error"], ["name"], ["type"]) else "Name"
    return None if rest is None else f"what belongs to it stands beside it: `{{ {key}: {name}, {rest} }}`"


def not_a_name(text: str) -> str:
    """What to say of a text that is no name."""
    called = re.match(r"\s*(\w+)\s*\(", text)
    if called is not None:
        return f"arguments stand beside it: `{called.group(1)}`, and `args: {{ … }}`"
    if re.fullmatch(r"\w+\?", text):
        return f'the type says that it may be null: `{text[:-1]}: "T?"`'
    return "letters, digits and underscores, not a digit first"


def is_cron(text: str) -> bool:
    """Whether a text is a cron expression as it stands in a crontab."""
    return _CRON.fullmatch(text.strip()) is not None


def type_of_literal(text: str) -> str | None:
    """The type of a value that stands where a type is expected."""
    return next((name for pattern, name in _LITERALS if pattern.fullmatch(text)), None)
