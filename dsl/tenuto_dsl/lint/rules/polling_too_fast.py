"""TEN412: polling several times a second

A loop that calls an activity again within less than a second. Each round is a request to somebody's service and rows
in the database, for as long as the run waits. Begin fast if you have to, and slow down.

Bad:

```tenuto bad
activity ready() -> bool { python "jobs:ready"; timeout 10s; effect pure }

workflow w() {
  do {
    let up = false
    repeat { up = call ready() } until up every 100ms at most 600 times
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

from tenuto_dsl.lint.graph import calls_something
from tenuto_dsl.lint.rule import Report, workflow_rule
from tenuto_dsl.lint.terms import SECOND, duration_of
from tenuto_dsl.lint.views import WorkflowView
from tenuto_dsl.syntax import tree


@workflow_rule("TEN412")
def check(view: WorkflowView, report: Report) -> None:
    pauses = [(loop.every, loop.body) for loop in view.all(tree.RepeatStep) if loop.every is not None]
    pauses += [
        (transition.trigger.schedule, transition.work)
        for transition in view.all(tree.Transition)
        if isinstance(transition.trigger, tree.EveryTrigger) and transition.work is not None
    ]
    for pause, block in pauses:
        length = duration_of(pause)
        if length is not None and 0 < length < SECOND and calls_something(block):
            report(pause.span, "this asks several times a second, for as long as it takes", "every 1s is often enough")
