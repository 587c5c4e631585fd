"""TEN320, TEN325: a workflow is states or one `do`, and gives back what it promises."""

from __future__ import annotations

from tenuto_dsl.check.facts import Facts, WorkflowFacts
from tenuto_dsl.check.walk import completes
from tenuto_dsl.diagnostics import Diagnostics


def check(workflow: WorkflowFacts, _facts: Facts, sink: Diagnostics) -> None:
    body, returns = workflow.node.body, workflow.signature.returns
    name = workflow.node.name
    if body.do is None:
        if not body.states and not body.regions:
            sink.error("TEN320", name.span, f"{name.text} has nothing to do", "give it states or a `do`")
        elif body.regions and returns is not None:
            message = f"{name.text} ends when its regions do, and returns nothing then"
            sink.error("TEN325", name.span, message, "put the regions into a state that goes to a final state")
    elif body.states or body.regions:
        message = "a workflow has states or a `do` of its own, not both"
        sink.error("TEN320", body.do.span, message, "move the `do` into the initial state")
    elif returns is not None and completes(body.do):
        message = f"{name.text} can come to the end of its `do` without a `return`"
        sink.error("TEN325", name.span, message)
