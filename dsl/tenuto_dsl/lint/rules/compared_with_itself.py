"""TEN721: both sides of an operator are the same

`x == x`, `a < a`, `ready && ready`, `total - total`. The result is known beforehand or the second half says nothing
new: another name was meant.

Bad:

```tenuto bad steps
if total >= total {
  note = "large"
}
```

Good:

```tenuto good steps
if total >= config.limit {
  note = "large"
}
```
"""

from __future__ import annotations

from tenuto_dsl.lint.rule import Report, file_rule
from tenuto_dsl.lint.terms import is_steady
from tenuto_dsl.lint.views import FileView
from tenuto_dsl.syntax import tree

_SUSPECT = ("==", "!=", "<", "<=", ">", ">=", "&&", "||", "-", "/", "%")


@file_rule("TEN721")
def check(file: FileView, report: Report) -> None:
    for node in file.all(tree.Binary):
        if node.operator in _SUSPECT and node.left == node.right and is_steady(node.left):
            if isinstance(node.left, tree.Literal_):
                continue  # a constant condition, of which TEN720 speaks, or arithmetic that spells a number
            report(node.span, f"both sides of `{node.operator}` are the same", "another name was meant on one side")
