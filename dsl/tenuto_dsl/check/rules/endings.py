"""TEN307, TEN308, TEN309, TEN323: what final states hold, and that nothing else holds it."""

from __future__ import annotations

from tenuto_dsl.check.facts import Facts, StateFacts, WorkflowFacts
from tenuto_dsl.diagnostics import Diagnostics
from tenuto_dsl.syntax import tree


def check(workflow: WorkflowFacts, _facts: Facts, sink: Diagnostics) -> None:
    for state in workflow.states:
        ending = state.body.ending
        if state.kind == "final":
            _final(workflow, state, sink)
        elif ending is not None:
            hint = "make it final, or go to a final state"
            if state.kind == "root":
                hint = "put it in a final state, or at the end of the workflow's `do`"
            sink.error("TEN323", ending.span, f"only a final state ends with {_word(ending)}", hint)


def _final(workflow: WorkflowFacts, state: StateFacts, sink: Diagnostics) -> None:
    body = state.body
    others: tuple[tree.Node | None, ...] = (
        body.entry, body.do, body.exit, *body.defers, *body.transitions, *body.states, *body.regions,
    )  # fmt: skip
    extra = next((node for node in others if node is not None), None)
    if extra is not None:
        hint = "do the work in a state before it, or in the actions of the transitions to it"
        sink.error("TEN307", extra.span, f"the final state {state.name} may hold nothing but its ending", hint)
    if state.parent != 0:
        if body.ending is not None:
            message = f"the nested final state {state.name} completes the state around it and ends nothing else"
            sink.error("TEN309", body.ending.span, message, "go to a final state of the workflow to end it")
    elif body.ending is None and workflow.signature.returns is not None:
        message = f"the final state {state.name} must `return` a value, `fail`, or `continue with` new arguments"
        sink.error("TEN308", state.span, message)


def _word(ending: tree.ReturnStep | tree.FailStep | tree.ContinueStep) -> str:
    match ending:
        case tree.ReturnStep():
            return "`return`"
        case tree.FailStep():
            return "`fail`"
        case tree.ContinueStep():
            return "`continue with`"
