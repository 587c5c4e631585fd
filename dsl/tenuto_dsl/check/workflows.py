"""One workflow: its members, its names, its states with everything in them."""

from __future__ import annotations

from tenuto_dsl.check import scopes
from tenuto_dsl.check.assignment import check_assignment
from tenuto_dsl.check.assignment.blocks import slots_read
from tenuto_dsl.check.context import Context
from tenuto_dsl.check.endings import check_fail, check_return
from tenuto_dsl.check.facts import StateFacts, VariableFacts, WorkflowFacts, WorkflowSignature
from tenuto_dsl.check.frames import number_locals
from tenuto_dsl.check.members import check_attributes, check_migrations, check_properties, check_queries
from tenuto_dsl.check.rules import check_shape
from tenuto_dsl.check.scopes import Names
from tenuto_dsl.check.states import StateNames, number_states
from tenuto_dsl.check.steps import BlockChecker
from tenuto_dsl.check.transitions import check_transition
from tenuto_dsl.check.walk import too_deep
from tenuto_dsl.diagnostics import nearest
from tenuto_dsl.syntax import tree


def check_workflow(signature: WorkflowSignature, context: Context) -> WorkflowFacts | None:
    """Everything about one workflow; None when it is too deep to look at."""
    node, sink = signature.node, context.sink
    if too_deep(node, sink):
        return None
    context.defaults(signature.params)
    messages = context.declarations.messages[signature.name]
    for message in messages.values():
        context.defaults(message.params)
    states = number_states(node, sink)
    workflow = WorkflowFacts(node, signature, {}, messages, states, {})
    state_names = StateNames(states)
    names = _variables(workflow, state_names, context)
    context.mark(node, names)
    for state in states:
        for transition in state.body.transitions:
            if transition.target is not None:
                found = state_names.resolve(transition.target.path, state.index, sink)
                if found is not None:
                    context.facts.targets[transition.target] = found
    for state in states:
        _state(workflow, state, names, context)
    check_queries(workflow, names, context)
    check_attributes(workflow, names, context)
    check_properties(workflow, names, context)
    check_migrations(workflow, state_names, context)
    check_shape(workflow, context.facts, sink)
    check_assignment(workflow, context.facts, sink)
    return workflow


def _variables(workflow: WorkflowFacts, states: StateNames, context: Context) -> Names:
    """Enter parameters and variables; an initial value sees the parameters and the variables before it."""
    names = scopes.workflow_names(context.declarations, states.called())
    table = workflow.variables
    for param in workflow.signature.params:
        facts = VariableFacts(param.name, param.type, len(table), param.node)
        if names.declare(param.node.name, param.type, ("var", facts.slot), "parameter", context.sink):
            table[param.name] = facts
    for node in workflow.node.variables:
        type_ = scopes.resolve(node.type, context.declarations.types, context.sink)
        tracked = node.value is None and not scopes.accepts_null(type_, context.declarations.types)
        if node.value is not None:
            context.expression(node.value, names, type_)
            _initialised_too_early(node.value, table, context)
        facts = VariableFacts(node.name.text, type_, len(table), node, tracked)
        if names.declare(node.name, type_, ("var", facts.slot), "var", context.sink):
            table[node.name.text] = facts
    return names


def _initialised_too_early(value: tree.Expr, table: dict[str, VariableFacts], context: Context) -> None:
    read = set(slots_read(context.facts.expressions[value].ir))
    for variable in table.values():
        if variable.tracked and variable.slot in read:
            message = f"{variable.name} has no value yet when this initial value is computed"
            context.sink.error("TEN230", value.span, message, f"give {variable.name} an initial value")


# -- states -----------------------------------------------------------------------------------------------------------


def _state(workflow: WorkflowFacts, state: StateFacts, names: Names, context: Context) -> None:
    body = state.body
    for block in (body.entry, body.exit, body.do):
        if block is not None:
            number_locals(block, context.facts)
            BlockChecker(context, workflow).block(block, names.inner())
    for defer in body.defers:
        for name in defer.names:
            _deferred(workflow, name, context)
    deferred = [name for defer in body.defers for name in defer.names]
    context.once((name.text, name.span, f"{name.text} is deferred twice") for name in deferred)
    for transition in body.transitions:
        check_transition(workflow, transition, names, context)
    _ending(workflow, body.ending, names, context)


def _deferred(workflow: WorkflowFacts, name: tree.Name, context: Context) -> None:
    if name.text != "cancel" and name.text not in workflow.messages:
        close = nearest(name.text, [*workflow.messages, "cancel"])
        hint = f"did you mean {close}?" if close else "signals, updates and `cancel` can be deferred"
        context.sink.error("TEN203", name.span, f"no signal or update {name.text} is declared", hint)


def _ending(
    workflow: WorkflowFacts,
    ending: tree.ReturnStep | tree.FailStep | tree.ContinueStep | None,
    names: Names,
    context: Context,
) -> None:
    match ending:
        case tree.ReturnStep():
            check_return(context, workflow.signature, ending, names)
        case tree.FailStep():
            check_fail(context, ending, names)
        case tree.ContinueStep():
            context.invoke(ending, workflow.node.name, workflow.signature, ending.args, names)
        case None:
            pass
