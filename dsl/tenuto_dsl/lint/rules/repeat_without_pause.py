"""TEN413: a loop that asks without a pause and without an end

`repeat … until` around a call, with no `every`, no `at most`, and nothing in it that waits. While the condition is
false the activity is called as fast as it answers, for ever.

Bad:

```tenuto bad
activity ready() -> bool { python "jobs:ready"; timeout 10s; effect pure }

workflow w() {
  do {
    let up = false
    repeat { up = call ready() } until up
  }
}
```

Good:

```tenuto good
activity ready() -> bool { python "jobs:ready"; timeout 10s; effect pure }

workflow w() {
  do {
    let up = false
    repeat { up = call ready() } until up every 10s at most 60 times
  }
}
```
"""

from __future__ import annotations

from tenuto_dsl.check.walk import durable_of, steps_of
from tenuto_dsl.diagnostics import Spelled
from tenuto_dsl.lint.graph import calls_something
from tenuto_dsl.lint.rule import Report, workflow_rule
from tenuto_dsl.lint.terms import head
from tenuto_dsl.lint.views import WorkflowView
from tenuto_dsl.syntax import tree

_PAUSES = (tree.WaitStep, tree.WaitUntilStep, tree.WaitForStep, tree.ReceiveStep)


@workflow_rule("TEN413")
def check(view: WorkflowView, report: Report) -> None:
    for loop in view.all(tree.RepeatStep):
        if loop.every is not None or loop.at_most is not None:
            continue
        waits = any(isinstance(durable_of(step), _PAUSES) for step in steps_of(loop.body))
        if calls_something(loop.body) and not waits:
            message = "this calls again as fast as it is answered, until the condition holds"
            report(
                head(loop, 6),
                message,
                Spelled("add `every 10s`, or `at most 60 times`", "add `every: 10s`, or `at_most: 60`"),
            )
