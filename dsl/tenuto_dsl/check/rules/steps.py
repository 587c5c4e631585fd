"""TEN327: steps behind a step that never goes on."""

from __future__ import annotations

from tenuto_dsl.check.facts import Facts, WorkflowFacts
from tenuto_dsl.check.walk import blocks_of, blocks_of_body, step_completes
from tenuto_dsl.diagnostics import Diagnostics
from tenuto_dsl.syntax import tree


def check(workflow: WorkflowFacts, _facts: Facts, sink: Diagnostics) -> None:
    for state in workflow.states:
        for block in blocks_of_body(state.body):
            _block(block, sink)


def _block(block: tree.Block, sink: Diagnostics) -> None:
    for step, following in zip(block.steps, block.steps[1:], strict=False):
        if not step_completes(step):
            sink.warning("TEN327", following.span, "this step is never reached")
            break
    for step in block.steps:
        for inner in blocks_of(step):
            _block(inner, sink)
