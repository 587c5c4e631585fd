"""TEN190 for what concurrent work cannot do yet.

The branches of a fork share the workflow's undo stack, so undoing "what this branch did" has no meaning of its own; and
a `return` in a branch would leave a `finally` of the block around unvisited.
"""

from __future__ import annotations

from tenuto_dsl.check.facts import Facts, WorkflowFacts
from tenuto_dsl.check.frames import forks
from tenuto_dsl.check.walk import blocks_of, blocks_of_body, durable_of
from tenuto_dsl.diagnostics import Diagnostics
from tenuto_dsl.syntax import tree


def check(workflow: WorkflowFacts, _facts: Facts, sink: Diagnostics) -> None:
    for state in workflow.states:
        for block in blocks_of_body(state.body):
            _block(block, forked=False, guarded=False, sink=sink)


def _block(block: tree.Block, *, forked: bool, guarded: bool, sink: Diagnostics) -> None:
    """`guarded`: a `finally` stands around, outside of the innermost fork when there is one."""
    for step in block.steps:
        operation = durable_of(step)
        if forked and isinstance(operation, (tree.CompensateStep, tree.CommitStep)):
            word = "`compensate`" if isinstance(operation, tree.CompensateStep) else "`commit`"
            sink.error("TEN190", step.span, f"not supported yet: {word} in concurrent work", "do it after the join")
        if forked and guarded and isinstance(operation, tree.ReturnStep):
            message = "not supported yet: `return` from concurrent work inside a `try` with a `finally`"
            sink.error("TEN190", step.span, message, "give the value to the loop with `yield`, and return after it")
        inner_forked = forked or forks(operation)
        inner_guarded = guarded
        if isinstance(operation, tree.TryStep) and operation.finally_ is not None and not forked:
            inner_guarded = True
        for inner in blocks_of(operation):
            _block(inner, forked=inner_forked, guarded=inner_guarded, sink=sink)
