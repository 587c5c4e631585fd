"""TEN421: a priority that does not exist

Priorities are 1 to 5, and 1 goes first; an attempt without one has 3. Another number is taken for the nearest of them:
`priority 10`, meant to be urgent, waits behind everything else.

Bad:

```tenuto bad
activity alarm(text: string) { python "plant:alarm"; timeout 10s; effect keyed; priority 10 }
```

Good:

```tenuto good
activity alarm(text: string) { python "plant:alarm"; timeout 10s; effect keyed; priority 1 }
```
"""

from __future__ import annotations

from tenuto_dsl.lint.rule import Report, file_rule
from tenuto_dsl.lint.terms import number_of
from tenuto_dsl.lint.views import FileView
from tenuto_dsl.syntax import tree


@file_rule("TEN421")
def check(file: FileView, report: Report) -> None:
    given = [
        *(node.priority for node in file.all(tree.ActivityDecl)),
        *(node.priority for node in file.all(tree.CallStep)),
    ]
    for priority in given:
        number = number_of(priority)
        if priority is not None and number is not None and not 1 <= number <= 5:  # as the message says
            report(priority.span, f"there is no priority {number:.0f}", "choose one of 1 (first) to 5 (last)")
