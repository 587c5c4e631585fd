"""Pieces that several declarations and steps share: arguments, parameters, options, paths."""

from __future__ import annotations

from tenuto_interpreter.frozen import frozen

from tenuto_dsl.syntax.tree.base import Name, Node
from tenuto_dsl.syntax.tree.expressions import Expr
from tenuto_dsl.syntax.tree.types import TypeNode


@frozen
class Arg(Node):
    """An argument of a durable operation; `name` is None when it is positional."""

    name: Name | None
    value: Expr


@frozen
class Param(Node):
    name: Name
    type: TypeNode
    default: Expr | None = None


@frozen
class Timeout(Node):
    """`timeout 30s` sets `attempt`; the named limits set theirs. Each is a duration expression."""

    attempt: Expr | None = None
    overall: Expr | None = None
    queued: Expr | None = None
    heartbeat: Expr | None = None


@frozen
class Retry(Node):
    """`retry N times backoff D factor F up to M unless Codes`: N further attempts after the first."""

    times: Expr
    backoff: Expr | None = None
    factor: Expr | None = None
    up_to: Expr | None = None
    unless: tuple[Name, ...] = ()


@frozen
class Path(Node):
    """A dotted state path, as written."""

    names: tuple[Name, ...]
