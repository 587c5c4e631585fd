"""Functions, methods and operators: the overload is found in the interpreter's table by the types of the arguments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from tenuto_interpreter.expr import TABLE, ExpressionError, constant
from tenuto_interpreter.expr.compiler import compile_expressions
from tenuto_interpreter.expr.context import Context
from tenuto_interpreter.expr.errors import LimitError
from tenuto_interpreter.expr.forms import is_constant
from tenuto_interpreter.expr.kinds import DYN, NEVER, UNKNOWN, is_variable
from tenuto_interpreter.expr.patterns import compiled as compiled_pattern
from tenuto_interpreter.expr.table import Form, Operation
from tenuto_interpreter.ir import Expr
from tenuto_interpreter.types import ANY, DOUBLE, INT, STRING, UINT, MapOf, Record, Scalar, Type
from tenuto_interpreter.values.texts import duration_to_us, timestamp_to_us

from tenuto_dsl.check.expressions import macros
from tenuto_dsl.check.expressions.hints import CONVERSIONS, FOREIGN_FUNCTIONS, null_hint, text_of
from tenuto_dsl.check.expressions.literals import is_number
from tenuto_dsl.check.expressions.relations import (
    Types,
    core,
    is_dynamic,
    may_be_null,
    substitute,
    type_text,
    unify,
    values_of,
    without_null,
)
from tenuto_dsl.check.expressions.scope import NOTHING, Checked, Scope
from tenuto_dsl.diagnostics import Spelled, nearest
from tenuto_dsl.syntax import tree

if TYPE_CHECKING:
    from tenuto_dsl.check.expressions.checker import Checker

EXACT = frozenset((*CONVERSIONS, "cron", "calendar", "matches"))
"""Functions whose constant arguments are tried at once: a text that is not a timestamp never will be."""

_SPACES = frozenset(name.split(".")[0] for name in TABLE.names("function") if "." in name) | {"optional", "cel"}


def call(checker: Checker, node: tree.Call, scope: Scope, hint: Type | None) -> Checked:
    """A call in either form, or a macro."""
    name = node.function.text
    target = node.target
    made = macros.macro(checker, node, scope, hint)
    if made is not None:
        return made
    if isinstance(target, tree.Ident) and target.name in _SPACES and scope.lookup(target.name) is None:
        name, target = f"{target.name}.{name}", None
    form: Form = "function" if target is None else "method"
    if not TABLE.named(form, name):
        for arg in (*([target] if target is not None else []), *node.args):
            checker.check(arg, scope)
        return _work(checker, node, name) if name in scope.works else _unknown(checker, node, form, name)
    if target is None and not _allowed(checker, node, name, scope):
        return NOTHING
    nodes = ([target] if target is not None else []) + list(node.args)
    if target is None and name == "active":
        nodes = [_state_path(arg, scope) for arg in nodes]
    return operation(checker, node, form, name, nodes, [None] * len(nodes), scope, hint)


def _state_path(node: tree.Expr, scope: Scope) -> tree.Expr:
    """The full path of the state that a literal names, when the scope knows it under a shorter name."""
    if isinstance(node, tree.Literal_) and isinstance(scope.states, Mapping) and isinstance(node.value, str):
        return replace(node, value=scope.states[node.value])
    return node


def _work(checker: Checker, node: tree.Call, name: str) -> Checked:
    """An activity or a workflow, written as if an expression could call it."""
    hint = Spelled(
        f"it is called in a step of its own: `let x = call {name}(…)`",
        f"it is called in a step of its own: `call: {name}`, and `as: x` names the result",
    )
    return checker.error("TEN241", node.function, f"{name} is work that takes time, not a function", hint)


def _unknown(checker: Checker, node: tree.Call, form: Form, name: str) -> Checked:
    names = [*TABLE.names(form), *macros.NAMES]
    other: Form = "method" if form == "function" else "function"
    short = name.rsplit(".", 1)[-1]
    if TABLE.named(other, name):
        hint: str | None = f"write x.{name}(…)" if other == "method" else f"write {name}(x)"
    elif form == "function" and name in FOREIGN_FUNCTIONS:
        hint = f"write {FOREIGN_FUNCTIONS[name]}"
    else:
        candidates = [n for n in names if "." not in n or "." in name]
        meant = nearest(name, candidates) or (nearest(short, candidates) if "." not in name else None)
        hint = f"did you mean {meant}?" if meant else None
    return checker.error("TEN241", node.function, f"unknown {form} {name}", hint)


def _allowed(checker: Checker, node: tree.Call, name: str, scope: Scope) -> bool:
    allow = scope.allow
    if name == "secret" and not allow.secret:
        hint = "secrets are resolved where an activity runs: in the url, header and body of an http binding"
        checker.error("TEN252", node, "secret(…) is not allowed here", hint)
        return False
    if name in ("now", "random", "uuid") and not allow.now:
        checker.error(
            "TEN252", node, f"{name}() is not allowed here", "this expression must always have the same value"
        )
        return False
    if name in ("calls", "attempts") and not allow.calls:
        checker.error("TEN252", node, f"{name}(…) is not allowed here", "only properties and tests count calls")
        return False
    if name == "calls" and len(node.args) == 1 and not isinstance(allow.calls, bool):
        called = node.args[0]
        if isinstance(called, tree.Literal_) and isinstance(called.value, str) and called.value not in allow.calls:
            meant = nearest(called.value, list(allow.calls))
            message = f'there is no activity or workflow "{called.value}"'
            checker.error("TEN201", called, message, f'did you mean "{meant}"?' if meant else None)
            return False
    if name == "active" and not allow.active:
        checker.error("TEN252", node, "active(…) is not allowed here")
        return False
    if name == "active" and scope.states is not None and len(node.args) == 1:
        path = node.args[0]
        if isinstance(path, tree.Literal_) and isinstance(path.value, str) and path.value not in scope.states:
            meant = nearest(path.value, list(scope.states))
            checker.error(
                "TEN251", path, f'there is no state "{path.value}"', f'did you mean "{meant}"?' if meant else None
            )
            return False
    return True


def operation(
    checker: Checker,
    node: tree.Expr,
    form: Form,
    name: str,
    nodes: Sequence[tree.Expr],
    given: Sequence[Checked | None],
    scope: Scope,
    hint: Type | None = None,
) -> Checked:
    """The call of an operation, its overload chosen. `given` holds operands that are checked already."""
    args = [g if g is not None else checker.check(n, scope) for n, g in zip(nodes, given, strict=True)]
    if any(arg.type == UNKNOWN for arg in args):
        return NOTHING
    operations = TABLE.named(form, name)
    fitting = [op for op in operations if op.variadic or len(op.params) == len(args)]
    if not fitting:
        return _wrong_count(checker, node, form, name, operations, len(args))
    types = scope.types
    if form == "operator" and name == "[]" and isinstance(core(args[0].type, types), Record):
        args[0] = Checked(_as_map(args[0].type, types), args[0].ir)
    dynamic = [arg.type == DYN or (arg.type == ANY and (scope.allow.dynamic or name in CONVERSIONS)) for arg in args]
    if any(dynamic):
        return _dynamic(checker, node, form, name, fitting, args, dynamic, scope)
    chosen = _choose(fitting, args, types) or _coerced(checker, fitting, nodes, args, scope, hint)
    if chosen is None:
        return _no_overload(checker, node, form, name, fitting, nodes, args, scope)
    return _finish(checker, node, name, nodes, chosen)


Chosen = tuple[Operation, list[Checked], Type]


def _params(operation_: Operation, count: int) -> tuple[Type, ...]:
    params = operation_.params
    return params[:-1] + params[-1:] * (count - len(params) + 1) if operation_.variadic else params


def _choose(operations: Sequence[Operation], args: Sequence[Checked], types: Types) -> Chosen | None:
    for op in operations:
        bound: dict[str, Type] = {}
        params = _params(op, len(args))
        if len(params) != len(args):
            continue
        if all(unify(p, a.type, bound, types) for p, a in zip(params, args, strict=True)):
            return op, list(args), substitute(op.result, bound, types)
    return None


def _coerced(
    checker: Checker,
    operations: Sequence[Operation],
    nodes: Sequence[tree.Expr],
    args: Sequence[Checked],
    scope: Scope,
    hint: Type | None,
) -> Chosen | None:
    """A choice in which ints, as written, stand for other numbers: `x * 2` where x is a double."""
    del hint
    if not any(map(is_number, nodes)):
        return None
    for wanted in (DOUBLE, UINT):
        pairs = zip(nodes, args, strict=True)
        changed = [checker.check(n, scope, wanted) if a.type == INT and is_number(n) else a for n, a in pairs]
        chosen = _choose(operations, changed, scope.types)
        if chosen is not None:
            return chosen
    return None


def _finish(checker: Checker, node: tree.Expr, name: str, nodes: Sequence[tree.Expr], chosen: Chosen) -> Checked:
    op, args, result = chosen
    ir: Expr = ("do", op.id, *(arg.ir for arg in args))
    if name not in EXACT and not op.total:
        return _can_succeed(checker, node, name, op, args, Checked(result, ir))
    if name not in EXACT or not op.pure:
        return Checked(result, ir)
    if name == "matches":
        return _checked_pattern(checker, nodes[1], args[1].ir, Checked(result, ir))
    if not all(arg.ir[0] == "const" for arg in args):
        return Checked(result, ir)
    known, value = constant(ir)
    if known:
        return Checked(result, constant_form(value, ir))
    why = _failure(ir)
    return Checked(result, ir) if why is None else checker.error("TEN258", node, why)


def _can_succeed(
    checker: Checker, node: tree.Expr, name: str, op: Operation, args: Sequence[Checked], made: Checked
) -> Checked:
    """A warning about what fails whatever the values of its variables are. No error: it may stand where nobody comes,
    and `||` and `&&` take its other side instead."""
    why = None
    if op.pure and all(_is_fixed(arg.ir) for arg in args):
        why = _failure(made.ir)
    elif name in ("/", "%") and _is_fixed(args[1].ir) and constant(args[1].ir) in ((True, 0), (True, 0.0)):
        why = f"{'division' if name == '/' else 'modulus'} by zero"
    elif name == "[]" and args[0].ir[0] == "list" and args[1].ir[0] == "const":
        size = len(args[0].ir) - 1
        if not 0 <= args[1].ir[1] < size:
            why = f"index {args[1].ir[1]} out of range: the list has {size} items"
    if why is not None:
        checker.sink.warning("TEN267", node.span, f"this always fails: {why}")
    return made


def _is_fixed(expression: Expr) -> bool:
    """Whether an expression has one value wherever it stands; variables of macros around it have several."""
    pending: list[Expr] = [expression]
    while pending:
        node = pending.pop()
        if node and node[0] == "bound":
            return False
        pending.extend(part for part in node if type(part) is tuple)
    return is_constant(expression)


def _failure(expression: Expr) -> str | None:
    """What a constant expression fails with."""
    try:
        compile_expressions((expression,))[0]((), (), Context(budget=10_000))
    except LimitError:
        return None
    except ExpressionError as error:
        return str(error)
    return None


def constant_form(value: object, ir: Expr) -> Expr:
    """The shortest form of a scalar constant."""
    match value:
        case None | bool() | int() | float() | str():
            return ("const", value)
        case _ if type(value).__name__ == "Decimal":
            return ("decimal", str(value))  # by its name, exactly as it is
        case _ if type(value).__name__ == "timedelta":
            return ("duration", duration_to_us(value))  # type: ignore[arg-type]  # a timedelta, by its name
        case _ if type(value).__name__ == "datetime":
            return ("timestamp", timestamp_to_us(value))  # type: ignore[arg-type]  # a datetime, by its name
    return ir


def _checked_pattern(checker: Checker, node: tree.Expr, pattern: Expr, made: Checked) -> Checked:
    if pattern[0] == "const":
        try:
            compiled_pattern(pattern[1])
        except ExpressionError as error:
            return checker.error("TEN258", node, str(error), "the syntax is RE2's: no look-around, no back-references")
    return made


def _dynamic(
    checker: Checker,
    node: tree.Expr,
    form: Form,
    name: str,
    operations: Sequence[Operation],
    args: Sequence[Checked],
    dynamic: Sequence[bool],
    scope: Scope,
) -> Checked:
    """An operation on values whose types show at run time only; what is known must fit an overload all the same."""
    candidates = []
    for op in operations:
        bound: dict[str, Type] = {}
        params = _params(op, len(args))
        triples = zip(params, args, dynamic, strict=True)
        if all(d or unify(p, a.type, bound, scope.types) for p, a, d in triples):
            candidates.append(op)
    if not candidates:
        return checker.error("TEN242", node, _message(form, name, args), None)
    if len(candidates) == 1 and all(is_variable(p) or is_dynamic(p) for p in candidates[0].params):
        ir: Expr = ("do", candidates[0].id, *(arg.ir for arg in args))
    else:
        ir = ("dyn", form, name, *(arg.ir for arg in args))
    results = {substitute(op.result, {}, scope.types) for op in candidates}
    result = results.pop() if len(results) == 1 else DYN
    loose = ANY if scope.allow.dynamic else DYN
    return Checked(result if isinstance(result, Scalar) and result not in (DYN, NEVER) else loose, ir)


def _as_map(type_: Type, types: Types) -> Type:
    record = core(type_, types)
    assert isinstance(record, Record)
    return MapOf(values_of(record, types))


# -- what is said when nothing fits -----------------------------------------------------------------------------------


def _wrong_count(
    checker: Checker, node: tree.Expr, form: Form, name: str, operations: Sequence[Operation], count: int
) -> Checked:
    receiver = 1 if form == "method" else 0
    counts = sorted({len(op.params) - receiver for op in operations})
    wanted = " or ".join(map(str, counts))
    s = "" if counts == [1] else "s"
    return checker.error("TEN253", node, f"{name} takes {wanted} argument{s}, found {count - receiver}")


def _message(form: Form, name: str, args: Sequence[Checked]) -> str:
    texts = [type_text(arg.type) for arg in args]
    if form == "operator":
        if name == "[]":
            return f"{texts[0]} cannot be indexed by {texts[1]}"
        if name == "-_":
            return f"- is not defined for {texts[0]}"
        return f"{name} is not defined for {texts[0]} and {texts[1]}"
    if form == "method":
        return f"{name}({', '.join(texts[1:])}) is not defined for {texts[0]}"
    return f"{name} is not defined for {', '.join(texts)}"


def _no_overload(
    checker: Checker,
    node: tree.Expr,
    form: Form,
    name: str,
    operations: Sequence[Operation],
    nodes: Sequence[tree.Expr],
    args: Sequence[Checked],
    scope: Scope,
) -> Checked:
    types = scope.types
    present = [Checked(without_null(arg.type, types), arg.ir) for arg in args]
    if _choose(operations, present, types) is not None:
        position = next(i for i, arg in enumerate(args) if may_be_null(arg.type, types))
        what = f"{text_of(nodes[position])} may be null ({type_text(args[position].type)})"
        return checker.error("TEN245", nodes[position], what, null_hint(nodes[position]))
    for arg_node, arg in zip(nodes, args, strict=True):
        if is_dynamic(arg.type):
            hint = "convert it first, as in string(…) or int(…), or give it a declared type at its source"
            return checker.error("TEN246", arg_node, "a value of type any is cast before use", hint)
    code = "TEN250" if form == "operator" else "TEN242"
    return checker.error(code, node, _message(form, name, args), _overload_hint(form, name, operations, args, types))


def _overload_hint(
    form: Form, name: str, operations: Sequence[Operation], args: Sequence[Checked], types: Types
) -> str | None:
    texts = [type_text(arg.type) for arg in args]
    if form == "operator":
        kinds = set(texts)
        if name == "+" and STRING in [core(arg.type, types) for arg in args]:
            return 'interpolate it, "${…}", or convert it with string(…)'
        if kinds == {"decimal", "double"}:
            return "doubles are inexact: decimal(…) or double(…) says which is meant"
        if kinds == {"int", "double"}:
            return "convert one: double(…) or int(…)"
        if kinds == {"timestamp"}:
            return "subtract two timestamps for a duration, or add a duration to one"
        return None
    skip = 1 if form == "method" else 0
    fitting = [op for op in operations if not skip or unify(op.params[0], args[0].type, {}, types)] or list(operations)
    signatures = dict.fromkeys(", ".join(type_text(p) for p in op.params[skip:]) for op in fitting[:6])
    shown = " or ".join(f"({signature})".replace("$", "") for signature in signatures)
    owners = dict.fromkeys(type_text(op.params[0]).replace("$", "") for op in operations)
    if skip and not any(unify(op.params[0], args[0].type, {}, types) for op in operations):
        return f"{name} is a method of {', '.join(owners)}"
    return f"it takes {shown}"
