"""TEN190 for parts of the language that the machine does not carry out yet: said once each, never passed over."""

from __future__ import annotations

from tenuto_dsl.check.facts import Facts, WorkflowFacts
from tenuto_dsl.check.walk import blocks_of_body, steps_of
from tenuto_dsl.diagnostics import Diagnostics
from tenuto_dsl.syntax import tree


def check(workflow: WorkflowFacts, _facts: Facts, sink: Diagnostics) -> None:
    for state in workflow.states:
        for block in blocks_of_body(state.body):
            for step in steps_of(block):
                if isinstance(step, tree.TryStep) and step.finally_ is not None:
                    message = "not supported yet: a `finally` does not run when its state is left by an interruption"
                    hint = "it runs after success, errors and `return`; undo arguments cover interruptions"
                    sink.warning("TEN190", step.finally_.span, message, hint)
