"""Names, and what is selected from values: `order.total`, `items[0]`, `order.?email`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tenuto_interpreter.expr import TABLE
from tenuto_interpreter.expr.kinds import TYPE, UNKNOWN
from tenuto_interpreter.ir import Expr
from tenuto_interpreter.types import ANY, ListOf, MapOf, Record, Type

from tenuto_dsl.check.expressions import calls
from tenuto_dsl.check.expressions.hints import FOREIGN_NAMES, in_optional_chain, iso_duration, text_of
from tenuto_dsl.check.expressions.narrowing import path_of
from tenuto_dsl.check.expressions.relations import (
    core,
    is_dynamic,
    may_be_null,
    optional,
    type_text,
    values_of,
    without_null,
)
from tenuto_dsl.check.expressions.scope import NOTHING, Checked, Scope
from tenuto_dsl.diagnostics import nearest
from tenuto_dsl.syntax import tree

if TYPE_CHECKING:
    from tenuto_dsl.check.expressions.checker import Checker

TYPE_NAMES = frozenset(
    ("bool", "int", "uint", "double", "string", "bytes", "decimal", "timestamp", "duration", "list", "map", "null_type")
)


def ident(checker: Checker, node: tree.Ident, scope: Scope) -> Checked:
    if node.name.startswith("."):
        return checker.error("TEN240", node, "a workflow has no containers of names", f"write {node.name[1:]}")
    binding = scope.lookup(node.name)
    if binding is None:
        if node.name in TYPE_NAMES:
            return Checked(TYPE, ("const", {"null_type": "null"}.get(node.name, node.name)))
        return _unknown_name(checker, node, node.name, scope)
    if binding.is_namespace:
        fields = binding.type.fields if isinstance(binding.type, Record) else ()
        example = f"{node.name}.{fields[0].name}" if fields else f"{node.name}.…"
        return checker.error("TEN240", node, f"{node.name} is not a value", f"name one of its fields, as in {example}")
    return Checked(scope.facts.get((node.name,), binding.type), binding.ir)


def _unknown_name(checker: Checker, node: tree.Node, name: str, scope: Scope) -> Checked:
    meant = FOREIGN_NAMES.get(name) or iso_duration(name) or _of_the_run(name, scope)
    meant = meant or nearest(name, list(scope.names()))
    if TABLE.named("function", name):
        return checker.error("TEN240", node, f"{name} is a function", f"call it: {name}(…)")
    return checker.error("TEN240", node, f"unknown name {name}", f"did you mean {meant}?" if meant else None)


def _of_the_run(name: str, scope: Scope) -> str | None:
    """`workflow.result` for `result`, where there is such a field."""
    run = scope.lookup("workflow")
    fields = run.type.fields if run is not None and isinstance(run.type, Record) else ()
    return f"workflow.{name}" if any(field.name == name for field in fields) else None


def select(checker: Checker, node: tree.Select, scope: Scope) -> Checked:
    name = node.field.text
    if isinstance(node.operand, tree.Ident):
        binding = scope.lookup(node.operand.name)
        if binding is not None and binding.is_namespace:
            return _select_namespace(checker, node, node.operand.name, binding.type, binding.ir, scope)
    operand = checker.check(node.operand, scope)
    if operand.type == UNKNOWN:
        return NOTHING
    absent = may_be_null(operand.type, scope.types)
    lenient = node.optional or (absent and in_optional_chain(node.operand))
    if absent and not lenient:
        hint = f"test it first, or select with .?{name}" if path_of(node.operand) else f"select with .?{name}"
        what = text_of(node.operand)
        return checker.error("TEN245", node.field, f"{what} may be null ({type_text(operand.type)})", hint)
    selected = _field(checker, node, operand, scope, lenient)
    path = path_of(node)
    if path is not None and path in scope.facts:
        narrowed = scope.facts[path]
        return Checked(narrowed, selected.ir)
    return selected


def _field(checker: Checker, node: tree.Select, operand: Checked, scope: Scope, lenient: bool) -> Checked:
    name = node.field.text
    types = scope.types
    plain = core(without_null(operand.type, types), types)
    if isinstance(plain, Record):
        type_ = plain.field(name)
        if type_ is None and not plain.fields and scope.allow.dynamic:
            return Checked(ANY, ("select?" if lenient else "select", operand.ir, name))
        if type_ is None:
            return _unknown_field(checker, node.field, name, plain, type_text(operand.type))
        if lenient:
            return Checked(optional(type_, types), ("select?", operand.ir, name))
        return Checked(type_, ("field", operand.ir, name))
    if isinstance(plain, MapOf):
        if lenient:
            return Checked(optional(plain.value, types), ("select?", operand.ir, name))
        return Checked(plain.value, ("do", "index_map", operand.ir, ("const", name)))
    if is_dynamic(plain):
        if plain == ANY and not scope.allow.dynamic:
            return checker.error(
                "TEN246", node.field, f"{text_of(node.operand)} is of type any, which is cast before use",
                "give the value a declared type where it comes from, or write dyn(…) to check it only at run time",
            )  # fmt: skip
        return Checked(plain, ("select?" if lenient else "select", operand.ir, name))
    hint = "its length is `.size()`" if name in ("length", "size", "count", "len") else None
    return checker.error("TEN243", node.field, f"{type_text(operand.type)} has no fields, so none named {name}", hint)


def _select_namespace(checker: Checker, node: tree.Select, space: str, type_: Type, ir: Expr, scope: Scope) -> Checked:
    name = node.field.text
    assert isinstance(type_, Record)
    field = type_.field(name)
    if field is None:
        return _unknown_field(checker, node.field, name, type_, space)
    return Checked(scope.facts.get((space, name), field), (*ir, name))


def _unknown_field(checker: Checker, node: tree.Node, name: str, record: Record, owner: str) -> Checked:
    names = [field.name for field in record.fields]
    meant = nearest(name, names)
    hint = f"did you mean {meant}?" if meant else (f"its fields are {', '.join(names[:8])}" if names else None)
    return checker.error("TEN243", node, f"{owner} has no field {name}", hint)


def index(checker: Checker, node: tree.Index, scope: Scope) -> Checked:
    operand = checker.check(node.operand, scope)
    if operand.type == UNKNOWN:
        checker.check(node.index, scope)
        return NOTHING
    types = scope.types
    absent = may_be_null(operand.type, types)
    lenient = node.optional or (absent and in_optional_chain(node.operand))
    if absent and not lenient:
        checker.check(node.index, scope)
        what = f"{text_of(node.operand)} may be null ({type_text(operand.type)})"
        return checker.error("TEN245", node.operand, what, "test it first, or index with [?…]")
    plain = core(without_null(operand.type, types), types)
    if isinstance(plain, Record) and isinstance(node.index, tree.Literal_) and isinstance(node.index.value, str):
        name = tree.Name(node.index.value, span=node.index.span)
        return _field(checker, tree.Select(node.operand, name, span=node.span), operand, scope, lenient)
    if lenient:
        return _optional_index(checker, node, operand, plain, scope)
    return calls.operation(checker, node, "operator", "[]", [node.operand, node.index], [operand, None], scope)


def _optional_index(checker: Checker, node: tree.Index, operand: Checked, plain: Type, scope: Scope) -> Checked:
    index = checker.check(node.index, scope)
    if index.type == UNKNOWN:
        return NOTHING
    ir = ("index?", operand.ir, index.ir)
    if isinstance(plain, ListOf):
        return Checked(optional(plain.item, scope.types), ir)
    if isinstance(plain, MapOf):
        return Checked(optional(plain.value, scope.types), ir)
    if isinstance(plain, Record):
        return Checked(optional(values_of(plain, scope.types), scope.types), ir)
    if is_dynamic(plain):
        return Checked(plain, ir)
    return checker.error("TEN250", node, f"{type_text(plain)} cannot be indexed")
