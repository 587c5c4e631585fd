"""TEN720: a condition that is always the same

An `if`, a guard or a part of one is a constant: `true`, `false`, or a comparison of two literals. One side is never
taken. (A bare `when true -> …` goes on at once, `repeat … until false` repeats for ever; both are meant so.)

Bad:

```tenuto bad steps
if paid || true {
  note = "paid"
}
```

Good:

```tenuto good steps
if paid {
  note = "paid"
}
```
"""

from __future__ import annotations

from collections.abc import Iterator

from tenuto_dsl.lint.rule import Report, workflow_rule
from tenuto_dsl.lint.terms import is_false, is_true
from tenuto_dsl.lint.views import WorkflowView, nodes_below
from tenuto_dsl.syntax import tree

_COMPARISONS = ("==", "!=", "<", "<=", ">", ">=")


@workflow_rule("TEN720")
def check(view: WorkflowView, report: Report) -> None:
    for condition in _conditions(view):
        for node in nodes_below(condition):
            value = _constant(node, node is condition)
            if value is not None:
                report(node.span, f"this is always {value}", "remove it, or write the condition that is meant")
                break


def _conditions(view: WorkflowView) -> Iterator[tree.Expr]:
    yield from (step.condition for step in view.all(tree.IfStep))
    yield from (node.condition for node in view.all(tree.Conditional))
    for loop in view.all(tree.RepeatStep):
        if not is_false(loop.until):
            yield loop.until
    for transition in view.all(tree.Transition):
        guard = transition.guard
        if guard is not None and not (isinstance(transition.trigger, tree.WhenTrigger) and is_true(guard)):
            yield guard


def _constant(node: tree.Node, is_whole: bool) -> str | None:
    match node:
        case tree.Literal_(kind="bool", value=value) if is_whole:
            return "true" if value else "false"
        case tree.Binary(operator="||", left=left, right=right) if is_true(left) or is_true(right):
            return "true"
        case tree.Binary(operator="&&", left=left, right=right) if is_false(left) or is_false(right):
            return "false"
        case tree.Binary(operator=operator, left=tree.Literal_(), right=tree.Literal_()) if operator in _COMPARISONS:
            return "the same"
        case _:
            return None
