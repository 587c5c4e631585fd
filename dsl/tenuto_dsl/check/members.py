"""What the outside sees of a workflow: queries, attributes; and how it follows from older versions."""

from __future__ import annotations

from tenuto_interpreter.types import BOOL, DOUBLE, INT, STRING, TIMESTAMP, ListOf, Optional, Type

from tenuto_dsl.check import scopes
from tenuto_dsl.check.context import Context
from tenuto_dsl.check.facts import WorkflowFacts
from tenuto_dsl.check.scopes import Names
from tenuto_dsl.check.states import StateNames
from tenuto_dsl.diagnostics import nearest
from tenuto_dsl.syntax import tree

ATTRIBUTE_TYPES: dict[str, Type] = {
    "keyword": STRING,
    "keywords": ListOf(STRING),
    "text": STRING,
    "int": INT,
    "double": DOUBLE,
    "bool": BOOL,
    "timestamp": TIMESTAMP,
}


def seen_from_outside(names: Names, workflow: WorkflowFacts) -> Names:
    """The names as they are at any moment: a variable without an initial value may be null."""
    inner = names.inner()
    for variable in workflow.variables.values():
        if variable.tracked:
            inner.enter(variable.node.name, Optional(variable.type), ("var", variable.slot), "var")
    return inner


def check_queries(workflow: WorkflowFacts, names: Names, context: Context) -> None:
    outside = seen_from_outside(names, workflow)
    seen: dict[str, tree.Name] = {}
    for query in workflow.node.queries:
        _once("query", query.name, seen, context)
        returns = scopes.resolve(query.returns, context.declarations.types, context.sink) if query.returns else None
        type_ = context.expression(query.value, outside, returns)
        workflow.query_types[query.name.text] = returns if returns is not None else type_


def check_attributes(workflow: WorkflowFacts, names: Names, context: Context) -> None:
    outside = seen_from_outside(names, workflow)
    seen: dict[str, tree.Name] = {}
    for attribute in workflow.node.attributes:
        _once("attribute", attribute.name, seen, context)
        kind = ATTRIBUTE_TYPES.get(attribute.type.text)
        if kind is None:
            close = nearest(attribute.type.text, ATTRIBUTE_TYPES)
            hint = f"did you mean {close}?" if close else "one of " + ", ".join(ATTRIBUTE_TYPES)
            context.sink.error("TEN218", attribute.type.span, f"{attribute.type.text} is no attribute type", hint)
        context.expression(attribute.value, outside, Optional(kind) if kind is not None else None)


def check_properties(workflow: WorkflowFacts, names: Names, context: Context) -> None:
    """A property is a condition over what can be seen at any moment, and over the calls made so far."""
    outside = seen_from_outside(names, workflow).inner(scopes.Allow(now=False, calls=True))
    seen: dict[str, tree.Name] = {}
    for declared in workflow.node.properties:
        _once("property", declared.name, seen, context)
        context.expression(declared.value, outside, BOOL)


def check_migrations(workflow: WorkflowFacts, state_names: StateNames, context: Context) -> None:
    """The new side only: what the old version was called is known where it is deployed."""
    for migration in workflow.node.migrations:
        for mapping in migration.states:
            state_names.resolve(mapping.target, 0, context.sink)
        for assignment in migration.sets:
            if assignment.name.text not in workflow.variables:
                context.unknown("variable", assignment.name, workflow.variables, "TEN212")


def _once(kind: str, name: tree.Name, seen: dict[str, tree.Name], context: Context) -> None:
    if name.text in seen:
        line = seen[name.text].span.line
        context.sink.error("TEN200", name.span, f"the {kind} {name.text} is declared already, at line {line}")
    seen.setdefault(name.text, name)
