"""The expressions that lowering itself needs: counting a `repeat`, testing what a `finally` has pending.

They are made as an author would write them and checked by the same checker, because the operators of the intermediate
form are its business alone. Only constants and locals have forms that anyone may write.
"""

from __future__ import annotations

from tenuto_interpreter import ir
from tenuto_interpreter.types import ANY, INT, Type

from tenuto_dsl.check.scopes import Names, checked
from tenuto_dsl.diagnostics import Diagnostics
from tenuto_dsl.syntax import tree

_NOWHERE = tree.Span("", 1, 1, 1, 1)

NULL: ir.Expr = ("const", None)
TRUE: ir.Expr = ("const", True)
FALSE: ir.Expr = ("const", False)
ZERO: ir.Expr = ("const", 0)


def local(number: int) -> ir.Expr:
    return ("local", number)


def text(value: str) -> ir.Expr:
    return ("const", value)


def next_of(count: int) -> ir.Expr:
    """`count + 1`"""
    one = tree.Literal_("int", 1, span=_NOWHERE)
    return _made(tree.Binary("+", _name("a"), one, span=_NOWHERE), {"a": (INT, count)})


def less(left: int, right: int) -> ir.Expr:
    """`left < right`"""
    return _made(tree.Binary("<", _name("a"), _name("b"), span=_NOWHERE), {"a": (INT, left), "b": (INT, right)})


def not_null(value: int) -> ir.Expr:
    """`value != null`"""
    null = tree.Literal_("null", None, span=_NOWHERE)
    return _made(tree.Binary("!=", _name("a"), null, span=_NOWHERE), {"a": (ANY, value)})


def _name(name: str) -> tree.Ident:
    return tree.Ident(name, span=_NOWHERE)


def _made(node: tree.Expr, names: dict[str, tuple[Type, int]]) -> ir.Expr:
    sink = Diagnostics()
    scope = Names()
    for name, (type_, number) in names.items():
        scope.bind(name, type_, local(number), "let")
    made = checked(node, scope, sink).ir
    assert not sink.items, "an expression made by the lowering checks"
    return made


EMPTY_LIST: ir.Expr = _made(tree.ListExpr((), span=_NOWHERE), {})
