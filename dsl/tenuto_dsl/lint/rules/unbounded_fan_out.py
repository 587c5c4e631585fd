"""TEN404: a fan-out without a bound

A concurrent `for` that does as many things at once as there are items, or thousands of them. The service that is
called meets them all in one moment, the run holds them all in one snapshot, and a cancellation has to wait for them
all. A bound of some dozens is as fast and hurts nobody.

Bad:

```tenuto bad steps
for item in order.items at most order.items.size() at once {
  call mail(to: "warehouse", text: item.sku)
}
```

Good:

```tenuto good steps
for item in order.items at most 20 at once {
  call mail(to: "warehouse", text: item.sku)
}
```
"""

from __future__ import annotations

from tenuto_dsl.lint.rule import Report, workflow_rule
from tenuto_dsl.lint.terms import number_of
from tenuto_dsl.lint.views import WorkflowView
from tenuto_dsl.syntax import tree

MANY = 1000


@workflow_rule("TEN404")
def check(view: WorkflowView, report: Report) -> None:
    for loop in view.all(tree.ForStep):
        if loop.at_most is None:
            continue
        number = number_of(loop.at_most)
        if number is not None and number >= MANY:
            report(loop.at_most.span, f"{number:.0f} at once", "some dozens are as fast, and hurt nobody")
        elif _is_size_of(loop.at_most, loop.items):
            report(loop.at_most.span, "as many at once as there are items", "write a number, such as 20")


def _is_size_of(count: tree.Expr, items: tree.Expr) -> bool:
    match count:
        case tree.Call(target=target, function=tree.Name(text="size"), args=args):
            return target == items or args == (items,)
        case _:
            return False
