"""TEN347: one branch alone

A `parallel` with one branch, or a state with one region: nothing runs beside it. Either a branch was forgotten, or the
construct can go.

Bad:

```tenuto bad steps
parallel {
  thanks { call mail(to: order.customer_id, text: "thank you") }
}
```

Good:

```tenuto good steps
parallel {
  thanks { call mail(to: order.customer_id, text: "thank you") }
  office { call mail(to: "office", text: "sold") }
}
```
"""

from __future__ import annotations

from tenuto_dsl.lint.rule import Report, workflow_rule
from tenuto_dsl.lint.terms import head
from tenuto_dsl.lint.views import WorkflowView
from tenuto_dsl.syntax import tree


@workflow_rule("TEN347", "info")
def check(view: WorkflowView, report: Report) -> None:
    for step in view.all(tree.ParallelStep):
        if len(step.branches) == 1:
            report(head(step, 8), "nothing runs beside this branch", "write its steps without `parallel`")
    for state in view.states:
        if len(state.regions) == 1:
            region = view.states[state.regions[0]]
            report(region.span, f"nothing runs beside the region {region.name}", "write it without `region`")
