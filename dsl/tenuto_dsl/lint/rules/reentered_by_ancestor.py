"""TEN338: a handler that restarts the state it leads to

A state around another handles an event by going to that inner state. When the inner state is active already and does
not handle the event itself, it is left and entered anew: its calls in flight are interrupted and its work begins from
the start, at every such message. With a bare `when` the condition still holds there, and the run moves until it is
parked. Take the event in the inner state too; `on x {}` drops it on purpose.

Bad:

```tenuto bad states
on cancel_order -> withdrawing

initial state paying {
  do { call charge(order_id: order.id, amount: total) undo refund(order_id: order.id) }
  done -> finished
}
state withdrawing {
  do { call mail(to: order.customer_id, text: "withdrawn") }
  done -> rejected
}
```

Good:

```tenuto good states
on cancel_order -> withdrawing

initial state paying {
  do { call charge(order_id: order.id, amount: total) undo refund(order_id: order.id) }
  done -> finished
}
state withdrawing {
  on cancel_order {}
  do { call mail(to: order.customer_id, text: "withdrawn") }
  done -> rejected
}
```
"""

from __future__ import annotations

from tenuto_dsl.check.facts import StateFacts
from tenuto_dsl.diagnostics import Spelled
from tenuto_dsl.lint.rule import Report, workflow_rule
from tenuto_dsl.lint.terms import calls_in, names_in
from tenuto_dsl.lint.views import WorkflowView
from tenuto_dsl.syntax import tree


@workflow_rule("TEN338")
def check(view: WorkflowView, report: Report) -> None:
    exits = [state.body.exit for state in view.states]
    for state, transition in view.transitions:
        target = view.target_of(transition)
        if target is None or target.kind == "final" or (transition.target is not None and transition.target.history):
            continue
        between = [target, *view.around(target)]
        if state not in between[1:]:
            continue
        between = between[: between.index(state)]
        if isinstance(transition.trigger, tree.SignalTrigger):
            signal = transition.trigger.signal.text
            if not any(_takes(inner, signal) for inner in between):
                message = f"while {target.name} is active, {signal} restarts it"
                report(
                    transition.trigger.span,
                    message,
                    Spelled(
                        f"handle {signal} in {target.name}: `on {signal} {{}}` drops it",
                        f"handle {signal} in {target.name}: `{{ on: {signal}, actions: [] }}` drops it",
                    ),
                )
        elif isinstance(transition.trigger, tree.WhenTrigger) and not _may_become_false(transition, target, exits):
            message = f"the condition still holds in {target.name}, which is entered again and again"
            report(transition.trigger.span, message, "let the actions or the state make the condition false")


def _takes(state: StateFacts, signal: str) -> bool:
    if any(name.text == signal for defer in state.body.defers for name in defer.names):
        return True
    return any(
        isinstance(t.trigger, tree.SignalTrigger) and t.trigger.signal.text == signal for t in state.body.transitions
    )


def _may_become_false(transition: tree.Transition, target: StateFacts, exits: list[tree.Block | None]) -> bool:
    """Whether the way into the target changes anything that the condition reads."""
    read = names_in(transition.guard)
    changed = set()
    for block in (transition.actions, target.body.entry, *exits):
        for step in block.steps if block is not None else ():
            changed.add(step.name.text if isinstance(step, tree.AssignStep) else "")
    return bool(read & changed) or "" in changed or "active" in _functions(transition.guard)


def _functions(guard: tree.Expr | None) -> set[str]:
    return {call.function.text for call in calls_in(guard)} if guard is not None else set()
