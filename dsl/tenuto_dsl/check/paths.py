"""Path assignments: `known[id].ready = true` names a place inside a variable; this finds the type of that place."""

from __future__ import annotations

from collections.abc import Iterator

from tenuto_interpreter.types import INT, STRING, ListOf, MapOf, Optional, Record, Type

from tenuto_dsl.check import scopes
from tenuto_dsl.check.context import Context
from tenuto_dsl.check.scopes import Names
from tenuto_dsl.diagnostics import nearest
from tenuto_dsl.syntax import tree


def path_type(
    context: Context, name: str, root: Type, path: tuple[tree.Name | tree.Expr, ...], names: Names
) -> Type | None:
    """The type of what a path into a variable names, its indices checked on the way; None after a diagnostic. On the
    way is taken what a condition has shown not to be null."""
    current: Type | None = root
    way: tuple[str, ...] | None = (name,)
    for part in path:
        if way is not None:
            current = names.scope.facts.get(way, current)
        if isinstance(part, tree.Name):
            current = _field(context, current, part) if current is not None else None
            way = (*way, part.text) if way is not None else None
        else:
            current = _index(context, current, part, names)
            way = None
    return current


def fields_of(path: tuple[tree.Name | tree.Expr, ...]) -> Iterator[str]:
    """The fields that a path begins with, up to the first index: nothing is ever known of what lies behind one."""
    for part in path:
        if not isinstance(part, tree.Name):
            return
        yield part.text


def _field(context: Context, type_: Type, name: tree.Name) -> Type | None:
    match scopes.plain(type_, context.declarations.types):
        case Record(fields=fields) as record:
            found = record.field(name.text)
            if found is None:
                close = nearest(name.text, [field.name for field in fields])
                hint = f"did you mean {close}?" if close else None
                context.sink.error("TEN213", name.span, f"{scopes.describe(type_)} has no field {name.text}", hint)
            return found
        case MapOf(value=value):
            return value
        case other:
            _refuse(context, other, name.span)
            return None


def _index(context: Context, type_: Type | None, index: tree.Expr, names: Names) -> Type | None:
    match scopes.plain(type_, context.declarations.types) if type_ is not None else None:
        case ListOf(item=item):
            context.expression(index, names, INT)
            return item
        case MapOf(value=value):
            context.expression(index, names, STRING)
            return value
        case other:
            context.expression(index, names)
            if other is not None:
                _refuse(context, other, index.span)
            return None


def _refuse(context: Context, type_: Type, span: tree.Span) -> None:
    if type_ == scopes.UNKNOWN:
        return
    hint = "assign the whole variable instead"
    if isinstance(type_, Optional):
        hint = "it may be null: test it with `!= null` first, or assign the whole value"
    context.sink.error("TEN213", span, f"no part of {scopes.describe(type_)} can be assigned here", hint)
