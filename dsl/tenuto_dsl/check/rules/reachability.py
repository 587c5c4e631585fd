"""TEN310: a state that no way leads to."""

from __future__ import annotations

from tenuto_dsl.check.facts import Facts, WorkflowFacts
from tenuto_dsl.diagnostics import Diagnostics


def check(workflow: WorkflowFacts, facts: Facts, sink: Diagnostics) -> None:
    states = workflow.states
    reached = {0}
    pending = [0]

    def reach(index: int | None) -> None:
        while index is not None and index not in reached:
            reached.add(index)
            pending.append(index)
            index = states[index].parent

    while pending:
        state = states[pending.pop()]
        for region in state.regions:
            reach(region)
        reach(state.initial if state.initial is not None else _first(state.children))
        for transition in state.body.transitions:
            if transition.target is not None:
                reach(facts.targets.get(transition.target))
    for state in states:
        if state.index not in reached and (state.parent is None or state.parent in reached):
            sink.warning("TEN310", state.span, f"no transition leads to the state {state.name}")


def _first(children: list[int]) -> int | None:
    return children[0] if children else None
