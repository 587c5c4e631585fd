"""Steps and the blocks they stand in."""

from __future__ import annotations

from dataclasses import field
from typing import Literal, TypeAlias

from tenuto_interpreter.frozen import frozen

from tenuto_dsl.syntax.tree.base import Name, Node, Span
from tenuto_dsl.syntax.tree.expressions import Expr
from tenuto_dsl.syntax.tree.pieces import Arg, Retry, Timeout
from tenuto_dsl.syntax.tree.types import TypeNode


@frozen
class Block(Node):
    steps: tuple[Step, ...]


@frozen
class Undo(Node):
    """`undo g(args)`: an activity or a workflow, by name."""

    callee: Name
    args: tuple[Arg, ...]


@frozen
class CallStep(Node):
    """`call f(args) [with …] [undo g(args)]`: an activity or a child workflow, by name."""

    callee: Name
    args: tuple[Arg, ...]
    timeout: Timeout | None = None
    retry: Retry | None = None
    queue: Expr | None = None
    priority: Expr | None = None
    undo: Undo | None = None


@frozen
class StartStep(Node):
    workflow: Name
    args: tuple[Arg, ...]
    id: Expr | None = None
    on_close: Literal["abandon", "cancel", "terminate"] | None = None


@frozen
class ForStep(Node):
    variable: Name
    items: Expr
    body: Block
    at_most: Expr | None = None


@frozen
class Branch(Node):
    name: Name
    body: Block


@frozen
class ParallelStep(Node):
    branches: tuple[Branch, ...]


Durable: TypeAlias = CallStep | StartStep | ForStep | ParallelStep


@frozen
class LetStep(Node):
    """`let x = expression` or `let x = call …`."""

    name: Name
    type: TypeNode | None
    value: Expr | Durable


@frozen
class AssignStep(Node):
    """`x = …` or `x.a[i] = …`: the root name, then its path of field names and index expressions."""

    name: Name
    path: tuple[Name | Expr, ...]
    value: Expr | Durable


@frozen
class WaitStep(Node):
    duration: Expr


@frozen
class WaitUntilStep(Node):
    time: Expr


@frozen
class WaitForStep(Node):
    condition: Expr
    within: Expr | None = None


@frozen
class ReceiveStep(Node):
    signal: Name
    binding: Name | None = None
    guard: Expr | None = None
    within: Expr | None = None


@frozen
class IfStep(Node):
    condition: Expr
    then: Block
    otherwise: Block | None = None
    """`else if` is a block with one `IfStep` in it, in both forms."""


@frozen
class RepeatStep(Node):
    body: Block
    until: Expr
    every: Expr | None = None
    at_most: Expr | None = None


@frozen
class Catch(Node):
    """No codes: catches every error."""

    codes: tuple[Name, ...]
    binding: Name | None
    body: Block
    as_span: Span | None = field(default=None, compare=False, repr=False, kw_only=True)


@frozen
class TryStep(Node):
    body: Block
    catches: tuple[Catch, ...]
    finally_: Block | None = None


@frozen
class SendStep(Node):
    signal: Name
    args: tuple[Arg, ...]
    to: Expr


@frozen
class CompensateStep(Node):
    pass


@frozen
class CommitStep(Node):
    pass


@frozen
class DiscardStep(Node):
    signal: Name


@frozen
class ReplyStep(Node):
    value: Expr


@frozen
class LogStep(Node):
    value: Expr


@frozen
class YieldStep(Node):
    value: Expr


@frozen
class ReturnStep(Node):
    value: Expr | None = None


@frozen
class FailStep(Node):
    error: Name
    args: tuple[Arg, ...] = ()


@frozen
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
