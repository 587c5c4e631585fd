"""Triggers, transitions, states, and the workflow that holds them."""

from __future__ import annotations

from dataclasses import field
from typing import Literal, TypeAlias

from tenuto_interpreter.frozen import frozen

from tenuto_dsl.syntax.tree.base import Name, Node, Span
from tenuto_dsl.syntax.tree.declarations import (
    AttributeDecl,
    MigrateDecl,
    PropertyDecl,
    QueryDecl,
    SignalDecl,
    UpdateDecl,
    VarDecl,
)
from tenuto_dsl.syntax.tree.expressions import Expr
from tenuto_dsl.syntax.tree.pieces import Param, Path
from tenuto_dsl.syntax.tree.steps import Block, ContinueStep, FailStep, ReturnStep
from tenuto_dsl.syntax.tree.types import TypeNode


@frozen
class DoneTrigger(Node):
    pass


@frozen
class SignalTrigger(Node):
    """`as_span` is what to take out for the binding to go, where the YAML form knows that."""

    signal: Name
    binding: Name | None = None
    as_span: Span | None = field(default=None, compare=False, repr=False, kw_only=True)


@frozen
class UpdateTrigger(Node):
    update: Name
    binding: Name | None = None
    as_span: Span | None = field(default=None, compare=False, repr=False, kw_only=True)


@frozen
class ErrorTrigger(Node):
    """No codes: any error."""

    codes: tuple[Name, ...] = ()
    binding: Name | None = None
    as_span: Span | None = field(default=None, compare=False, repr=False, kw_only=True)


@frozen
class CancelTrigger(Node):
    pass


@frozen
class AfterTrigger(Node):
    duration: Expr


@frozen
class AtTrigger(Node):
    time: Expr


@frozen
class EveryTrigger(Node):
    """A duration, a `cron(…)` call, or a variable that holds a schedule."""

    schedule: Expr


@frozen
class WhenTrigger(Node):
    """An eventless transition: the transition's guard is its trigger."""


Trigger: TypeAlias = (
    DoneTrigger
    | SignalTrigger
    | UpdateTrigger
    | ErrorTrigger
    | CancelTrigger
    | AfterTrigger
    | AtTrigger
    | EveryTrigger
    | WhenTrigger
)


@frozen
class Target(Node):
    path: Path
    history: bool = False


@frozen
class Transition(Node):
    """A trigger, a guard and a reaction: `-> target { actions }`, `{ actions }`, or `do { work } [-> target]`.

    `actions` and `work` exclude each other. A transition with none of target, actions and work is kept in the tree so
    that the checker can say what is missing.
    """

    trigger: Trigger
    guard: Expr | None = None
    target: Target | None = None
    actions: Block | None = None
    work: Block | None = None


@frozen
class Defer(Node):
    """`defer a, b, cancel`; the name `cancel` stands for cancellation."""

    names: tuple[Name, ...]


@frozen
class StateBody(Node):
    """What a workflow, a state and a region have in common. Order within each kind is document order."""

    do: Block | None = None
    entry: Block | None = None
    exit: Block | None = None
    defers: tuple[Defer, ...] = ()
    transitions: tuple[Transition, ...] = ()
    states: tuple[State, ...] = ()
    regions: tuple[Region, ...] = ()
    ending: ReturnStep | FailStep | ContinueStep | None = None
    """The one `return`, `fail` or `continue with` of a final state."""


@frozen
class State(Node):
    name: Name
    kind: Literal["plain", "initial", "final"]
    body: StateBody
    doc: str | None = None
    doc_span: Span | None = field(default=None, compare=False, repr=False, kw_only=True)


@frozen
class Region(Node):
    name: Name
    body: StateBody
    doc: str | None = None
    doc_span: Span | None = field(default=None, compare=False, repr=False, kw_only=True)


@frozen
class WorkflowDecl(Node):
    name: Name
    params: tuple[Param, ...]
    returns: TypeNode | None
    body: StateBody
    doc: str | None = None
    version: int | None = None
    signals: tuple[SignalDecl, ...] = ()
    updates: tuple[UpdateDecl, ...] = ()
    queries: tuple[QueryDecl, ...] = ()
    attributes: tuple[AttributeDecl, ...] = ()
    variables: tuple[VarDecl, ...] = ()
    properties: tuple[PropertyDecl, ...] = ()
    migrations: tuple[MigrateDecl, ...] = ()
    doc_span: Span | None = field(default=None, compare=False, repr=False, kw_only=True)
    version_span: Span | None = field(default=None, compare=False, repr=False, kw_only=True)
