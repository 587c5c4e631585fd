"""TEN770: a workflow without a description

`\"\"\"…\"\"\"` at the head of a workflow is shown wherever its runs are listed. Off by default.

Bad:

```tenuto bad
workflow remind() { do { wait 30d } }
```

Good:

```tenuto good
workflow remind() {
  \"\"\"Wait for a month.\"\"\"
  do { wait 30d }
}
```
"""

from __future__ import annotations

from tenuto_dsl.diagnostics import Spelled
from tenuto_dsl.lint.rule import Report, workflow_rule
from tenuto_dsl.lint.views import WorkflowView


@workflow_rule("TEN770", "info", default=False)
def check(view: WorkflowView, report: Report) -> None:
    if not view.node.doc:
        report(
            view.node.name.span,
            f"{view.name} has no description",
            Spelled('say what it is for: """…"""', "say what it is for: `doc: …`"),
        )
