"""TEN411: limits that contradict each other

`timeout overall` is shorter than one attempt may take, or `heartbeat` is no shorter than the attempt. The narrower
limit always wins, and the other one means nothing.

Bad:

```tenuto bad
activity pack(order: string) { python "shop:pack"; timeout attempt 5m overall 1m; effect keyed }
```

Good:

```tenuto good
activity pack(order: string) { python "shop:pack"; timeout attempt 1m overall 5m; effect keyed }
```
"""

from __future__ import annotations

from tenuto_dsl.lint.rule import Report, file_rule
from tenuto_dsl.lint.terms import duration_of
from tenuto_dsl.lint.views import FileView
from tenuto_dsl.syntax import tree


@file_rule("TEN411")
def check(file: FileView, report: Report) -> None:
    for timeout in file.all(tree.Timeout):
        attempt, overall = duration_of(timeout.attempt), duration_of(timeout.overall)
        heartbeat, queued = duration_of(timeout.heartbeat), duration_of(timeout.queued)
        if attempt is not None and overall is not None and overall < attempt and timeout.overall is not None:
            report(timeout.overall.span, "all attempts together have less time than one alone", "exchange the two")
        if attempt is not None and heartbeat is not None and heartbeat >= attempt and timeout.heartbeat is not None:
            message = "an attempt is over before its silence is noticed"
            report(timeout.heartbeat.span, message, "make `heartbeat` a fraction of the attempt's limit")
        if overall is not None and queued is not None and queued > overall and timeout.queued is not None:
            report(timeout.queued.span, "the call is given up before this limit is reached")
