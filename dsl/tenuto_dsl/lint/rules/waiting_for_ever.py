"""TEN331: waiting for a message without a limit

A state that only a message leads out of, in a workflow that is meant to end, or a `receive` or `wait for` without
`within`. Messages get lost on the way, people forget, services are switched off: such a run waits for years, and shows
up nowhere as late. Say how long it may take, even if that is ninety days, and where it goes then. A limit on a state
around counts.

Bad:

```tenuto bad states
initial state asking {
  on approve      -> finished
  on cancel_order -> rejected
}
```

Good:

```tenuto good states
initial state asking {
  on approve      -> finished
  on cancel_order -> rejected
  after 14d       -> rejected
}
```
"""

from __future__ import annotations

from tenuto_dsl.check.facts import StateFacts
from tenuto_dsl.diagnostics import Spelled
from tenuto_dsl.lint.graph import TIMERS, handlers, is_leaf, is_meant_to_end, may_finish
from tenuto_dsl.lint.rule import Report, workflow_rule
from tenuto_dsl.lint.views import PlacedStep, WorkflowView
from tenuto_dsl.syntax import tree

_MESSAGES = (tree.SignalTrigger, tree.UpdateTrigger)


@workflow_rule("TEN331")
def check(view: WorkflowView, report: Report) -> None:
    if not is_meant_to_end(view):
        return
    for state in view.states:
        if state.kind == "plain" and is_leaf(state) and _only_messages_lead_on(view, state):
            hint = Spelled(
                "add `after 30d -> …`, here or in a state around",
                "add `{ after: 30d, to: … }`, here or in a state around",
            )
            report(state.span, f"{state.name} waits for a message, and for as long as it takes", hint)
    for placed in view.steps:
        word = _waits(placed.operation)
        if word is not None and not _is_limited(view, placed):
            report(
                placed.operation.span,
                f"this `{word}` waits for as long as it takes",
                Spelled("add `within 30d`", "add `within: 30d`"),
            )


def _only_messages_lead_on(view: WorkflowView, state: StateFacts) -> bool:
    if state.body.do is not None and not (may_finish(state) and not _has(state, tree.DoneTrigger)):
        return False
    ways = [transition for _, transition in handlers(view, state)]
    if any(isinstance(way.trigger, (*TIMERS, tree.WhenTrigger)) for way in ways):
        return False
    return any(isinstance(way.trigger, _MESSAGES) and way.target is not None for way in ways)


def _has(state: StateFacts, trigger: type) -> bool:
    return any(isinstance(transition.trigger, trigger) for transition in state.body.transitions)


def _waits(step: tree.Step) -> str | None:
    match step:
        case tree.ReceiveStep(within=None):
            return "receive"
        case tree.WaitForStep(within=None):
            return "wait for"
        case _:
            return None


def _is_limited(view: WorkflowView, placed: PlacedStep) -> bool:
    return any(isinstance(transition.trigger, TIMERS) for _, transition in handlers(view, placed.place.state))
