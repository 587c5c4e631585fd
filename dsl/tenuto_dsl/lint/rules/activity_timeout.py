"""TEN401: an activity without a timeout

An activity that declares neither `timeout` for an attempt nor `timeout overall`. A request has a limit of 60 seconds
of its own; everything else may run for ever. When a connection hangs, nothing tells the attempt from a slow one: it is
never given up, never retried, and its workflow waits with it.

Bad:

```tenuto bad
activity pack(order: string) { python "shop:pack"; effect keyed }
```

Good:

```tenuto good
activity pack(order: string) { python "shop:pack"; timeout 30s; effect keyed }
```

```yaml bad
tenuto: 1
activities:
  pack: { params: { order: string }, python: "shop:pack", effect: keyed }
```
"""

from __future__ import annotations

from tenuto_dsl.diagnostics import Spelled
from tenuto_dsl.lint.rule import Report, activity_rule
from tenuto_dsl.lint.views import ActivityView


@activity_rule("TEN401")
def check(activity: ActivityView, report: Report) -> None:
    timeout = activity.node.timeout
    if timeout is None or (timeout.attempt is None and timeout.overall is None):
        message = f"the activity {activity.name} has no timeout: an attempt that hangs is never given up"
        report(
            activity.node.name.span,
            message,
            Spelled(
                "add `timeout 30s`, or `timeout attempt … overall …`",
                "add `timeout: 30s`, or `timeout: { attempt: …, overall: … }`",
            ),
        )
