"""TEN345: a handler for an error that nothing declares

A `catch` or an `on error` names an error that nothing inside is declared to raise: no activity that is called says so,
and nothing fails with it. The handler is dead; or an activity raises it without saying so, and whoever reads the
workflow cannot tell which of its calls fails that way.

Bad:

```tenuto bad states
initial state telling {
  do { call mail(to: order.customer_id, text: "thank you") }
  done                -> finished
  on error OutOfStock -> rejected
}
```

Good:

```tenuto good states
initial state reserving {
  do { call reserve(order_id: order.id, items: order.items) undo release(order_id: order.id) }
  done                -> finished
  on error OutOfStock -> rejected
}
```
"""

from __future__ import annotations

from collections.abc import Iterable

from tenuto_dsl.check.walk import steps_of
from tenuto_dsl.diagnostics import Spelled
from tenuto_dsl.lint.errors import ANYTHING, BUILT_IN, raised_by, raised_in
from tenuto_dsl.lint.rule import Report, workflow_rule
from tenuto_dsl.lint.views import WorkflowView
from tenuto_dsl.syntax import tree


@workflow_rule("TEN345")
def check(view: WorkflowView, report: Report) -> None:
    for attempt in view.all(tree.TryStep):
        raised = raised_by(view, steps_of(attempt.body))
        for catch in attempt.catches:
            _report(catch.codes, raised, "this `try`", report)
    for state, transition in view.transitions:
        if isinstance(transition.trigger, tree.ErrorTrigger):
            _report(transition.trigger.codes, raised_in(view, state), state.path or view.name, report)


def _report(codes: Iterable[tree.Name], raised: set[str], where: str, report: Report) -> None:
    for code in codes:
        if code.text not in raised and code.text not in BUILT_IN and ANYTHING not in raised:
            hint = Spelled(
                f"remove it, or let the activity that raises it say `raises {code.text}`",
                f"remove it, or let the activity that raises it say `raises: {code.text}`",
            )
            report(code.span, f"nothing in {where} is declared to raise {code.text}", hint)
