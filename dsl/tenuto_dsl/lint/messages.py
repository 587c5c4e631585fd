"""Which messages a state takes, and which of them at once: what rules about `defer` have in common."""

from __future__ import annotations

from tenuto_dsl.check.facts import StateFacts
from tenuto_dsl.check.walk import blocks_of_body, steps_of
from tenuto_dsl.syntax import tree


def message_of(trigger: tree.Trigger) -> str | None:
    """The signal or update that fires a trigger, or `cancel`."""
    match trigger:
        case tree.SignalTrigger(signal=name) | tree.UpdateTrigger(update=name):
            return name.text
        case tree.CancelTrigger():
            return "cancel"
        case _:
            return None


def taken_by(state: StateFacts) -> set[str]:
    """The messages that a state takes, some of them under a condition or at a certain step only."""
    taken = {message for t in state.body.transitions if (message := message_of(t.trigger)) is not None}
    for block in blocks_of_body(state.body):
        for step in steps_of(block):
            if isinstance(step, (tree.ReceiveStep, tree.DiscardStep)):
                taken.add(step.signal.text)
    return taken


def taken_at_once(state: StateFacts) -> set[str]:
    """The messages that a state takes whenever it is active, so that none of them is ever left to be deferred."""
    always = (t for t in state.body.transitions if t.guard is None and t.work is None)
    return {message for t in always if (message := message_of(t.trigger)) is not None}
