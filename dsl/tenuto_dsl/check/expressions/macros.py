"""Macros: calls whose arguments are not values but names and expressions over them, and the methods of optionals."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from tenuto_interpreter.expr.kinds import DYN, UNKNOWN
from tenuto_interpreter.ir import Expr
from tenuto_interpreter.types import ANY, BOOL, INT, NULL, STRING, ListOf, MapOf, Record, Scalar, Type

from tenuto_dsl.check.expressions.narrowing import narrowings
from tenuto_dsl.check.expressions.relations import (
    core,
    is_dynamic,
    join,
    may_be_null,
    optional,
    type_text,
    values_of,
    without_null,
)
from tenuto_dsl.check.expressions.scope import NOTHING, Binding, Checked, Scope
from tenuto_dsl.syntax import tree

if TYPE_CHECKING:
    from tenuto_dsl.check.expressions.checker import Checker

Macro: TypeAlias = "Callable[[Checker, tree.Call, Scope, Type | None], Checked]"


def macro(checker: Checker, node: tree.Call, scope: Scope, hint: Type | None) -> Checked | None:
    """The macro that a call is, checked; None when it is a call of something else."""
    name = node.function.text
    if node.target is None:
        return _has(checker, node, scope) if name == "has" else None
    if isinstance(node.target, tree.Ident) and scope.lookup(node.target.name) is None:
        static = _STATIC.get((node.target.name, name, len(node.args)))
        if static is not None:
            return static(checker, node, scope, hint)
    method = _METHODS.get((name, len(node.args)))
    if method is not None:
        return method(checker, node, scope, hint)
    if name in LOOPS:
        loop = LOOPS[name].get(len(node.args))
        if loop is None:
            counts = " or ".join(map(str, LOOPS[name]))
            return checker.error("TEN253", node, f"{name} takes {counts} arguments, found {len(node.args)}", _EXAMPLE)
        return _loop(checker, node, scope, loop, hint)
    return None


_EXAMPLE = "the first is a name for each item: orders.filter(o, o.paid)"

# -- loops ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Loop:
    """`kind` is the word of the intermediate form; `condition`: its first body is one; `value`: its last is a value."""

    kind: str
    variables: int
    condition: bool
    value: bool


LOOPS: Mapping[str, Mapping[int, Loop]] = {
    "all": {2: Loop("all", 1, True, False), 3: Loop("all", 2, True, False)},
    "exists": {2: Loop("exists", 1, True, False), 3: Loop("exists", 2, True, False)},
    "exists_one": {2: Loop("exists_one", 1, True, False), 3: Loop("exists_one", 2, True, False)},
    "existsOne": {2: Loop("exists_one", 1, True, False), 3: Loop("exists_one", 2, True, False)},
    "filter": {2: Loop("filter", 1, True, False)},
    "map": {2: Loop("map", 1, False, True), 3: Loop("map_filter", 1, True, True)},
    "sortBy": {2: Loop("sort_by", 1, False, True)},
    "transformList": {3: Loop("map", 2, False, True), 4: Loop("map_filter", 2, True, True)},
    "transformMap": {3: Loop("transform_map", 2, False, True), 4: Loop("transform_map_filter", 2, True, True)},
    "transformMapEntry": {
        3: Loop("transform_entries", 2, False, True),
        4: Loop("transform_entries_filter", 2, True, True),
    },
}
NAMES = (*LOOPS, "has", "orValue", "hasValue")


def _loop(checker: Checker, node: tree.Call, scope: Scope, loop: Loop, hint: Type | None) -> Checked:
    assert node.target is not None
    source = checker.check(node.target, scope)
    names = _variables(checker, node, scope, loop.variables)
    if names is None or source.type == UNKNOWN:
        return NOTHING
    domain = _domain(checker, node, source, scope)
    if domain is None:
        return NOTHING
    word, first, second = domain
    kinds = (first, second) if loop.variables == 2 else ((STRING if word == "map" else second),)
    numbers = tuple(checker.fresh() for _ in names)
    triples = zip(names, kinds, numbers, strict=True)
    inner = scope.child({name: Binding(type_, ("bound", n), "a variable of this macro") for name, type_, n in triples})
    bodies = node.args[loop.variables :]
    forms: list[Expr] = []
    wanted = core(without_null(hint, scope.types), scope.types) if hint is not None else None
    item_hint = wanted.item if isinstance(wanted, ListOf) and loop.kind in ("map", "map_filter") else None
    last = NOTHING
    after = inner
    for position, body in enumerate(bodies):
        if position == 0 and loop.condition:
            last = checker.condition(body, inner)
            after = inner.assume(narrowings(body, inner)[0])
        else:
            last = checker.check(body, after, item_hint if loop.value else None)
        if last.type == UNKNOWN:
            return NOTHING
        forms.append(last.ir)
    item = after.facts.get((names[0],), kinds[0])
    result = _result(checker, node, loop, item, kinds[0], last, scope)
    return NOTHING if result is None else Checked(result, ("loop", loop.kind, word, numbers, source.ir, *forms))


def _variables(checker: Checker, node: tree.Call, scope: Scope, count: int) -> list[str] | None:
    names: list[str] = []
    for arg in node.args[:count]:
        if not isinstance(arg, tree.Ident):
            checker.error("TEN254", arg, f"{node.function.text} needs a name here, for each item", _EXAMPLE)
            return None
        if arg.name in names or scope.lookup(arg.name) is not None:
            checker.error("TEN259", arg, f"the name {arg.name} is taken already", "choose another")
            return None
        names.append(arg.name)
    return names


def _domain(checker: Checker, node: tree.Call, source: Checked, scope: Scope) -> tuple[str, Type, Type] | None:
    """What a loop goes over: the form's word, the type of the index or key, the type of the item or value."""
    assert node.target is not None
    types = scope.types
    plain = core(source.type, types)
    if isinstance(plain, ListOf):
        return "list", INT, plain.item
    if isinstance(plain, MapOf) and node.function.text != "sortBy":
        return "map", STRING, plain.value
    if isinstance(plain, Record) and node.function.text != "sortBy":
        return "map", STRING, values_of(plain, types)
    if plain == DYN or (plain == ANY and scope.allow.dynamic):
        return "dyn", plain, plain
    if plain == ANY:
        checker.error(
            "TEN246", node.target, "a value of type any is cast before use", "give it a declared type at its source"
        )
    elif may_be_null(plain, types):
        hint = "give a value for null: .orValue([])"
        checker.error("TEN245", node.target, f"this may be null ({type_text(source.type)})", hint)
    else:
        checker.error("TEN242", node, f"{node.function.text} needs a list or map, found {type_text(source.type)}")
    return None


