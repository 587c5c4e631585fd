"""From the intermediate form of expressions to Python functions, once per program.

An expression is nested tuples of plain values, made by the checker, stored with the program, so its words are
permanent. `e` is an expression, `n` a number, `id` an operation of the table:

    ("const", v)  ("decimal", text)  ("duration", µs)  ("timestamp", µs)  ("bytes", base64)
    ("var", n)  ("local", n)  ("bound", n)              a slot, a local, a variable of a macro
    ("config", name)  ("workflow", field)  ("activity", field)
    ("field", e, name)                                  of a record, present for certain
    ("select", e, name)  ("select?", e, name)  ("index?", e, e)     dynamic; null when absent
    ("do", id, e…)  ("dyn", form, name, e…)             an operation; one chosen at run time
    ("eq", how, e, e)  ("ne", how, e, e)                how: "plain" (Python's own) or "deep"
    ("and", e…)  ("or", e…)  ("not", e)  ("if", e, e, e)  ("truth", e)  ("else", e, e)
    ("list", e…)  ("record", (name, e)…)  ("list?", (e, optional)…)  ("map", (e, e, optional)…)
    ("text", e…)                                        strings joined
    ("bind", n, e, e)                                   cel.bind
    ("loop", kind, domain, (n…), source, e…)            a macro; domain: "list", "map" or "dyn"

Every form becomes a Python syntax node, by hand, never a string of source: nothing a user writes is ever parsed by
Python. Arithmetic on ints keeps its 64-bit check in line; everything that can grow is paid from the context's budget;
whatever Python raises leaves the function as an ExpressionError.
"""

from __future__ import annotations

import ast
import types
from collections.abc import Callable, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any, TypeAlias

from tenuto_interpreter.expr import equality, running
from tenuto_interpreter.expr.context import Context, charge, charge_text
from tenuto_interpreter.expr.errors import ExpressionError, LimitError, translate
from tenuto_interpreter.expr.forms import Expr, is_constant, may_be_long, may_fail, may_multiply, measure, weight_of
from tenuto_interpreter.expr.operations import TABLE
from tenuto_interpreter.expr.python import (
    assign,
    call,
    compare,
    conditional,
    function,
    literal,
    loop,
    method,
    name,
    parameters,
    store,
    subscript,
)
from tenuto_interpreter.expr.table import Form, Operation
from tenuto_interpreter.values.texts import read_bytes, timestamp_from_us

Compiled: TypeAlias = Callable[[Sequence[Any], Sequence[Any], Context], Any]


_FILE = "<expressions>"
_LOCATED = (ast.stmt, ast.expr, ast.excepthandler, ast.arg)

_CONSTANTS: dict[str, Callable[[Any], Any]] = {
    "const": lambda value: value,
    "decimal": Decimal,
    "duration": lambda microseconds: timedelta(microseconds=microseconds),
    "timestamp": timestamp_from_us,
    "bytes": read_bytes,
}
_NULL = ("const", None)
_AT_ONCE = 8
"""Parts of an interpolated string that may be joined before its length is known."""
_FOLDED = (str, int, float, bytes, Decimal, timedelta, type(timestamp_from_us(0)))


def compile_expressions(expressions: Sequence[Expr]) -> list[Compiled]:
    """One function `(variables, locals, context) -> value` per expression. They raise ExpressionError, nothing else."""
    return compile_with(Emitter(), expressions)


def compile_with(emitter: Emitter, expressions: Sequence[Expr]) -> list[Compiled]:
    """The same, of the forms that an emitter knows."""
    body: list[ast.stmt] = []
    for index, expression in enumerate(expressions):
        measure(expression)
        value = emitter.emit(expression)
        if may_multiply(expression):
            value = emitter.run(running.measured, value)
        body.append(_definition(f"expression_{index}", value))
    module = ast.Module(body, [])
    _locate(module)
    try:
        code = compile(module, _FILE, "exec", dont_inherit=True)
    except RecursionError:
        raise LimitError("the expression is nested too deeply") from None
    functions = [c for c in code.co_consts if isinstance(c, types.CodeType)]
    assert len(functions) == len(expressions)
    return [types.FunctionType(c, emitter.namespace) for c in functions]


