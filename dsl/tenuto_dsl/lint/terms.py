"""Expressions as rules look at them: literal values, what they mention, the opposite of a condition.

Nodes are equal when they say the same, wherever they stand, so `==` compares conditions.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, TypeVar

from tenuto_dsl.lint.views import fields_of, nodes_below
from tenuto_dsl.syntax import tree

N = TypeVar("N", bound=tree.Node)

SECOND = 1_000_000
"""Durations are counted in microseconds."""
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

_OPPOSITE = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
_MIRRORED = {"==": "==", "!=": "!=", "<": ">", ">": "<", "<=": ">=", ">=": "<="}
_HOLDS: dict[str, Callable[[float, float], bool]] = {
    "==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
_CHANGING = {"now", "random", "uuid"}


def duration_of(node: object) -> int | None:
    """A literal duration in microseconds, its sign included."""
    match node:
        case tree.Literal_(kind="duration", value=int(value)):
            return value
        case tree.Unary(operator="-", operand=tree.Literal_(kind="duration", value=int(value))):
            return -value
        case _:
            return None


def number_of(node: object) -> float | None:
    """A literal number, its sign included."""
    match node:
        case tree.Literal_(kind="int" | "uint" | "double", value=value):
            return float(value)  # type: ignore[arg-type]  # the kind says that it is a number
        case tree.Unary(operator="-", operand=operand):
            value = number_of(operand)
            return None if value is None else -value
        case _:
            return None


def text_of(node: object) -> str | None:
    """A literal text."""
    match node:
        case tree.Literal_(kind="string", value=str(value)):
            return value
        case _:
            return None


def names_in(*nodes: tree.Node | None) -> set[str]:
    """The plain names that are mentioned in nodes."""
    return {
        item.name for node in nodes if node is not None for item in nodes_below(node) if isinstance(item, tree.Ident)
    }


def calls_in(node: tree.Node) -> Iterator[tree.Call]:
    """The function calls in an expression."""
    return (item for item in nodes_below(node) if isinstance(item, tree.Call))


def is_steady(node: tree.Node) -> bool:
    """Whether an expression has the same value however often it is evaluated at one moment."""
    return not any(call.function.text in _CHANGING and call.target is None for call in calls_in(node))


def is_true(node: tree.Expr | None) -> bool:
    return isinstance(node, tree.Literal_) and node.value is True


def is_false(node: tree.Expr | None) -> bool:
    return isinstance(node, tree.Literal_) and node.value is False


def opposite(node: tree.Expr) -> tree.Expr:
    """The condition that holds exactly when this one does not."""
    match node:
        case tree.Unary(operator="!", operand=operand):
            return operand
        case tree.Binary(operator=sign, left=left, right=right) if sign in _OPPOSITE:
            return tree.Binary(_OPPOSITE[sign], left, right, span=node.span)  # type: ignore[arg-type]
        case _:
            return tree.Unary("!", node, span=node.span)


def says_the_same(first: tree.Expr, second: tree.Expr) -> bool:
    """Whether two conditions are the same, sides of a comparison exchanged or not."""
    if first == second:
        return True
    match first:
        case tree.Binary(operator=sign, left=left, right=right) if sign in _MIRRORED:
            mirrored = tree.Binary(_MIRRORED[sign], right, left, span=first.span)  # type: ignore[arg-type]
            return mirrored == second
        case _:
            return False


def implies(first: tree.Expr, second: tree.Expr) -> bool:
    """Whether the second condition surely holds whenever the first does: what can be told from their shapes."""
    if says_the_same(first, second):
        return True
    match first:
        case tree.Binary(operator="&&", left=left, right=right):
            return implies(left, second) or implies(right, second)
        case tree.Binary(operator="||", left=left, right=right):
            return implies(left, second) and implies(right, second)
    match second:
        case tree.Binary(operator="||", left=left, right=right):
            return implies(first, left) or implies(first, right)
        case tree.Binary(operator="&&", left=left, right=right):
            return implies(first, left) and implies(first, right)
    return _bounds(first, second)


def _bounds(first: tree.Expr, second: tree.Expr) -> bool:
    """`n > 5` implies `n > 3`, `n >= 5`, `n != 5` and `n != 4`; `x == "a"` implies `x != "b"`."""
    one, other = _compared(first), _compared(second)
    if one is None or other is None or one[0] != other[0] or one[2].kind != other[2].kind:
        return False
    sign, wanted = one[1], other[1]
    here, there = one[2].value, other[2].value
    if isinstance(here, (int, float)) and isinstance(there, (int, float)):
        match sign, wanted:
            case "==", _:
                return bool(_HOLDS[wanted](here, there))
            case (">", ">" | ">=" | "!=") | (">=", ">="):
                return here >= there
            case (">=", ">" | "!="):
                return here > there
            case ("<", "<" | "<=" | "!=") | ("<=", "<="):
                return here <= there
            case ("<=", "<" | "!="):
                return here < there
    return sign == "==" and wanted == "!=" and here != there


def _compared(node: tree.Expr) -> tuple[tree.Expr, str, tree.Literal_] | None:
    """(what is compared, how, with which literal)."""
    match node:
        case tree.Binary(operator=sign, left=left, right=tree.Literal_() as value) if sign in _HOLDS:
            return left, sign, value
        case tree.Binary(operator=sign, left=tree.Literal_() as value, right=right) if sign in _HOLDS:
            return right, _MIRRORED[sign], value
        case _:
            return None


def renamed(node: N, old: str, new: str) -> N:
    """An expression in which a name is another; it may be one that nobody can write."""
    if isinstance(node, tree.Ident):
        return replace(node, name=new) if node.name == old else node
    changed: dict[str, Any] = {name: _renamed_in(getattr(node, name), old, new) for name in fields_of(type(node))}
    return replace(node, **changed)


def _renamed_in(value: object, old: str, new: str) -> object:
    if isinstance(value, tuple):
        return tuple(_renamed_in(item, old, new) for item in value)
    return renamed(value, old, new) if isinstance(value, tree.Node) else value


def cover_everything(conditions: list[tree.Expr]) -> bool:
    """Whether one of these conditions surely holds: two of them are opposites, or one is true."""
    return any(is_true(one) for one in conditions) or any(
        says_the_same(opposite(one), other) for one in conditions for other in conditions
    )


def head(node: tree.Node, width: int = 1) -> tree.Span:
    """The place where a node begins, for findings about what spans many lines."""
    span = node.span
    return tree.Span(span.file, span.line, span.col, span.line, span.col + width)
