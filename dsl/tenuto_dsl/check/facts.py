"""What the checker finds out about a file, for the lowering, the linter and the editor.

The syntax tree is frozen and its nodes compare without their spans, so facts about a node live in a `Table` keyed by
the node itself, not by its value. Declarations and states have records of their own, because much refers to them.

This module only holds data: the passes beside it fill it in, `tenuto_dsl.lower` reads it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, Literal, TypeAlias, TypeVar

from tenuto_interpreter import ir
from tenuto_interpreter.frozen import frozen
from tenuto_interpreter.types import Record, RecordField, Type

from tenuto_dsl.syntax import tree

if TYPE_CHECKING:
    from tenuto_dsl.check.trace import Trace

V = TypeVar("V")


class Table(Generic[V]):
    """A mapping keyed by the identity of a node. It holds on to its nodes, so that no identity is used twice."""

    __slots__ = ("_entries",)

    def __init__(self) -> None:
        self._entries: dict[int, tuple[tree.Node, V]] = {}

    def __setitem__(self, node: tree.Node, value: V) -> None:
        self._entries[id(node)] = (node, value)

    def __getitem__(self, node: tree.Node) -> V:
        return self._entries[id(node)][1]

    def __contains__(self, node: tree.Node) -> bool:
        return id(node) in self._entries

    def get(self, node: tree.Node) -> V | None:
        """The value of a node, or None when nothing was found out about it."""
        entry = self._entries.get(id(node))
        return entry[1] if entry else None

    def items(self) -> Iterator[tuple[tree.Node, V]]:
        """Every node with its value, in the order they were entered."""
        return iter(self._entries.values())


@frozen
class Expression:
    """A checked expression: its type and its intermediate form."""

    type: Type
    ir: ir.Expr


@frozen
class Parameter:
    """A parameter of anything that takes arguments. What its default was checked to be is in `Facts.expressions`."""

    name: str
    type: Type
    node: tree.Param

    @property
    def required(self) -> bool:
        return self.node.default is None


@frozen
class ErrorFacts:
    """A declared or built-in error; `node` is None for the latter."""

    code: str
    fields: tuple[tuple[str, Type], ...]
    node: tree.ErrorDecl | None = None


@frozen
class ConfigFacts:
    name: str
    type: Type
    node: tree.ConfigDecl


@frozen
class ActivityFacts:
    name: str
    params: tuple[Parameter, ...]
    returns: Type | None
    node: tree.ActivityDecl


@frozen
class WorkflowSignature:
    """What a caller must know of a workflow."""

    name: str
    params: tuple[Parameter, ...]
    returns: Type | None
    node: tree.WorkflowDecl


@frozen
class MessageFacts:
    """A signal, or an update when it is one."""

    kind: Literal["signal", "update"]
    name: str
    params: tuple[Parameter, ...]
    returns: Type | None
    node: tree.SignalDecl | tree.UpdateDecl

    @property
    def record(self) -> Record:
        """What `as m` binds."""
        return Record(tuple(RecordField(p.name, p.type) for p in self.params))


@frozen
class VariableFacts:
    """A parameter or a variable of a workflow, at a slot of its vector. `tracked`: it has no value from the start, so
    that every read must come after an assignment."""

    name: str
    type: Type
    slot: int
    node: tree.Param | tree.VarDecl
    tracked: bool = False


StateNode: TypeAlias = tree.WorkflowDecl | tree.State | tree.Region


@dataclass(slots=True)
class StateFacts:
    """A state with its place in the tree of states; state 0 is the workflow."""

    index: int
    name: str
    path: str
    kind: Literal["root", "plain", "final", "region"]
    parent: int | None
    node: StateNode
    children: list[int] = field(default_factory=list)
    regions: list[int] = field(default_factory=list)
    initial: int | None = None

    @property
    def body(self) -> tree.StateBody:
        return self.node.body

    @property
    def span(self) -> tree.Span:
        return self.node.name.span


@frozen
class Invocation:
    """A resolved call, start, undo or send: one expression per parameter, in the order of the parameters; an argument
    left out is its parameter's default."""

    callee: ActivityFacts | WorkflowSignature | MessageFacts
    args: tuple[tree.Expr | None, ...]
    """None for an optional parameter that was left out and has no default: it is null."""


@frozen
class LoopLocals:
    """Locals of a loop: `items` and `next` in the frame the loop stands in; `item` and `accumulator` (where yields are
    collected) in the frame of its body, which a concurrent loop has for itself; `results`, in the outer frame again,
    holds the loop's value. The last two are None when nobody takes the value."""

    items: int
    next: int
    item: int
    accumulator: int | None
    results: int | None


@frozen
class TryLocals:
    """Locals of a `try`: `mark` for the undos of its body, the last three for its `finally`."""

    mark: int | None
    error: int | None
    returning: int | None
    result: int | None


@frozen
class RepeatLocals:
    count: int
    limit: int


@dataclass(slots=True)
class Facts:
    """Facts about nodes, for all workflows of a compilation together."""

    expressions: Table[Expression] = field(default_factory=Table)
    types: Table[Type] = field(default_factory=Table)
    """By declaring node: a `let`, a binding's name, a loop variable."""
    invocations: Table[Invocation] = field(default_factory=Table)
    targets: Table[int] = field(default_factory=Table)
    """State index of each `Target`."""
    frames: Table[int] = field(default_factory=Table)
    """How many locals a `Block` that has a frame of its own needs."""
    locals: Table[int] = field(default_factory=Table)
    """By declaring node: `LetStep`, `AssignStep` and `ReceiveStep` (their result), `Catch` (its binding)."""
    assigned: Table[int] = field(default_factory=Table)
    """The local that an `AssignStep` on a `let` assigns."""
    loops: Table[LoopLocals] = field(default_factory=Table)
    tries: Table[TryLocals] = field(default_factory=Table)
    repeats: Table[RepeatLocals] = field(default_factory=Table)
    trace: Trace | None = None
    """For editors: more than anybody else wants to know."""


@dataclass(slots=True)
class WorkflowFacts:
    """One workflow: its members and its states."""

    node: tree.WorkflowDecl
    signature: WorkflowSignature
    variables: dict[str, VariableFacts]
    messages: dict[str, MessageFacts]
    states: list[StateFacts]
    query_types: dict[str, Type]