_SORTABLE = frozenset(("int", "uint", "double", "decimal", "string", "bytes", "bool", "timestamp", "duration"))


def _result(
    checker: Checker, node: tree.Call, loop: Loop, item: Type, declared: Type, last: Checked, scope: Scope
) -> Type | None:
    types = scope.types
    match loop.kind:
        case "all" | "exists" | "exists_one":
            return BOOL
        case "filter":
            return ListOf(item)
        case "map" | "map_filter":
            return ListOf(last.type)
        case "sort_by":
            key = core(last.type, types)
            if not (isinstance(key, Scalar) and (key.kind in _SORTABLE or is_dynamic(key))):
                checker.error("TEN242", node.args[-1], f"values of type {type_text(last.type)} have no order")
                return None
            return ListOf(declared)
        case "transform_map" | "transform_map_filter":
            if declared == INT:
                checker.error("TEN263", node, "the keys of a map are strings", "use transformMapEntry with string(…)")
                return None
            return MapOf(last.type)
        case _:
            made = core(last.type, types)
            if isinstance(made, Record):
                return MapOf(values_of(made, types))
            if isinstance(made, MapOf):
                return made
            checker.error("TEN244", node.args[-1], f"expected a map of one entry, found {type_text(last.type)}")
            return None


# -- has, bind --------------------------------------------------------------------------------------------------------


def _has(checker: Checker, node: tree.Call, scope: Scope) -> Checked:
    if len(node.args) != 1 or not isinstance(node.args[0], tree.Select):
        return checker.error("TEN254", node, "has needs the selection of a field", "write has(order.email)")
    selected = node.args[0]
    lenient = tree.Select(selected.operand, selected.field, True, span=selected.span)
    bare = scope if not scope.facts else Scope.assume(scope, {})
    value = checker.check(lenient, bare)
    return NOTHING if value.type == UNKNOWN else Checked(BOOL, ("ne", "plain", value.ir, ("const", None)))


