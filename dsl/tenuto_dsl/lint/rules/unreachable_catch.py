"""TEN344: a `catch` that catches nothing

The first `catch` that fits an error takes it. One that stands behind a `catch` without codes, or whose codes have all
been taken before it, never runs.

Bad:

```tenuto bad steps
try {
  call charge(order_id: order.id, amount: total) undo refund(order_id: order.id)
} catch as e {
  note = e.message
} catch Declined {
  note = "declined"
}
```

Good:

```tenuto good steps
try {
  call charge(order_id: order.id, amount: total) undo refund(order_id: order.id)
} catch Declined {
  note = "declined"
} catch as e {
  note = e.message
}
```
"""

from __future__ import annotations

from tenuto_dsl.lint.rule import Report, workflow_rule
from tenuto_dsl.lint.terms import head
from tenuto_dsl.lint.views import WorkflowView
from tenuto_dsl.syntax import tree

_NAMED_ONLY = {"Cancelled", "Fault"}


@workflow_rule("TEN344")
def check(view: WorkflowView, report: Report) -> None:
    for attempt in view.all(tree.TryStep):
        everything = False
        taken: set[str] = set()
        for catch in attempt.catches:
            codes = {code.text for code in catch.codes}
            left = codes - taken - (codes - _NAMED_ONLY if everything else set())
            if (codes and not left) or (not codes and everything):
                report(head(catch, 5), "every error this catches is caught before it", "put it first, or remove it")
            everything = everything or not codes
            taken |= codes
