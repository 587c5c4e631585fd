"""TEN349: a state that only passes the run on

A state without work, entered and left in the same instant by `when true`, with nothing done on the way. Lead to where
it leads.

Bad:

```tenuto bad states
initial state working {
  do { call mail(to: "office", text: "begin") }
  done -> between
}
state between { when true -> finished }
```

Good:

```tenuto good states
initial state working {
  do { call mail(to: "office", text: "begin") }
  done -> finished
}
```
"""

from __future__ import annotations

from tenuto_dsl.lint.graph import is_leaf
from tenuto_dsl.lint.rule import Report, workflow_rule
from tenuto_dsl.lint.terms import is_true
from tenuto_dsl.lint.views import WorkflowView
from tenuto_dsl.syntax import tree


@workflow_rule("TEN349", "info")
def check(view: WorkflowView, report: Report) -> None:
    for state in view.states:
        body = state.body
        if state.kind != "plain" or not is_leaf(state) or body.do is not None or len(body.transitions) != 1:
            continue
        [only] = body.transitions
        passes = isinstance(only.trigger, tree.WhenTrigger) and is_true(only.guard)
        if passes and body.entry is None and body.exit is None and not (only.actions and only.actions.steps):
            target = view.target_of(only)
            if target is not None:
                report(state.span, f"{state.name} does nothing but lead to {target.name}", "lead there directly")