def _locate(module: ast.Module) -> None:
    """Give every node a line: its own, when the emitter has set one, else that of the node around it."""
    pending: list[tuple[ast.AST, int]] = [(module, 1)]  # the library's fix_missing_locations would recurse
    while pending:
        node, line = pending.pop()
        if isinstance(node, _LOCATED):
            line = getattr(node, "lineno", line)
            node.lineno = node.end_lineno = line
            node.col_offset = node.end_col_offset = 0
        pending.extend((child, line) for child in ast.iter_child_nodes(node))


def line_of(error: BaseException) -> int | None:
    """The line, as the emitter has set it, of the innermost compiled code that an error has passed."""
    line = None
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == _FILE:
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


def constant(expression: Expr) -> tuple[bool, Any]:
    """`(True, value)` when the expression has the same value always, else `(False, None)`."""
    if expression[0] in _CONSTANTS:
        return True, _CONSTANTS[expression[0]](expression[1])
    try:
        if is_constant(expression):
            return True, compile_expressions((expression,))[0]([], [], Context(budget=10_000))
    except ExpressionError:
        pass
    return False, None


def _definition(title: str, value: ast.expr) -> ast.FunctionDef:
    """`def title(V, L, C)` that returns the value and translates what is raised on the way."""
    handler = ast.ExceptHandler(
        type=name("Exception"),
        name="error",
        body=[ast.Raise(exc=call(name("translate"), [name("error")]), cause=literal(None))],
    )
    body = ast.Try(body=[ast.Return(value)], handlers=[handler], orelse=[], finalbody=[])
    definition = ast.parse(f"def {title}(V, L, C): pass").body[0]
    assert isinstance(definition, ast.FunctionDef)
    definition.body = [body]
    definition.args = parameters("V", "L", "C")
    return definition


