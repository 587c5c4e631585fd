"""TEN725: fractions compared for equality

`==` or `!=` between values of type `double`. Fractions such as 0.1 are not kept exactly: 0.1 + 0.2 is not 0.3. Compare
with a tolerance, or use `decimal`.

Bad:

```tenuto bad
activity set(value: double) { python "home:set"; timeout 10s; effect idempotent }
workflow w(target: double, current: double) {
  do { if target != current { call set(value: target) } }
}
```

Good:

```tenuto good
activity set(value: double) { python "home:set"; timeout 10s; effect idempotent }
workflow w(target: double, current: double) {
  do { if target < current - 0.01 || target > current + 0.01 { call set(value: target) } }
}
```
"""

from __future__ import annotations

from tenuto_interpreter.types import DOUBLE

from tenuto_dsl.lint.paths import type_of_path, without_null
from tenuto_dsl.lint.rule import Report, workflow_rule
from tenuto_dsl.lint.views import WorkflowView
from tenuto_dsl.syntax import tree


@workflow_rule("TEN725")
def check(view: WorkflowView, report: Report) -> None:
    for node in view.all(tree.Binary):
        if node.operator in ("==", "!=") and (_is_fraction(view, node.left) or _is_fraction(view, node.right)):
            if node.left == node.right or _is_exact(node.left) or _is_exact(node.right):
                continue
            report(node.span, "fractions are not kept exactly, so they are seldom equal", "compare with a tolerance")


def _is_fraction(view: WorkflowView, node: tree.Expr) -> bool:
    if isinstance(node, tree.Literal_):
        return node.kind == "double"
    type_ = type_of_path(view, node)
    return type_ is not None and without_null(view, type_) == DOUBLE


def _is_exact(node: tree.Expr) -> bool:
    """null, and the numbers that a `double` keeps exactly and people use as marks: 0.0, 1.0, -1.0."""
    match node:
        case tree.Literal_(kind="null"):
            return True
        case tree.Literal_(value=float(value)):
            return value.is_integer()
        case tree.Unary(operator="-", operand=operand):
            return _is_exact(operand)
        case _:
            return False
