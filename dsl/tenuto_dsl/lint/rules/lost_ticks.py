"""TEN339: ticks that fall while another state is active

`every cron(…)` with a target, in a state that is not always active: a tick that comes while the run is elsewhere is
not kept. When each one counts (a month to bill, a night to report), count them in a handler of the whole workflow, and
let the state look at the count. When a missed one does not matter, silence this with that reason.

Bad:

```tenuto bad states
initial state idle {
  every cron("0 6 * * *", "UTC") -> reporting
  on cancel_order                -> finished
}
state reporting {
  do { call mail(to: "office", text: "the report") }
  done -> idle
}
```

Good:

```tenuto good states
every cron("0 6 * * *", "UTC") { total = total + 1 }

initial state idle {
  when total > decimal("0") -> reporting
  on cancel_order           -> finished
}
state reporting {
  do { call mail(to: "office", text: "the report"); total = total - 1 }
  done -> idle
}
```
"""

from __future__ import annotations

from tenuto_interpreter.types import SCHEDULE

from tenuto_dsl.check.facts import StateFacts
from tenuto_dsl.lint.rule import Report, workflow_rule
from tenuto_dsl.lint.views import WorkflowView
from tenuto_dsl.syntax import tree


@workflow_rule("TEN339", "info")
def check(view: WorkflowView, report: Report) -> None:
    for state, transition in view.transitions:
        trigger = transition.trigger
        if not isinstance(trigger, tree.EveryTrigger) or transition.target is None or _is_always_active(view, state):
            continue
        type_ = view.type_of(trigger.schedule)
        if type_ is not None and view.plain(type_) == SCHEDULE:
            message = f"a tick that falls while {state.name} is not active is lost"
            report(trigger.span, message, "count the ticks in a handler of the whole workflow, and look at the count")


def _is_always_active(view: WorkflowView, state: StateFacts) -> bool:
    """Whether it is the workflow, or a region of nothing but the workflow."""
    while state.parent is not None and state.kind == "region":
        state = view.states[state.parent]
    return state.kind == "root"
