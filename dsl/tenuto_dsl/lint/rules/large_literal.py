"""TEN731: data in the workflow

A list or a record of more than a hundred entries, or a text of thousands of characters, written into a workflow. It is
part of the program that every run is pinned to, and copied into the variables of each. Read it in an activity, or give
it as config.

Bad:

```tenuto bad members
query prices -> [int] = [
    1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26,
    27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50,
    51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63, 64, 65, 66, 67, 68, 69, 70, 71, 72, 73, 74,
    75, 76, 77, 78, 79, 80, 81, 82, 83, 84, 85, 86, 87, 88, 89, 90, 91, 92, 93, 94, 95, 96, 97, 98,
    99, 100, 101
]
```

Good:

```tenuto good
activity prices() -> map(string, decimal) { python "shop:prices"; timeout 10s; effect pure }
```
"""

from __future__ import annotations

from tenuto_dsl.lint.rule import Report, workflow_rule
from tenuto_dsl.lint.terms import head
from tenuto_dsl.lint.views import WorkflowView
from tenuto_dsl.syntax import tree

MANY = 100
LONG = 4_000


@workflow_rule("TEN731", "info")
def check(view: WorkflowView, report: Report) -> None:
    hint = "read it in an activity, or give it as config"
    for node in view.all(tree.ListExpr):
        if len(node.items) > MANY:
            report(head(node), f"a list of {len(node.items)} entries is part of every run", hint)
    for mapping in view.all(tree.MapExpr):
        if len(mapping.entries) > MANY:
            report(head(mapping), f"a record of {len(mapping.entries)} entries is part of every run", hint)
    for text in view.all(tree.Literal_):
        if isinstance(text.value, str) and len(text.value) > LONG:
            report(head(text), f"a text of {len(text.value)} characters is part of every run", hint)
