"""What the outside sees of a workflow: queries, attributes; and how it follows from older versions."""

from __future__ import annotations

from collections.abc import Iterator

from tenuto_interpreter.types import (
    ANY,
    BOOL,
    DOUBLE,
    INT,
    STRING,
    TIMESTAMP,
    ListOf,
    Optional,
    Record,
    RecordField,
    Type,
)

from tenuto_dsl.check import scopes
from tenuto_dsl.check.context import Context
from tenuto_dsl.check.facts import WorkflowFacts
from tenuto_dsl.check.scopes import Names
from tenuto_dsl.check.states import StateNames
from tenuto_dsl.check.walk import nodes_of
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
    called = (*context.declarations.activities, *context.declarations.workflows)
    outside = seen_from_outside(names, workflow).inner(scopes.Allow(now=False, calls=called))
    seen: dict[str, tree.Name] = {}
    for declared in workflow.node.properties:
        _once("property", declared.name, seen, context)
        context.expression(declared.value, outside, BOOL)


def check_migrations(workflow: WorkflowFacts, state_names: StateNames, context: Context) -> None:
    """The new side only: what the old version was is known where it is deployed. Its variables are of type any; what is
    made of them is checked when a run is migrated."""
    versions: set[int] = set()
    for migration in workflow.node.migrations:
        if migration.version in versions:
            context.sink.error("TEN200", migration.span, f"the migration from {migration.version} is declared already")
        versions.add(migration.version)
        own = workflow.node.version if workflow.node.version is not None else 1
        if migration.version >= own:
            message = f"a migration from version {migration.version} to version {own} leads nowhere"
            context.sink.error("TEN601", migration.span, message, "migrate from an older version")
        _mappings(workflow, migration, state_names, context)
        _sets(workflow, migration, context)


def _mappings(workflow: WorkflowFacts, migration: tree.MigrateDecl, state_names: StateNames, context: Context) -> None:
    seen: set[str] = set()
    for mapping in migration.states:
        source = ".".join(name.text for name in mapping.source.names)
        if source in seen:
            context.sink.error("TEN208", mapping.source.span, f"the state {source} is mapped twice")
        seen.add(source)
        found = state_names.resolve(mapping.target, 0, context.sink)
        if found is None:
            continue
        context.facts.targets[mapping] = found
        if workflow.states[found].kind == "final":
            message = f"{workflow.states[found].name} is final: a run that is migrated goes on"
            hint = "map to a state that leads there"
            context.sink.error("TEN602", mapping.target.span, message, hint)


def _sets(workflow: WorkflowFacts, migration: tree.MigrateDecl, context: Context) -> None:
    fields = {name: RecordField(name, ANY) for item in migration.sets for name in _old_fields(item.value)}
    names = scopes.config_names(context.declarations).inner(scopes.Allow(now=False, active=False, dynamic=True))
    names.bind("old", Record(tuple(fields.values())), ("local", 0), "binding")
    seen: set[str] = set()
    for item in migration.sets:
        variable = workflow.variables.get(item.name.text)
        context.expression(item.value, names, variable.type if variable is not None else None)
        if variable is None:
            context.unknown("variable", item.name, workflow.variables, "TEN212")
        if item.name.text in seen:
            context.sink.error("TEN208", item.name.span, f"the variable {item.name.text} is set twice")
        seen.add(item.name.text)


def _old_fields(node: tree.Node) -> Iterator[str]:
    """The old variables that an expression reads, `old.x`."""
    for inner in nodes_of(node):
        if isinstance(inner, tree.Select) and isinstance(inner.operand, tree.Ident) and inner.operand.name == "old":
            yield inner.field.text


def _once(kind: str, name: tree.Name, seen: dict[str, tree.Name], context: Context) -> None:
    if name.text in seen:
        line = seen[name.text].span.line
        context.sink.error("TEN200", name.span, f"the {kind} {name.text} is declared already, at line {line}")
    seen.setdefault(name.text, name)
