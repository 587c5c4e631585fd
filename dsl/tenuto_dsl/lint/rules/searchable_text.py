"""TEN506: a search attribute that is different for every run

An attribute of type `keyword` whose value is an id, a random text or a time of the run itself. Attributes are indexed
so that many runs can be found by one value; by an id of its own a run is found without one, and the index only costs.

Bad:

```tenuto bad members
attribute run: keyword = workflow.run_id
```

Good:

```tenuto good members
attribute customer: keyword = order.customer_id
```
"""

from __future__ import annotations

from tenuto_dsl.lint.rule import Report, workflow_rule
from tenuto_dsl.lint.views import WorkflowView
from tenuto_dsl.syntax import tree


@workflow_rule("TEN506", "info")
def check(view: WorkflowView, report: Report) -> None:
    for attribute in view.node.attributes:
        match attribute.value:
            case tree.Select(operand=tree.Ident(name="workflow"), field=tree.Name(text="id" | "run_id")):
                report(attribute.value.span, "a run is found by its id without this", "search for the id itself")
            case tree.Call(target=None, function=tree.Name(text="uuid" | "random")):
                report(attribute.value.span, "nobody can search for this", "choose what many runs have in common")
            case _:
                pass
