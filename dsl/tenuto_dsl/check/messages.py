"""Signals and updates by their names."""

from __future__ import annotations

from tenuto_dsl.check.context import Context
from tenuto_dsl.check.facts import MessageFacts, WorkflowFacts
from tenuto_dsl.diagnostics import Spelled
from tenuto_dsl.syntax import tree


def find_message(context: Context, workflow: WorkflowFacts, name: tree.Name, kind: str) -> MessageFacts | None:
    """A signal or update of a workflow by its name, or None after a diagnostic."""
    found = workflow.messages.get(name.text)
    if found is not None and found.kind == kind:
        return found
    if found is not None:
        update = found.kind == "update"
        text, yaml = ("on update", "update") if update else ("on", "on")
        hint = Spelled(f"write `{text} {name.text}`", f"write `{yaml}: {name.text}`")
        context.sink.error("TEN203", name.span, f"{name.text} is {_a(found.kind)}, not {_a(kind)}", hint)
        return None
    candidates = [m.name for m in workflow.messages.values() if m.kind == kind]
    context.unknown(
        kind, name, candidates, "TEN203", Spelled(f"declare it: `{kind} {name.text}(…)`", f"declare it below `{kind}s`")
    )
    return None


def _a(kind: str) -> str:
    return f"an {kind}" if kind == "update" else f"a {kind}"
