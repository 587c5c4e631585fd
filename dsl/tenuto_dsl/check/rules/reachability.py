"""TEN310: a state that no way leads to, not even a migration."""

from __future__ import annotations

from tenuto_dsl.check.facts import Facts, StateFacts, WorkflowFacts
from tenuto_dsl.diagnostics import Diagnostics


def check(workflow: WorkflowFacts, facts: Facts, sink: Diagnostics) -> None:
    """Not asked while a target is unknown: that transition may be the one that leads there."""
    states = workflow.states
    goals = [transition.target for state in states for transition in state.body.transitions]
    if any(goal is not None and facts.targets.get(goal) is None for goal in goals):
        return
    reached = {0}
    pending = [0]

    def reach(index: int | None) -> None:
        while index is not None and index not in reached:
            reached.add(index)
            pending.append(index)
            index = states[index].parent

    for migration in workflow.node.migrations:
        for mapping in migration.states:
            reach(facts.targets.get(mapping))
    while pending:
        state = states[pending.pop()]
        for region in state.regions:
            reach(region)
        reach(state.initial if state.initial is not None else _first(state.children))
        for transition in state.body.transitions:
            if transition.target is not None:
                reach(facts.targets.get(transition.target))
    for state in states:
        if state.index in reached or state.parent is None or state.parent not in reached:
            continue
        if not _is_second(states, state.parent, state.index):
            sink.warning("TEN310", state.span, f"no transition leads to the state {state.name}")


def _first(children: list[int]) -> int | None:
    return children[0] if children else None


def _is_second(states: list[StateFacts], parent: int, index: int) -> bool:
    """Whether a state has the name of one before it, which is an error of its own."""
    names = [states[sibling].name for sibling in states[parent].children if sibling < index]
    return states[index].name in names
