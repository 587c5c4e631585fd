"""TEN760: work that is too much for one block

More than fifteen ways through one `do`, or blocks nested more than five deep. Nobody can say what has been done
already when it fails in the middle. States exist for this: give each part of the work one, and the run shows where it
is.

Bad:

```tenuto bad steps
for item in order.items {
  if paid { if total > config.limit { try { if item.quantity > 1 { if note == "" { log "one" } } } catch Fault {} } }
}
```

Good:

```tenuto good steps
for item in order.items {
  if paid { note = item.sku }
}
```
"""

from __future__ import annotations

from tenuto_dsl.check.walk import blocks_of, durable_of
from tenuto_dsl.lint.rule import Report, workflow_rule
from tenuto_dsl.lint.terms import head
from tenuto_dsl.lint.views import Place, WorkflowView
from tenuto_dsl.syntax import tree

WAYS = 15
DEEP = 5


@workflow_rule("TEN760", "info")
def check(view: WorkflowView, report: Report) -> None:
    ways: dict[int, tuple[Place, int]] = {}
    for placed in view.steps:
        place, count = ways.get(id(placed.place.block), (placed.place, 1))
        ways[id(place.block)] = (place, count + _ways(placed.operation))
        if len(placed.around) == DEEP and blocks_of(placed.operation):
            report(head(placed.step, 2), f"blocks nest more than {DEEP} deep here", "give parts of the work states")
    for place, count in ways.values():
        if count > WAYS:
            where = (
                f"of {place.state.name}"
                if place.role in ("do", "work")
                else f"in the {place.role} of {place.state.name}"
            )
            report(place.state.span, f"there are {count} ways through the work {where}", "give parts of it states")


def _ways(step: tree.Step) -> int:
    match durable_of(step):
        case tree.IfStep() | tree.ForStep() | tree.RepeatStep():
            return 1
        case tree.TryStep(catches=catches):
            return len(catches)
        case _:
            return 0
