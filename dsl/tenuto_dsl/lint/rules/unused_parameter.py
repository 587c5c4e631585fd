"""TEN706: a parameter that is not used

A parameter of a workflow that is read nowhere, or one of an HTTP or SQL activity that is sent nowhere. Its callers
give something that has no effect. (A Python function receives all parameters of its activity.)

Bad:

```tenuto bad
activity quote(symbol: string, currency: string) -> any { http GET "https://quotes.example/" + symbol; timeout 10s }
```

Good:

```tenuto good
activity quote(symbol: string, currency: string) -> any {
  http    GET "https://quotes.example/" + symbol + "?in=" + currency
  timeout 10s
}
```
"""

from __future__ import annotations

import re

from tenuto_dsl.lint.rule import Report, file_rule
from tenuto_dsl.lint.views import FileView
from tenuto_dsl.syntax import tree


@file_rule("TEN706")
def check(file: FileView, report: Report) -> None:
    for workflow in file.workflows:
        read = {ident.name for ident in workflow.all(tree.Ident)}
        assigned = {step.name.text for step in workflow.all(tree.AssignStep)}
        for param in workflow.node.params:
            if param.name.text not in read | assigned:
                report(param.name.span, f"{workflow.name} never reads {param.name.text}", "remove it")
    for activity in file.activities:
        match activity.node.binding:
            case tree.HttpBinding():
                used = {ident.name for ident in activity.all(tree.Ident)}
            case tree.SqlBinding(statement=statement):
                used = set(re.findall(r":([A-Za-z_]\w*)", statement)) | {i.name for i in activity.all(tree.Ident)}
            case _:
                continue
        for param in activity.node.params:
            if param.name.text not in used:
                report(param.name.span, f"{activity.name} sends {param.name.text} nowhere", "use it, or remove it")
