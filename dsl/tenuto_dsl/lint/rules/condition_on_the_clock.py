"""TEN340: a condition that waits for the clock

A bare `when` or a `wait for` that looks at `now()`, or draws at random. Conditions are looked at again when something
happens to the run, not when time passes: this one stays false until some other event comes along.

Bad:

```tenuto bad states
initial state waiting {
  when now() > workflow.started_at + 3d -> rejected
  on approve -> finished
  after 30d  -> finished
}
```

Good:

```tenuto good states
initial state waiting {
  at workflow.started_at + 3d -> rejected
  on approve                  -> finished
}
```
"""

from __future__ import annotations

from tenuto_dsl.diagnostics import Spelled
from tenuto_dsl.lint.rule import Report, workflow_rule
from tenuto_dsl.lint.terms import is_steady
from tenuto_dsl.lint.views import WorkflowView
from tenuto_dsl.syntax import tree

_MESSAGE = "this condition is not looked at again when time passes"
_HINT = Spelled("use `after …` or `at …`; in a `do`, `wait until …`", "use `after` or `at`; in a `do`, `wait_until`")


@workflow_rule("TEN340")
def check(view: WorkflowView, report: Report) -> None:
    for transition in view.all(tree.Transition):
        guard = transition.guard
        if isinstance(transition.trigger, tree.WhenTrigger) and guard is not None and not is_steady(guard):
            report(guard.span, _MESSAGE, _HINT)
    for step in view.all(tree.WaitForStep):
        if not is_steady(step.condition):
            report(step.condition.span, _MESSAGE, _HINT)
