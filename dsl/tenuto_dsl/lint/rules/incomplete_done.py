"""TEN333: `done` with guards that may all be false

Every `done` of the state has a guard, no two of them are opposites, and nothing else of the state leads on. When the
work ends while all guards are false the state is done and stays: the guards are not asked again when time passes. Add
a last `done` without a guard.

Bad:

```tenuto bad states
initial state paying {
  do { call charge(order_id: order.id, amount: total) undo refund(order_id: order.id) }
  done when total > config.limit -> rejected
  done when total < config.limit -> finished
}
```

Good:

```tenuto good states
initial state paying {
  do { call charge(order_id: order.id, amount: total) undo refund(order_id: order.id) }
  done when total > config.limit -> rejected
  done                           -> finished
}
```
"""

from __future__ import annotations

from tenuto_interpreter.types import LiteralOf, Type, Union

from tenuto_dsl.diagnostics import Spelled
from tenuto_dsl.lint.graph import MISHAPS
from tenuto_dsl.lint.paths import type_of_path
from tenuto_dsl.lint.rule import Report, workflow_rule
from tenuto_dsl.lint.terms import cover_everything, text_of
from tenuto_dsl.lint.views import WorkflowView
from tenuto_dsl.syntax import tree


@workflow_rule("TEN333")
def check(view: WorkflowView, report: Report) -> None:
    for state in view.states:
        done = [t for t in state.body.transitions if isinstance(t.trigger, tree.DoneTrigger)]
        guards = [t.guard for t in done if t.guard is not None]
        if not done or len(guards) < len(done) or _others_lead_on(state.body.transitions):
            continue
        if not cover_everything(guards) and not _names_every_choice(view, guards):
            message = f"when none of these guards holds, {state.name} is done and stays"
            report(
                done[-1].trigger.span,
                message,
                Spelled("add a last `done -> …` without a guard", "add a last `{ done: null, to: … }` without a guard"),
            )


def _others_lead_on(transitions: tuple[tree.Transition, ...]) -> bool:
    return any(t.target is not None and not isinstance(t.trigger, (tree.DoneTrigger, *MISHAPS)) for t in transitions)


def _names_every_choice(view: WorkflowView, guards: list[tree.Expr]) -> bool:
    """`x == "a"`, `x == "b"` for each text that x may be."""
    subject: tree.Expr | None = None
    named: set[str] = set()
    for guard in guards:
        if not isinstance(guard, tree.Binary) or guard.operator != "==":
            return False
        text = text_of(guard.right)
        if text is None or (subject is not None and guard.left != subject):
            return False
        subject = guard.left
        named.add(text)
    choices = _choices(view, type_of_path(view, subject)) if subject is not None else None
    return choices is not None and choices <= named


def _choices(view: WorkflowView, type_: Type | None) -> set[str] | None:
    match view.plain(type_) if type_ is not None else None:
        case LiteralOf(value=value):
            return {value}
        case Union(options=options):
            found: set[str] = set()
            for option in options:
                inner = _choices(view, option)
                if inner is None:
                    return None
                found |= inner
            return found
        case _:
            return None
