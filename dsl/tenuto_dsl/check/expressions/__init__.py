"""Checking expressions: names, types, overloads and null, before anything runs.

`check_expression` gives a type and the interpreter's form of a tree; `Scope` says what it may use. `resolve_type`,
`assignable` and `narrowings` are what the checker of statements needs beside it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tenuto_interpreter.expr.kinds import UNKNOWN
from tenuto_interpreter.types import Type

from tenuto_dsl.check.expressions.checker import Checker
from tenuto_dsl.check.expressions.narrowing import narrowings, path_of
from tenuto_dsl.check.expressions.relations import assignable, closed, join, may_be_null, type_text, without_null
from tenuto_dsl.check.expressions.resolve import resolve_type
from tenuto_dsl.check.expressions.scope import NOTHING, Allow, Binding, Checked, Facts, Path, Scope
from tenuto_dsl.diagnostics import Diagnostics
from tenuto_dsl.syntax import tree

if TYPE_CHECKING:
    from tenuto_dsl.check.trace import Trace


def check_expression(
    node: tree.Expr, scope: Scope, sink: Diagnostics, expected: Type | None = None, trace: Trace | None = None
) -> Checked:
    """The type and the intermediate form of an expression. Mistakes go to the sink, and the type is then `UNKNOWN`.

    With an expected type, literals take it where they can, and anything that does not fit it is a mistake; the type is
    the one found, which may be narrower.
    """
    checker = Checker(sink, trace)
    if not checker.fits_limits(node):
        return NOTHING
    if expected is None or expected == UNKNOWN:
        checked = checker.check(node, scope)
        return Checked(closed(checked.type), checked.ir)
    checked = checker.require(node, scope, expected)
    return Checked(closed(checked.type), checked.ir)


__all__ = [
    "UNKNOWN",
    "Allow",
    "Binding",
    "Checked",
    "Facts",
    "Path",
    "Scope",
    "assignable",
    "check_expression",
    "join",
    "may_be_null",
    "narrowings",
    "path_of",
    "resolve_type",
    "type_text",
    "without_null",
]
