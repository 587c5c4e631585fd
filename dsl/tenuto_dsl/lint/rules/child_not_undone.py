"""TEN423: a child that is not undone

A workflow is called that undoes its own work when it fails; here it completes, its undos are forgotten, and a later
step can fail. Then this run takes back what it did itself, and what the child did stays. Say how to take the child
back: `undo` an activity, or a workflow that does it step by step. Where the child's work is meant to be final, say so
there: `commit`.

Bad:

```tenuto bad
activity book(trip: string) { python "air:book"; timeout 10s; retry 3 times; effect keyed }
activity cancel_flight(trip: string) { python "air:cancel"; timeout 10s; retry 20 times; effect idempotent }
activity charge(trip: string) { python "bank:charge"; timeout 10s; effect keyed }

workflow flights(trip: string) {
  do { call book(trip: trip) undo cancel_flight(trip: trip) }
}

workflow journey(trip: string) {
  do {
    call flights(trip: trip)
    call charge(trip: trip)
  }
}
```

Good:

```tenuto good
activity book(trip: string) { python "air:book"; timeout 10s; retry 3 times; effect keyed }
activity cancel_flight(trip: string) { python "air:cancel"; timeout 10s; retry 20 times; effect idempotent }
activity charge(trip: string) { python "bank:charge"; timeout 10s; effect keyed }

workflow flights(trip: string) {
  do { call book(trip: trip) undo cancel_flight(trip: trip) }
}

workflow journey(trip: string) {
  do {
    call flights(trip: trip) undo cancel_flight(trip: trip)
    call charge(trip: trip)
  }
}
```
"""

from __future__ import annotations

from collections.abc import Mapping

from tenuto_dsl.check.facts import WorkflowSignature
from tenuto_dsl.diagnostics import Spelled
from tenuto_dsl.lint.graph import MISHAPS, later
from tenuto_dsl.lint.rule import Report, workflow_rule
from tenuto_dsl.lint.views import PlacedStep, WorkflowView, index_by_type
from tenuto_dsl.syntax import tree

_LOOPS = (tree.ForStep, tree.RepeatStep)


@workflow_rule("TEN423")
def check(view: WorkflowView, report: Report) -> None:
    workflows = view.declarations.workflows
    children = [
        (number, placed, placed.operation)
        for number, placed in enumerate(view.steps)
        if isinstance(placed.operation, tree.CallStep) and placed.operation.undo is None
        and placed.operation.callee.text in workflows
    ]  # fmt: skip
    if not children or view.all(tree.CommitStep):
        return
    known: dict[str, bool] = {}
    for number, placed, call in children:
        name = call.callee.text
        if _has_undos(name, workflows, known) and _may_fail_after(view, number, placed):
            message = f"when a later step fails, what {name} did is not taken back: it has forgotten its undos by then"
            report(
                call.callee.span,
                message,
                Spelled(
                    f"say what takes {name} back: `call {name}(…) undo …(…)`",
                    f"say what takes {name} back: `undo: {{ call: …, args: … }}`",
                ),
            )


def _has_undos(name: str, workflows: Mapping[str, WorkflowSignature], known: dict[str, bool]) -> bool:
    """Whether a workflow leaves behind what it would have undone: its own work, or that of its children."""
    if name not in known:
        known[name] = False  # of one that calls itself the rest of it decides
        nodes = index_by_type(workflows[name].node)
        calls = [node for node in nodes.get(tree.CallStep, ()) if isinstance(node, tree.CallStep)]
        known[name] = tree.CommitStep not in nodes and any(
            call.undo is not None or (call.callee.text in workflows and _has_undos(call.callee.text, workflows, known))
            for call in calls
        )
    return known[name]


def _may_fail_after(view: WorkflowView, number: int, child: PlacedStep) -> bool:
    """Whether something can fail once the child has completed, on a way that its own failure does not take."""
    state = child.place.state.index
    reached = later(view, state, lambda transition: not isinstance(transition.trigger, MISHAPS))
    if state in reached:
        return True
    looped = [operation for operation, _ in child.around if isinstance(operation, _LOOPS)]
    if looped:
        return True
    for position, step in enumerate(view.steps):
        if not _can_fail(view, step.operation):
            continue
        if step.place is child.place:
            if position > number and _follows(child, step):
                return True
        elif step.place.state.index in reached:
            return True
    return False


def _follows(first: PlacedStep, second: PlacedStep) -> bool:
    """Whether a step further down in the same block may come after another: not in the other branch of an `if`, and
    not in a `catch` of what the first fails with."""
    for (operation, block), (other, inner) in zip(first.around, second.around, strict=False):
        if operation is not other:
            return True
        if block is not inner:
            return not isinstance(operation, tree.IfStep) and not (
                isinstance(operation, tree.TryStep) and inner is not operation.finally_
            )
    return True


def _can_fail(view: WorkflowView, step: tree.Step) -> bool:
    if isinstance(step, tree.FailStep):
        return True
    if not isinstance(step, tree.CallStep):
        return False
    activity = view.declarations.activities.get(step.callee.text)
    return activity is None or bool(activity.node.raises) or activity.node.effect is None or not activity.node.retry
