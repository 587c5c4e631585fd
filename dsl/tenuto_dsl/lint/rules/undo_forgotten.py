"""TEN407: a call that could be undone, and is not

The file declares an activity that takes back what another does (reserve and release, book and cancel, charge and
refund, create and delete), yet a call of the first has no `undo`, its opposite is called nowhere in the workflow, and
a later step can fail. What was reserved stays reserved.

Bad:

```tenuto bad states
initial state working {
  do {
    call reserve(order_id: order.id, items: order.items)
    call charge(order_id: order.id, amount: total) undo refund(order_id: order.id)
  }
  done -> finished
}
```

Good:

```tenuto good states
initial state working {
  do {
    call reserve(order_id: order.id, items: order.items) undo release(order_id: order.id)
    call charge(order_id: order.id, amount: total) undo refund(order_id: order.id)
  }
  done -> finished
}
```
"""

from __future__ import annotations

from tenuto_dsl.diagnostics import Spelled
from tenuto_dsl.lint.rule import Report, workflow_rule
from tenuto_dsl.lint.views import WorkflowView
from tenuto_dsl.syntax import tree

_OPPOSITES = {
    "reserve": ("release", "unreserve", "cancel"),
    "hold": ("release", "unhold"),
    "book": ("cancel", "unbook"),
    "charge": ("refund", "reverse", "uncharge"),
    "capture": ("refund", "reverse"),
    "pay": ("refund", "reverse"),
    "payout": ("reverse",),
    "create": ("delete", "destroy", "remove", "drop"),
    "allocate": ("free", "release", "deallocate"),
    "acquire": ("release",),
    "provision": ("deprovision", "release", "destroy"),
    "open": ("close",),
    "lock": ("unlock",),
    "grant": ("revoke",),
    "attach": ("detach",),
    "register": ("unregister", "deregister"),
    "make": ("drop", "delete", "destroy"),
}


@workflow_rule("TEN407")
def check(view: WorkflowView, report: Report) -> None:
    called = {call.callee.text for call in view.all(tree.CallStep)} | {undo.callee.text for undo in view.all(tree.Undo)}
    calls = view.all(tree.CallStep)
    for position, call in enumerate(calls):
        if call.undo is not None or not any(_may_fail(view, later) for later in calls[position + 1 :]):
            continue
        opposite = _opposite_of(view, call.callee.text)
        if opposite is not None and opposite not in called:
            message = f"when a later step fails, what {call.callee.text} did is not taken back"
            report(
                call.callee.span,
                message,
                Spelled(f"add `undo {opposite}(…)`", f"add `undo: {{ call: {opposite}, args: … }}`"),
            )


def _may_fail(view: WorkflowView, call: tree.CallStep) -> bool:
    activity = view.declarations.activities.get(call.callee.text)
    return activity is None or bool(activity.node.raises) or activity.node.effect is None or not activity.node.retry


def _opposite_of(view: WorkflowView, name: str) -> str | None:
    """An activity whose name is the opposite verb of this one's, with the same words after it where both have some."""
    verb, _, rest = name.partition("_")
    for other in view.declarations.activities:
        other_verb, _, other_rest = other.partition("_")
        if other_verb in _OPPOSITES.get(verb, ()) and (rest == other_rest or not rest or not other_rest):
            return other
    return None
