"""How types relate: which fits where, what two have in common, how a type answers to an overload's pattern."""

from __future__ import annotations

from collections.abc import Mapping

from tenuto_interpreter.expr.kinds import DYN, NEVER, TYPE, UNKNOWN, is_variable
from tenuto_interpreter.types import (
    ANY,
    NULL,
    STRING,
    ListOf,
    LiteralOf,
    MapOf,
    Optional,
    Record,
    RecordField,
    Ref,
    Scalar,
    Sensitive,
    Type,
    Union,
)
from tenuto_interpreter.types import type_text as written

Types = Mapping[str, Type]

PLAIN = frozenset(
    ("string", "int", "uint", "double", "bool", "bytes", "decimal", "timestamp", "duration", "null", "type")
)
"""Scalars whose equality is Python's own."""

NUMBERS = frozenset(("int", "uint", "double"))


def type_text(type_: Type) -> str:
    """A type as an author writes it; the checker's own types as words."""
    if type_ in (NEVER, UNKNOWN):
        return "?"
    return written(type_)


def core(type_: Type, types: Types) -> Type:
    """The type behind declared names and `sensitive`."""
    seen: set[str] = set()
    while True:
        if isinstance(type_, Sensitive):
            type_ = type_.item
        elif isinstance(type_, Ref):
            if type_.name in seen or type_.name not in types:
                return UNKNOWN
            seen.add(type_.name)
            type_ = types[type_.name]
        else:
            return type_


def is_dynamic(type_: Type) -> bool:
    return type_ in (ANY, DYN)


def without_null(type_: Type, types: Types) -> Type:
    """The type of a value that has been shown not to be null."""
    plain = core(type_, types)
    if isinstance(plain, Optional):
        return without_null(plain.item, types)
    return type_


def may_be_null(type_: Type, types: Types) -> bool:
    """Whether null is a value of the type, as far as the checker insists on a test. `any` is not insisted on."""
    plain = core(type_, types)
    return isinstance(plain, Optional) or plain == NULL


def optional(type_: Type, types: Types) -> Type:
    """`T?`, without doubling."""
    plain = core(type_, types)
    if isinstance(plain, Optional) or plain in (NULL, ANY, DYN, UNKNOWN):
        return type_
    return Optional(type_)


def assignable(source: Type, target: Type, types: Types) -> bool:
    """Whether every value of `source` is a value of `target`."""
    return _assignable(source, target, types, frozenset())


def _assignable(source: Type, target: Type, types: Types, open_: frozenset[tuple[Type, Type]]) -> bool:
    if source in (target, NEVER) or UNKNOWN in (source, target):
        return True
    if isinstance(source, Ref) or isinstance(target, Ref):
        if (source, target) in open_:
            return True  # what is being proved may be assumed: types may be recursive
        open_ = open_ | {(source, target)}
    source, target = core(source, types), core(target, types)
    if source in (target, NEVER) or UNKNOWN in (source, target) or is_dynamic(target):
        return True
    if isinstance(source, Union):
        return all(_assignable(option, target, types, open_) for option in source.options)
    if isinstance(target, Optional):
        source = core(without_null(source, types), types)
        return source == NULL or _assignable(source, target.item, types, open_)
    if isinstance(target, Union):
        return any(_assignable(source, option, types, open_) for option in target.options)
    match source, target:
        case LiteralOf(), Scalar("string"):
            return True
        case ListOf(item), ListOf(wanted):
            return _assignable(item, wanted, types, open_)
        case MapOf(item), MapOf(wanted):
            return _assignable(item, wanted, types, open_)
        case ((Record() | MapOf()), Record(fields=())):
            return True
        case Record(fields), MapOf(wanted):
            return all(_assignable(f.type, wanted, types, open_) for f in fields)
        case Record(fields), Record(wanted_fields):
            names = {f.name: f.type for f in fields}
            return names.keys() == {f.name for f in wanted_fields} and all(
                _assignable(names[f.name], f.type, types, open_) for f in wanted_fields
            )
        case _:
            return False


def join(a: Type, b: Type, types: Types) -> Type | None:
    """The narrowest type that both fit, or None when they have nothing in common."""
    if assignable(a, b, types):
        return b
    if assignable(b, a, types):
        return a
    if may_be_null(a, types) or may_be_null(b, types):
        if a == NULL or b == NULL:
            return optional(b if a == NULL else a, types)
        inner = join(without_null(a, types), without_null(b, types), types)
        return None if inner is None else optional(inner, types)
    first, second = core(a, types), core(b, types)
    match first, second:
        case ListOf(x), ListOf(y):
            item = join(x, y, types)
            return None if item is None else ListOf(item)
        case MapOf(x), MapOf(y):
            value = join(x, y, types)
            return None if value is None else MapOf(value)
        case Record(fields), Record(others) if [f.name for f in fields] == [f.name for f in others]:
            joined = [(f.name, join(f.type, g.type, types)) for f, g in zip(fields, others, strict=True)]
            if any(type_ is None for _, type_ in joined):
                return None
            return Record(tuple(RecordField(name, type_) for name, type_ in joined if type_ is not None))
    if is_text(first, types) and is_text(second, types):
        choices = dict.fromkeys(literals(first, types) + literals(second, types))
        both = literals(first, types) and literals(second, types)
        return Union(tuple(LiteralOf(value) for value in choices)) if both else STRING
    return None


