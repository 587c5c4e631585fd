"""TEN771: a file of workflows without a test

Off by default. A `test` runs in virtual time, without a server, in milliseconds.

Bad:

```tenuto bad
workflow remind() { do { wait 30d } }
```

Good:

```tenuto good
workflow remind() { do { wait 30d } }

test "it takes a month" {
  given ()
  advance 30d
  expect workflow.status == "completed"
}
```
"""

from __future__ import annotations

from tenuto_dsl.diagnostics import Spelled
from tenuto_dsl.lint.rule import Report, file_rule
from tenuto_dsl.lint.views import FileView
from tenuto_dsl.syntax import tree


@file_rule("TEN771", "info", default=False)
def check(file: FileView, report: Report) -> None:
    if file.workflows and not any(isinstance(node, tree.TestDecl) for node in file.file.declarations):
        first = file.workflows[0]
        report(
            first.node.name.span,
            "no test of this file runs its workflows",
            Spelled('add `test "…" { … }`', "add one below `tests`"),
        )
