"""Tests as declarations."""

from __future__ import annotations

from typing import Literal, TypeAlias

from tenuto_interpreter.frozen import frozen

from tenuto_dsl.syntax.tree.base import Name, Node
from tenuto_dsl.syntax.tree.expressions import Expr
from tenuto_dsl.syntax.tree.pieces import Arg


@frozen
class GivenStep(Node):
    """What the run begins with: the arguments, its id, the time."""

    args: tuple[Arg, ...]
    id: Expr | None = None
    at: Expr | None = None


@frozen
class ConfigStep(Node):
    name: Name
    value: Expr


@frozen
class Outcome(Node):
    """What a mocked call does: `returns e`, `fails [attempt] Code(args)` or `hangs`.

    `attempt`: only this attempt fails, and the retry policy decides what follows; else the whole call has failed.
    """

    kind: Literal["returns", "fails", "hangs"]
    value: Expr | None = None
    error: Name | None = None
    args: tuple[Arg, ...] = ()
    attempt: bool = False


@frozen
class MockStep(Node):
    activity: Name
    args: tuple[Arg, ...] | None
    outcomes: tuple[Outcome, ...]


@frozen
class TestSend(Node):
    signal: Name
    args: tuple[Arg, ...]
    to: Expr | None = None


@frozen
class TestUpdate(Node):
    update: Name
    args: tuple[Arg, ...]
    replies: Expr | None = None
    rejected: bool = False


@frozen
class TestCancel(Node):
    pass


@frozen
class AdvanceStep(Node):
    """Let time pass: for a duration, or until a time. One of the two."""

    duration: Expr | None
    until: Expr | None = None


@frozen
class ExpectStep(Node):
    condition: Expr


TestStep: TypeAlias = GivenStep | ConfigStep | MockStep | TestSend | TestUpdate | TestCancel | AdvanceStep | ExpectStep


@frozen
class TestDecl(Node):
    """Without a workflow it is about the first of the file."""

    name: str
    steps: tuple[TestStep, ...]
    workflow: Name | None = None
