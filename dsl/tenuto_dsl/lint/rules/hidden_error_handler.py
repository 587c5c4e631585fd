"""TEN337: a catch-all that hides a handler further out

An `on error` without codes takes every error of its state. A state around it has a handler for an error that the calls
in here declare; it never hears of it. Handlers are asked from the inside out.

Bad:

```tenuto bad states
initial state handling {
  initial state paying {
    do { call charge(order_id: order.id, amount: total) undo refund(order_id: order.id) }
    done     -> over
    on error -> over
  }
  final state over {}
  on error Declined -> rejected
  done              -> finished
}
```

Good:

```tenuto good states
initial state handling {
  initial state paying {
    do { call charge(order_id: order.id, amount: total) undo refund(order_id: order.id) }
    done             -> over
    on error Timeout -> over
  }
  final state over {}
  on error Declined -> rejected
  done              -> finished
}
```
"""

from __future__ import annotations

from tenuto_dsl.check.facts import StateFacts
from tenuto_dsl.lint.errors import raised_in
from tenuto_dsl.lint.rule import Report, workflow_rule
from tenuto_dsl.lint.views import WorkflowView
from tenuto_dsl.syntax import tree


@workflow_rule("TEN337")
def check(view: WorkflowView, report: Report) -> None:
    for state, transition in view.transitions:
        trigger = transition.trigger
        if not isinstance(trigger, tree.ErrorTrigger) or trigger.codes or transition.guard is not None:
            continue
        for code, around in _handled_outside(view, state).items():
            if code in raised_in(view, state) and not _handles(state, code):
                message = f"this takes {code} too, so the handler of {code} in {around} never does"
                report(trigger.span, message, f"name the errors that {state.name} takes, or handle {code} here")
                break


def _handled_outside(view: WorkflowView, state: StateFacts) -> dict[str, str]:
    found: dict[str, str] = {}
    for around in view.around(state):
        for transition in around.body.transitions:
            if isinstance(transition.trigger, tree.ErrorTrigger):
                for code in transition.trigger.codes:
                    found.setdefault(code.text, around.path or "the workflow")
    return {code: where for code, where in found.items() if code not in ("Cancelled", "Fault")}


def _handles(state: StateFacts, code: str) -> bool:
    return any(
        isinstance(t.trigger, tree.ErrorTrigger) and any(name.text == code for name in t.trigger.codes)
        for t in state.body.transitions
    )
