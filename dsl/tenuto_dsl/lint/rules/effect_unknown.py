"""TEN415: a retry of who knows what

The activity is retried, and nothing says what repeating it does. Without `effect` neither a reader nor the linter can
tell a safe retry from a second payment.

Bad:

```tenuto bad
activity pack(order: string) { python "shop:pack"; timeout 1h; retry 3 times }
```

Good:

```tenuto good
activity pack(order: string) { python "shop:pack"; timeout 1h; retry 3 times; effect keyed }
```

`pure` changes nothing; `idempotent` may be repeated as it is; `keyed` may be repeated under its idempotency key;
`once` must not be repeated, and takes no `retry`."""

from __future__ import annotations

from tenuto_dsl.diagnostics import Spelled
from tenuto_dsl.lint.rule import Report, activity_rule
from tenuto_dsl.lint.views import ActivityView
from tenuto_dsl.syntax import tree


@activity_rule("TEN415")
def check(activity: ActivityView, report: Report) -> None:
    node = activity.node
    if node.retry is None or node.effect is not None or isinstance(node.binding, tree.SqlBinding):
        return
    if isinstance(node.binding, tree.HttpBinding) and node.binding.method in ("GET", "HEAD", "POST", "PATCH"):
        return  # reading is safe by itself; of the others TEN403 speaks
    message = f"{activity.name} is retried, and nothing says what repeating it does"
    report(
        node.name.span,
        message,
        Spelled(
            "add `effect keyed`, `effect idempotent` or `effect pure`",
            "add `effect: keyed`, `effect: idempotent` or `effect: pure`",
        ),
    )
