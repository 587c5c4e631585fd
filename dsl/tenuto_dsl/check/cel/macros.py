"""CEL's macros: calls whose arguments are names and expressions over them. Two-variable comprehensions among them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, TypeAlias

from tenuto_interpreter.expr.cel.types import BOOL, DYN, ERROR, INT, CelType

from tenuto_dsl.check.cel.scope import Local, Locals
from tenuto_dsl.check.expressions.macros import LOOPS, Loop
from tenuto_dsl.syntax import tree

if TYPE_CHECKING:
    from tenuto_dsl.check.cel.checker import CelChecked, CelChecker

Macro: TypeAlias = "Callable[[CelChecker, tree.Call, Locals], CelChecked]"

NAMES = (*LOOPS, "has", "or", "orValue", "optMap", "optFlatMap")
_EXAMPLE = "the first is a name for each item: orders.filter(o, o.paid)"


def macro(checker: CelChecker, node: tree.Call, scope: Locals) -> CelChecked | None:
    """The macro that a call is, checked; None when it is a call of something else."""
    name = node.function.text
    if node.target is None:
        return _has(checker, node, scope) if name == "has" and len(node.args) == 1 else None
    if isinstance(node.target, tree.Ident) and node.target.name == "cel" and "cel" not in scope:
        static = _STATIC.get((name, len(node.args)))
        if static is not None:
            return static(checker, node, scope)
    method = _METHODS.get((name, len(node.args)))
    if method is not None:
        return method(checker, node, scope)
    loop = LOOPS.get(name, {}).get(len(node.args))
    return _loop(checker, node, scope, loop) if loop is not None else None


def _has(checker: CelChecker, node: tree.Call, scope: Locals) -> CelChecked:
    selected = node.args[0]
    if isinstance(selected, tree.Select):
        name = selected.field.text
    elif isinstance(selected, tree.Index) and isinstance(selected.index, tree.Literal_):
        name = str(selected.index.value)
    else:
        return checker.error("TEN254", node, "has needs the selection of a field", "write has(order.email)")
    operand = checker.check(selected.operand, scope)
    found = checker.field(selected, operand, name, optional=False)
    return found if found.type == ERROR else _made(BOOL, ("has", operand.ir, name))


def _made(type_: CelType, ir: tuple[object, ...]) -> CelChecked:
    from tenuto_dsl.check.cel.checker import CelChecked  # the two modules know each other

    return CelChecked(type_, ir)


# -- loops ------------------------------------------------------------------------------------------------------------


def _variable(checker: CelChecker, node: tree.Expr) -> str | None:
    """The name that an argument is: a plain one, or `cel.iterVar(0, 1)` as optimisers write it."""
    if isinstance(node, tree.Ident):
        return node.name
    if isinstance(node, tree.Call) and node.function.text in ("iterVar", "accuVar"):
        return _internal(node)
    checker.error("TEN254", node, "a name is needed here, for each item", _EXAMPLE)
    return None


def _internal(node: tree.Call) -> str:
    numbers = ":".join(str(arg.value) if isinstance(arg, tree.Literal_) else "?" for arg in node.args)
    return f"@{node.function.text}:{numbers}"


def _loop(checker: CelChecker, node: tree.Call, scope: Locals, loop: Loop) -> CelChecked:
    assert node.target is not None
    source = checker.check(node.target, scope)
    names = [_variable(checker, arg) for arg in node.args[: loop.variables]]
    kinds = _domain(checker, source.type)
    if kinds is None or None in names:
        if kinds is None:
            text = checker.text(source.type)
            checker.error("TEN242", node, f"{node.function.text} needs a list or map, found {text}")
        return _made(ERROR, ("fail", f"no such overload: {node.function.text}"))
    if len(set(names)) < len(names):
        return checker.error("TEN259", node.args[1], f"the name {names[0]} is taken already", "choose another")
    key, value, is_map = kinds
    types = (key, value) if loop.variables == 2 else ((key if is_map else value),)
    locals_ = [checker.local(type_) for type_ in types]
    inner = {**scope, **{str(name): local for name, local in zip(names, locals_, strict=True)}}
    bodies = node.args[loop.variables :]
    checked = [
        checker.condition(body, inner) if loop.condition and position == 0 else checker.check(body, inner)
        for position, body in enumerate(bodies)
    ]
    kind = loop.kind.removesuffix("_filter")
    numbers = tuple(local.number for local in locals_)
    type_ = _result(checker, node, kind, types[0], key, source.type, checked[-1].type)
    return _made(type_, ("loop", kind, numbers, source.ir, *(body.ir for body in checked)))


def _domain(checker: CelChecker, type_: CelType) -> tuple[CelType, CelType, bool] | None:
    """The types of index and item, or of key and value; whether it is a map, for certain."""
    known = checker.known(type_)
    match known[0]:
        case "list":
            return INT, known[1], False
        case "map":
            return known[1], known[2], True
        case "dyn" | "error":
            return DYN, DYN, False
        case "param":
            checker.types.assignable(DYN, known)
            return DYN, DYN, False
    return None


def _result(
    checker: CelChecker, node: tree.Call, kind: str, item: CelType, key: CelType, source: CelType, last: CelType
) -> CelType:
    match kind:
        case "all" | "exists" | "exists_one":
            return BOOL
        case "filter":
            return ("list", item)
        case "map":
            return ("list", last)
        case "sort_by":
            return ("list", item) if checker.known(source)[0] == "list" else DYN
        case "transform_map":
            return ("map", key, last)
    entry: CelType = ("map", checker.types.fresh(), checker.types.fresh())
    if not checker.types.assignable(last, entry):
        return checker.error(
            "TEN244", node.args[-1], f"expected a map of one entry, found {checker.text(last)}"
        ).type  # fmt: skip
    return checker.known(entry)


# -- cel.… ------------------------------------------------------------------------------------------------------------


def _bind(checker: CelChecker, node: tree.Call, scope: Locals) -> CelChecked:
    name = _variable(checker, node.args[0])
    value = checker.check(node.args[1], scope)
    local = checker.local(value.type)
    body = checker.check(node.args[2], {**scope, str(name): local})
    return _made(body.type, ("bind", local.number, value.ir, body.ir))


def _block(checker: CelChecker, node: tree.Call, scope: Locals) -> CelChecked:
    """`cel.block([a, b], e)`: what optimisers make of common parts, each named `cel.index(n)`."""
    items = node.args[0]
    if not isinstance(items, tree.ListExpr):
        return checker.error("TEN254", node, "cel.block needs a list of expressions", "cel.block([a, b], e)")
    inner = dict(scope)
    bound: list[tuple[Local, CelChecked]] = []
    for position, item in enumerate(items.items):
        value = checker.check(item, inner)
        local = checker.local(value.type)
        inner[f"@index:{position}"] = local
        bound.append((local, value))
    body = checker.check(node.args[1], inner)
    ir = body.ir
    for local, value in reversed(bound):
        ir = ("bind", local.number, value.ir, ir)
    return _made(body.type, ir)


def _reference(checker: CelChecker, node: tree.Call, scope: Locals) -> CelChecked:
    local = scope.get(_internal(node))
    if local is None:
        return checker.error("TEN240", node, f"undeclared reference to '{_internal(node)}'")
    return _made(local.type, ("bound", local.number))


# -- optionals --------------------------------------------------------------------------------------------------------


def _or(checker: CelChecker, node: tree.Call, scope: Locals) -> CelChecked:
    assert node.target is not None
    operand, other = checker.check(node.target, scope), checker.check(node.args[0], scope)
    of_value = node.function.text == "orValue"
    item: CelType = ("param", "A")
    optional: CelType = ("optional", item)
    second = item if of_value else optional
    type_ = checker.resolve([((optional, second), second)], [operand, other])
    ir = ("or_else", of_value, operand.ir, other.ir)
    if type_ is None:
        texts = checker.text(operand.type), checker.text(other.type)
        checker.error("TEN242", node, f"{node.function.text}({texts[1]}) of {texts[0]} has no such overload")
        return _made(ERROR, ir)
    return _made(type_, ir)


def _opt_map(checker: CelChecker, node: tree.Call, scope: Locals) -> CelChecked:
    assert node.target is not None
    operand = checker.check(node.target, scope)
    name = _variable(checker, node.args[0])
    item = checker.optional_item(node.target, operand)
    local = checker.local(item)
    body = checker.check(node.args[1], {**scope, str(name): local})
    flat = node.function.text == "optFlatMap"
    ir = ("opt_map", flat, local.number, operand.ir, body.ir)
    if flat:
        return _made(("optional", checker.optional_item(node.args[1], body)), ir)
    return _made(("optional", body.type), ir)


_STATIC: Mapping[tuple[str, int], Macro] = {
    ("bind", 3): _bind,
    ("block", 2): _block,
    ("index", 1): _reference,
    ("iterVar", 2): _reference,
    ("accuVar", 2): _reference,
}
_METHODS: Mapping[tuple[str, int], Macro] = {
    ("or", 1): _or,
    ("orValue", 1): _or,
    ("optMap", 2): _opt_map,
    ("optFlatMap", 2): _opt_map,
}
