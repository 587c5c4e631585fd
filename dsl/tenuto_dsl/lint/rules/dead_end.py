"""TEN330: a state that nothing leads out of

A state whose work is done, or that has none, with no transition that leads on: neither its own nor one of the states
around it. The run stays there for ever; it is not failed, so nobody is told. Handlers of errors and of cancellation do
not count, since neither comes by itself.

Bad:

```tenuto bad states
initial state packing {
  do { call mail(to: "warehouse", text: "please pack") }
  on error -> rejected
}
```

Good:

```tenuto good states
initial state packing {
  do { call mail(to: "warehouse", text: "please pack") }
  done     -> finished
  on error -> rejected
}
```
"""

from __future__ import annotations

from tenuto_dsl.check.facts import StateFacts
from tenuto_dsl.diagnostics import Spelled
from tenuto_dsl.lint.graph import MISHAPS, handlers, is_leaf, may_finish
from tenuto_dsl.lint.rule import Report, workflow_rule
from tenuto_dsl.lint.views import WorkflowView


@workflow_rule("TEN330")
def check(view: WorkflowView, report: Report) -> None:
    for state in view.states:
        if state.kind != "plain" or not is_leaf(state) or _goes_on(view, state):
            continue
        if may_finish(state):
            message = f"when the work of {state.name} is done, nothing leads out of it"
            report(
                state.span,
                message,
                Spelled(
                    "add `done -> …`, or a timer or a message that leads on",
                    "add `{ done: null, to: … }`, or a timer or a message that leads on",
                ),
            )
        elif state.body.do is None:
            report(state.span, f"nothing leads out of {state.name}", "add a transition, or make it a final state")


def _goes_on(view: WorkflowView, state: StateFacts) -> bool:
    """Whether anything but a mishap moves the run on, or makes it do something, from this state."""
    for _, transition in handlers(view, state):
        if isinstance(transition.trigger, MISHAPS):
            continue
        reacts = transition.work is not None or (transition.actions is not None and transition.actions.steps)
        if transition.target is not None or reacts:
            return True
    return False
