"""TEN728: a calendar kept in hours

A month or a year written as a number of hours or days: `24h * 30`, `t + 365d`. A month has 28 to 31 days, a year 365
or 366, a day in a zone with summer time 23 to 25 hours; the date drifts. `calendar(t, "P1M", zone)` adds what the
calendar says. A plain wait (`after 30d`) and a term of so many days (`t + 30d`) are as long as they say, and are left
alone.

Bad:

```tenuto bad members
var next: timestamp = workflow.started_at + 365d
query when_next -> timestamp = next
```

Good:

```tenuto good members
var next: timestamp = calendar(workflow.started_at, "P1Y", "Europe/Paris")
query when_next -> timestamp = next
```
"""

from __future__ import annotations

from tenuto_interpreter.types import TIMESTAMP

from tenuto_dsl.lint.paths import type_of_path, without_null
from tenuto_dsl.lint.rule import Report, workflow_rule
from tenuto_dsl.lint.terms import DAY, HOUR, duration_of, number_of
from tenuto_dsl.lint.views import WorkflowView
from tenuto_dsl.syntax import tree

_MONTHS = {28 * DAY, 30 * DAY, 31 * DAY, 365 * DAY, 366 * DAY}
_YEARS = {31 * DAY, 365 * DAY, 366 * DAY}
"""What nobody means as a term of so many days."""
_HINT = 'write `calendar(t, "P1M", zone)`'


@workflow_rule("TEN728", "info")
def check(view: WorkflowView, report: Report) -> None:
    for node in view.all(tree.Binary):
        if node.operator == "*" and duration_of(node.left) in (24 * HOUR, HOUR) and _is_calendar(node):
            report(node.span, "this is not a month: months have 28 to 31 days", _HINT)
        if node.operator == "+" and duration_of(node.right) in _YEARS and _is_time(view, node.left):
            report(node.span, "this drifts: months have 28 to 31 days, years 365 or 366", _HINT)


def _is_calendar(node: tree.Binary) -> bool:
    length, times = duration_of(node.left), number_of(node.right)
    return length is not None and times is not None and length * times in _MONTHS


def _is_time(view: WorkflowView, node: tree.Expr) -> bool:
    """A time that is a date of something. What is counted from now or from the start is a wait."""
    match node:
        case tree.Select(operand=tree.Ident(name="workflow"), field=tree.Name(text="started_at" | "fired_at")):
            return True
        case _:
            type_ = type_of_path(view, node)
            return type_ is not None and without_null(view, type_) == TIMESTAMP
