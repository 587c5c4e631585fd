"""TEN418: `effect pure` of a request that changes something

`pure` says that calling the activity changes nothing, so it may be repeated, and need not be undone. PUT, PATCH and
DELETE exist to change something.

Bad:

```tenuto bad
activity remove(id: string) { http DELETE "https://parts.example/orders/" + id; timeout 10s; effect pure }
```

Good:

```tenuto good
activity remove(id: string) { http DELETE "https://parts.example/orders/" + id; timeout 10s; effect idempotent }
```
"""

from __future__ import annotations

from tenuto_dsl.diagnostics import Spelled
from tenuto_dsl.lint.rule import Report, activity_rule
from tenuto_dsl.lint.views import ActivityView
from tenuto_dsl.syntax import tree


@activity_rule("TEN418")
def check(activity: ActivityView, report: Report) -> None:
    node = activity.node
    if not isinstance(node.binding, tree.HttpBinding) or node.effect is None or node.effect.text != "pure":
        return
    if node.binding.method in ("PUT", "PATCH", "DELETE"):
        message = f"{activity.name} is called pure, and sends a {node.binding.method}"
        report(
            node.effect.span,
            message,
            Spelled(
                "say `effect idempotent` when repeating it does no harm",
                "say `effect: idempotent` when repeating it does no harm",
            ),
        )
