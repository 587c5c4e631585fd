"""TEN403: a request without an idempotency key

A POST or PATCH that carries no `Idempotency-Key` header, of an activity that does not say it is safe to repeat. Any
request may be made more than once: after a timeout, a lost process, a retry. Without a key the server takes the second
for another one, and the customer pays twice.

Bad:

```tenuto bad
activity charge(order: string) { http POST "https://payments.example/charges"; body { "order": order }; timeout 10s }
```

Good:

```tenuto good
activity charge(order: string) {
  http    POST "https://payments.example/charges"
  header  "Idempotency-Key" = activity.idempotency_key
  body    { "order": order }
  timeout 10s
  effect  keyed
}
```

When the server recognises the request by what is in it, say `effect idempotent` instead.
"""

from __future__ import annotations

from tenuto_dsl.diagnostics import Spelled
from tenuto_dsl.lint.rule import Report, activity_rule
from tenuto_dsl.lint.views import ActivityView
from tenuto_dsl.syntax import tree


@activity_rule("TEN403")
def check(activity: ActivityView, report: Report) -> None:
    node = activity.node
    binding = node.binding
    if not isinstance(binding, tree.HttpBinding) or binding.method not in ("POST", "PATCH"):
        return
    if node.effect is not None and node.effect.text in ("pure", "idempotent"):
        return
    if not any("idempotency" in header.name.lower() for header in binding.headers):
        message = f"{activity.name} sends a {binding.method} without an idempotency key"
        hint = Spelled(
            'add `header "Idempotency-Key" = activity.idempotency_key`, or say `effect idempotent`',
            "add the header `Idempotency-Key: ${activity.idempotency_key}`, or say `effect: idempotent`",
        )
        report(binding.span, message, hint)
