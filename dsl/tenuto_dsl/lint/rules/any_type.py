"""TEN727: the type `any`

Nothing is known of a value of type `any`: no name in it is checked, and a mistake shows when the workflow runs.
Declare the part that is used; other fields of an activity's result are dropped. Off by default: sometimes nothing is
known.

Bad:

```tenuto bad
activity look(id: string) -> any { python "jobs:look"; timeout 10s; effect pure }
```

Good:

```tenuto good
activity look(id: string) -> { status: string } { python "jobs:look"; timeout 10s; effect pure }
```
"""

from __future__ import annotations

from tenuto_dsl.lint.rule import Report, file_rule
from tenuto_dsl.lint.views import FileView
from tenuto_dsl.syntax import tree


@file_rule("TEN727", "info", default=False)
def check(file: FileView, report: Report) -> None:
    for node in file.all(tree.NamedType):
        if node.name == "any":
            report(node.span, "nothing is known of this value", "declare the part of it that is used")
