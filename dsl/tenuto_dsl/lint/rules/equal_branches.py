"""TEN723: two branches that do the same

Both branches of an `if`, or both values of `c ? a : b`, are the same. The condition decides nothing: one of them was
copied and never changed.

Bad:

```tenuto bad steps
if paid {
  note = "thank you"
} else {
  note = "thank you"
}
```

Good:

```tenuto good steps
if paid {
  note = "thank you"
} else {
  note = "please pay"
}
```
"""

from __future__ import annotations

from tenuto_dsl.lint.rule import Report, file_rule
from tenuto_dsl.lint.terms import head
from tenuto_dsl.lint.views import FileView
from tenuto_dsl.syntax import tree


@file_rule("TEN723")
def check(file: FileView, report: Report) -> None:
    for step in file.all(tree.IfStep):
        if step.otherwise is not None and step.then == step.otherwise and step.then.steps:
            report(head(step, 2), "both branches do the same, so the condition decides nothing")
    for node in file.all(tree.Conditional):
        if node.then == node.otherwise:
            report(node.span, "both values are the same, so the condition decides nothing")
