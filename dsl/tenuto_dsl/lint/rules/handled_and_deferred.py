"""TEN343: a `defer` of what the state takes at once

A state asks its handlers first and defers what is left. With an unguarded handler of the same message nothing is ever
left: the message is taken at once, in the very state that was to be protected from it.

Bad:

```tenuto bad states
initial state paying {
  defer cancel_order
  on cancel_order -> rejected
  do { call charge(order_id: order.id, amount: total) undo refund(order_id: order.id) }
  done -> asking
}
state asking {
  on cancel_order -> rejected
  after 14d       -> finished
}
```

Good:

```tenuto good states
initial state paying {
  defer cancel_order
  do { call charge(order_id: order.id, amount: total) undo refund(order_id: order.id) }
  done -> asking
}
state asking {
  on cancel_order -> rejected
  after 14d       -> finished
}
```
"""

from __future__ import annotations

from tenuto_dsl.lint.messages import taken_at_once
from tenuto_dsl.lint.rule import Report, workflow_rule
from tenuto_dsl.lint.views import WorkflowView


@workflow_rule("TEN343")
def check(view: WorkflowView, report: Report) -> None:
    for state in view.states:
        taken = taken_at_once(state)
        for name in (name for defer in state.body.defers for name in defer.names):
            if name.text in taken:
                message = f"{state.name} takes {name.text} at once, so it is never deferred"
                report(name.span, message, "remove the `defer`, or the handler")
