"""Expressions: the operations they may use, their compiled form, their errors and limits.

`compile_expressions` turns the checker's intermediate form into functions of variables, locals and a `Context`.
`TABLE` holds every operation; the checker in `tenuto_dsl` resolves overloads with the same table. Nothing here reads a
clock or draws a random number: both come with the context.
"""

from tenuto_interpreter.expr.compiler import compile_expressions, constant
from tenuto_interpreter.expr.context import Context
from tenuto_interpreter.expr.errors import ExpressionError, LimitError
from tenuto_interpreter.expr.operations import TABLE

__all__ = ["TABLE", "Context", "ExpressionError", "LimitError", "compile_expressions", "constant"]
