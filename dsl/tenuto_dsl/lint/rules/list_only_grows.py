"""TEN414: a list that only grows

A workflow that never ends appends to a variable in answer to a message or a timer, and assigns it nowhere else. All of
it is part of every snapshot: after a year the run is megabytes, and each step writes them again. Keep the last few, or
hand the rest on with `continue with`.

Bad:

```tenuto bad
workflow watch() {
  signal reading(value: double)
  query  readings -> [double] = values
  var values: [double] = []
  initial state watching {
    on reading as r { values = values + [r.value] }
  }
}
```

Good:

```tenuto good
workflow watch() {
  signal reading(value: double)
  query  readings -> [double] = values
  var values: [double] = []
  initial state watching {
    on reading as r { values = (values + [r.value]).slice(values.size() < 100 ? 0 : 1, values.size() + 1) }
  }
}
```
"""

from __future__ import annotations

from tenuto_dsl.diagnostics import Spelled
from tenuto_dsl.lint.graph import is_meant_to_end
from tenuto_dsl.lint.rule import Report, workflow_rule
from tenuto_dsl.lint.views import WorkflowView
from tenuto_dsl.syntax import tree


@workflow_rule("TEN414", "info")
def check(view: WorkflowView, report: Report) -> None:
    if is_meant_to_end(view) or any(isinstance(s.body.ending, tree.ContinueStep) for s in view.states):
        return
    assignments: dict[str, list[tree.AssignStep]] = {}
    for step in view.all(tree.AssignStep):
        assignments.setdefault(step.name.text, []).append(step)
    handled = {id(placed.step) for placed in view.steps if placed.place.role in ("actions", "work")}
    for name, steps in assignments.items():
        if name in view.workflow.variables and all(_appends(step) for step in steps):
            first = next((step for step in steps if id(step) in handled), None)
            if first is not None:
                message = f"{name} only ever grows, and this workflow has no end"
                report(
                    first.name.span,
                    message,
                    Spelled(
                        "keep the last few, or begin anew with `continue with`",
                        "keep the last few, or begin anew with `continue_with`",
                    ),
                )


def _appends(step: tree.AssignStep) -> bool:
    match step.value:
        case tree.Binary(operator="+", left=tree.Ident(name=name), right=tree.ListExpr()):
            return name == step.name.text and not step.path
        case _:
            return False
