"""Steps and the blocks they stand in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from tenuto_dsl.syntax.tree.base import Name, Node
from tenuto_dsl.syntax.tree.expressions import Expr
from tenuto_dsl.syntax.tree.pieces import Arg, Retry, Timeout
from tenuto_dsl.syntax.tree.types import TypeNode


@dataclass(frozen=True, slots=True)
class Block(Node):
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Undo(Node):
    activity: Name
    args: tuple[Arg, ...]


@dataclass(frozen=True, slots=True)
class CallStep(Node):
    """`call f(args) [with …] [undo g(args)]`: an activity or a child workflow, by name."""

    callee: Name
    args: tuple[Arg, ...]
    timeout: Timeout | None = None
    retry: Retry | None = None
    queue: Expr | None = None
    priority: Expr | None = None
    undo: Undo | None = None


@dataclass(frozen=True, slots=True)
class StartStep(Node):
    workflow: Name
    args: tuple[Arg, ...]
    id: Expr | None = None
    on_close: Literal["abandon", "cancel", "terminate"] | None = None


@dataclass(frozen=True, slots=True)
class ForStep(Node):
    variable: Name
    items: Expr
    body: Block
    at_most: Expr | None = None


@dataclass(frozen=True, slots=True)
class Branch(Node):
    name: Name
    body: Block


@dataclass(frozen=True, slots=True)
class ParallelStep(Node):
    branches: tuple[Branch, ...]


Durable: TypeAlias = CallStep | StartStep | ForStep | ParallelStep


@dataclass(frozen=True, slots=True)
class LetStep(Node):
    """`let x = expression` or `let x = call …`."""

    name: Name
    type: TypeNode | None
    value: Expr | Durable


@dataclass(frozen=True, slots=True)
class AssignStep(Node):
    """`x = …` or `x.a[i] = …`: the root name, then its path of field names and index expressions."""

    name: Name
    path: tuple[Name | Expr, ...]
    value: Expr | Durable


@dataclass(frozen=True, slots=True)
class WaitStep(Node):
    duration: Expr


@dataclass(frozen=True, slots=True)
class WaitUntilStep(Node):
    time: Expr


@dataclass(frozen=True, slots=True)
class WaitForStep(Node):
    condition: Expr
    within: Expr | None = None


@dataclass(frozen=True, slots=True)
class ReceiveStep(Node):
    signal: Name
    binding: Name | None = None
    guard: Expr | None = None
    within: Expr | None = None


@dataclass(frozen=True, slots=True)
class IfStep(Node):
    condition: Expr
    then: Block
    otherwise: Block | None = None
    """`else if` is a block with one `IfStep` in it, in both forms."""


@dataclass(frozen=True, slots=True)
class RepeatStep(Node):
    body: Block
    until: Expr
    every: Expr | None = None
    at_most: Expr | None = None


@dataclass(frozen=True, slots=True)
class Catch(Node):
    """No codes: catches every error."""

    codes: tuple[Name, ...]
    binding: Name | None
    body: Block


@dataclass(frozen=True, slots=True)
class TryStep(Node):
    body: Block
    catches: tuple[Catch, ...]
    finally_: Block | None = None


@dataclass(frozen=True, slots=True)
class SendStep(Node):
    signal: Name
    args: tuple[Arg, ...]
    to: Expr


@dataclass(frozen=True, slots=True)
class CompensateStep(Node):
    pass


@dataclass(frozen=True, slots=True)
class CommitStep(Node):
    pass


@dataclass(frozen=True, slots=True)
class DiscardStep(Node):
    signal: Name


@dataclass(frozen=True, slots=True)
class ReplyStep(Node):
    value: Expr


@dataclass(frozen=True, slots=True)
class LogStep(Node):
    value: Expr


@dataclass(frozen=True, slots=True)
class YieldStep(Node):
    value: Expr


@dataclass(frozen=True, slots=True)
class ReturnStep(Node):
    value: Expr | None = None


@dataclass(frozen=True, slots=True)
class FailStep(Node):
    error: Name
    args: tuple[Arg, ...] = ()


@dataclass(frozen=True, slots=True)
class ContinueStep(Node):
    """`continue with (…)`, allowed in a final state only."""

    args: tuple[Arg, ...]


Step: TypeAlias = (
    LetStep
    | AssignStep
    | CallStep
    | StartStep
    | ForStep
    | ParallelStep
    | WaitStep
    | WaitUntilStep
    | WaitForStep
    | ReceiveStep
    | IfStep
    | RepeatStep
    | TryStep
    | SendStep
    | CompensateStep
    | CommitStep
    | DiscardStep
    | ReplyStep
    | LogStep
    | YieldStep
    | ReturnStep
    | FailStep
)
