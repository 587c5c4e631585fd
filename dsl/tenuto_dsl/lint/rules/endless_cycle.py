"""TEN334: a cycle that never waits

States that lead to each other at once: by `when true`, or by an unguarded `done` after work in which nothing takes
time. Once in the cycle a run moves a thousand times within one instant; that is a fault, and it is parked.

Bad:

```tenuto bad states
initial state checking {
  when true -> counting { note = "checked" }
}
state counting {
  do { note = "counted" }
  done -> checking
}
```

Good:

```tenuto good states
initial state checking {
  when paid -> finished
  after 1m  -> counting
}
state counting {
  do { note = "counted" }
  done -> checking
}
```
"""

from __future__ import annotations

from tenuto_dsl.check.facts import StateFacts
from tenuto_dsl.check.rules.instant import waiting_word
from tenuto_dsl.check.walk import durable_of, steps_of
from tenuto_dsl.lint.graph import is_leaf
from tenuto_dsl.lint.rule import Report, workflow_rule
from tenuto_dsl.lint.terms import is_true
from tenuto_dsl.lint.views import WorkflowView
from tenuto_dsl.syntax import tree


@workflow_rule("TEN334")
def check(view: WorkflowView, report: Report) -> None:
    leads = {state.index: _leads_at_once(view, state) for state in view.states if is_leaf(state)}
    told: set[int] = set()
    for start in leads:
        way = [start]
        while (following := leads.get(way[-1])) is not None and following not in way:
            way.append(following)
        if following == start and not told & set(way):
            told |= set(way)
            names = " -> ".join(view.states[index].name for index in (*way, start))
            hint = "let one of them wait for a timer, a message or a call"
            report(view.states[start].span, f"nothing in this cycle ever waits: {names}", hint)


def _leads_at_once(view: WorkflowView, state: StateFacts) -> int | None:
    """Where the state goes on to in the instant of its entry, whatever happens. A state that may go elsewhere at once,
    by a condition, leads nowhere for sure: a cycle that counts comes to its end."""
    instant = [t for t in state.body.transitions if isinstance(t.trigger, (tree.WhenTrigger, tree.DoneTrigger))]
    for transition in instant[:1]:
        at_once = (isinstance(transition.trigger, tree.WhenTrigger) and is_true(transition.guard)) or (
            isinstance(transition.trigger, tree.DoneTrigger) and transition.guard is None and _is_instant(state.body.do)
        )
        target = view.target_of(transition)
        if at_once and target is not None:
            return _leaf_of(view, target)
    return None


def _is_instant(do: tree.Block | None) -> bool:
    if do is None:
        return False
    operations = [durable_of(step) for step in steps_of(do)]
    return not any(isinstance(step, tree.StartStep) or waiting_word(step) is not None for step in operations)


def _leaf_of(view: WorkflowView, state: StateFacts) -> int | None:
    while state.initial is not None:
        state = view.states[state.initial]
    return state.index if is_leaf(state) else None
