"""Transitions: their trigger, what it binds, their guard and their reaction."""

from __future__ import annotations

from tenuto_interpreter.types import BOOL, DURATION, NULL, SCHEDULE, TIMESTAMP, Type

from tenuto_dsl.check import scopes
from tenuto_dsl.check.assignment.graph import trigger_text
from tenuto_dsl.check.context import Context
from tenuto_dsl.check.facts import WorkflowFacts
from tenuto_dsl.check.frames import number_locals
from tenuto_dsl.check.messages import find_message
from tenuto_dsl.check.scopes import Names
from tenuto_dsl.check.steps import BlockChecker
from tenuto_dsl.check.walk import steps_of
from tenuto_dsl.diagnostics import Spelled
from tenuto_dsl.syntax import tree


def check_transition(workflow: WorkflowFacts, transition: tree.Transition, names: Names, context: Context) -> None:
    """The binding is local 0 of the guard, the actions and the work; the guard's tests hold in the reaction."""
    scope = names.inner()
    binding, type_, reply = _trigger(workflow, transition.trigger, scope, context)
    if binding is not None:
        context.facts.types[binding] = type_
        scope.declare(binding, type_, ("local", 0), "binding", context.sink)
    context.mark(transition, scope)
    if transition.guard is not None:
        context.expression(transition.guard, scope, BOOL)
        scope.learn(transition.guard, holds=True)
        for name in _assigned_meanwhile(workflow, transition):
            scope.forget(name)
        if transition.work is not None and _is_parallel(workflow):
            scope.forget_variables()  # before the work begins, that of other regions may have run
    for block in (transition.actions, transition.work):
        if block is not None:
            number_locals(block, context.facts, 0 if binding is None else 1)
            BlockChecker(context, workflow, reply).block(block, scope)


def _assigned_meanwhile(workflow: WorkflowFacts, transition: tree.Transition) -> set[str]:
    """The variables that may be assigned between a transition's guard and its reaction: by the exits of the states it
    leaves, and by what other regions do about the same event."""
    blocks: list[tree.Block | None] = []
    parallel = _is_parallel(workflow)
    for state in workflow.states:
        if parallel or transition.target is not None:
            blocks.append(state.body.exit)
        if parallel:
            blocks.append(state.body.entry)
            blocks += [
                other.actions for other in state.body.transitions
                if other is not transition and trigger_text(other.trigger) == trigger_text(transition.trigger)
            ]  # fmt: skip
    steps = (step for block in blocks if block is not None for step in steps_of(block))
    return {step.name.text for step in steps if isinstance(step, tree.AssignStep)}


def _is_parallel(workflow: WorkflowFacts) -> bool:
    return any(state.regions for state in workflow.states)


def _trigger(
    workflow: WorkflowFacts, trigger: tree.Trigger, names: Names, context: Context
) -> tuple[tree.Name | None, Type, Type | None]:
    """(the name bound, its type, the type of a reply) of a trigger."""
    match trigger:
        case tree.SignalTrigger():
            signal = find_message(context, workflow, trigger.signal, "signal")
            return trigger.binding, signal.record if signal is not None else scopes.UNKNOWN, None
        case tree.UpdateTrigger():
            update = find_message(context, workflow, trigger.update, "update")
            if update is None:
                return trigger.binding, scopes.UNKNOWN, None
            return trigger.binding, update.record, update.returns if update.returns is not None else NULL
        case tree.ErrorTrigger():
            context.codes(trigger.codes)
            return trigger.binding, context.error_record(trigger.codes), None
        case tree.AfterTrigger():
            context.expression(trigger.duration, names, DURATION)
        case tree.AtTrigger():
            context.expression(trigger.time, names, TIMESTAMP)
        case tree.EveryTrigger():
            _schedule(trigger.schedule, names, context)
        case tree.DoneTrigger() | tree.CancelTrigger() | tree.WhenTrigger():
            pass
    return None, scopes.UNKNOWN, None


def _schedule(node: tree.Expr, names: Names, context: Context) -> None:
    """A duration or a schedule."""
    type_ = scopes.plain(context.expression(node, names), context.declarations.types)
    if type_ not in (DURATION, SCHEDULE, scopes.UNKNOWN):
        hint = Spelled(
            'write `every 10m` or `every cron("0 9 * * *", "Europe/Paris")`',
            'write `every: 10m` or `every: cron("0 9 * * *", "Europe/Paris")`',
        )
        message = f"`every` takes a duration or a schedule, not {scopes.describe(type_)}"
        context.sink.error("TEN221", node.span, message, hint)
