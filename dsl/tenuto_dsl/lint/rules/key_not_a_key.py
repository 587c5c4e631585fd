"""TEN417: an idempotency key that is none

The key is the same for every call, so the service answers the second order with the result of the first; or it changes
with every attempt, so that no repetition is ever recognised. `activity.idempotency_key` is the same at every attempt
of one call and different for every other.

Bad:

```tenuto bad
activity charge(order: string) {
  http    POST "https://payments.example/charges"
  header  "Idempotency-Key" = "shop"
  body    { "order": order }
  timeout 10s
  effect  keyed
}
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
"""

from __future__ import annotations

from tenuto_dsl.diagnostics import Spelled
from tenuto_dsl.lint.rule import Report, activity_rule
from tenuto_dsl.lint.terms import names_in
from tenuto_dsl.lint.views import ActivityView, nodes_below
from tenuto_dsl.syntax import tree

_HINT = Spelled("write `activity.idempotency_key`", "write `${activity.idempotency_key}`")


@activity_rule("TEN417")
def check(activity: ActivityView, report: Report) -> None:
    for header in activity.all(tree.Header):
        if "idempotency" not in header.name.lower():
            continue
        if not names_in(header.value) - {"config"}:
            report(header.value.span, "this key is the same for every call", _HINT)
        elif any(isinstance(node, tree.Select) and node.field.text == "attempt" for node in nodes_below(header.value)):
            report(header.value.span, "this key is another one at every attempt", _HINT)
