"""TEN422: an error of a statement with a field that nothing fills

The fields of an error that an SQL activity raises come from `sqlstate`, `constraint` and `message`, and from the
activity's parameters of the same names. A field that is none of these stays without a value, and the activity fails as
`InvalidResult` instead, which no handler of that error takes. Give the activity such a parameter, make the field
optional, or leave it out.

Bad:

```tenuto bad
error SoldOut { sku: string, left: int }

activity take(sku: string, n: int) {
  sql     "update shop.stock set remaining = remaining - :n where sku = :sku"
  raises  SoldOut when error.sqlstate == "23514"
  timeout 10s
}
```

Good:

```tenuto good
error SoldOut { sku: string, constraint: string }

activity take(sku: string, n: int) {
  sql     "update shop.stock set remaining = remaining - :n where sku = :sku"
  raises  SoldOut when error.sqlstate == "23514"
  timeout 10s
}
```
"""

from __future__ import annotations

from tenuto_interpreter.types import Optional

from tenuto_dsl.lint.rule import Report, activity_rule
from tenuto_dsl.lint.views import ActivityView
from tenuto_dsl.syntax import tree

_OF_THE_SERVER = {"sqlstate", "constraint", "message"}


@activity_rule("TEN422")
def check(activity: ActivityView, report: Report) -> None:
    if not isinstance(activity.node.binding, tree.SqlBinding):
        return
    known = _OF_THE_SERVER | set(activity.names)
    for code in (code for raises in activity.node.raises for code in raises.codes):
        declared = activity.declarations.errors.get(code.text)
        for name, type_ in declared.fields if declared is not None else ():
            if name not in known and not isinstance(activity.plain(type_), Optional):
                hint = "fields are filled from parameters of their names, sqlstate, constraint and message"
                report(code.span, f"nothing fills the field {name} of {code.text}", hint)
