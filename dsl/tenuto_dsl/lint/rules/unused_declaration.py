"""TEN702: a declaration that is not used

A type, an error, a config value or an activity that nothing in the file uses. In a file without workflows this is not
asked: it is there to be imported.

Bad:

```tenuto bad
type Price = { amount: decimal, currency: string }

activity ask(text: string) { python "shop:ask"; timeout 1d; effect keyed }
workflow w() { do { call ask(text: "ready?") } }
```

Good:

```tenuto good
activity ask(text: string) { python "shop:ask"; timeout 1d; effect keyed }
workflow w() { do { call ask(text: "ready?") } }
```
"""

from __future__ import annotations

from tenuto_dsl.lint.rule import Report, file_rule
from tenuto_dsl.lint.uses import used_callables, used_config, used_errors, used_types
from tenuto_dsl.lint.views import FileView
from tenuto_dsl.syntax import tree


@file_rule("TEN702")
def check(file: FileView, report: Report) -> None:
    if not file.workflows:
        return
    types, errors, config, callables = used_types(file), used_errors(file), used_config(file), used_callables(file)
    for node in file.file.declarations:
        match node:
            case tree.TypeDecl(name=name):
                what, used = "type", types
            case tree.ErrorDecl(name=name):
                what, used = "error", errors
            case tree.ConfigDecl(name=name):
                what, used = "config value", config
            case tree.ActivityDecl(name=name):
                what, used = "activity", callables
            case _:
                continue
        if name.text not in used:
            report(name.span, f"the {what} {name.text} is not used", "remove it, or move it to a file that is imported")
