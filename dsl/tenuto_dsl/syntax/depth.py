"""How deep an expression nests, found out without recursion."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from tenuto_dsl.syntax import tree

MAX_DEPTH = 100
"""How deep an expression may nest, operators in a row included: what reads it later may recurse."""

_CHILDREN: dict[type, Callable[[Any], Iterable[Any]]] = {
    tree.Interpolation: lambda n: (p for p in n.parts if not isinstance(p, str)),
    tree.Select: lambda n: (n.operand,),
    tree.Index: lambda n: (n.operand, n.index),
    tree.Call: lambda n: n.args if n.target is None else (n.target, *n.args),
    tree.Unary: lambda n: (n.operand,),
    tree.Binary: lambda n: (n.left, n.right),
    tree.Conditional: lambda n: (n.condition, n.then, n.otherwise),
    tree.ListExpr: lambda n: n.items,
    tree.MapExpr: lambda n: (part for e in n.entries for part in (e.key, e.value)),
}


def deeper_than(node: tree.Expr, limit: int) -> bool:
    """Whether any path from the node has more than `limit` nodes."""
    level: list[Any] = [node]
    for _ in range(limit):
        level = [child for n in level if (children := _CHILDREN.get(type(n))) for child in children(n)]
        if not level:
            return False
    return True
