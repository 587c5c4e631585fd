"""TEN402: a retry of what must happen once

`effect once` says that the effect must not be repeated. A retry repeats it whenever the first attempt did its work and
only its answer was lost: the customer gets two messages, the machine starts twice. A call that asks for a `retry` of
its own counts, too.

Bad:

```tenuto bad
activity call_fire_service(address: string) { python "emergency:call"; timeout 1m; effect once; retry 3 times }
```

Good:

```tenuto good
activity call_fire_service(address: string) { python "emergency:call"; timeout 1m; effect once }
```

Where the service knows a request again by a key, say `effect keyed` and retry as often as you like.
"""

from __future__ import annotations

from tenuto_dsl.diagnostics import Spelled
from tenuto_dsl.lint.rule import Report, file_rule
from tenuto_dsl.lint.views import FileView
from tenuto_dsl.syntax import tree

_HINT = Spelled(
    "leave `retry` out, or make the activity safe to repeat and say `effect keyed` or `effect idempotent`",
    "leave `retry` out, or make the activity safe to repeat and say `effect: keyed` or `effect: idempotent`",
)


@file_rule("TEN402")
def check(file: FileView, report: Report) -> None:
    for activity in file.activities:
        if _is_once(activity.node) and _retries(activity.node.retry):
            assert activity.node.retry is not None
            message = f"{activity.name} has `effect once`, and a retry may repeat the effect"
            report(activity.node.retry.span, message, _HINT)
    for call in file.all(tree.CallStep):
        callee = file.declarations.activities.get(call.callee.text)
        if callee is not None and _is_once(callee.node) and _retries(call.retry):
            assert call.retry is not None
            message = f"{callee.name} has `effect once`, and this call's retry may repeat the effect"
            report(call.retry.span, message, _HINT)


def _is_once(node: tree.ActivityDecl) -> bool:
    return node.effect is not None and node.effect.text == "once"


def _retries(retry: tree.Retry | None) -> bool:
    return retry is not None and not (isinstance(retry.times, tree.Literal_) and retry.times.value == 0)
