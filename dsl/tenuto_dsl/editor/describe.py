"""Symbols and types as their authors would write them, for hover, completion and signatures."""

from __future__ import annotations

from collections.abc import Iterable

from tenuto_interpreter.expr import TABLE
from tenuto_interpreter.expr.kinds import is_variable
from tenuto_interpreter.expr.table import Form, Operation
from tenuto_interpreter.types import ListOf, MapOf, Optional, Ref, Type

from tenuto_dsl.check.expressions.relations import type_text
from tenuto_dsl.editor.analysis import Analysis
from tenuto_dsl.editor.index import Symbol
from tenuto_dsl.format import expression_text
from tenuto_dsl.format import type_text as written_type
from tenuto_dsl.syntax import tree

_LONGEST = 80


def written(node: tree.TypeNode | None) -> str:
    """A type as text, nothing for none."""
    return "" if node is None else written_type(node)


def parameter(node: tree.Param) -> str:
    return f"{node.name.text}: {written(node.type)}{'' if node.default is None else ' = …'}"


def parameters(params: tuple[tree.Param, ...]) -> str:
    """On one line while that is not too long."""
    parts = [parameter(param) for param in params]
    line = f"({', '.join(parts)})"
    return line if len(line) <= _LONGEST else "(\n  " + ",\n  ".join(parts) + "\n)"


def returning(node: tree.TypeNode | None) -> str:
    return "" if node is None else f" -> {written(node)}"


def signature(symbol: Symbol, analysis: Analysis | None = None) -> str:
    """The head of a declaration, without its body."""
    name = symbol.name
    match symbol.node:
        case tree.TypeDecl(type=type_):
            return f"type {name} = {written(type_)}"
        case tree.ErrorDecl(fields=fields):
            inner = ", ".join(f"{f.name.text}: {written(f.type)}" for f in fields)
            return f"error {name} {{ {inner} }}" if inner else f"error {name}"
        case tree.ConfigDecl(type=type_, default=default):
            shown = f" = {expression_text(default)}" if default is not None else ""
            return f"config {name}: {written(type_)}{shown if len(shown) < _LONGEST else ''}"
        case tree.ActivityDecl(params=params, returns=returns):
            return f"activity {name}{parameters(params)}{returning(returns)}"
        case tree.WorkflowDecl(params=params, returns=returns):
            return f"workflow {name}{parameters(params)}{returning(returns)}"
        case tree.SignalDecl(params=params):
            return f"signal {name}{parameters(params)}"
        case tree.UpdateDecl(params=params, returns=returns):
            return f"update {name}{parameters(params)}{returning(returns)}"
        case tree.QueryDecl(returns=returns):
            return f"query {name}{returning(returns)}"
        case tree.AttributeDecl(type=kind):
            return f"attribute {name}: {kind.text}"
        case tree.VarDecl(type=type_):
            return f"var {name}: {written(type_)}"
        case tree.PropertyDecl(kind=kind_):
            return f"property {name}: {kind_}"
        case tree.State(kind=kind_):
            return f"state {name}" if kind_ == "plain" else f"{kind_} state {name}"
        case tree.Region():
            return f"region {name}"
        case tree.Field(type=type_) | tree.Param(type=type_):
            return f"({symbol.kind}) {name}: {written(type_)}"
    found = _local_type(symbol, analysis)
    return f"({symbol.kind}) {name}{f': {found}' if found else ''}"


def _local_type(symbol: Symbol, analysis: Analysis | None) -> str | None:
    """The type of what a step names, as the checker found it."""
    if analysis is None:
        return None
    match symbol.node:
        case tree.LetStep(name=name) | tree.ForStep(variable=name):
            node: tree.Name | None = name
        case tree.Catch(binding=node) | tree.ReceiveStep(binding=node):
            pass
        case tree.Transition(trigger=trigger):
            node = getattr(trigger, "binding", None)
        case _:
            return None
    type_ = analysis.checked.facts.facts.types.get(node) if node is not None else None
    return None if type_ is None else type_text(type_)


def doc_of(node: tree.Node) -> str:
    doc: str | None = getattr(node, "doc", None)
    return doc or ""


# -- functions --------------------------------------------------------------------------------------------------------

MACROS: dict[str, tuple[str, str]] = {
    "all": ("all(x, condition)", "Whether the condition holds for every item, or every key of a map."),
    "exists": ("exists(x, condition)", "Whether the condition holds for some item."),
    "exists_one": ("exists_one(x, condition)", "Whether the condition holds for exactly one item."),
    "existsOne": ("existsOne(x, condition)", "Whether the condition holds for exactly one item."),
    "filter": ("filter(x, condition)", "The items for which the condition holds; of a map, their keys."),
    "map": ("map(x, value)", "A value for each item; `map(x, condition, value)` for those that fit."),
    "sortBy": ("sortBy(x, key)", "The items, ordered by a key."),
    "transformList": ("transformList(i, x, value)", "A list of values made from positions and items."),
    "transformMap": ("transformMap(k, v, value)", "A map of the same keys with other values."),
    "transformMapEntry": ("transformMapEntry(k, v, entries)", "A map made from the entries given for each."),
    "orValue": ("orValue(value)", "The value itself, or this one when it is null."),
    "hasValue": ("hasValue()", "Whether it is not null."),
    "has": ("has(x.field)", "Whether a field is there and not null."),
}


def overloads(form: Form, name: str, of: Iterable[Operation] | None = None) -> list[str]:
    """Every way in which a function or method may be called, or those of some of its operations."""
    return list(dict.fromkeys(_overload(op) for op in (TABLE.named(form, name) if of is None else of)))


def _overload(op: Operation) -> str:
    params = [pattern(param) for param in op.params]
    if op.variadic and params:
        params[-1] += "…"
    if op.form == "method":
        return f"{params[0]}.{op.name}({', '.join(params[1:])}) -> {pattern(op.result)}"
    return f"{op.name}({', '.join(params)}) -> {pattern(op.result)}"


def pattern(type_: Type) -> str:
    """A type of an overload: variables as capital letters."""
    match type_:
        case Ref(name=name) if is_variable(type_):
            return name.removeprefix("$")
        case ListOf(item=item):
            return f"[{pattern(item)}]"
        case MapOf(value=value):
            return f"map(string, {pattern(value)})"
        case Optional(item=item):
            return f"{pattern(item)}?"
        case _:
            return type_text(type_)
