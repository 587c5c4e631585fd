"""TEN703: a variable that nobody reads

A `var` that is read nowhere: by no step, no condition, no query, no attribute and no property. Most often another one
was meant where it should have been read.

Bad:

```tenuto bad members
var parcels: int = 0
on approve { parcels = 1 }
```

Good:

```tenuto good members
var parcels: int = 0
query count -> int = parcels
on approve { parcels = 1 }
```
"""

from __future__ import annotations

from tenuto_dsl.lint.rule import Report, workflow_rule
from tenuto_dsl.lint.views import WorkflowView
from tenuto_dsl.syntax import tree


@workflow_rule("TEN703")
def check(view: WorkflowView, report: Report) -> None:
    read = {ident.name for ident in view.all(tree.Ident)}
    assigned = {step.name.text for step in view.all(tree.AssignStep)}
    for variable in view.node.variables:
        name = variable.name.text
        if name not in read:
            what = "assigned and never read" if name in assigned else "never used"
            report(variable.name.span, f"{name} is {what}", "remove it, or let a query show it")
