"""Operators: each term of a chain is read in the light of those before it, literals in the light of the other side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tenuto_interpreter.expr.kinds import DYN, UNKNOWN
from tenuto_interpreter.ir import Expr
from tenuto_interpreter.types import ANY, BOOL, DOUBLE, ListOf, Type

from tenuto_dsl.check.expressions import calls, literals
from tenuto_dsl.check.expressions.hints import conversion_hint, is_literal, operand_hint
from tenuto_dsl.check.expressions.narrowing import narrowings, terms
from tenuto_dsl.check.expressions.relations import (
    Types,
    comparable,
    core,
    is_plain,
    join,
    type_text,
    without_null,
)
from tenuto_dsl.check.expressions.scope import NO_FACTS, NOTHING, Checked, Scope
from tenuto_dsl.syntax import tree

if TYPE_CHECKING:
    from tenuto_dsl.check.expressions.checker import Checker


def unary(checker: Checker, node: tree.Unary, scope: Scope, hint: Type | None) -> Checked:
    if node.operator == "!":
        operand = checker.condition(node.operand, scope)
        return NOTHING if operand.type == UNKNOWN else Checked(BOOL, ("not", operand.ir))
    if isinstance(node.operand, tree.Literal_) and node.operand.kind in ("int", "double"):
        value = node.operand.value
        assert isinstance(value, int | float)
        negative = tree.Literal_(node.operand.kind, -value, span=node.span)
        return literals.literal(checker, negative, scope, hint)
    return calls.operation(checker, node, "operator", "-_", [node.operand], [None], scope, hint)


def binary(checker: Checker, node: tree.Binary, scope: Scope, hint: Type | None) -> Checked:
    match node.operator:
        case "&&" | "||":
            return _logic(checker, node, scope)
        case "==" | "!=":
            return _equality(checker, node, scope)
        case "in":
            return _membership(checker, node, scope)
        case _:
            return _arithmetic(checker, node, scope, hint)


def _logic(checker: Checker, node: tree.Binary, scope: Scope) -> Checked:
    """Each term is checked in the light of those before it."""
    forms: list[Expr] = []
    whole = True
    for term in terms(node, node.operator):
        checked = checker.condition(term, scope)
        whole = whole and checked.type != UNKNOWN
        forms.append(checked.ir)
        true, false = narrowings(term, scope)
        scope = scope.assume(true if node.operator == "&&" else false)
    return Checked(BOOL, ("and" if node.operator == "&&" else "or", *forms)) if whole else NOTHING


def _equality(checker: Checker, node: tree.Binary, scope: Scope) -> Checked:
    left, right = _pair(checker, node.left, node.right, scope)
    if UNKNOWN in (left.type, right.type):
        return NOTHING
    types = scope.types
    if not comparable(left.type, right.type, types):
        texts = type_text(left.type), type_text(right.type)
        hint = conversion_hint(left.type, right.type)
        return checker.error("TEN265", node, f"{texts[0]} and {texts[1]} are never equal", hint)
    plain = is_plain(left.type, types) and is_plain(right.type, types)
    word = "eq" if node.operator == "==" else "ne"
    return Checked(BOOL, (word, "plain" if plain else "deep", left.ir, right.ir))


def _pair(checker: Checker, left: tree.Expr, right: tree.Expr, scope: Scope) -> tuple[Checked, Checked]:
    """Two operands, a literal among them shaped by the other."""
    if is_literal(left) and not is_literal(right):
        second = checker.check(right, scope)
        return checker.check(left, scope, operand_hint(second.type)), second
    first = checker.check(left, scope)
    return first, checker.check(right, scope, operand_hint(first.type))


def _membership(checker: Checker, node: tree.Binary, scope: Scope) -> Checked:
    types = scope.types
    if isinstance(node.right, tree.ListExpr):
        value = checker.check(node.left, scope)
        hint = None if value.type in (UNKNOWN, ANY, DYN) else ListOf(without_null(value.type, types))
        items = checker.check(node.right, scope, hint)
    else:
        items = checker.check(node.right, scope)
        plain = core(items.type, types)
        value = checker.check(node.left, scope, plain.item if isinstance(plain, ListOf) else None)
    if UNKNOWN in (value.type, items.type):
        return NOTHING
    plain = core(items.type, types)
    if isinstance(plain, ListOf) and _found_by_python(value.type, types) and _found_by_python(plain.item, types):
        if join(value.type, plain.item, types) is not None:
            return Checked(BOOL, ("do", "in_plain", value.ir, items.ir))
    elif isinstance(plain, ListOf) and comparable(value.type, plain.item, types):
        return Checked(BOOL, ("do", "in_list", value.ir, items.ir))
    return calls.operation(checker, node, "operator", "in", [node.left, node.right], [value, items], scope)


def _found_by_python(type_: Type, types: Types) -> bool:
    """Whether Python's `in` is the language's: not for doubles, since Python finds NaN by its identity."""
    return is_plain(type_, types) and core(without_null(type_, types), types) != DOUBLE


def _arithmetic(checker: Checker, node: tree.Binary, scope: Scope, hint: Type | None) -> Checked:
    operator = node.operator
    if operator in ("<", "<=", ">", ">="):
        left, right = _pair(checker, node.left, node.right, scope)
    else:
        shape = core(without_null(hint, scope.types), scope.types) if hint is not None else None
        wanted = hint if operator == "+" and isinstance(shape, ListOf) else None
        if isinstance(node.left, tree.ListExpr) and not isinstance(node.right, tree.ListExpr):
            right = checker.check(node.right, scope, wanted)
            left = checker.check(node.left, scope, wanted or operand_hint(right.type))
        else:
            left = checker.check(node.left, scope, wanted)
            beside = left.type if isinstance(core(left.type, scope.types), ListOf) else None
            right = checker.check(node.right, scope, wanted or beside)
    return calls.operation(checker, node, "operator", operator, [node.left, node.right], [left, right], scope)


def conditional(checker: Checker, node: tree.Conditional, scope: Scope, hint: Type | None) -> Checked:
    condition = checker.condition(node.condition, scope)
    true, false = narrowings(node.condition, scope) if condition.type != UNKNOWN else (NO_FACTS, NO_FACTS)
    then = checker.check(node.then, scope.assume(true), hint)
    shape = hint if hint is not None or not is_literal(node.otherwise) else operand_hint(then.type)
    otherwise = checker.check(node.otherwise, scope.assume(false), shape)
    if UNKNOWN in (condition.type, then.type, otherwise.type):
        return NOTHING
    type_ = join(then.type, otherwise.type, scope.types)
    if type_ is None and is_literal(node.then):
        then = checker.check(node.then, scope.assume(true), otherwise.type)
        type_ = join(then.type, otherwise.type, scope.types)
    if type_ is None:
        texts = type_text(then.type), type_text(otherwise.type)
        return checker.error("TEN244", node, f"the two branches have different types, {texts[0]} and {texts[1]}")
    return Checked(type_, ("if", condition.ir, then.ir, otherwise.ir))
