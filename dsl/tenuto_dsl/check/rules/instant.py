"""TEN314, TEN322: entry, exit and actions are instantaneous, and do not end anything."""

from __future__ import annotations

from collections.abc import Iterator

from tenuto_dsl.check.facts import Facts, StateFacts, WorkflowFacts
from tenuto_dsl.check.walk import durable_of, steps_of
from tenuto_dsl.diagnostics import Diagnostics, Spelled
from tenuto_dsl.syntax import tree


def check(workflow: WorkflowFacts, _facts: Facts, sink: Diagnostics) -> None:
    for state in workflow.states:
        for place, block in _instant_blocks(state):
            for step in steps_of(block):
                _step(place, step, sink)


def _instant_blocks(state: StateFacts) -> Iterator[tuple[str, tree.Block]]:
    if state.body.entry is not None:
        yield "`entry`", state.body.entry
    if state.body.exit is not None:
        yield "`exit`", state.body.exit
    for transition in state.body.transitions:
        if transition.actions is not None:
            yield "the actions of a transition", transition.actions


def _step(place: str, step: tree.Step, sink: Diagnostics) -> None:
    takes_time = waiting_word(durable_of(step))
    if takes_time is not None:
        hint = Spelled(
            "move it into the state's `do`, or write the reaction as `do { … }`",
            "move it into the state's `do`, or put the reaction below `do` instead of `actions`",
        )
        sink.error("TEN314", step.span, f"{takes_time} takes time, which {place} must not", hint)
    elif isinstance(step, (tree.ReturnStep, tree.FailStep)):
        word = "`return`" if isinstance(step, tree.ReturnStep) else "`fail`"
        message = f"{word} cannot stand in {place}"
        sink.error("TEN322", step.span, message, "go to a final state that ends the workflow so")


def waiting_word(step: tree.Step) -> str | None:
    """How an author calls a step that takes time; None for one that does not."""
    match step:
        case tree.CallStep():
            return "`call`"
        case tree.WaitStep() | tree.WaitUntilStep() | tree.WaitForStep():
            return "`wait`"
        case tree.ReceiveStep():
            return "`receive`"
        case tree.CompensateStep():
            return "`compensate`"
        case tree.ParallelStep():
            return "`parallel`"
        case tree.ForStep() if step.at_most is not None:
            return "`for … at most`"
        case tree.RepeatStep() if step.every is not None:
            return "`repeat … every`"
        case _:
            return None
