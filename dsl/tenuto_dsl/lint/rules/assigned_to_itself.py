"""TEN724: an assignment that changes nothing

A variable is assigned its own value, or is assigned twice in a row with nobody reading the first value.

Bad:

```tenuto bad steps
note = note
```

Good:

```tenuto good steps
note = "paid"
```
"""

from __future__ import annotations

from tenuto_dsl.lint.rule import Report, workflow_rule
from tenuto_dsl.lint.terms import names_in
from tenuto_dsl.lint.views import WorkflowView
from tenuto_dsl.syntax import tree


@workflow_rule("TEN724")
def check(view: WorkflowView, report: Report) -> None:
    for step in view.all(tree.AssignStep):
        if not step.path and isinstance(step.value, tree.Ident) and step.value.name == step.name.text:
            report(step.span, f"{step.name.text} is assigned its own value")
    for block in view.all(tree.Block):
        for first, second in zip(block.steps, block.steps[1:], strict=False):
            if (
                isinstance(first, tree.AssignStep)
                and isinstance(second, tree.AssignStep)
                and _overwrites(first, second)
            ):
                message = f"this value of {first.name.text} is overwritten before anybody reads it"
                report(first.name.span, message, "remove this assignment, or use the value in the next")


def _overwrites(first: tree.AssignStep, second: tree.AssignStep) -> bool:
    """Plain values only: a call has effects, and takes time in which others read."""
    durable = (tree.CallStep, tree.StartStep, tree.ForStep, tree.ParallelStep)
    if isinstance(first.value, durable) or isinstance(second.value, durable) or first.path or second.path:
        return False
    return first.name == second.name and first.name.text not in names_in(second.value)
