"""TEN346: an error that is swallowed

A `catch` without codes and with nothing in it. Whatever goes wrong (a mistyped address, a service that is gone, a bug
of the activity) the workflow goes on as if the work were done, and no trace of it is left. Name the error that does
not matter, or write down that it came.

Bad:

```tenuto bad steps
try {
  call mail(to: order.customer_id, text: "thank you")
} catch {}
```

Good:

```tenuto good steps
try {
  call mail(to: order.customer_id, text: "thank you")
} catch as e {
  log "no thanks were sent: ${e.message}"
}
```
"""

from __future__ import annotations

from tenuto_dsl.lint.rule import Report, workflow_rule
from tenuto_dsl.lint.terms import head
from tenuto_dsl.lint.views import WorkflowView
from tenuto_dsl.syntax import tree


@workflow_rule("TEN346")
def check(view: WorkflowView, report: Report) -> None:
    for catch in view.all(tree.Catch):
        if not catch.codes and not catch.body.steps:
            report(head(catch, 5), "this swallows every error", "name the errors that do not matter, or `log` them")
