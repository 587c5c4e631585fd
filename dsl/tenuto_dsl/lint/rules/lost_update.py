"""TEN405: a variable read before a wait and written after it, in concurrent work

In a `parallel` or a concurrent `for`, a value is computed from a variable, something takes time, and the variable is
assigned from that value. Meanwhile another branch has assigned it, and its update is lost. Each single assignment is
atomic: read the variable after the wait, in the assignment itself.

Bad:

```tenuto bad steps
for item in order.items at most 10 at once {
  let before = total
  call mail(to: "warehouse", text: item.sku)
  total = before + item.quantity
}
```

Good:

```tenuto good steps
for item in order.items at most 10 at once {
  call mail(to: "warehouse", text: item.sku)
  total = total + item.quantity
}
```
"""

from __future__ import annotations

from tenuto_dsl.check.frames import forks
from tenuto_dsl.check.rules.instant import waiting_word
from tenuto_dsl.check.walk import blocks_of, durable_of
from tenuto_dsl.lint.rule import Report, workflow_rule
from tenuto_dsl.lint.terms import names_in
from tenuto_dsl.lint.views import WorkflowView
from tenuto_dsl.syntax import tree


@workflow_rule("TEN405")
def check(view: WorkflowView, report: Report) -> None:
    variables = set(view.workflow.variables)
    for placed in view.steps:
        if forks(placed.operation):
            for block in blocks_of(placed.operation):
                _Branch(variables, report).block(block)


class _Branch:
    """Follows one branch. `taken` says of each local which variables it was computed from, and after how many waits."""

    def __init__(self, variables: set[str], report: Report) -> None:
        self.variables = variables
        self.report = report
        self.taken: dict[str, dict[str, int]] = {}
        self.waits = 0

    def block(self, block: tree.Block) -> None:
        for step in block.steps:
            self.step(step)

    def step(self, step: tree.Step) -> None:
        operation = durable_of(step)
        read = self.sources(operation) if isinstance(step, (tree.LetStep, tree.AssignStep)) else {}
        if waiting_word(operation) is not None:
            self.waits += 1
        if isinstance(step, tree.LetStep):
            self.taken[step.name.text] = read
        elif isinstance(step, tree.AssignStep) and not step.path:
            name = step.name.text
            if name in self.variables and read.get(name, self.waits) < self.waits:
                message = f"{name} may have been assigned by another branch since it was read for this"
                self.report(step.name.span, message, f"read {name} after the wait, in the assignment itself")
        if not forks(operation):
            for inner in blocks_of(operation):
                self.block(inner)

    def sources(self, operation: tree.Step) -> dict[str, int]:
        """The variables that the value comes from, each with the count of waits at which it was read."""
        match operation:
            case tree.LetStep(value=value) | tree.AssignStep(value=value):
                names = names_in(value)
            case tree.CallStep(args=args):
                names = names_in(*args)
            case _:
                return {}
        found = dict.fromkeys(names & self.variables, self.waits)
        for name in names & self.taken.keys():
            for variable, when in self.taken[name].items():
                found[variable] = min(when, found.get(variable, when))
        return found
