"""TEN704: a `let` that is not used

A value is given a name that is never read. When it is the result of a call, the call is made all the same: write it
without the name. When it is a computation, it is for nothing.

Bad:

```tenuto bad steps
let stock = call reserve(order_id: order.id, items: order.items) undo release(order_id: order.id)
```

Good:

```tenuto good steps
call reserve(order_id: order.id, items: order.items) undo release(order_id: order.id)
```
"""

from __future__ import annotations

from tenuto_dsl.diagnostics import Fix
from tenuto_dsl.lint.rule import Report, workflow_rule
from tenuto_dsl.lint.views import WorkflowView, nodes_below
from tenuto_dsl.syntax import tree


@workflow_rule("TEN704")
def check(view: WorkflowView, report: Report) -> None:
    if not view.all(tree.LetStep):
        return
    read = {ident.name for ident in view.all(tree.Ident)}
    once = [step.name.text for step in view.all(tree.LetStep)]
    for step in view.all(tree.LetStep):
        name = step.name.text
        if name not in read or (once.count(name) > 1 and not _read_beside(view, step)):
            report(step.name.span, f"{name} is not used", None, _without_name(step))


def _read_beside(view: WorkflowView, let: tree.LetStep) -> bool:
    """Whether the block of this `let` reads its name: several blocks may give one name to things of their own."""
    block = next(block for block in view.all(tree.Block) if any(step is let for step in block.steps))
    return any(isinstance(node, tree.Ident) and node.name == let.name.text for node in nodes_below(block))


def _without_name(step: tree.LetStep) -> Fix | None:
    """The call alone: certain in the text form, where it stands behind the `=`."""
    span, value = step.span, step.value
    if not span.file.endswith(".tenuto") or not isinstance(value, (tree.CallStep, tree.StartStep)):
        return None
    start = value.span
    return Fix(
        f"remove the name {step.name.text}", tree.Span(span.file, span.line, span.col, start.line, start.col), ""
    )
