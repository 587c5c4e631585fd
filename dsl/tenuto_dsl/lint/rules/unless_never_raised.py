"""TEN419: `unless` names an error that the activity does not declare

`retry … unless X` gives up at X. The activity does not say that it raises X, so either the name is wrong and the retry
goes on where it should stop, or the declaration is missing and nobody knows that X has to be handled.

Bad:

```tenuto bad
error Declined
error Refused

activity charge(order: string) {
  python  "shop:charge"
  raises  Declined
  timeout 10s
  retry   5 times unless Refused
  effect  keyed
}

workflow w() {
  do { try { call charge(order: "1") } catch Declined { fail Refused } }
}
```

Good:

```tenuto good
error Declined

activity charge(order: string) {
  python  "shop:charge"
  raises  Declined
  timeout 10s
  retry   5 times unless Declined
  effect  keyed
}
```
"""

from __future__ import annotations

from tenuto_dsl.diagnostics import Spelled
from tenuto_dsl.lint.errors import BUILT_IN, HTTP_ERROR
from tenuto_dsl.lint.rule import Report, activity_rule
from tenuto_dsl.lint.views import ActivityView


@activity_rule("TEN419")
def check(activity: ActivityView, report: Report) -> None:
    node = activity.node
    declared = {code.text for raises in node.raises for code in raises.codes}
    for code in node.retry.unless if node.retry is not None else ():
        if code.text not in declared and code.text not in BUILT_IN and code.text != HTTP_ERROR:
            hint = Spelled(f"add `raises {code.text}`, or remove it", f"add `raises: {code.text}`, or remove it")
            report(code.span, f"{activity.name} does not declare that it raises {code.text}", hint)
