"""Tests as declarations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from tenuto_dsl.syntax.tree.base import Name, Node
from tenuto_dsl.syntax.tree.expressions import Expr
from tenuto_dsl.syntax.tree.pieces import Arg


@dataclass(frozen=True, slots=True)
class GivenStep(Node):
    args: tuple[Arg, ...]


@dataclass(frozen=True, slots=True)
class Outcome(Node):
    """What a mocked call does: `returns e`, `fails Code(args)` or `hangs`."""

    kind: Literal["returns", "fails", "hangs"]
    value: Expr | None = None
    error: Name | None = None
    args: tuple[Arg, ...] = ()


@dataclass(frozen=True, slots=True)
class MockStep(Node):
    activity: Name
    args: tuple[Arg, ...] | None
    outcomes: tuple[Outcome, ...]


@dataclass(frozen=True, slots=True)
class TestSend(Node):
    signal: Name
    args: tuple[Arg, ...]


@dataclass(frozen=True, slots=True)
class TestUpdate(Node):
    update: Name
    args: tuple[Arg, ...]
    replies: Expr | None = None


@dataclass(frozen=True, slots=True)
class TestCancel(Node):
    pass


@dataclass(frozen=True, slots=True)
class AdvanceStep(Node):
    duration: Expr


@dataclass(frozen=True, slots=True)
class ExpectStep(Node):
    condition: Expr


TestStep: TypeAlias = GivenStep | MockStep | TestSend | TestUpdate | TestCancel | AdvanceStep | ExpectStep


@dataclass(frozen=True, slots=True)
class TestDecl(Node):
    name: str
    steps: tuple[TestStep, ...]
