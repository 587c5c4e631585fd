"""TEN409: an undo that needs the result it may never get

The arguments of this undo use the call's result. When the outcome is unknown (a timeout, a process that died after the
service had answered) there is no result, so nothing is undone although the effect may have happened. Name the thing
yourself, before the call, and undo by that name: then the undo runs for an unknown outcome, too.

Bad:

```tenuto bad
activity hold(amount: decimal) -> { id: string } { python "bank:hold"; timeout 10s; retry 3 times; effect keyed }
activity free(id: string) { python "bank:free"; timeout 10s; retry 20 times; effect idempotent }

workflow w(amount: decimal) {
  do { let held = call hold(amount: amount) undo free(id: held.id) }
}
```

Good:

```tenuto good
activity hold(name: string, amount: decimal) { python "bank:hold"; timeout 10s; retry 3 times; effect keyed }
activity free(name: string) { python "bank:free"; timeout 10s; retry 20 times; effect idempotent }

workflow w(amount: decimal) {
  do { call hold(name: workflow.id, amount: amount) undo free(name: workflow.id) }
}
```
"""

from __future__ import annotations

from tenuto_dsl.lint.rule import Report, workflow_rule
from tenuto_dsl.lint.terms import names_in
from tenuto_dsl.lint.views import WorkflowView
from tenuto_dsl.syntax import tree


@workflow_rule("TEN409")
def check(view: WorkflowView, report: Report) -> None:
    for step in (placed.step for placed in view.steps):
        if not isinstance(step, tree.LetStep) or not isinstance(step.value, tree.CallStep) or step.value.undo is None:
            continue
        undo = step.value.undo
        if step.name.text in names_in(*undo.args):
            message = f"when the outcome of {step.value.callee.text} is unknown, there is no {step.name.text} to undo"
            hint = "undo by a name that you give the call, so that an unknown outcome is undone, too"
            report(undo.callee.span, message, hint)
