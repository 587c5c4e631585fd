"""TEN350: an error that is handled elsewhere, and ends the run here

An activity declares that it may fail with an error, and the workflow has a handler that names this error for another
call. Here none does, so here the error is no outcome that was thought of: the run undoes what it has done, and fails.
Handle it, or say that it is meant with `catch … { fail … }`.

Bad:

```tenuto bad states
initial state reserving {
  do { call reserve(order_id: order.id, items: order.items) undo release(order_id: order.id) }
  done                -> repeating
  on error OutOfStock -> rejected
}
state repeating {
  do { call reserve(order_id: "${order.id}-2", items: order.items) undo release(order_id: "${order.id}-2") }
  done -> finished
}
```

Good:

```tenuto good states
initial state reserving {
  do { call reserve(order_id: order.id, items: order.items) undo release(order_id: order.id) }
  done                -> repeating
  on error OutOfStock -> rejected
}
state repeating {
  do { call reserve(order_id: "${order.id}-2", items: order.items) undo release(order_id: "${order.id}-2") }
  done                -> finished
  on error OutOfStock -> rejected
}
```
"""

from __future__ import annotations

from collections.abc import Iterable

from tenuto_dsl.check.facts import StateFacts
from tenuto_dsl.diagnostics import Spelled
from tenuto_dsl.lint.graph import handlers
from tenuto_dsl.lint.rule import Report, workflow_rule
from tenuto_dsl.lint.terms import head
from tenuto_dsl.lint.views import PlacedStep, WorkflowView
from tenuto_dsl.syntax import tree


@workflow_rule("TEN350")
def check(view: WorkflowView, report: Report) -> None:
    named = {code.text: code for catch in view.all(tree.Catch) for code in catch.codes}
    named |= {code.text: code for trigger in view.all(tree.ErrorTrigger) for code in trigger.codes}
    for placed in view.steps if named else ():
        for error in _declared(view, placed.operation):
            handled = named.get(error)
            if handled is not None and not _is_caught(view, placed, error):
                message = f"{error} ends the run here; in line {handled.span.line} it is handled"
                report(
                    head(placed.operation, 4),
                    message,
                    Spelled(f"add `on error {error}`, or catch it", f"add a transition `error: {error}`, or catch it"),
                )


def _declared(view: WorkflowView, step: tree.Step) -> Iterable[str]:
    activity = view.declarations.activities.get(step.callee.text) if isinstance(step, tree.CallStep) else None
    return dict.fromkeys(code.text for raises in activity.node.raises for code in raises.codes) if activity else ()


def _is_caught(view: WorkflowView, placed: PlacedStep, error: str) -> bool:
    for operation, block in placed.around:
        catches = operation.catches if isinstance(operation, tree.TryStep) and block is operation.body else ()
        if any(not catch.codes or error in _texts(catch.codes) for catch in catches):
            return True
    return _leaves_by(view, placed.place.state, error)


def _leaves_by(view: WorkflowView, state: StateFacts, error: str) -> bool:
    triggers = (transition.trigger for _, transition in handlers(view, state))
    return any(isinstance(t, tree.ErrorTrigger) and (not t.codes or error in _texts(t.codes)) for t in triggers)


def _texts(codes: Iterable[tree.Name]) -> set[str]:
    return {code.text for code in codes}
