"""TEN406: a cycle that collects undos and never commits

A workflow that comes round again and again, with a call that has an `undo` on the way, and no `commit` and no
`compensate`. Each round pushes its undos onto the stack. When the run fails in its fifth year, five years are
refunded. Say `commit` where a round is final.

Bad:

```tenuto bad states
initial state active {
  after 30d       -> charging
  on cancel_order -> finished
}
state charging {
  do { call charge(order_id: order.id, amount: total) undo refund(order_id: order.id) }
  done -> active
}
```

Good:

```tenuto good states
initial state active {
  after 30d       -> charging
  on cancel_order -> finished
}
state charging {
  do {
    call charge(order_id: order.id, amount: total) undo refund(order_id: order.id)
    commit
  }
  done -> active
}
```
"""

from __future__ import annotations

from tenuto_dsl.check.facts import StateFacts
from tenuto_dsl.check.walk import blocks_of_body, steps_of
from tenuto_dsl.lint.graph import later, loops_for_ever
from tenuto_dsl.lint.rule import Report, workflow_rule
from tenuto_dsl.lint.views import WorkflowView
from tenuto_dsl.syntax import tree


@workflow_rule("TEN406")
def check(view: WorkflowView, report: Report) -> None:
    ahead: dict[int, set[int]] = {}

    def after(index: int) -> set[int]:
        if index not in ahead:
            ahead[index] = later(view, index, _by_success)
        return ahead[index]

    for state in view.states:
        undo = _undo_in(state)
        if undo is None:
            continue
        ring = {index for index in after(state.index) if state.index in after(index)}
        loops = state.body.do is not None and loops_for_ever(state.body.do)
        if state.kind == "root":
            ring = set()
        if (state.index in ring or loops) and not any(_settles(view.states[index]) for index in ring | {state.index}):
            message = f"every round pushes this undo, and none is ever committed: {state.name} comes again"
            report(undo.callee.span, message, "say `commit` where a round is final")


def _by_success(transition: tree.Transition) -> bool:
    """A round that failed has pushed nothing."""
    return not isinstance(transition.trigger, tree.ErrorTrigger)


def _undo_in(state: StateFacts) -> tree.Undo | None:
    for block in blocks_of_body(state.body):
        for step in steps_of(block):
            operation = step if isinstance(step, tree.CallStep) else getattr(step, "value", None)
            if isinstance(operation, tree.CallStep) and operation.undo is not None:
                return operation.undo
    return None


def _settles(state: StateFacts) -> bool:
    return any(
        isinstance(step, (tree.CommitStep, tree.CompensateStep))
        for block in blocks_of_body(state.body)
        for step in steps_of(block)
    )