def _bind(checker: Checker, node: tree.Call, scope: Scope, hint: Type | None) -> Checked:
    names = _variables(checker, node, scope, 1)
    value = checker.check(node.args[1], scope)
    if names is None or value.type == UNKNOWN:
        return NOTHING
    number = checker.fresh()
    inner = scope.child({names[0]: Binding(value.type, ("bound", number), "bound by cel.bind")})
    body = checker.check(node.args[2], inner, hint)
    return NOTHING if body.type == UNKNOWN else Checked(body.type, ("bind", number, value.ir, body.ir))


# -- optionals: `T?`, whose nothing is null ---------------------------------------------------------------------------


def _optional_of(checker: Checker, node: tree.Call, scope: Scope, hint: Type | None) -> Checked:
    value = checker.check(node.args[0], scope, hint)
    return NOTHING if value.type == UNKNOWN else Checked(optional(value.type, scope.types), value.ir)


def _optional_none(_checker: Checker, _node: tree.Call, _scope: Scope, _hint: Type | None) -> Checked:
    return Checked(NULL, ("const", None))


def _receiver(checker: Checker, node: tree.Call, scope: Scope) -> tuple[Checked, Type] | None:
    assert node.target is not None
    value = checker.check(node.target, scope)
    return None if value.type == UNKNOWN else (value, without_null(value.type, scope.types))


def _or_value(checker: Checker, node: tree.Call, scope: Scope, hint: Type | None) -> Checked:
    receiver = _receiver(checker, node, scope)
    if receiver is None:
        checker.check(node.args[0], scope)
        return NOTHING
    value, present = receiver
    wanted = None if present == NULL or is_dynamic(present) else present
    other = checker.check(node.args[0], scope, wanted or hint)
    if other.type == UNKNOWN:
        return NOTHING
    type_ = other.type if present == NULL else join(present, other.type, scope.types)
    if type_ is None:
        texts = type_text(present), type_text(other.type)
        return checker.error("TEN244", node.args[0], f"expected {texts[0]}, found {texts[1]}")
    return Checked(type_, ("else", value.ir, other.ir))


def _has_value(checker: Checker, node: tree.Call, scope: Scope, _hint: Type | None) -> Checked:
    receiver = _receiver(checker, node, scope)
    return NOTHING if receiver is None else Checked(BOOL, ("ne", "plain", receiver[0].ir, ("const", None)))


def _value(checker: Checker, node: tree.Call, scope: Scope, _hint: Type | None) -> Checked:
    receiver = _receiver(checker, node, scope)
    return NOTHING if receiver is None else Checked(receiver[1], ("do", "value", receiver[0].ir))


def _opt_map(checker: Checker, node: tree.Call, scope: Scope, _hint: Type | None) -> Checked:
    receiver = _receiver(checker, node, scope)
    names = _variables(checker, node, scope, 1)
    if receiver is None or names is None:
        return NOTHING
    number = checker.fresh()
    value, present = receiver
    body = checker.check(node.args[1], scope.child({names[0]: Binding(present, ("bound", number), "bound by optMap")}))
    if body.type == UNKNOWN:
        return NOTHING
    absent = ("eq", "plain", ("bound", number), ("const", None))
    ir = ("bind", number, value.ir, ("if", absent, ("const", None), body.ir))
    return Checked(optional(body.type, scope.types), ir)


_STATIC: Mapping[tuple[str, str, int], Macro] = {
    ("cel", "bind", 3): _bind,
    ("optional", "of", 1): _optional_of,
    ("optional", "ofNonNull", 1): _optional_of,
    ("optional", "none", 0): _optional_none,
}
_METHODS: Mapping[tuple[str, int], Macro] = {
    ("orValue", 1): _or_value,
    ("or", 1): _or_value,
    ("hasValue", 0): _has_value,
    ("value", 0): _value,
    ("optMap", 2): _opt_map,
    ("optFlatMap", 2): _opt_map,
}
