"""TEN424: an error of a request that no answer raises

A request raises a declared error only where `raises … when` says which answers mean it; every other failure is an
`HttpError`. A code without such a condition is never raised: the handler that waits for it is dead, and the answer that
was meant fails the run as an `HttpError`.

Bad:

```tenuto bad
error Gone

activity look(id: string) {
  http GET "https://shop.example/orders/${id}"
  raises  Gone
  timeout 10s
  effect  pure
}
```

Good:

```tenuto good
error Gone

activity look(id: string) {
  http GET "https://shop.example/orders/${id}"
  raises  Gone when response.status == 410
  timeout 10s
  effect  pure
}
```
"""

from __future__ import annotations

from tenuto_dsl.diagnostics import Spelled
from tenuto_dsl.lint.errors import BUILT_IN
from tenuto_dsl.lint.rule import Report, activity_rule
from tenuto_dsl.lint.views import ActivityView
from tenuto_dsl.syntax import tree


@activity_rule("TEN424")
def check(activity: ActivityView, report: Report) -> None:
    node = activity.node
    if not isinstance(node.binding, tree.HttpBinding):
        return
    told = {code.text for raises in node.raises if raises.when is not None for code in raises.codes}
    for code in (code for raises in node.raises if raises.when is None for code in raises.codes):
        if code.text not in told and code.text not in BUILT_IN:
            hint = Spelled(
                f"say which answer means it: `raises {code.text} when response.status == …`",
                f"say which answer means it: `raises: [{{ error: {code.text}, when: response.status == … }}]`",
            )
            report(code.span, f"no answer of this request raises {code.text}", hint)
