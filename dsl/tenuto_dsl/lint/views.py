"""What rules look at: a file, an activity, a workflow, each with its tree, the checker's facts, and indexes of both.

An index is made when the first rule asks for it and shared by all: forty rules that each walk a workflow would cost
forty walks. Rules hold no state of their own.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Literal, NamedTuple, TypeAlias, TypeVar

from tenuto_interpreter.types import Type

from tenuto_dsl.check import scopes
from tenuto_dsl.check.declarations import Declarations
from tenuto_dsl.check.facts import ActivityFacts, Facts, StateFacts, WorkflowFacts
from tenuto_dsl.check.walk import blocks_of, durable_of
from tenuto_dsl.syntax import tree

N = TypeVar("N", bound=tree.Node)

Role: TypeAlias = Literal["do", "entry", "exit", "actions", "work"]

_FIELDS: dict[type, tuple[str, ...]] = {}
"""The fields of each class of nodes, found out once."""


def nodes_below(root: tree.Node) -> Iterator[tree.Node]:
    """The node and everything inside it, in document order."""
    pending: list[object] = [root]
    while pending:
        item = pending.pop()
        if isinstance(item, tuple):
            pending.extend(reversed(item))
        elif isinstance(item, tree.Node):
            yield item
            pending.extend([getattr(item, name) for name in reversed(fields_of(type(item)))])


def fields_of(kind: type[tree.Node]) -> tuple[str, ...]:
    """The names of the fields of a class of nodes, without the place."""
    found = _FIELDS.get(kind)
    if found is None:
        found = _FIELDS[kind] = tuple(field.name for field in dataclasses.fields(kind) if field.name != "span")
    return found


def index_by_type(root: tree.Node) -> dict[type, list[tree.Node]]:
    """Everything inside a node by its class, each in document order."""
    found: dict[type, list[tree.Node]] = {}
    for node in nodes_below(root):
        found.setdefault(type(node), []).append(node)
    return found


class Place(NamedTuple):
    """A block with a frame of its own: of a state, or of one of its transitions."""

    state: StateFacts
    role: Role
    block: tree.Block
    transition: tree.Transition | None = None


class PlacedStep(NamedTuple):
    """A step. `operation` is what a `let` or an assignment takes its value from, else the step; `around` are the
    operations it stands in, outermost first, each with the block of it that holds the step."""

    step: tree.Step
    operation: tree.Step
    place: Place
    around: tuple[tuple[tree.Step, tree.Block], ...]


class View:
    """What all views have: where facts about nodes are found."""

    def __init__(self, node: tree.Node, declarations: Declarations, facts: Facts) -> None:
        self.root = node
        self.declarations = declarations
        self.facts = facts

    @property
    def names(self) -> Mapping[str, Type]:
        """The types of the names that mean one thing wherever they stand."""
        return {}

    @cached_property
    def _index(self) -> dict[type, list[tree.Node]]:
        return index_by_type(self.root)

    def all(self, kind: type[N]) -> Sequence[N]:
        """Every node of a class, in document order."""
        return self._index.get(kind, [])  # type: ignore[return-value]  # the index is made by type

    def type_of(self, node: tree.Expr) -> Type | None:
        """The type of an expression that was checked as a whole: not of parts of it."""
        known = self.facts.expressions.get(node)
        return None if known is None else known.type

    def plain(self, type_: Type) -> Type:
        """The type behind declared names and `sensitive`."""
        return scopes.plain(type_, self.declarations.types)


class ActivityView(View):
    """An activity with its facts."""

    def __init__(self, activity: ActivityFacts, declarations: Declarations, facts: Facts) -> None:
        super().__init__(activity.node, declarations, facts)
        self.activity = activity
        self.node = activity.node
        self.name = activity.name

    @cached_property
    def names(self) -> Mapping[str, Type]:
        return {param.name: param.type for param in self.activity.params}


class WorkflowView(View):
    """A workflow with its facts, its states, and its steps where they stand."""

    def __init__(self, workflow: WorkflowFacts, declarations: Declarations, facts: Facts) -> None:
        super().__init__(workflow.node, declarations, facts)
        self.workflow = workflow
        self.node = workflow.node
        self.name = workflow.node.name.text
        self.states = workflow.states

    @cached_property
    def names(self) -> Mapping[str, Type]:
        found: dict[str, Type | None] = {name: known.type for name, known in self.workflow.variables.items()}
        for name in self.all(tree.Name):
            type_ = self.facts.types.get(name)
            if type_ is not None:
                found[name.text] = type_ if found.get(name.text, type_) == type_ else None
        return {name: type_ for name, type_ in found.items() if type_ is not None}

    @cached_property
    def places(self) -> list[Place]:
        """Every block with a frame of its own, state by state."""
        return [place for state in self.states for place in _places_of(state)]

    @cached_property
    def steps(self) -> list[PlacedStep]:
        """Every step, block by block, in document order."""
        found: list[PlacedStep] = []
        for place in self.places:
            _collect(place.block, place, (), found)
        return found

    @cached_property
    def transitions(self) -> list[tuple[StateFacts, tree.Transition]]:
        """Every transition with the state it stands in."""
        return [(state, transition) for state in self.states for transition in state.body.transitions]

    def target_of(self, transition: tree.Transition) -> StateFacts | None:
        """The state a transition leads to."""
        index = self.facts.targets.get(transition.target) if transition.target is not None else None
        return None if index is None else self.states[index]

    def around(self, state: StateFacts) -> Iterator[StateFacts]:
        """The states around a state, innermost first, without itself."""
        parent = state.parent
        while parent is not None:
            yield self.states[parent]
            parent = self.states[parent].parent


class FileView(View):
    """A file with the activities and workflows that it declares itself."""

    def __init__(
        self,
        file: tree.File,
        declarations: Declarations,
        facts: Facts,
        activities: Sequence[ActivityView],
        workflows: Sequence[WorkflowView],
        imported: Sequence[tree.File] = (),
    ) -> None:
        super().__init__(file, declarations, facts)
        self.file = file
        self.activities = activities
        self.workflows = workflows
        self.imported = imported


def _places_of(state: StateFacts) -> Iterator[Place]:
    body = state.body
    if body.entry is not None:
        yield Place(state, "entry", body.entry)
    if body.exit is not None:
        yield Place(state, "exit", body.exit)
    if body.do is not None:
        yield Place(state, "do", body.do)
    for transition in body.transitions:
        if transition.actions is not None:
            yield Place(state, "actions", transition.actions, transition)
        if transition.work is not None:
            yield Place(state, "work", transition.work, transition)


def _collect(
    block: tree.Block, place: Place, around: tuple[tuple[tree.Step, tree.Block], ...], found: list[PlacedStep]
) -> None:
    for step in block.steps:
        operation = durable_of(step)
        found.append(PlacedStep(step, operation, place, around))
        for inner in blocks_of(operation):
            _collect(inner, place, (*around, (operation, inner)), found)
