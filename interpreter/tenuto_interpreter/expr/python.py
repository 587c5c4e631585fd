"""Small builders of Python syntax nodes, so that emitters read like the code they make."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import Any

LOAD = ast.Load()


def name(text: str) -> ast.Name:
    return ast.Name(text, LOAD)


def literal(value: Any) -> ast.Constant:
    return ast.Constant(value)


def call(function: ast.expr, args: Sequence[ast.expr]) -> ast.Call:
    return ast.Call(function, list(args), [])


def method(target: ast.expr, attribute: str, *args: ast.expr) -> ast.Call:
    return call(ast.Attribute(target, attribute, LOAD), args)


def subscript(target: ast.expr, index: ast.expr) -> ast.Subscript:
    return ast.Subscript(target, index, LOAD)


def binary(left: ast.expr, operator: ast.operator, right: ast.expr) -> ast.BinOp:
    return ast.BinOp(left, operator, right)


def compare(left: ast.expr, operator: ast.cmpop, right: ast.expr) -> ast.Compare:
    return ast.Compare(left, [operator], [right])


def conditional(condition: ast.expr, then: ast.expr, otherwise: ast.expr) -> ast.IfExp:
    return ast.IfExp(condition, then, otherwise)


def assign(target: str, value: ast.expr) -> ast.NamedExpr:
    """`(target := value)`. Never inside the iterable of a comprehension: Python refuses it there."""
    return ast.NamedExpr(ast.Name(target, ast.Store()), value)


def parameters(*names: str) -> ast.arguments:
    return ast.arguments(posonlyargs=[], args=[ast.arg(n) for n in names], kwonlyargs=[], kw_defaults=[], defaults=[])


def function(names: Sequence[str], body: ast.expr) -> ast.Lambda:
    """A lambda."""
    return ast.Lambda(parameters(*names), body)


def loop(target: ast.expr, source: ast.expr, *conditions: ast.expr) -> ast.comprehension:
    return ast.comprehension(target, source, list(conditions), 0)


def store(text: str) -> ast.Name:
    return ast.Name(text, ast.Store())
