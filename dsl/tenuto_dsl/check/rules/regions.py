"""TEN319: a state is divided into regions or into states, not both."""

from __future__ import annotations

from tenuto_dsl.check.facts import Facts, WorkflowFacts
from tenuto_dsl.diagnostics import Diagnostics


def check(workflow: WorkflowFacts, _facts: Facts, sink: Diagnostics) -> None:
    for state in workflow.states:
        if state.children and state.regions:
            region = workflow.states[state.regions[0]]
            where = f"{state.path}" if state.path else "the workflow"
            message = f"{where} has states beside the region {region.name}"
            sink.error("TEN319", region.span, message, "put the states into a region, or the regions into a state")
