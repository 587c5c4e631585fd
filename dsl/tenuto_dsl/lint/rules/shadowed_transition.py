"""TEN332: a transition that is never taken

Within a state the first transition that fits is taken. One that stands behind another for the same event, without a
guard, with the same guard or with one that holds whenever its own does, is never reached: what it was written for does
not happen.

Bad:

```tenuto bad states
initial state asking {
  on approve -> finished
  on approve when total > config.limit -> rejected
  after 14d  -> rejected
}
```

Good:

```tenuto good states
initial state asking {
  on approve when total > config.limit -> rejected
  on approve -> finished
  after 14d  -> rejected
}
```
"""

from __future__ import annotations

from tenuto_dsl.lint.rule import Report, workflow_rule
from tenuto_dsl.lint.terms import implies, is_steady, is_true, renamed
from tenuto_dsl.lint.views import WorkflowView
from tenuto_dsl.syntax import tree

_EVENT = "<event>"
_NEVER_BY_CATCH_ALL = {"Cancelled", "Fault"}


@workflow_rule("TEN332")
def check(view: WorkflowView, report: Report) -> None:
    for state in view.states:
        before: list[tree.Transition] = []
        for transition in state.body.transitions:
            hiding = next((other for other in before if _hides(other, transition)), None)
            if hiding is not None:
                message = f"this is never taken: the transition in line {hiding.span.line} takes the same event first"
                report(transition.trigger.span, message, "put the one with the narrower guard first, or remove one")
            before.append(transition)


def _hides(first: tree.Transition, second: tree.Transition) -> bool:
    if not _same_event(first.trigger, second.trigger):
        return False
    if first.guard is None or (is_true(first.guard) and not isinstance(first.trigger, tree.WhenTrigger)):
        return True
    one, other = _guard_of(first), _guard_of(second)
    return one is not None and other is not None and is_steady(one) and is_steady(other) and implies(other, one)


def _same_event(first: tree.Trigger, second: tree.Trigger) -> bool:
    match first, second:
        case tree.SignalTrigger(), tree.SignalTrigger():
            return first.signal == second.signal
        case tree.UpdateTrigger(), tree.UpdateTrigger():
            return first.update == second.update
        case tree.ErrorTrigger(), tree.ErrorTrigger():
            return _takes_all_of(first, second)
        case (tree.DoneTrigger(), tree.DoneTrigger()) | (tree.CancelTrigger(), tree.CancelTrigger()):
            return True
        case (tree.WhenTrigger(), tree.WhenTrigger()):
            return True
        case _:
            return False


def _takes_all_of(first: tree.ErrorTrigger, second: tree.ErrorTrigger) -> bool:
    codes = {code.text for code in second.codes}
    if not first.codes:
        return not codes & _NEVER_BY_CATCH_ALL
    return bool(codes) and codes <= {code.text for code in first.codes}


def _guard_of(transition: tree.Transition) -> tree.Expr | None:
    """The guard, with one name for what the event brings, whatever it is called."""
    binding: tree.Name | None = getattr(transition.trigger, "binding", None)
    if transition.guard is None or binding is None:
        return transition.guard
    return renamed(transition.guard, binding.text, _EVENT)
