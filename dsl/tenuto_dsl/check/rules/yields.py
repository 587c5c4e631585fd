"""TEN318, TEN326: a `yield` gives a value to the `for` around it, which somebody takes."""

from __future__ import annotations

from tenuto_dsl.check.facts import Facts, WorkflowFacts
from tenuto_dsl.check.walk import blocks_of, blocks_of_body, durable_of
from tenuto_dsl.diagnostics import Diagnostics, Spelled
from tenuto_dsl.syntax import tree


def check(workflow: WorkflowFacts, _facts: Facts, sink: Diagnostics) -> None:
    for state in workflow.states:
        for block in blocks_of_body(state.body):
            _block(block, None, sink)


def _block(block: tree.Block, taken: bool | None, sink: Diagnostics) -> None:
    """`taken`: whether the value of the loop around is taken; None outside of loops."""
    for step in block.steps:
        if isinstance(step, tree.YieldStep):
            if taken is None:
                sink.error("TEN318", step.span, "`yield` stands in no `for`")
            elif not taken:
                hint = Spelled(
                    "write `let results = for …`, or leave the `yield` out",
                    "name them by `as` beside `for`, or leave the `yield` out",
                )
                sink.warning("TEN326", step.span, "nobody takes the values of this `for`", hint)
            continue
        operation = durable_of(step)
        inner: bool | None = taken
        if isinstance(operation, tree.ForStep):
            inner = operation is not step
        elif isinstance(operation, tree.ParallelStep):
            inner = None
        for nested in blocks_of(operation):
            _block(nested, inner, sink)
