"""TEN416: `effect keyed` without sending the key

The activity says that it is safe under one idempotency key, and its request carries none. The service cannot tell a
repetition from a new request.

Bad:

```tenuto bad
activity order(id: string) { http PUT "https://parts.example/orders"; body { "id": id }; timeout 10s; effect keyed }
```

Good:

```tenuto good
activity order(id: string) {
  http    PUT "https://parts.example/orders"
  header  "Idempotency-Key" = activity.idempotency_key
  body    { "id": id }
  timeout 10s
  effect  keyed
}
```
"""

from __future__ import annotations

from tenuto_dsl.diagnostics import Spelled
from tenuto_dsl.lint.rule import Report, activity_rule
from tenuto_dsl.lint.views import ActivityView
from tenuto_dsl.syntax import tree


@activity_rule("TEN416")
def check(activity: ActivityView, report: Report) -> None:
    node = activity.node
    if not isinstance(node.binding, tree.HttpBinding) or node.effect is None or node.effect.text != "keyed":
        return
    if node.binding.method in ("POST", "PATCH"):
        return  # TEN403 speaks of them
    if not any(select.field.text == "idempotency_key" for select in activity.all(tree.Select)):
        message = f"{activity.name} is `keyed`, and its request carries no key"
        report(
            node.effect.span,
            message,
            Spelled(
                'add `header "Idempotency-Key" = activity.idempotency_key`',
                "add the header `Idempotency-Key: ${activity.idempotency_key}`",
            ),
        )
