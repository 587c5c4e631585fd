"""From the forms of dynamic CEL to a Python function.

The forms are nested tuples, made by the checker and never stored:

    ("value", v)  ("named", name)  ("bound", n)  ("fail", message)
    ("call", form, name, e…)                        a function of the library, chosen by its values' kinds
    ("select", e, field)  ("select?", e, field)  ("has", e, field)
    ("and", e…)  ("or", e…)  ("if", e, e, e)  ("text", e…)
    ("list", (e, optional)…)  ("map", (e, e, optional)…)
    ("at", place, e)                                what an error in it should be told of: see `place_of`
    ("bind", n, e, e)  ("opt_map", flat, n, e, e)  ("or_else", value, e, e)
    ("loop", kind, (n…), source, e…)                a macro; the last body is its value, one before it a condition
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from tenuto_interpreter.expr.cel import running
from tenuto_interpreter.expr.cel.library import LIBRARY
from tenuto_interpreter.expr.cel.table import Dispatch, Form
from tenuto_interpreter.expr.compiler import Emitter, compile_with, line_of
from tenuto_interpreter.expr.context import Context
from tenuto_interpreter.expr.errors import ExpressionError
from tenuto_interpreter.expr.forms import Expr, weight_of
from tenuto_interpreter.expr.python import call, conditional, function, literal, name
from tenuto_interpreter.expr.running import measured

Evaluable: TypeAlias = Callable[[Mapping[str, Any], Context], Any]


def compile_cel(expression: Expr) -> Evaluable:
    """A function of variables by name. It raises ExpressionError, nothing else."""
    compiled = compile_with(_Emitter(), (("measured", expression),))[0]
    return lambda variables, context: compiled(variables, (), context)  # type: ignore[arg-type]  # by name, not by slot


def place_of(error: ExpressionError) -> int | None:
    """The place, by its number in ("at", place, e), of the innermost expression that has failed."""
    line = line_of(error)
    return line - _FIRST_LINE if line is not None and line >= _FIRST_LINE else None


_FIRST_LINE = 2
"""Line 1 is for what has no place."""


class _Emitter(Emitter):
    def emit(self, expression: Expr) -> ast.expr:
        head = expression[0].replace("?", "_or_none")
        emit: Callable[..., ast.expr] | None = getattr(self, f"cel_{head}", None)
        if emit is None:
            raise ExpressionError(f"no form of CEL: {head}")
        return emit(*expression[1:])

    def cel_measured(self, operand: Expr) -> ast.expr:
        return self.run(measured, self.emit(operand))

    def cel_at(self, place: int, operand: Expr) -> ast.expr:
        node = self.emit(operand)
        node.lineno = place + _FIRST_LINE
        return node

    def cel_value(self, value: Any) -> ast.expr:
        return self.value(value)

    def cel_named(self, title: str) -> ast.expr:
        return self.run(running.named, name("V"), literal(title))

    def cel_bound(self, number: int) -> ast.expr:
        return name(f"b{number}")

    def cel_fail(self, message: str) -> ast.expr:
        return self.run(running.fail, literal(message))

    def cel_call(self, form: Form, title: str, *operands: Expr) -> ast.expr:
        dispatch = Dispatch(form, title, LIBRARY.named(form, title))
        return call(self.global_(dispatch), [name("C"), *map(self.emit, operands)])

    def cel_select(self, operand: Expr, field: str) -> ast.expr:
        return self.run(running.select, self.emit(operand), literal(field))

    def cel_select_or_none(self, operand: Expr, field: str) -> ast.expr:
        return self.run(running.select_or_none, self.emit(operand), literal(field))

    def cel_has(self, operand: Expr, field: str) -> ast.expr:
        return self.run(running.has, self.emit(operand), literal(field))

    def cel_and(self, *terms: Expr) -> ast.expr:
        return self.run(running.and_of, name("C"), *(function((), self.emit(term)) for term in terms))

    def cel_or(self, *terms: Expr) -> ast.expr:
        return self.run(running.or_of, name("C"), *(function((), self.emit(term)) for term in terms))

    def cel_if(self, condition: Expr, then: Expr, otherwise: Expr) -> ast.expr:
        return conditional(self.run(running.truth, self.emit(condition)), self.emit(then), self.emit(otherwise))

    def cel_text(self, *parts: Expr) -> ast.expr:
        return self.joined([self.emit(part) for part in parts])

    def cel_list(self, *items: tuple[Expr, bool]) -> ast.expr:
        if not any(optional for _, optional in items):
            return ast.List([self.emit(item) for item, _ in items], ast.Load())
        pairs: list[ast.expr] = [_tuple(self.emit(item), literal(optional)) for item, optional in items]
        return self.run(running.make_list, _tuple(*pairs))

    def cel_map(self, *items: tuple[Expr, Expr, bool]) -> ast.expr:
        made = (_tuple(self.emit(key), self.emit(item), literal(optional)) for key, item, optional in items)
        return self.run(running.make_map, name("C"), _tuple(*made))

    def cel_bind(self, number: int, value: Expr, body: Expr) -> ast.expr:
        return call(function((f"b{number}",), self.emit(body)), [self.emit(value)])

    def cel_opt_map(self, flat: bool, number: int, operand: Expr, body: Expr) -> ast.expr:
        made = function((f"b{number}",), self.emit(body))
        return self.run(running.optional_map, literal(flat), self.emit(operand), made)

    def cel_or_else(self, value: bool, operand: Expr, other: Expr) -> ast.expr:
        return self.run(running.or_else, self.emit(operand), function((), self.emit(other)), literal(value))

    def cel_loop(self, kind: str, bound: tuple[int, ...], source: Expr, *bodies: Expr) -> ast.expr:
        weight = 1 + sum(weight_of(body) for body in bodies) // 4
        variables = [f"b{number}" for number in bound]
        return self.run(
            running.loop,
            name("C"),
            literal(kind),
            self.emit(source),
            literal(weight),
            literal(len(bound) == 2),
            *(function(variables, self.emit(body)) for body in bodies),
        )


def _tuple(*parts: ast.expr) -> ast.expr:
    return ast.Tuple(list(parts), ast.Load())
