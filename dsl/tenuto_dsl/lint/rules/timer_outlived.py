"""TEN348: a timer that comes too late

A timer counts from the entry of its state. One of a state around it (or of the whole workflow, where it counts from
the start) that is no longer fires first and leaves both: the inner timer never fires, and what it was written for
never happens.

Bad:

```tenuto bad states
after 7d -> rejected

initial state asking {
  on approve -> finished
  after 14d  -> rejected { note = "nobody has answered" }
}
```

Good:

```tenuto good states
after 30d -> rejected

initial state asking {
  on approve -> finished
  after 14d  -> rejected { note = "nobody has answered" }
}
```
"""

from __future__ import annotations

from tenuto_dsl.lint.rule import Report, workflow_rule
from tenuto_dsl.lint.terms import duration_of
from tenuto_dsl.lint.views import WorkflowView
from tenuto_dsl.syntax import tree


@workflow_rule("TEN348")
def check(view: WorkflowView, report: Report) -> None:
    for state, transition in view.transitions:
        trigger = transition.trigger
        own = duration_of(trigger.duration) if isinstance(trigger, tree.AfterTrigger) else None
        if own is None or state.parent is None:
            continue
        for around in view.around(state):
            for other in around.body.transitions:
                limit = duration_of(other.trigger.duration) if isinstance(other.trigger, tree.AfterTrigger) else None
                if limit is not None and limit <= own and other.guard is None and other.target is not None:
                    message = f"this never fires: the timer in line {other.span.line} has fired before"
                    report(trigger.span, message, f"{around.path or 'the workflow'} is left by then")
                    break
