"""What can be told of an expression from its form alone: size, constancy, whether it may fail, what it costs.

The compiler asks these before it makes code; all but `may_fail`, which goes as deep as expressions are allowed to be,
walk without recursion.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any, TypeAlias

from tenuto_interpreter.expr.errors import LimitError
from tenuto_interpreter.expr.operations import TABLE
from tenuto_interpreter.types import Scalar

Expr: TypeAlias = tuple[Any, ...]

MAX_DEPTH = 320
MAX_NODES = 40_000
"""What is compiled, in tuples. The checker's own limits, in nodes of the tree, are well inside."""

_SCALAR_FORMS = frozenset(
    ("eq", "ne", "and", "or", "not", "truth", "text", "const", "decimal", "duration", "timestamp")
)
_MAKERS = frozenset(("list", "record", "list?", "map", "loop"))


def measure(expression: Expr) -> None:
    """Refuse what Python's own compiler could not take: the depth and size of expressions have limits."""
    level: list[Any] = [expression]
    depth = nodes = 0
    while level:
        depth += 1
        nodes += len(level)
        if depth > MAX_DEPTH or nodes > MAX_NODES:
            raise LimitError("the expression is too large")
        level = [part for node in level for part in node if type(part) is tuple]


def is_constant(expression: Expr) -> bool:
    pending: list[Expr] = [expression]
    while pending:
        node = pending.pop()
        head = node[0] if node else None
        if head in ("var", "local", "config", "workflow", "activity", "dyn"):
            return False
        if head == "do" and not TABLE.by_id[node[1]].pure:
            return False
        pending.extend(_parts(node))
    return True


def may_fail(expression: Expr) -> bool:
    """Whether an expression can raise on values of the right types."""
    head = expression[0]
    if head in ("const", "decimal", "duration", "timestamp", "bytes", "var", "local", "bound", "config"):
        return False
    if head in ("workflow", "activity"):
        return False
    if head == "field":
        return may_fail(expression[1])
    if head == "do":
        return not TABLE.by_id[expression[1]].total or any(map(may_fail, expression[2:]))
    if head in ("and", "or", "not", "if", "else", "list"):
        return any(map(may_fail, expression[1:]))
    if head in ("eq", "ne"):
        return may_fail(expression[2]) or may_fail(expression[3])
    if head == "record":
        return any(may_fail(item) for _, item in expression[1:])
    return True


def may_be_long(expression: Expr) -> bool:
    """Whether the value may be a string that nobody has written out."""
    head = expression[0]
    if head == "do":
        result = TABLE.by_id[expression[1]].result
        return not isinstance(result, Scalar) or result.kind in ("string", "bytes")
    return head not in ("const", "decimal", "duration", "timestamp", "bytes", "eq", "ne", "and", "or", "not", "truth")


def may_multiply(expression: Expr) -> bool:
    """Whether the value may hold some part of it many times over, so that its size is out of proportion to its cost.

    `[x, x]`, bound, bound again, is a tree of 2^n leaves that shares all of them. Only expressions that make lists or
    maps and use something twice can do that; they are few, and their values are measured.
    """
    if expression[0] in _SCALAR_FORMS or not any(node[0] in _MAKERS for node in _nodes(expression)):
        return False
    paths: list[tuple[Any, ...]] = []
    pending = [expression]
    while pending:
        node = pending.pop()
        if node[:1] in (("loop",), ("bind",)):
            return True
        path = _path(node)
        if path is not None:
            paths.append(path)
        else:
            pending.extend(_parts(node))
    paths.sort(key=repr)
    return any(after[: len(before)] == before for before, after in itertools.pairwise(paths))


def _path(node: Expr) -> tuple[Any, ...] | None:
    """What a chain of selections starts from, and its fields; two that are not one within the other share nothing."""
    fields: list[str] = []
    while node[:1] == ("field",):
        fields.append(node[2])
        node = node[1]
    if node[:1] in (("var",), ("local",), ("config",)):
        return (*node, *reversed(fields))
    return None


def _nodes(expression: Expr) -> Iterator[Expr]:
    """Every node of an expression that has a word, without recursion."""
    pending = [expression]
    while pending:
        node = pending.pop()
        if node and type(node[0]) is str:
            yield node
        pending.extend(_parts(node))


def _parts(node: Expr) -> list[Expr]:
    """The tuples within a node; of a record its values alone, since a field may have any name, `field` as well."""
    if node[:1] == ("record",):
        return [item for _, item in node[1:]]
    return [part for part in node if type(part) is tuple and part]


_SLOW = {
    "calendar": 40, "cron": 40, "duration": 12, "timestamp": 8, "decimal": 4, "format": 8,
    **dict.fromkeys(("getFullYear", "getMonth", "getDate", "getDayOfMonth", "getDayOfWeek", "getDayOfYear", "getHours",
                     "getMinutes", "getSeconds", "getMilliseconds"), 12),
}  # fmt: skip
"""Functions that take as long as so many nodes, whatever their arguments."""


def weight_of(expression: Expr) -> int:
    """The number of nodes, what is slow counted as often as it is slower: what one turn of a loop costs."""
    total = 0
    pending = [expression]
    while pending:
        node = pending.pop()
        total += 1 + _slowness(node)
        pending.extend(_parts(node))
    return total


def _slowness(node: Expr) -> int:
    if node[0] == "do":
        return _SLOW.get(TABLE.by_id[node[1]].name, 0)
    if node[0] == "dyn":  # each value is asked what it is
        return _SLOW.get(node[2], 0) + 2 * len(node)
    return _SLOW.get(node[2], 0) if node[0] == "call" else 0
