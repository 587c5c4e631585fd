"""TEN348: a timer that comes too late

A timer counts from the entry of its state. Another of the same state that is shorter, or of a state around it (or of
the whole workflow, where it counts from the start) that is no longer, fires first and leaves both: the later timer
never fires, and what it was written for never happens. Of two that say the same, the first one does it.

Bad:

```tenuto bad states
after 7d -> rejected

initial state asking {
  on approve -> finished
  after 14d  -> rejected { note = "nobody has answered" }
}
```

Good:

```tenuto good states
after 30d -> rejected

initial state asking {
  on approve -> finished
  after 14d  -> rejected { note = "nobody has answered" }
}
```
"""

from __future__ import annotations

from tenuto_dsl.check.facts import StateFacts
from tenuto_dsl.lint.graph import entered_with, later
from tenuto_dsl.lint.rule import Report, workflow_rule
from tenuto_dsl.lint.terms import duration_of, is_steady, names_in, says_the_same
from tenuto_dsl.lint.views import WorkflowView
from tenuto_dsl.syntax import tree


@workflow_rule("TEN348")
def check(view: WorkflowView, report: Report) -> None:
    for state, transition in view.transitions:
        if _time_of(transition) is None:
            continue
        for holder in (state, *view.around(state)):
            other = next((t for t in holder.body.transitions if _hides(view, holder, t, state, transition)), None)
            if other is not None:
                message = f"this never fires: the timer in line {other.span.line} has fired before"
                gone = "the run has ended" if holder.kind == "root" else f"{holder.path} is left"
                report(transition.trigger.span, message, f"{gone} by then")
                break


def _hides(
    view: WorkflowView, holder: StateFacts, first: tree.Transition, state: StateFacts, second: tree.Transition
) -> bool:
    """Whether the first, of `holder`, fires no later than the second, of `state`, whenever that is counted."""
    if first is second or not _is_as_early(view, first, second, own=holder is state):
        return False
    target = view.target_of(first)
    if target is None or not (first.guard is None or (holder is state and _asks_the_same(first, second))):
        return False
    if target.kind == "final" and target.parent == 0:
        return True
    if holder is target or holder not in view.around(target):
        return True  # both are left, and count anew together
    return state.index not in entered_with(view, target.index) | later(view, target.index)


def _is_as_early(view: WorkflowView, first: tree.Transition, second: tree.Transition, *, own: bool) -> bool:
    """In states around, an equal time is early enough, for their timers began before; in the same state, of equal
    times the one that is written first is taken."""
    one, other = _time_of(first), _time_of(second)
    if one is None or other is None or type(first.trigger) is not type(second.trigger):
        return False
    first_there = not own or (first.span.line, first.span.col) < (second.span.line, second.span.col)
    shorter, longer = duration_of(one), duration_of(other)
    if isinstance(first.trigger, tree.AfterTrigger) and shorter is not None and longer is not None:
        return shorter < longer or (shorter == longer and first_there)
    # Of other times only equal ones can be told, and those of the states around are asked for at other moments.
    lasting = own or (isinstance(first.trigger, tree.AtTrigger) and _is_lasting(view, one))
    return first_there and lasting and is_steady(one) and says_the_same(one, other)


def _is_lasting(view: WorkflowView, time: tree.Expr) -> bool:
    """Whether a time is the same all through a run: what it is made of are parameters and config, not variables."""
    return names_in(time) <= {param.name.text for param in view.node.params} | {"config"}


def _asks_the_same(first: tree.Transition, second: tree.Transition) -> bool:
    """Whether the guards are the same, and asked at the same moment."""
    if first.guard is None or second.guard is None or not is_steady(first.guard):
        return False
    return says_the_same(first.guard, second.guard) and _time_of(first) == _time_of(second)


def _time_of(transition: tree.Transition) -> tree.Expr | None:
    match transition.trigger:
        case tree.AfterTrigger(duration=time) | tree.AtTrigger(time=time) | tree.EveryTrigger(schedule=time):
            return time
        case _:
            return None
