"""The graph of a workflow's states, as rules ask about it: ways out, what comes later, whether it ends.

A state is left by its own transitions and by those of the states around it. Entering a state enters its initial state
and its regions; what is reachable from a state is what may become active after it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tenuto_dsl.check.facts import StateFacts
from tenuto_dsl.check.walk import completes, durable_of, steps_of
from tenuto_dsl.lint.views import WorkflowView
from tenuto_dsl.syntax import tree

TIMERS = (tree.AfterTrigger, tree.AtTrigger, tree.EveryTrigger)
MISHAPS = (tree.ErrorTrigger, tree.CancelTrigger)
"""Triggers that no ordinary run of a state comes to."""


def handlers(view: WorkflowView, state: StateFacts) -> Iterator[tuple[StateFacts, tree.Transition]]:
    """The transitions of a state and of those around it, innermost first, each with where it stands."""
    for holder in (state, *view.around(state)):
        for transition in holder.body.transitions:
            yield holder, transition


def is_leaf(state: StateFacts) -> bool:
    """A state (or the only state of a region) that holds no others."""
    return not state.children and not state.regions


def entered_with(view: WorkflowView, index: int) -> set[int]:
    """The states that are entered when one is: it, those around it, its initial states and regions."""
    found: set[int] = set()
    pending = [index]
    while pending:
        state = view.states[pending.pop()]
        if state.index in found:
            continue
        found.add(state.index)
        pending.extend(state.regions)
        if state.initial is not None:
            pending.append(state.initial)
    return found | {state.index for state in view.around(view.states[index])}


def later(
    view: WorkflowView, start: int, follows: Callable[[tree.Transition], bool] = lambda _: True
) -> set[int]:  # fmt: skip
    """The states that may become active after a transition out of one that is active; `continue with` begins again."""
    found: set[int] = set()
    pending = {start} | entered_with(view, start)
    while pending:
        state = view.states[pending.pop()]
        reached: set[int] = set()
        for transition in state.body.transitions:
            target = view.target_of(transition)
            if target is not None and follows(transition):
                reached |= entered_with(view, target.index)
        if isinstance(state.body.ending, tree.ContinueStep):
            reached |= entered_with(view, 0)
        pending |= reached - found
        found |= reached
    return found


def is_meant_to_end(view: WorkflowView) -> bool:
    """Whether a run of the workflow comes to an end by itself: it has a final state, a `return`, or a `do` of its own
    that ends."""
    body = view.node.body
    if view.node.returns is not None or view.all(tree.ReturnStep):
        return True
    if body.do is not None:
        return not loops_for_ever(body.do)
    finals = [state for state in view.states if state.kind == "final" and state.parent == 0]
    return any(not isinstance(state.body.ending, tree.ContinueStep) for state in finals) or bool(body.regions)


def loops_for_ever(block: tree.Block) -> bool:
    """Whether a block holds a `repeat … until false`."""
    for step in steps_of(block):
        if isinstance(step, tree.RepeatStep) and step.at_most is None:
            until = step.until
            if isinstance(until, tree.Literal_) and until.value is False:
                return True
    return False


def calls_something(block: tree.Block) -> bool:
    """Whether a block calls an activity or a workflow, now or in a block within it."""
    return any(isinstance(durable_of(step), tree.CallStep) for step in steps_of(block))


def may_finish(state: StateFacts) -> bool:
    """Whether the state's own work comes to its end, so that it has to go on somewhere."""
    do = state.body.do
    return do is not None and completes(do) and not loops_for_ever(do)