class Emitter:
    """Makes the syntax nodes of all expressions of a program, and the namespace their functions share."""

    def __init__(self) -> None:
        self.namespace: dict[str, Any] = {
            "translate": translate,
            "__builtins__": {"Exception": Exception, "all": all, "any": any, "enumerate": enumerate},
        }
        self.names: dict[int, str] = {}
        self.known: dict[int, tuple[ast.expr, Any]] = {}
        self.temporaries = 0

    # -- names --------------------------------------------------------------------------------------------------------

    def fresh(self) -> str:
        """A new local name of the function being made."""
        self.temporaries += 1
        return f"t{self.temporaries}"

    def global_(self, value: Any) -> ast.expr:
        """A name for a Python object."""
        known = self.names.get(id(value))
        if known is None:
            known = f"g{len(self.names)}"
            self.names[id(value)] = known
            self.namespace[known] = value
        return name(known)

    def value(self, value: Any) -> ast.expr:
        """A node for a constant, remembered as one."""
        node = literal(value) if value is None or type(value) in (bool, int, float, str) else self.global_(value)
        self.known[id(node)] = (node, value)
        return node

    # -- expressions --------------------------------------------------------------------------------------------------

    def emit(self, expression: Expr) -> ast.expr:
        head = expression[0]
        if head in _CONSTANTS:
            return self.value(_CONSTANTS[head](expression[1]))
        emit: Callable[..., ast.expr] | None = getattr(self, f"emit_{_WORDS.get(head, head)}", None)
        if emit is None:
            raise ExpressionError(f"an expression of a newer version: {head}")
        return emit(*expression[1:])

    def emit_var(self, slot: int) -> ast.expr:
        return subscript(name("V"), literal(slot))

    def emit_local(self, index: int) -> ast.expr:
        return subscript(name("L"), literal(index))

    def emit_bound(self, number: int) -> ast.expr:
        return name(f"b{number}")

    def emit_config(self, field: str) -> ast.expr:
        return subscript(ast.Attribute(name("C"), "config", ast.Load()), literal(field))

    def emit_workflow(self, field: str) -> ast.expr:
        return subscript(ast.Attribute(name("C"), "workflow", ast.Load()), literal(field))

    def emit_activity(self, field: str) -> ast.expr:
        return subscript(ast.Attribute(name("C"), "activity", ast.Load()), literal(field))

    def emit_field(self, operand: Expr, field: str) -> ast.expr:
        node = self.emit(operand)
        if isinstance(node, ast.Constant):  # Python's compiler would warn
            return self.run(running.select, node, literal(field))
        return subscript(node, literal(field))

    def emit_select(self, operand: Expr, field: str) -> ast.expr:
        return self.run(running.select, self.emit(operand), literal(field))

    def emit_select_or_null(self, operand: Expr, field: str) -> ast.expr:
        return self.run(running.select_or_null, self.emit(operand), literal(field))

    def emit_index_or_null(self, operand: Expr, index: Expr) -> ast.expr:
        return self.run(running.index_or_null, self.emit(operand), self.emit(index))

    def emit_do(self, id_: str, *operands: Expr) -> ast.expr:
        operation = TABLE.by_id.get(id_)
        if operation is None:
            raise ExpressionError(f"an operation of a newer version: {id_}")
        args = [self.emit(operand) for operand in operands]
        if operation.inline is not None:
            return operation.inline(self, args)
        assert operation.function is not None
        if operation.needs_context:
            return self.run(operation.function, name("C"), *args)
        if operation.pure and args and all(id(arg) in self.known for arg in args):
            try:
                folded = operation.function(*(self.known[id(arg)][1] for arg in args))
            except Exception:  # noqa: BLE001  # it will fail in the same way, in its place, when it runs
                folded = None
            if type(folded) in _FOLDED:
                return self.value(folded)
        return self.run(operation.function, *args)

    def emit_dyn(self, form: Form, title: str, *operands: Expr) -> ast.expr:
        dispatch = Dispatch(form, title)
        return call(self.global_(dispatch), [name("C"), *map(self.emit, operands)])

    def emit_eq(self, how: str, left: Expr, right: Expr) -> ast.expr:
        if _NULL in (left, right):
            return self.is_null(right if left == _NULL else left, ast.Is())
        if how == "deep":
            return self.run(equality.equal, name("C"), self.emit(left), self.emit(right))
        return self.compared(left, ast.Eq(), right)

    def emit_ne(self, how: str, left: Expr, right: Expr) -> ast.expr:
        if _NULL in (left, right):
            return self.is_null(right if left == _NULL else left, ast.IsNot())
        if how == "deep":
            return ast.UnaryOp(ast.Not(), self.emit_eq(how, left, right))
        return self.compared(left, ast.NotEq(), right)

    def compared(self, left: Expr, operator: ast.Eq | ast.NotEq, right: Expr) -> ast.expr:
        """By Python, at once where one side is written out or is no string; two long strings cost something."""
        nodes = self.emit(left), self.emit(right)
        if not all(may_be_long(expression) for expression in (left, right)):
            return compare(nodes[0], operator, nodes[1])
        same = self.run(equality.same, name("C"), *nodes)
        return same if isinstance(operator, ast.Eq) else ast.UnaryOp(ast.Not(), same)

    def is_null(self, operand: Expr, operator: ast.Is | ast.IsNot) -> ast.expr:
        node = self.emit(operand)
        if isinstance(node, ast.Constant):  # Python's compiler would warn
            return self.value((node.value is None) == isinstance(operator, ast.Is))
        return compare(node, operator, literal(None))

    def emit_and(self, *terms: Expr) -> ast.expr:
        if any(map(may_fail, terms[:-1])):
            return self.run(running.and_of, name("C"), *(function((), self.emit(term)) for term in terms))
        return ast.BoolOp(ast.And(), [self.emit(term) for term in terms])

    def emit_or(self, *terms: Expr) -> ast.expr:
        if any(map(may_fail, terms[:-1])):
            return self.run(running.or_of, name("C"), *(function((), self.emit(term)) for term in terms))
        return ast.BoolOp(ast.Or(), [self.emit(term) for term in terms])

    def emit_not(self, operand: Expr) -> ast.expr:
        return ast.UnaryOp(ast.Not(), self.emit(operand))

    def emit_truth(self, operand: Expr) -> ast.expr:
        return self.run(running.truth, self.emit(operand))

    def emit_if(self, condition: Expr, then: Expr, otherwise: Expr) -> ast.expr:
        return conditional(self.emit(condition), self.emit(then), self.emit(otherwise))

    def emit_else(self, operand: Expr, otherwise: Expr) -> ast.expr:
        t = self.fresh()
        test = compare(assign(t, self.emit(operand)), ast.IsNot(), literal(None))
        return conditional(test, name(t), self.emit(otherwise))

    def emit_list(self, *items: Expr) -> ast.expr:
        return ast.List([self.emit(item) for item in items], ast.Load())

    def emit_record(self, *fields: tuple[str, Expr]) -> ast.expr:
        return ast.Dict([literal(key) for key, _ in fields], [self.emit(item) for _, item in fields])

    def emit_optional_list(self, *items: tuple[Expr, bool]) -> ast.expr:
        return self.run(running.make_list, _tuple(_tuple(self.emit(item), literal(opt)) for item, opt in items))

    def emit_map(self, *items: tuple[Expr, Expr, bool]) -> ast.expr:
        made = _tuple(_tuple(self.emit(key), self.emit(item), literal(opt)) for key, item, opt in items)
        return self.run(running.make_map, name("C"), made)

    def emit_text(self, *parts: Expr) -> ast.expr:
        return self.joined([self.emit(part) for part in parts])

    def joined(self, parts: list[ast.expr]) -> ast.expr:
        """One string of several. Of many, each a mebibyte, the length is asked before they are put together."""
        written = [isinstance(part, ast.Constant) and isinstance(part.value, str) for part in parts]
        if written.count(False) > _AT_ONCE:
            return self.run(running.text, name("C"), _tuple(parts))
        made: list[ast.expr] = [
            part if known else ast.FormattedValue(part, -1, None) for part, known in zip(parts, written, strict=True)
        ]
        return self.run(charge_text, name("C"), ast.JoinedStr(made))

    def emit_bind(self, number: int, value: Expr, body: Expr) -> ast.expr:
        return call(function((f"b{number}",), self.emit(body)), [self.emit(value)])

    # -- macros -------------------------------------------------------------------------------------------------------

    def emit_loop(self, kind: str, domain: str, bound: tuple[int, ...], source: Expr, *bodies: Expr) -> ast.expr:
        weight = 1 + sum(weight_of(body) for body in bodies) // 4
        walked = self.run(running.walk, name("C"), self.emit(source), literal(weight))
        variables = [f"b{number}" for number in bound]
        if kind == "sort_by":
            return self.run(running.sort_by, name("C"), walked, function(variables, self.emit(bodies[0])))
        it = self.fresh()
        items: ast.expr = name(it)
        target: ast.expr = store(variables[0])
        if len(variables) == 2:
            target = ast.Tuple([store(v) for v in variables], ast.Store())
            if domain == "list":
                items = call(name("enumerate"), [items])
            elif domain == "map":
                items = method(items, "items")
            else:
                items = self.run(running.pairs, items)
        # The source arrives as an argument: Python allows no assignment expression where a comprehension iterates.
        return call(function((it,), self.comprehension(kind, target, variables, items, bodies)), [walked])

    def comprehension(
        self, kind: str, target: ast.expr, variables: list[str], items: ast.expr, bodies: tuple[Expr, ...]
    ) -> ast.expr:
        first = self.emit(bodies[0])
        if kind in ("all", "exists"):
            if may_fail(bodies[0]):
                helper = running.all_of if kind == "all" else running.any_of
                if len(variables) == 1:
                    return self.run(helper, name("C"), items, function(variables, first))
                pair = self.fresh()
                unpacked = call(function(variables, first), [ast.Starred(name(pair), ast.Load())])
                return self.run(helper, name("C"), items, function((pair,), unpacked))
            test = ast.GeneratorExp(first, [loop(target, items)])
            return call(name("all" if kind == "all" else "any"), [test])
        if kind == "exists_one":
            return self.run(running.exactly_one, ast.GeneratorExp(first, [loop(target, items)]))
        if kind == "filter":
            return ast.ListComp(name(variables[0]), [loop(target, items, first)])
        if kind == "map":
            return ast.ListComp(first, [loop(target, items)])
        if kind == "map_filter":
            return ast.ListComp(self.emit(bodies[1]), [loop(target, items, first)])
        if kind == "transform_map":
            return ast.DictComp(name(variables[0]), first, [loop(target, items)])
        if kind == "transform_map_filter":
            return ast.DictComp(name(variables[0]), self.emit(bodies[1]), [loop(target, items, first)])
        if kind == "transform_entries":
            return self.run(running.entries, ast.GeneratorExp(first, [loop(target, items)]))
        if kind == "transform_entries_filter":
            return self.run(running.entries, ast.GeneratorExp(self.emit(bodies[1]), [loop(target, items, first)]))
        raise ExpressionError(f"a macro of a newer version: {kind}")

    def run(self, helper: Callable[..., Any], *args: ast.expr) -> ast.expr:
        return call(self.global_(helper), args)


