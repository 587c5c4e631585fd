"""TEN329: `history(S)` needs states inside S to remember."""

from __future__ import annotations

from tenuto_dsl.check.facts import Facts, WorkflowFacts
from tenuto_dsl.diagnostics import Diagnostics, Spelled


def check(workflow: WorkflowFacts, facts: Facts, sink: Diagnostics) -> None:
    for state in workflow.states:
        for transition in state.body.transitions:
            goal = transition.target
            index = facts.targets.get(goal) if goal is not None and goal.history else None
            if goal is None or index is None:
                continue
            target = workflow.states[index]
            if target.kind != "region" and not target.children and not target.regions:
                message = f"{target.name} has no states inside, so it has no history"
                sink.error(
                    "TEN329", goal.span, message, Spelled(f"write `-> {target.name}`", f"write `to: {target.name}`")
                )
