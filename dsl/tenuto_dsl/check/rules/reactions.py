"""TEN311, TEN312, TEN313: triggers that can fire, and reactions that say something."""

from __future__ import annotations

from tenuto_dsl.check.facts import Facts, StateFacts, WorkflowFacts
from tenuto_dsl.diagnostics import Diagnostics, Spelled
from tenuto_dsl.syntax import tree


def check(workflow: WorkflowFacts, _facts: Facts, sink: Diagnostics) -> None:
    for state in workflow.states:
        for transition in state.body.transitions:
            _transition(state, transition, sink)


def _transition(state: StateFacts, transition: tree.Transition, sink: Diagnostics) -> None:
    trigger = transition.trigger
    if isinstance(trigger, tree.DoneTrigger):
        _done(state, transition, sink)
    if isinstance(trigger, tree.WhenTrigger):
        if transition.guard is None:
            sink.error("TEN313", transition.span, "`when` needs a condition")
        if transition.target is None:
            hint = Spelled(
                "it would fire again and again; add `-> state`", "it would fire again and again; add `to: state`"
            )
            sink.error("TEN313", transition.span, "`when` without another trigger needs a target", hint)
        if transition.work is not None:
            sink.error("TEN313", transition.span, "`when` without another trigger cannot do durable work")
    elif transition.target is None and transition.actions is None and transition.work is None:
        hint = Spelled(
            "add `-> state`, { actions } or `do { work }`; {} drops the message on purpose",
            "add `to: state`, `actions: [ … ]` or `do: [ … ]`; `actions: []` drops the message on purpose",
        )
        sink.error("TEN312", transition.span, "this transition has no reaction", hint)


def _done(state: StateFacts, transition: tree.Transition, sink: Diagnostics) -> None:
    if state.kind == "root":
        message = "`done` of the workflow is its end: it has no transition"
        sink.error("TEN311", transition.span, message, "put `done` into the state it belongs to")
    elif state.kind == "region":
        message = f"the region {state.name} has no `done` of its own"
        sink.error("TEN311", transition.span, message, "the state around it is done when all its regions are")
    elif state.kind == "plain" and state.body.do is None and not state.children and not state.regions:
        message = f"{state.name} has no `do`, no states and no regions, so it is never done"
        sink.error(
            "TEN311",
            transition.span,
            message,
            Spelled("use `when true -> …` to go on at once", "use `{ when: true, to: … }` to go on at once"),
        )
