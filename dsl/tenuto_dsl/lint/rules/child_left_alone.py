"""TEN420: a child that is started and left alone

`start` does not wait for the child. Nothing says what becomes of it when this run ends or is cancelled. Write down
what is meant: `on close abandon` lets it live, `cancel` asks it to stop, `terminate` stops it.

Bad:

```tenuto bad
activity mail(to: string) { python "shop:mail"; timeout 10s; effect keyed }
workflow remind(to: string) { do { wait 30d; call mail(to: to) } }
workflow sell(to: string) { do { start remind(to: to); call mail(to: to) } }
```

Good:

```tenuto good
activity mail(to: string) { python "shop:mail"; timeout 10s; effect keyed }
workflow remind(to: string) { do { wait 30d; call mail(to: to) } }
workflow sell(to: string) { do { start remind(to: to) on close abandon; call mail(to: to) } }
```
"""

from __future__ import annotations

from tenuto_dsl.diagnostics import Spelled
from tenuto_dsl.lint.rule import Report, workflow_rule
from tenuto_dsl.lint.terms import head
from tenuto_dsl.lint.views import WorkflowView
from tenuto_dsl.syntax import tree


@workflow_rule("TEN420", "info")
def check(view: WorkflowView, report: Report) -> None:
    for start in view.all(tree.StartStep):
        if start.on_close is None:
            message = f"nothing says what becomes of {start.workflow.text} when this run ends before it"
            report(
                head(start, 5),
                message,
                Spelled(
                    "add `on close abandon`, `on close cancel` or `on close terminate`",
                    "add `on_close: abandon`, `on_close: cancel` or `on_close: terminate`",
                ),
            )
