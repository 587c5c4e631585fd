"""What may stand in an expression: names in scope, fields and methods of values, functions, choices of a type."""

from __future__ import annotations

from collections.abc import Iterator

from tenuto_interpreter.expr import TABLE
from tenuto_interpreter.expr.kinds import UNKNOWN
from tenuto_interpreter.types import STRING, ListOf, MapOf, Record, Type

from tenuto_dsl.check.expressions import Binding, Scope, check_expression
from tenuto_dsl.check.expressions.macros import LOOPS
from tenuto_dsl.check.expressions.relations import core, may_be_null, type_text, unify, without_null
from tenuto_dsl.diagnostics import Diagnostics
from tenuto_dsl.editor.completion.items import Item
from tenuto_dsl.editor.describe import MACROS, overloads
from tenuto_dsl.syntax import tree

SPACES = frozenset(name.partition(".")[0] for name in TABLE.names("function") if "." in name)
"""Words before the dot in the names of functions."""

_LIST_MACROS = ("all", "exists", "exists_one", "filter", "map", "sortBy", "transformList")
_MAP_MACROS = ("all", "exists", "exists_one", "filter", "map", "transformMap", "transformMapEntry")
_NOT_OFFERED = ("existsOne", "dyn")


def names(scope: Scope) -> Iterator[Item]:
    """Every name in scope, then the functions that are allowed there."""
    for name in dict.fromkeys(scope.names()):
        binding = scope.lookup(name)
        if binding is not None:
            note = binding.note.removeprefix("a ").removeprefix("the ")
            detail = note if binding.is_namespace else type_text(scope.facts.get((name,), binding.type))
            yield Item(name, "variable", detail, "" if binding.is_namespace else note, rank=2)
    yield from functions(scope)


def functions(scope: Scope) -> Iterator[Item]:
    allow = scope.allow
    refused = {
        "secret": not allow.secret, "now": not allow.now, "random": not allow.now, "uuid": not allow.now,
        "calls": not allow.calls, "active": not allow.active,
    }  # fmt: skip
    for name in dict.fromkeys(TABLE.names("function")):
        if "." in name or refused.get(name) or name in _NOT_OFFERED:
            continue
        yield function(name)
    for space in sorted(SPACES):
        yield Item(space, "function", f"{space}.…", "functions", rank=5)
    yield Item("has", "function", "has(x.field)", MACROS["has"][1], "has($1)", True, 5)


def function(name: str, short: str | None = None) -> Item:
    ways = overloads("function", name)
    takes_nothing = all("()" in way for way in ways)
    insert = f"{short or name}()" if takes_nothing else f"{short or name}($1)"
    return Item(short or name, "function", ways[0], "\n".join(ways[1:]), insert, True, 4)


def members(operand: tree.Expr, scope: Scope) -> Iterator[Item]:
    """What may follow a dot."""
    if isinstance(operand, tree.Ident):
        binding = scope.lookup(operand.name)
        if binding is None and operand.name in SPACES:
            for name in TABLE.names("function"):
                if name.startswith(f"{operand.name}."):
                    yield function(name, name.partition(".")[2])
            return
        if binding is not None and binding.is_namespace:
            yield from fields(binding.type, scope)
            return
    found = check_expression(operand, scope, Diagnostics()).type
    yield from fields(found, scope)
    yield from methods(found, scope)


def fields(type_: Type, scope: Scope) -> Iterator[Item]:
    record = core(without_null(type_, scope.types), scope.types)
    if isinstance(record, Record):
        for field in record.fields:
            yield Item(field.name, "field", type_text(field.type), rank=1)


def methods(type_: Type, scope: Scope) -> Iterator[Item]:
    types = scope.types
    if may_be_null(type_, types):
        for name in ("orValue", "hasValue"):
            way, doc = MACROS[name]
            yield Item(name, "method", way, doc, f"{name}()" if name == "hasValue" else f"{name}($1)", True, 2)
    plain = core(without_null(type_, types), types)
    if plain == UNKNOWN or isinstance(plain, Record):
        return
    for name in dict.fromkeys(TABLE.names("method")):
        fitting = [op for op in TABLE.named("method", name) if unify(op.params[0], plain, {}, types)]
        if fitting:
            ways = overloads("method", name, fitting)
            bare = all(len(op.params) == 1 for op in fitting)
            yield Item(name, "method", ways[0], "\n".join(ways[1:]), f"{name}()" if bare else f"{name}($1)", True, 3)
    macros = _LIST_MACROS if isinstance(plain, ListOf) else _MAP_MACROS if isinstance(plain, MapOf) else ()
    for name in macros:
        way, doc = MACROS[name]
        yield Item(name, "method", way, doc, f"{name}(${{1:x}}, $2)", True, 3)


def takes_two(macro: str) -> bool:
    """Whether a macro may name positions, or keys, beside items."""
    return any(loop.variables == 2 for loop in LOOPS.get(macro, {}).values())


def with_macro(scope: Scope, operand: tree.Expr, macro: str, variables: list[str]) -> Scope:
    """The scope inside of a macro's call."""
    loops = LOOPS.get(macro)
    if loops is None:
        return scope
    found = check_expression(operand, scope, Diagnostics()).type
    plain = core(without_null(found, scope.types), scope.types)
    match plain:
        case ListOf(item=item):
            held: tuple[Type, Type] = (item, item)
        case MapOf(value=value):
            held = (STRING, value)
        case _:
            return scope
    two = len(variables) == 2
    kinds = held if two else held[:1]
    bound = {n: Binding(t, ("bound", 0), "a variable of this macro") for n, t in zip(variables, kinds, strict=False)}
    return scope.child(bound)
