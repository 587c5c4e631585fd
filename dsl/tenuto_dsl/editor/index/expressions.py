"""The names in expressions and types."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from tenuto_dsl.check.expressions.macros import LOOPS
from tenuto_dsl.check.facts import StateFacts
from tenuto_dsl.editor.index import shapes
from tenuto_dsl.editor.index.shapes import Shape
from tenuto_dsl.editor.index.symbols import Index, Occurrence, Symbol
from tenuto_dsl.editor.index.table import Table, symbol_of
from tenuto_dsl.editor.positions import Lines
from tenuto_dsl.syntax import tree

Role = Literal["declaration", "read", "write"]

_SAME = frozenset(("filter", "sortBy", "sort", "reverse", "distinct", "slice", "orValue", "or"))
"""Methods that give what they were called on, or a part of the same shape."""
_ITEM = frozenset(("first", "last"))


class Env:
    """The names in scope: what each stands for, and the shape of its value."""

    def __init__(self, parent: Env | None = None) -> None:
        self.parent = parent
        self.own: dict[str, tuple[Symbol, Shape | None]] = {}

    def find(self, name: str) -> tuple[Symbol, Shape | None] | None:
        env: Env | None = self
        while env is not None:
            if name in env.own:
                return env.own[name]
            env = env.parent
        return None


class ExpressionBinder:
    """Meets the names in expressions and types, and keeps them in an index when they stand in its file."""

    def __init__(self, file: str, lines: Lines, table: Table) -> None:
        self.file = file
        self.lines = lines
        self.table = table
        self.index = Index()
        self._seen: set[tree.Span] = set()
        self.called: Mapping[str, StateFacts] = {}
        """The states of the workflow at hand by what `active` may call them."""
        self.chains: Mapping[int, tuple[StateFacts, ...]] = {}
        """By a state's number: it and the states around it, innermost first."""
        self.spaces: Mapping[str, Mapping[str, Symbol]] = {}
        """In a test: what may follow `query.` and `called.`."""
        self.outcome: Mapping[str, Shape | None] = {}
        """In a test: the shapes of `workflow.result` and `workflow.error`."""

    # -- keeping ------------------------------------------------------------------------------------------------------

    def see(self, symbol: Symbol, span: tree.Span, role: Role = "read", *, within: str | None = None) -> None:
        """Keep an occurrence: the name alone, without quotes around it. `within` is the text that holds it."""
        if span.file != self.file:
            return
        written = self.lines.slice(span)
        start = 0
        if written != symbol.name:
            start = written.find(within or symbol.name)
            if start >= 0 and within is not None:
                start += within.find(symbol.name)
            if start < 0 or "\n" in written[: start + len(symbol.name)]:
                return
        col = span.col + start
        exact = tree.Span(span.file, span.line, col, span.line, col + len(symbol.name))
        if exact in self._seen:
            return
        self._seen.add(exact)
        self.index.occurrences.append(Occurrence(symbol, exact, role))

    def declare(self, symbol: Symbol, env: Env | None = None, shape: Shape | None = None) -> None:
        self.see(symbol, symbol.span, "declaration")
        if env is not None:
            env.own.setdefault(symbol.name, (symbol, shape))

    # -- types --------------------------------------------------------------------------------------------------------

    def type(self, node: tree.TypeNode | None) -> None:
        match node:
            case tree.NamedType(name=name):
                found = self.table.find("type", name)
                if found is not None:
                    self.see(found, node.span)
            case tree.ListType(item=item) | tree.OptionalType(item=item) | tree.SensitiveType(item=item):
                self.type(item)
            case tree.MapType(key=key, value=value):
                self.type(key)
                self.type(value)
            case tree.RecordType(fields=fields):
                self.fields(fields)
            case tree.UnionType(options=options):
                for option in options:
                    self.type(option)
            case _:
                pass

    def fields(self, fields: tuple[tree.Field, ...]) -> None:
        for field in fields:
            self.declare(self.table.member(field))
            self.type(field.type)

    # -- expressions --------------------------------------------------------------------------------------------------

    def expr(self, node: tree.Expr | None, env: Env, expected: Shape | None = None) -> Shape | None:
        """Meet the names in an expression; the shape of its value."""
        match node:
            case tree.Ident(name=name):
                found = env.find(name)
                if found is None:
                    return None
                self.see(found[0], node.span)
                return found[1]
            case tree.Select():
                return self._select(node, env)
            case tree.Call():
                return self._call(node, env)
            case tree.Index(operand=operand, index=index):
                shape = self.expr(operand, env)
                self.expr(index, env)
                return shapes.item(shape, self.table.types)
            case tree.Binary(operator="==" | "!=" | "+" as operator, left=left, right=right):
                # What is compared, or put together, is of one shape: a literal takes it from the other side.
                turned = isinstance(left, tree.MapExpr | tree.ListExpr)
                known = self.expr(right if turned else left, env)
                self.expr(left if turned else right, env, known or expected)
                return known if operator == "+" else None
            case tree.Binary(left=left, right=right):
                self.expr(left, env)
                self.expr(right, env)
            case tree.Unary(operand=operand):
                self.expr(operand, env)
            case tree.Conditional(condition=condition, then=then, otherwise=otherwise):
                self.expr(condition, env)
                first, second = self.expr(then, env, expected), self.expr(otherwise, env, expected)
                return first or second
            case tree.ListExpr(items=items):
                inner = shapes.item(expected, self.table.types)
                found_shapes = [self.expr(item, env, inner) for item in items]
                return expected or _list_of(next((s for s in found_shapes if s is not None), None))
            case tree.MapExpr(entries=entries):
                for entry in entries:
                    self._entry(entry, env, expected)
                return expected
            case tree.Interpolation(parts=parts):
                for part in parts:
                    if not isinstance(part, str):
                        self.expr(part, env)
            case _:
                pass
        return None

    def _select(self, node: tree.Select, env: Env) -> Shape | None:
        operand, name = node.operand, node.field
        if isinstance(operand, tree.Ident) and operand.name == "config" and env.find("config") is None:
            found = self.table.find("config", name.text)
            if found is None:
                return None
            self.see(found, name.span)
            return self.table.configs[name.text].type
        if isinstance(operand, tree.Ident) and operand.name == "workflow" and name.text in self.outcome:
            return self.outcome[name.text]
        if isinstance(operand, tree.Ident) and operand.name in self.spaces and env.find(operand.name) is None:
            meant = self.spaces[operand.name].get(name.text)
            if meant is not None:
                self.see(meant, name.span)
            return self._called(operand.name, meant)
        shape = self.expr(operand, env)
        return self.member(shape, name)

    def _called(self, space: str, meant: Symbol | None) -> Shape | None:
        """The arguments of every call so far; the answer of a query."""
        match meant.node if meant is not None else None:
            case tree.ActivityDecl(params=params) | tree.WorkflowDecl(params=params) if space == "called":
                return shapes.Several(shapes.Members(params))
            case tree.QueryDecl(returns=returns):
                return returns
            case _:
                return None

    def member(self, shape: Shape | None, name: tree.Name) -> Shape | None:
        """The field of a value; the shape of what it holds."""
        found = shapes.member(shape, name.text, self.table.types)
        if found is None:
            return shapes.item(shape, self.table.types) if isinstance(shape, tree.MapType) else None
        self.see(self.table.member(found), name.span)
        return found.type

    def _entry(self, entry: tree.MapEntry, env: Env, expected: Shape | None) -> None:
        key = entry.key
        if isinstance(key, tree.Literal_) and isinstance(key.value, str):
            found = shapes.member(expected, key.value, self.table.types)
            if found is not None:
                self.see(self.table.member(found), key.span)
                self.expr(entry.value, env, found.type)
                return
        else:
            self.expr(key, env)
        self.expr(entry.value, env, shapes.item(expected, self.table.types))

    def _call(self, node: tree.Call, env: Env) -> Shape | None:
        name = node.function.text
        if node.target is None:
            self._named_by_text(name, node.args)
            found = [self.expr(arg, env) for arg in node.args]
            return next((shape for shape in found if shape is not None), None) if name in ("min", "max") else None
        shape = self.expr(node.target, env)
        loop = LOOPS.get(name, {}).get(len(node.args))
        if loop is not None:
            inner = Env(env)
            for number, arg in enumerate(node.args[: loop.variables]):
                if isinstance(arg, tree.Ident):
                    is_value = loop.variables == 2 and number == 1
                    held = shapes.item(shape, self.table.types) if is_value else shapes.looped(shape, self.table.types)
                    if loop.variables == 2 and number == 0:
                        held = None
                    self.declare(Symbol("macro variable", arg.name, arg.span, arg), inner, held)
            bodies = [self.expr(arg, inner) for arg in node.args[loop.variables :]]
            if name in ("map", "transformList"):
                return _list_of(bodies[-1]) if bodies else None
            return shape if name in _SAME else None
        args = [self.expr(arg, env) for arg in node.args]
        if name in _ITEM:
            return shapes.item(shape, self.table.types)
        if name in _SAME:
            return shape or next((arg for arg in args if arg is not None), None)
        return None

    def _named_by_text(self, function: str, args: tuple[tree.Expr, ...]) -> None:
        """`active("path")` names states, `calls("f")` an activity or a workflow."""
        if len(args) != 1 or not isinstance(args[0], tree.Literal_) or not isinstance(args[0].value, str):
            return
        text, span = args[0].value, args[0].span
        if function in ("calls", "attempts"):
            found = self.table.find("callable", text)
            if found is not None:
                self.see(found, span)
        elif function == "active" and text in self.called:
            chain = self.chains[self.called[text].index]
            parts = text.split(".")
            for number, state in enumerate(chain[: len(parts)]):
                before = ".".join(parts[: len(parts) - 1 - number])
                start = span.col + self.lines.slice(span).find(text) + (len(before) + 1 if before else 0)
                where = tree.Span(span.file, span.line, start, span.line, start + len(state.name))
                self.see(symbol_of(state.node), where)


def _list_of(shape: Shape | None) -> Shape | None:
    if shape is None or isinstance(shape, shapes.Members | shapes.Several):
        return None
    return tree.ListType(shape, span=shape.span)