_WORDS = {"select?": "select_or_null", "index?": "index_or_null", "list?": "optional_list"}


def _tuple(items: Any, *more: ast.expr) -> ast.expr:
    parts = [items, *more] if isinstance(items, ast.expr) else list(items)
    return ast.Tuple(parts, ast.Load())


class Dispatch:
    """An operation chosen by the types of its values when it runs."""

    __slots__ = ("functions", "operations", "seen", "title")

    def __init__(self, form: Form, title: str) -> None:
        self.title = title
        self.operations = TABLE.named(form, title)
        self.functions: dict[str, Callable[..., Any]] = {}
        self.seen: dict[tuple[type, ...], Operation] = {}

    def __call__(self, context: Context, *args: Any) -> Any:
        key = tuple(map(type, args))
        operation = self.seen.get(key)
        values: Sequence[Any] = args
        # A type alone does not decide (an int may be too large), so what was chosen before is only tried first.
        if operation is None or not all(map(running.fits, operation.params, args)):
            chosen = running.choose(self.operations, args)
            if chosen is None:
                charge(context, 8 * len(self.operations))  # all were tried, and nothing of that is kept
                kinds = ", ".join(running.kind_of(arg) for arg in args)
                raise ExpressionError(f"{self.title.rstrip('_')} is not defined for {kinds}")
            operation, values = chosen
            if operation.variadic:
                charge(context, 8 * len(self.operations))
            else:
                self.seen[key] = operation
        if operation.id not in self.functions:
            self.functions[operation.id] = operation_function(operation.id)
        return self.functions[operation.id](context, *values)


def operation_function(id_: str) -> Callable[..., Any]:
    """An operation as a function of the context and its arguments."""
    operation = TABLE.by_id[id_]
    if operation.variadic:
        plain = operation.function
        assert plain is not None
        return plain if operation.needs_context else lambda _context, *args: plain(*args)
    operands = tuple(("local", i) for i in range(len(operation.params)))
    compiled = compile_expressions((("do", id_, *operands),))[0]
    return lambda context, *args: compiled((), args, context)


__all__ = ["Compiled", "Dispatch", "compile_expressions", "constant", "operation_function"]
