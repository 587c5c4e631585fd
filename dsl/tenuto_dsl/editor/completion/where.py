"""Where in a file a place is: in which workflow and state, and which names are known there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tenuto_dsl.check import scopes
from tenuto_dsl.check.expressions import Scope
from tenuto_dsl.check.facts import StateFacts, WorkflowFacts
from tenuto_dsl.check.tested import names_of_given, names_of_mock, names_of_test
from tenuto_dsl.editor.analysis import Analysis
from tenuto_dsl.editor.positions import Place, within
from tenuto_dsl.syntax import tree


@dataclass(frozen=True, slots=True)
class Where:
    """`workflow` is None outside of workflows, and in those that could not be checked."""

    analysis: Analysis
    place: Place
    workflow: WorkflowFacts | None = None
    state: int = 0
    activity: tree.ActivityDecl | None = None
    is_test: bool = False
    """In a test: `workflow` is the one that it is about."""

    @property
    def scope(self) -> Scope:
        return scope_at(self)


def find(analysis: Analysis, place: Place, workflow: str | None, states: list[str], activity: str | None) -> Where:
    """By the names of what a place stands in, outermost first."""
    node = analysis.table.callables.get(activity) if activity else None
    if isinstance(node, tree.ActivityDecl):
        return Where(analysis, place, activity=node)
    for facts in analysis.checked.facts.workflows:
        if facts.node.name.text == workflow:
            return Where(analysis, place, facts, _down(facts.states, states))
    return Where(analysis, place)


def find_tested(analysis: Analysis, place: Place, workflow: str | None) -> Where:
    """In a test, about the workflow that it names, else about the first."""
    known = analysis.checked.facts.workflows
    about = next((facts for facts in known if workflow in (None, facts.node.name.text)), None)
    return Where(analysis, place, about, is_test=True)


def in_test(where: Where, mocked: str | None, *, given: bool) -> Scope:
    """What a step of a test sees: with `given`, what the run begins with; of a mock, the arguments of the call."""
    declarations = where.analysis.checked.facts.declarations
    callee = (declarations.activities.get(mocked) or declarations.workflows.get(mocked)) if mocked else None
    if callee is not None:
        return names_of_mock(callee, declarations).scope
    if given or where.workflow is None:
        return names_of_given(declarations).scope
    return names_of_test(where.workflow, declarations).scope


def _down(states: list[StateFacts], names: list[str]) -> int:
    index = 0
    for name in names:
        inside = (*states[index].children, *states[index].regions)
        index = next((i for i in inside if states[i].name == name), index)
    return index


def scope_at(where: Where) -> Scope:
    """The names known at a place: those before the first step that ends after it, of the innermost block around it."""
    analysis, place = where.analysis, where.place
    trace = analysis.trace.scopes
    for expression in expressions_at(analysis, place):
        if expression in trace:
            return trace[expression]
    around = [node for node, _ in trace.items() if node.span.file == analysis.name and within(place, node.span)]
    blocks = [node for node in around if isinstance(node, tree.Block)]
    if blocks:
        block = min(blocks, key=_size)
        for step in block.steps:
            if (step.span.end_line, step.span.end_col) > place and step in trace:
                return trace[step]
        return trace[block]
    for kind in (tree.Transition, tree.WorkflowDecl, tree.ActivityDecl):
        found = next((node for node in around if isinstance(node, kind)), None)
        if found is not None and not (kind is tree.WorkflowDecl and where.activity is not None):
            return trace[found]
    if where.workflow is not None and where.workflow.node in trace:
        return trace[where.workflow.node]
    if where.activity is not None and where.activity in trace:
        return trace[where.activity]
    return scopes.config_names(analysis.checked.facts.declarations).scope


def in_binding(where: Where) -> Scope:
    """What the expressions of an activity's binding see: its parameters, secrets, the attempt and the response."""
    declarations = where.analysis.checked.facts.declarations
    names = scopes.activity_names(declarations, secret=True, dynamic=True)
    facts = declarations.activities.get(where.activity.name.text) if where.activity is not None else None
    for number, param in enumerate(facts.params if facts is not None else ()):
        names.enter(param.node.name, param.type, ("local", number), "parameter")
    names.bind("response", scopes.RESPONSE, ("local", 0), "binding")
    return names.scope


def _size(node: tree.Node) -> tuple[int, int]:
    span = node.span
    return span.end_line - span.line, span.end_col - span.col if span.end_line == span.line else 0


def expressions_at(analysis: Analysis, place: Place) -> Iterator[tree.Node]:
    """The expressions around a place that were checked, innermost first."""
    found = [
        node for node, _ in analysis.trace.types.items() if node.span.file == analysis.name and within(place, node.span)
    ]
    yield from sorted(found, key=_size)
