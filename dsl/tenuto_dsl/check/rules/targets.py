"""TEN303: a target is a state, and not one in a region beside the transition's own."""

from __future__ import annotations

from tenuto_dsl.check.facts import Facts, StateFacts, WorkflowFacts
from tenuto_dsl.diagnostics import Diagnostics


def check(workflow: WorkflowFacts, facts: Facts, sink: Diagnostics) -> None:
    for state in workflow.states:
        for transition in state.body.transitions:
            index = facts.targets.get(transition.target) if transition.target is not None else None
            if index is None or transition.target is None:
                continue
            target, span = workflow.states[index], transition.target.span
            if target.kind == "region":
                message = f"{target.name} is a region; a transition goes to a state"
                sink.error("TEN303", span, message, "name a state in it, or the state around it")
                continue
            crossed = _crossed(workflow.states, state, target)
            if crossed is not None:
                message = f"{target.name} is in another region, {crossed.name}: going there would leave both"
                hint = "regions work side by side; let one wait for a variable of the other"
                sink.error("TEN303", span, message, hint)


def _crossed(states: list[StateFacts], source: StateFacts, target: StateFacts) -> StateFacts | None:
    """The region around the target that is a sibling of a region around the source."""
    regions_of_source = {s.parent: s.index for s in _around(states, source) if s.kind == "region"}
    for region in _around(states, target):
        if region.kind == "region" and regions_of_source.get(region.parent, region.index) != region.index:
            return region
    return None


def _around(states: list[StateFacts], state: StateFacts) -> list[StateFacts]:
    chain = [state]
    while chain[-1].parent is not None:
        chain.append(states[chain[-1].parent])
    return chain
