"""TEN408: an undo that gives up at the first failure

An undo whose activity is not retried. Undos run when something has gone wrong already, often because a service is
down; one that fails for good parks the run until an operator repairs it. Give the activity a patient `retry`.

Bad:

```tenuto bad
activity hold(id: string) { python "shop:hold"; timeout 10s; retry 3 times; effect keyed }
activity free(id: string) { python "shop:free"; timeout 10s; effect idempotent }

workflow w(id: string) {
  do { call hold(id: id) undo free(id: id) }
}
```

Good:

```tenuto good
activity hold(id: string) { python "shop:hold"; timeout 10s; retry 3 times; effect keyed }
activity free(id: string) { python "shop:free"; timeout 10s; retry 20 times backoff 1s up to 5m; effect idempotent }

workflow w(id: string) {
  do { call hold(id: id) undo free(id: id) }
}
```
"""

from __future__ import annotations

from tenuto_dsl.diagnostics import Spelled
from tenuto_dsl.lint.rule import Report, workflow_rule
from tenuto_dsl.lint.views import WorkflowView
from tenuto_dsl.syntax import tree


@workflow_rule("TEN408")
def check(view: WorkflowView, report: Report) -> None:
    for undo in view.all(tree.Undo):
        activity = view.declarations.activities.get(undo.callee.text)
        if activity is None or isinstance(activity.node.binding, tree.SqlBinding):
            continue
        if activity.node.retry is None and (activity.node.effect is None or activity.node.effect.text != "once"):
            message = f"{activity.name} is not retried: when it fails once, the run is parked with its undo open"
            report(
                undo.callee.span,
                message,
                Spelled(
                    f"give {activity.name} a patient `retry 20 times backoff 1s up to 5m`",
                    f"give {activity.name} a patient `retry: {{ times: 20, backoff: 1s, up_to: 5m }}`",
                ),
            )
