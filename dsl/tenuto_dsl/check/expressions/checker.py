"""The type checker of expressions: a tree and a scope in, a type and the intermediate form out.

`Checker.check(node, scope, hint)` finds a type; the hint, a type that would be welcome, shapes literals only.
`Checker.require(node, scope, expected)` also insists on it. A mistake is reported where it is, once: its type becomes
`UNKNOWN`, which fits everything. Overloads are resolved here, against the interpreter's own table, so that the
intermediate form names exact operations. Chains of `&&` and `||` are flattened, everything else recurses, within
`MAX_DEPTH`; the depth is measured first, without recursion.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from tenuto_interpreter.expr.kinds import DYN, UNKNOWN
from tenuto_interpreter.types import ANY, BOOL, NULL, Type

from tenuto_dsl.check.expressions import calls, literals, names, operators
from tenuto_dsl.check.expressions.hints import CONVERSIONS, mismatch_hint, null_hint, text_of
from tenuto_dsl.check.expressions.narrowing import path_of, terms
from tenuto_dsl.check.expressions.quoted import expression_in, instead
from tenuto_dsl.check.expressions.relations import (
    assignable,
    core,
    is_dynamic,
    may_be_null,
    type_text,
    without_null,
)
from tenuto_dsl.check.expressions.scope import NOTHING, Checked, Scope
from tenuto_dsl.diagnostics import Diagnostics, Hint
from tenuto_dsl.syntax import tree

if TYPE_CHECKING:
    from tenuto_dsl.check.trace import Trace

MAX_DEPTH = 100
MAX_NODES = 5_000


class Checker:
    """Checks one expression. `bound` counts the variables of its macros, each of which has a number of its own; a
    trace, when there is one, is told the type of every part."""

    def __init__(self, sink: Diagnostics, trace: Trace | None = None) -> None:
        self.sink = sink
        self.trace = trace
        self.bound = 0

    def error(self, code: str, node: tree.Node, message: str, hint: Hint = None) -> Checked:
        self.sink.error(code, node.span, message, hint)
        return NOTHING

    def fresh(self) -> int:
        self.bound += 1
        return self.bound - 1

    def fits_limits(self, node: tree.Expr) -> bool:
        """Whether the tree is small enough to be walked by recursion."""
        level: list[tree.Expr] = [node]
        depth = nodes = 0
        while level:
            depth += 1
            nodes += len(level)
            if depth > MAX_DEPTH or nodes > MAX_NODES:
                what = f"deeper than {MAX_DEPTH} levels" if depth > MAX_DEPTH else f"larger than {MAX_NODES} parts"
                self.error("TEN257", node, f"the expression is {what}", "split it into several, with `let`")
                return False
            level = [child for each in level for child in children(each)]
        return True

    def require(self, node: tree.Expr, scope: Scope, expected: Type) -> Checked:
        """Check that a node has a type, with a message that says what to do when it has not."""
        checked = self.check(node, scope, expected)
        types = scope.types
        if assignable(checked.type, expected, types):
            return checked
        if is_dynamic(checked.type) and scope.allow.dynamic:
            ir = ("truth", checked.ir) if core(expected, types) == BOOL else checked.ir
            return Checked(expected, ir)
        found, wanted = type_text(checked.type), type_text(expected)
        if checked.type == NULL:
            return self.error("TEN245", node, f"expected {wanted}, found null")
        if may_be_null(checked.type, types) and assignable(without_null(checked.type, types), expected, types):
            return self.error("TEN245", node, f"this may be null: expected {wanted}, found {found}", null_hint(node))
        if is_dynamic(checked.type):
            hint = (
                f"convert it first, as in {wanted}(…)"
                if wanted in CONVERSIONS
                else "give it a declared type at its source"
            )
            return self.error("TEN246", node, f"expected {wanted}, found {found}, which is cast before use", hint)
        mended = self._meant(node, scope) or mismatch_hint(node, checked.type, expected)
        return self.error("TEN244", node, f"expected {wanted}, found {found}", mended)

    def _meant(self, node: tree.Expr, scope: Scope) -> Hint:
        """For a text that is an expression: how to say its value."""
        if not isinstance(node, tree.Literal_) or type(node.value) is not str:
            return None
        meant = expression_in(self, node, node.value, scope)
        return None if meant is None else instead(meant)

    def check(self, node: tree.Expr, scope: Scope, hint: Type | None = None) -> Checked:
        """The type and the form of a node."""
        checked = self._check(node, scope, hint)
        if self.trace is not None:
            self.trace.types[node] = checked.type
            self.trace.scopes[node] = scope
        return checked

    def _check(self, node: tree.Expr, scope: Scope, hint: Type | None) -> Checked:
        match node:
            case tree.Literal_():
                return literals.literal(self, node, scope, hint)
            case tree.Ident():
                return names.ident(self, node, scope)
            case tree.Select():
                return names.select(self, node, scope)
            case tree.Call():
                return calls.call(self, node, scope, hint)
            case tree.Binary():
                return operators.binary(self, node, scope, hint)
            case tree.Unary():
                return operators.unary(self, node, scope, hint)
            case tree.Index():
                return names.index(self, node, scope)
            case tree.Conditional():
                return operators.conditional(self, node, scope, hint)
            case tree.Interpolation():
                return literals.interpolation(self, node, scope)
            case tree.ListExpr():
                return literals.list_(self, node, scope, hint)
            case tree.MapExpr():
                return literals.map_(self, node, scope, hint)

    def condition(self, node: tree.Expr, scope: Scope) -> Checked:
        """A node that must be a bool."""
        checked = self.check(node, scope)
        if core(checked.type, scope.types) in (BOOL, UNKNOWN):
            return checked
        if checked.type == DYN or (checked.type == ANY and scope.allow.dynamic):
            return Checked(BOOL, ("truth", checked.ir))
        found = type_text(checked.type)
        hint = None
        if may_be_null(checked.type, scope.types):
            hint = f"compare it: {text_of(node)} != null" if path_of(node) else "compare it with null"
        elif is_dynamic(checked.type):
            hint = "convert it first: bool(…)"
        return self.error("TEN244", node, f"expected bool, found {found}", hint)


def children(node: tree.Expr) -> Iterator[tree.Expr]:
    """The expressions directly inside one. A chain of `&&` or `||` counts as one level."""
    match node:
        case tree.Select(operand=operand) | tree.Unary(operand=operand):
            yield operand
        case tree.Index(operand=operand, index=index):
            yield from (operand, index)
        case tree.Call(target=target, args=args):
            if target is not None:
                yield target
            yield from args
        case tree.Binary(operator="&&" | "||" as operator):
            yield from terms(node, operator)
        case tree.Binary(left=left, right=right):
            yield from (left, right)
        case tree.Conditional(condition=condition, then=then, otherwise=otherwise):
            yield from (condition, then, otherwise)
        case tree.ListExpr(items=items):
            yield from items
        case tree.MapExpr(entries=entries):
            for entry in entries:
                yield from (entry.key, entry.value)
        case tree.Interpolation(parts=parts):
            yield from (part for part in parts if not isinstance(part, str))
