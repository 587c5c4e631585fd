"""The types of names and of their fields: what rules know about the parts of an expression.

The checker keeps the type of an expression as a whole. Names do not shadow each other, so a name means the same thing
all over the block that declares it; where two blocks give one name to things of different types, nothing is known.
"""

from __future__ import annotations

from collections.abc import Iterator

from tenuto_interpreter.types import ListOf, MapOf, Optional, Record, Ref, Sensitive, Type

from tenuto_dsl.lint.views import View
from tenuto_dsl.syntax import tree

_SAFE = {"size", "sha256", "hash", "has"}
"""What these make of a value does not give it away."""


def type_of_path(view: View, node: tree.Expr) -> Type | None:
    """The type of `name`, `name.field`, `name[i].field` and so on, `sensitive` and `?` kept; None where unknown."""
    match node:
        case tree.Ident(name=name):
            return view.names.get(name)
        case tree.Select(operand=tree.Ident(name="config"), field=field):
            config = view.declarations.config.get(field.text)
            return None if config is None else config.type
        case tree.Select(operand=operand, field=field):
            return _part(view, type_of_path(view, operand), field.text)
        case tree.Index(operand=operand):
            return _part(view, type_of_path(view, operand), None)
        case _:
            return None


def _part(view: View, type_: Type | None, field: str | None) -> Type | None:
    if type_ is None:
        return None
    hidden = is_sensitive(view, type_)
    match without_null(view, type_):
        case Record() as record if field is not None:
            found = record.field(field)
        case MapOf(value=value):
            found = value
        case ListOf(item=item) if field is None:
            found = item
        case _:
            return None
    return Sensitive(found) if hidden and found is not None else found


def without_null(view: View, type_: Type) -> Type:
    """The plain type of a value that is there."""
    plain = view.plain(type_)
    return view.plain(plain.item) if isinstance(plain, Optional) else plain


def is_sensitive(view: View, type_: Type | None) -> bool:
    """Whether a value of the type is one to be hidden."""
    seen: set[str] = set()
    while type_ is not None:
        match type_:
            case Sensitive():
                return True
            case Optional(item=item):
                type_ = item
            case Ref(name=name) if name not in seen:
                seen.add(name)
                type_ = view.declarations.types.get(name)
            case _:
                return False
    return False


def holds_sensitive(view: View, type_: Type | None) -> bool:
    """Whether a value of the type is one to be hidden, or something inside of it is."""
    pending, seen = [type_], set[str]()
    while pending:
        one = pending.pop()
        match one:
            case Sensitive():
                return True
            case Ref(name=name) if name not in seen:
                seen.add(name)
                pending.append(view.declarations.types.get(name))
            case Optional(item=item) | ListOf(item=item) | MapOf(value=item):
                pending.append(item)
            case Record(fields=fields):
                pending.extend(field.type for field in fields)
            case _:
                pass
    return False


def sensitive_in(view: View, node: tree.Expr) -> tree.Node | None:
    """The first part of an expression that is sensitive and can be told from its value."""
    for inner, whole in _visible(node, whole=True):
        if isinstance(inner, (tree.Ident, tree.Select, tree.Index)):
            type_ = type_of_path(view, inner)
            if is_sensitive(view, type_) or (whole and holds_sensitive(view, type_)):
                return inner
    return None


def _visible(node: tree.Node, *, whole: bool) -> Iterator[tuple[tree.Node, bool]]:
    """The parts of an expression whose value can be told from its own, and whether all of it is there to be seen: of
    what something is selected from, only that is."""
    if isinstance(node, tree.Binary) and node.operator in ("==", "!=", "<", "<=", ">", ">=", "in", "&&", "||"):
        return
    if isinstance(node, tree.Call) and node.function.text in _SAFE:
        return
    yield node, whole
    for part in _parts(node):
        selected = isinstance(node, (tree.Select, tree.Index)) or (isinstance(node, tree.Call) and part is node.target)
        yield from _visible(part, whole=whole and not selected)


def _parts(node: tree.Node) -> tuple[tree.Node, ...]:
    match node:
        case tree.Select(operand=operand) | tree.Unary(operand=operand):
            return (operand,)
        case tree.Index(operand=operand, index=index):
            return (operand, index)
        case tree.Call(target=target, args=args):
            return args if target is None else (target, *args)
        case tree.Binary(left=left, right=right) | tree.Conditional(then=left, otherwise=right):
            return (left, right)
        case tree.Interpolation(parts=parts):
            return tuple(part for part in parts if not isinstance(part, str))
        case tree.ListExpr(items=items):
            return items
        case tree.MapExpr(entries=entries):
            return tuple(entry.value for entry in entries)
        case _:
            return ()
