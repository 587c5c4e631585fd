"""Expressions: CEL with our literals and interpolated strings."""

from __future__ import annotations

from dataclasses import field
from decimal import Decimal
from typing import Literal, TypeAlias

from tenuto_interpreter.frozen import frozen

from tenuto_dsl.syntax.tree.base import Name, Node


@frozen
class Literal_(Node):  # noqa: N801  # typing has taken the name
    """`null`, a bool, int, uint, double, string, bytes or duration. A duration's value is its microseconds, an int.

    `spelling` is how the text form wrote it, where the author had a choice; it does not take part in equality.
    """

    kind: Literal["null", "bool", "int", "uint", "double", "string", "bytes", "duration"]
    value: bool | int | float | str | bytes | Decimal | None
    spelling: str | None = field(default=None, compare=False, repr=False, kw_only=True)


@frozen
class Interpolation(Node):
    """A string with `${…}` in it: literal texts and expressions in order, never two texts in a row."""

    parts: tuple[str | Expr, ...]
    spelling: str | None = field(default=None, compare=False, repr=False, kw_only=True)


@frozen
class Ident(Node):
    name: str


@frozen
class Select(Node):
    """`operand.field`; with `optional`, `operand.?field`."""

    operand: Expr
    field: Name
    optional: bool = False


@frozen
class Index(Node):
    """`operand[index]`; with `optional`, `operand[?index]`."""

    operand: Expr
    index: Expr
    optional: bool = False


@frozen
class Call(Node):
    """`function(args)`, or with a target the method form `target.function(args)`. Macros have this shape too."""

    target: Expr | None
    function: Name
    args: tuple[Expr, ...]


@frozen
class Unary(Node):
    operator: Literal["!", "-"]
    operand: Expr


@frozen
class Binary(Node):
    operator: Literal["||", "&&", "==", "!=", "<", "<=", ">", ">=", "in", "+", "-", "*", "/", "%"]
    left: Expr
    right: Expr


@frozen
class Conditional(Node):
    condition: Expr
    then: Expr
    otherwise: Expr


@frozen
class ListExpr(Node):
    """`[a, ?b]`: `optional` holds the positions of the elements written with `?`."""

    items: tuple[Expr, ...]
    optional: tuple[int, ...] = ()


@frozen
class MapEntry(Node):
    key: Expr
    value: Expr
    optional: bool = False


@frozen
class MapExpr(Node):
    entries: tuple[MapEntry, ...]


Expr: TypeAlias = (
    Literal_ | Interpolation | Ident | Select | Index | Call | Unary | Binary | Conditional | ListExpr | MapExpr
)