def is_text(type_: Type, types: Types) -> bool:
    """Whether all values are strings."""
    plain = core(type_, types)
    if isinstance(plain, Union):
        return all(is_text(option, types) for option in plain.options)
    return isinstance(plain, LiteralOf) or plain == STRING


def literals(type_: Type, types: Types) -> tuple[str, ...]:
    """The strings of a literal union, in order; empty for any other type."""
    plain = core(without_null(type_, types), types)
    if isinstance(plain, LiteralOf):
        return (plain.value,)
    if isinstance(plain, Union):
        values = [literals(option, types) for option in plain.options]
        if all(len(value) == 1 for value in values):
            return tuple(value[0] for value in values)
    return ()


def values_of(record: Record, types: Types) -> Type:
    """What all fields of a record have in common."""
    common: Type = NEVER
    for field in record.fields:
        joined = join(common, field.type, types)
        if joined is None:
            return ANY
        common = joined
    return ANY if not record.fields else common


def comparable(a: Type, b: Type, types: Types) -> bool:
    """Whether `==` between the types can ever be true."""
    if join(a, b, types) is not None:
        return True
    first, second = core(without_null(a, types), types), core(without_null(b, types), types)
    if is_dynamic(first) or is_dynamic(second):
        return True
    if isinstance(first, Scalar) and isinstance(second, Scalar):
        kinds = {first.kind, second.kind}
        return kinds <= NUMBERS or kinds == {"int", "decimal"}
    match first, second:
        case ListOf(x), ListOf(y):
            return comparable(x, y, types)
        case ((MapOf() | Record()), (MapOf() | Record())):
            return True
        case (Union(options), other) | (other, Union(options)):
            return any(comparable(option, other, types) for option in options)
    return False


def is_plain(type_: Type, types: Types) -> bool:
    """Whether Python's `==` is the language's for values of this type."""
    plain = core(without_null(type_, types), types)
    if isinstance(plain, Union):
        return all(is_plain(option, types) for option in plain.options)
    return isinstance(plain, LiteralOf) or (isinstance(plain, Scalar) and plain.kind in PLAIN)


def unify(pattern: Type, type_: Type, bound: dict[str, Type], types: Types) -> bool:
    """Whether a type answers to a parameter's pattern; type variables are bound on the way."""
    if isinstance(pattern, Ref) and is_variable(pattern):
        joined = join(bound[pattern.name], type_, types) if pattern.name in bound else type_
        if joined is None:
            return False
        bound[pattern.name] = joined
        return True
    if is_dynamic(pattern):
        return True
    plain = core(type_, types)
    if plain in (NEVER, UNKNOWN):
        return True
    match pattern, plain:
        case Optional(inner), _:
            return plain == NULL or unify(inner, without_null(plain, types), bound, types)
        case Scalar("string"), _:
            return is_text(plain, types)
        case Scalar(), _:
            return pattern == plain
        case ListOf(inner), ListOf(item):
            return unify(inner, item, bound, types)
        case MapOf(inner), MapOf(item):
            return unify(inner, item, bound, types)
        case MapOf(inner), Record() as record:
            return unify(inner, values_of(record, types), bound, types)
    return False


def substitute(pattern: Type, bound: Mapping[str, Type], types: Types) -> Type:
    """The pattern with its variables replaced; a variable that nothing has bound is `never`."""
    match pattern:
        case Ref(name) if is_variable(pattern):
            return bound.get(name, NEVER)
        case ListOf(item):
            return ListOf(substitute(item, bound, types))
        case MapOf(value):
            return MapOf(substitute(value, bound, types))
        case Optional(item):
            return optional(substitute(item, bound, types), types)
        case _:
            return pattern


def closed(type_: Type) -> Type:
    """The type as the rest of the program may see it: what is only known to fit anything becomes `any`."""
    match type_:
        case Scalar() if type_ in (NEVER, DYN, TYPE):
            return STRING if type_ == TYPE else ANY
        case ListOf(item):
            return ListOf(closed(item))
        case MapOf(value):
            return MapOf(closed(value))
        case Record(fields):
            return Record(tuple(RecordField(f.name, closed(f.type)) for f in fields))
        case Optional(item):
            inner = closed(item)
            return inner if inner == ANY else Optional(inner)
        case _:
            return type_
