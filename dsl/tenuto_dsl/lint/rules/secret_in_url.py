"""TEN502: a secret in a URL

`secret(…)`, or a value that is `sensitive`, in the address of a request. Addresses are written into the logs of
proxies, servers and clients, and into error messages. Send it in a header, or in the body.

Bad:

```tenuto bad
activity quote(symbol: string) -> any {
  http    GET "https://quotes.example/" + symbol + "?key=" + secret("QUOTES_KEY")
  timeout 10s
}
```

Good:

```tenuto good
activity quote(symbol: string) -> any {
  http    GET "https://quotes.example/" + symbol
  header  "Authorization" = "Bearer ${secret('QUOTES_KEY')}"
  timeout 10s
}
```
"""

from __future__ import annotations

from tenuto_dsl.lint.paths import sensitive_in
from tenuto_dsl.lint.rule import Report, activity_rule
from tenuto_dsl.lint.terms import calls_in
from tenuto_dsl.lint.views import ActivityView
from tenuto_dsl.syntax import tree


@activity_rule("TEN502")
def check(activity: ActivityView, report: Report) -> None:
    binding = activity.node.binding
    if isinstance(binding, tree.HttpBinding):
        for call in calls_in(binding.url):
            if call.target is None and call.function.text == "secret":
                report(call.span, "addresses are logged, and this secret with them", "send it in a header")
        shown = sensitive_in(activity, binding.url)
        if shown is not None:
            report(shown.span, "addresses are logged, and this sensitive value with them", "send it in the body")
