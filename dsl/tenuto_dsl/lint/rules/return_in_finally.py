"""TEN351: a `return` within a `finally`

A `finally` also runs on the way of an error, and of another `return`. A `return` within it takes their place: the run
completes, the error is forgotten and no undo runs. And when the block was interrupted, the same `return` decides
nothing. Let the `finally` clean up, and return after the `try`, or in a `catch` that says which errors it means.

Bad:

```tenuto bad
error Declined
activity charge() { python "shop:charge"; timeout 10s; retry 3 times; effect keyed; raises Declined }
activity unlock() { python "shop:unlock"; timeout 10s; retry 20 times; effect idempotent }

workflow sell() -> string {
  do { try { call charge() } finally { call unlock(); return "sold" } }
}
```

Good:

```tenuto good
error Declined
activity charge() { python "shop:charge"; timeout 10s; retry 3 times; effect keyed; raises Declined }
activity unlock() { python "shop:unlock"; timeout 10s; retry 20 times; effect idempotent }

workflow sell() -> string {
  do {
    try { call charge() } catch Declined { return "declined" } finally { call unlock() }
    return "sold"
  }
}
```
"""

from __future__ import annotations

from tenuto_dsl.lint.rule import Report, workflow_rule
from tenuto_dsl.lint.terms import head
from tenuto_dsl.lint.views import WorkflowView
from tenuto_dsl.syntax import tree


@workflow_rule("TEN351")
def check(view: WorkflowView, report: Report) -> None:
    for placed in view.steps:
        if isinstance(placed.step, tree.ReturnStep) and any(
            isinstance(operation, tree.TryStep) and block is operation.finally_ for operation, block in placed.around
        ):
            message = "this `return` takes the place of an error: the run completes, and nothing is undone"
            report(head(placed.step, 6), message, "return after the `try`, or in a `catch`")
