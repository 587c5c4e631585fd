"""What a test sees of a run: its variables, its queries, how it stands, and what it has called.

A test looks from outside, and asks at a moment of its own choice: a variable without an initial value may be null.
`workflow.result` and `workflow.error` are there when the run has come to them; asking too early fails the test, so
nothing has to be tested for null first.
"""

from __future__ import annotations

from tenuto_interpreter.types import INT, STRING, ListOf, LiteralOf, Optional, Record, RecordField, Type, Union

from tenuto_dsl.check import scopes
from tenuto_dsl.check.declarations import Declarations
from tenuto_dsl.check.facts import ActivityFacts, Parameter, WorkflowFacts, WorkflowSignature
from tenuto_dsl.check.scopes import Names
from tenuto_dsl.check.states import StateNames

OUTCOMES = ("waiting", "completed", "rejected")
STATUSES = ("running", "completed", "failed", "cancelled", "terminated", "parked")

CALLED = 0
QUERY = 1
ANSWERED = 2
"""Slots of what is no variable, after the variables of the workflow."""


def names_of_test(workflow: WorkflowFacts, declarations: Declarations) -> Names:
    """What an `expect` may name; values of messages and durations of `advance` see the same."""
    names = scopes.workflow_names(declarations, StateNames(workflow.states).called())
    names.bind("workflow", _workflow(workflow, declarations), ("workflow",), "namespace")
    first = len(workflow.variables)
    names.bind("called", _called(declarations), ("var", first + CALLED), "namespace")
    queries = tuple(RecordField(name, type_) for name, type_ in workflow.query_types.items())
    names.bind("query", Record(queries), ("var", first + QUERY), "namespace")
    updates = [message for message in workflow.messages.values() if message.kind == "update"]
    answered = tuple(RecordField(update.name, ListOf(_answer(update.returns))) for update in updates)
    names.bind("answered", Record(answered), ("var", first + ANSWERED), "namespace")
    for variable in workflow.variables.values():
        type_ = Optional(variable.type) if variable.tracked else variable.type
        names.enter(variable.node.name, type_, ("var", variable.slot), "var")
    return names.inner(scopes.Allow(calls=True))


def names_of_mock(callee: ActivityFacts | WorkflowSignature, declarations: Declarations) -> Names:
    """What a mocked outcome may name: the arguments of the call it answers."""
    names = names_of_given(declarations)
    for index, param in enumerate(callee.params):
        names.enter(param.node.name, param.type, ("local", index), "parameter")
    return names


def names_of_given(declarations: Declarations) -> Names:
    """What the run begins with is known before it begins; of time, only when that is."""
    return scopes.nothing(declarations).inner(scopes.Allow(active=False))


def _workflow(workflow: WorkflowFacts, declarations: Declarations) -> Record:
    status = Union(tuple(LiteralOf(status) for status in STATUSES))
    fields = [*scopes.WORKFLOW.fields, RecordField("status", status), RecordField("runs", INT)]
    if workflow.signature.returns is not None:
        fields.append(RecordField("result", workflow.signature.returns))
    fields.append(RecordField("error", error_of(declarations)))
    return Record(tuple(fields))


def error_of(declarations: Declarations) -> Record:
    """Whichever error it is: code, message, and the fields that have one type wherever they are declared.

    These are optional: another error, or a built-in one, does not have them.
    """
    found: dict[str, set[Type]] = {}
    for error in declarations.errors.values():
        for name, type_ in error.fields:
            found.setdefault(name, set()).add(type_ if isinstance(type_, Optional) else Optional(type_))
    fields: dict[str, Type] = {"code": STRING, "message": STRING}
    fields.update((name, types.pop()) for name, types in found.items() if len(types) == 1 and name not in fields)
    return Record(tuple(RecordField(name, type_) for name, type_ in fields.items()))


def _answer(reply: Type | None) -> Record:
    """What became of an update: its outcome, the reply of one that is completed, why one was rejected."""
    outcome = Union(tuple(LiteralOf(outcome) for outcome in OUTCOMES))
    value = reply if isinstance(reply, Optional) else Optional(reply or STRING)
    return Record(
        (RecordField("outcome", outcome), RecordField("reply", value), RecordField("message", Optional(STRING)))
    )


def _called(declarations: Declarations) -> Record:
    """The arguments of every call so far, by what was called."""
    callees: list[ActivityFacts | WorkflowSignature] = [
        *declarations.activities.values(),
        *declarations.workflows.values(),
    ]
    return Record(tuple(RecordField(callee.name, ListOf(_arguments(callee.params))) for callee in callees))


def _arguments(params: tuple[Parameter, ...]) -> Record:
    return Record(tuple(RecordField(param.name, param.type) for param in params))
