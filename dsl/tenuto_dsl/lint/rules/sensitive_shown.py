"""TEN501: a sensitive value where everybody reads it

A value whose type is `sensitive` is put into a log line, an error's message, a search attribute, or the id of a run.
Logs are shipped, messages are shown, ids stand in URLs: none of these is masked.

Bad:

```tenuto bad
activity open(card: sensitive string) { python "bank:open"; timeout 10s; effect keyed }
workflow w(card: sensitive string) {
  do { call open(card: card); log "opened with ${card}" }
}
```

Good:

```tenuto good
activity open(card: sensitive string) { python "bank:open"; timeout 10s; effect keyed }
workflow w(card: sensitive string) {
  do { call open(card: card); log "opened" }
}
```
"""

from __future__ import annotations

from collections.abc import Iterator

from tenuto_dsl.lint.paths import sensitive_in
from tenuto_dsl.lint.rule import Report, workflow_rule
from tenuto_dsl.lint.views import WorkflowView
from tenuto_dsl.syntax import tree


@workflow_rule("TEN501")
def check(view: WorkflowView, report: Report) -> None:
    for where, node in _shown(view):
        shown = sensitive_in(view, node)
        if shown is not None:
            report(shown.span, f"this is sensitive, and {where}", "leave it out, or give its hash")


def _shown(view: WorkflowView) -> Iterator[tuple[str, tree.Expr]]:
    yield from (("logs are read by many", step.value) for step in view.all(tree.LogStep))
    for fail in view.all(tree.FailStep):
        for arg in fail.args:
            if arg.name is not None and arg.name.text == "message":
                yield "messages of errors are shown", arg.value
    yield from (("attributes are searched and listed", item.value) for item in view.all(tree.AttributeDecl))
    yield from (("ids stand in URLs and logs", s.id) for s in view.all(tree.StartStep) if s.id is not None)
