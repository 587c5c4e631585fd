"""TEN722: a condition that was asked before in the same chain

In `if … else if …` the second of two equal conditions is never true where it stands, nor is one that holds only when an
earlier one does.

Bad:

```tenuto bad steps
if total > config.limit {
  note = "large"
} else if total > config.limit {
  note = "huge"
}
```

Good:

```tenuto good steps
if total > config.limit * 10 {
  note = "huge"
} else if total > config.limit {
  note = "large"
}
```
"""

from __future__ import annotations

from collections.abc import Iterator

from tenuto_dsl.lint.rule import Report, workflow_rule
from tenuto_dsl.lint.terms import implies, is_steady, says_the_same
from tenuto_dsl.lint.views import WorkflowView
from tenuto_dsl.syntax import tree


@workflow_rule("TEN722")
def check(view: WorkflowView, report: Report) -> None:
    followers = {id(inner) for step in view.all(tree.IfStep) if (inner := _else_if(step)) is not None}
    for step in view.all(tree.IfStep):
        if id(step) in followers:
            continue
        asked: list[tree.Expr] = []
        for condition in _chain(step):
            before = next((one for one in asked if implies(condition, one)), None)
            if before is not None and is_steady(condition):
                message = (
                    "this was asked before"
                    if says_the_same(condition, before)
                    else "this holds only when an earlier condition does"
                )
                report(condition.span, f"{message} in the same chain, so it is false here")
            asked.append(condition)


def _chain(step: tree.IfStep) -> Iterator[tree.Expr]:
    current: tree.IfStep | None = step
    while current is not None:
        yield current.condition
        current = _else_if(current)


def _else_if(step: tree.IfStep) -> tree.IfStep | None:
    if step.otherwise is not None and len(step.otherwise.steps) == 1:
        [only] = step.otherwise.steps
        return only if isinstance(only, tree.IfStep) else None
    return None
