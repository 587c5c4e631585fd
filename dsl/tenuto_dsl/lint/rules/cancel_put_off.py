"""TEN342: a cancellation that is put off without a limit

`defer cancel` in a state that waits for messages, with no timer on it or around it. A cancellation is kept until the
state is left; when the message does not come, the run cannot be cancelled at all. Defer it where something short and
certain happens.

Bad:

```tenuto bad states
initial state asking {
  defer cancel
  on approve -> finished
  every 1d do { call mail(to: order.customer_id, text: "still waiting") }
}
```

Good:

```tenuto good states
initial state asking {
  on approve -> finished
  after 14d  -> rejected
}
```
"""

from __future__ import annotations

from tenuto_dsl.diagnostics import Spelled
from tenuto_dsl.lint.graph import TIMERS, handlers
from tenuto_dsl.lint.rule import Report, workflow_rule
from tenuto_dsl.lint.views import WorkflowView
from tenuto_dsl.syntax import tree


@workflow_rule("TEN342")
def check(view: WorkflowView, report: Report) -> None:
    for state in view.states:
        name = next((n for defer in state.body.defers for n in defer.names if n.text == "cancel"), None)
        if name is None or state.kind == "root":
            continue
        if any(isinstance(t.trigger, TIMERS) and t.target is not None for _, t in handlers(view, state)):
            continue
        waits = state.body.do is None and not state.children and not state.regions
        waits = waits and not any(isinstance(t.trigger, tree.WhenTrigger) for _, t in handlers(view, state))
        if waits:
            message = f"{state.name} waits for a message, and the run cannot be cancelled until it comes"
            report(
                name.span,
                message,
                Spelled(
                    "add `after …`, or defer `cancel` only where work is done",
                    "add a transition `after`, or defer `cancel` only where work is done",
                ),
            )
