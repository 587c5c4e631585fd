"""TEN336: a deferred message that no later state takes

`defer` keeps a message until the state is left, for a state that comes later. When no state that can come later
handles it, it is kept for nothing: its sender waits, and the mailbox grows.

Bad:

```tenuto bad states
initial state asking {
  on approve      -> paying
  on cancel_order -> rejected
  after 14d       -> rejected
}
state paying {
  defer cancel_order
  do { call charge(order_id: order.id, amount: total) undo refund(order_id: order.id) }
  done -> finished
}
```

Good:

```tenuto good states
initial state paying {
  defer cancel_order
  do { call charge(order_id: order.id, amount: total) undo refund(order_id: order.id) }
  done -> sending
}
state sending {
  on cancel_order -> rejected
  after 1d        -> finished
}
```
"""

from __future__ import annotations

from tenuto_dsl.lint.graph import later
from tenuto_dsl.lint.messages import taken_at_once, taken_by
from tenuto_dsl.lint.rule import Report, workflow_rule
from tenuto_dsl.lint.views import WorkflowView


@workflow_rule("TEN336")
def check(view: WorkflowView, report: Report) -> None:
    for state in view.states:
        own = taken_at_once(state) | {"cancel"}  # TEN343 tells what is never deferred
        names = [name for defer in state.body.defers for name in defer.names if name.text not in own]
        if not names or state.kind == "root":
            continue
        coming = [view.states[index] for index in later(view, state.index) if view.states[index].kind != "final"]
        taken = {name for other in coming if other.index != state.index for name in taken_by(other)}
        for name in names:
            if name.text not in taken:
                hint = f"handle {name.text} in a later state or in the whole workflow, or do not defer it"
                report(name.span, f"no state that can come after {state.name} takes {name.text}", hint)
