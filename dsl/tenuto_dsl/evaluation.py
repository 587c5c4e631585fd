"""Evaluating one expression on JSON data, for whoever is no workflow: the command line, and tests of data.

Without declared types it is CEL as its specification has it: what comes from the data is `dyn`. With declared types it
is checked as a workflow checks it: null is tested, `any` is cast. Nothing is remembered from one evaluation to the next
but compiled expressions.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from tenuto_interpreter.expr import Context, ExpressionError, LimitError
from tenuto_interpreter.types import ANY, Type

from tenuto_dsl.diagnostics import Diagnostic, Diagnostics
from tenuto_dsl.syntax import parse_expression, tree

NAME = "<expression>"
"""What diagnostics call the source."""

MAX_SOURCE = 100_000
"""The longest expression, in characters."""

BUDGET = 500_000
"""What one evaluation may cost, in steps: about a second at most."""

_CACHED_EXPRESSIONS = 500
_CACHED_CHARACTERS = 500_000

Run: TypeAlias = Callable[[Mapping[str, Any], Context], Any]


class Refused(Exception):
    """The expression has no value: mistakes in it, or this data does not do. `items` say where and why."""

    def __init__(self, items: list[Diagnostic]) -> None:
        super().__init__(items[0].message)
        self.items = items


class DataError(Exception):
    """The data does not have the types that were declared."""


class Evaluator:
    """Evaluates expressions, and keeps the compiled form of those that were used last."""

    def __init__(self, types: Mapping[str, Type] | None = None, *, budget: int = BUDGET) -> None:
        self.types = types
        self.budget = budget
        self._cache: OrderedDict[tuple[str, tuple[str, ...]], Run] = OrderedDict()
        self._characters = 0

    def __call__(self, source: str, data: Mapping[str, Any], *, now: int = 0) -> Any:
        """The value of an expression over named data, as JSON. Raises Refused and DataError."""
        names = tuple(sorted(data))
        run = self._cache.get((source, names))
        if run is None:
            run = self._prepare(source, names)
            self._remember((source, names), run)
        else:
            self._cache.move_to_end((source, names))
        return run(data, Context(now=now, budget=self.budget))

    def _remember(self, key: tuple[str, tuple[str, ...]], run: Run) -> None:
        self._cache[key] = run
        self._characters += len(key[0])
        while len(self._cache) > _CACHED_EXPRESSIONS or self._characters > _CACHED_CHARACTERS:
            (dropped, _), _ = self._cache.popitem(last=False)
            self._characters -= len(dropped)

    def _prepare(self, source: str, names: tuple[str, ...]) -> Run:
        sink = Diagnostics()
        if len(source) > MAX_SOURCE:
            nowhere = tree.Span(NAME, 1, 1, 1, 1)
            sink.error("TEN257", nowhere, f"the expression is longer than {MAX_SOURCE:,} characters")
            raise Refused(sink.items)
        node = parse_expression(source if self.types is not None else _comments_as_ours(source), NAME, sink)
        run: Run | None = None
        if node is not None and not sink.has_errors:
            try:
                run = _dynamic(node, names, sink) if self.types is None else _typed(node, names, self.types, sink)
            except LimitError as error:  # the compiler's own limits
                sink.error("TEN257", node.span, str(error))
        if run is None or sink.has_errors:
            raise Refused([item for item in sink.items if item.severity == "error"])
        return run


# What is not closed goes to its end: nothing is ever scanned twice.
_COMMENT = re.compile(
    r"""(?:[rR][bB]?|[bB][rR])(?:"{3}.*?(?:"{3}|\Z)|'{3}.*?(?:'{3}|\Z)|"[^"\n]*"?|'[^'\n]*'?)"""
    r"""|"{3}(?:[^\\]|\\.)*?(?:"{3}|\Z)|'{3}(?:[^\\]|\\.)*?(?:'{3}|\Z)"""
    r"""|"(?:[^"\\\n]|\\.)*"?|'(?:[^'\\\n]|\\.)*'?|\#[^\n]*|(?P<comment>//)""",
    re.DOTALL,
)


def _comments_as_ours(source: str) -> str:
    """CEL's comments begin with `//`, ours with `#`: as long, so that every place stays where it is."""
    if "//" not in source:
        return source
    return _COMMENT.sub(lambda match: "# " if match["comment"] else match[0], source)


def _dynamic(node: tree.Expr, names: tuple[str, ...], sink: Diagnostics) -> Run | None:
    from tenuto_interpreter.expr.cel import compile_cel, from_json, place_of, to_json

    from tenuto_dsl.check.cel import Declarations, check_cel

    checked = check_cel(node, Declarations(dict.fromkeys(names, ("dyn",))), sink)
    if sink.has_errors:
        return None
    compiled = compile_cel(checked.ir)
    places = list(checked.places)

    def run(data: Mapping[str, Any], context: Context) -> Any:
        try:
            return to_json(compiled({name: from_json(data[name]) for name in names}, context))
        except ExpressionError as error:
            place = place_of(error)
            raise _refusal(error, node.span if place is None else places[place]) from None
        except RecursionError:
            raise _refusal(LimitError("a value that is nested too deeply"), node.span) from None

    return run


def _typed(node: tree.Expr, names: tuple[str, ...], types: Mapping[str, Type], sink: Diagnostics) -> Run | None:
    from tenuto_interpreter.expr import compile_expressions
    from tenuto_interpreter.expr.cel import to_json
    from tenuto_interpreter.values import ShapeError, accepts_null, reader, writer

    from tenuto_dsl.check.expressions import Allow, Binding, Scope, check_expression

    declared = {**{name: ANY for name in names if name not in types}, **types}
    slots = list(declared)
    bindings = {name: Binding(declared[name], ("var", slot), "data") for slot, name in enumerate(slots)}
    checked = check_expression(node, Scope(bindings, {}, Allow(active=False)), sink)
    if sink.has_errors:
        return None
    compiled = compile_expressions((checked.ir,))[0]
    read = {name: reader(type_, {}, False) for name, type_ in declared.items()}
    write = writer(checked.type, {})

    def run(data: Mapping[str, Any], context: Context) -> Any:
        try:
            values = []
            for name in slots:
                if name not in data and not accepts_null(declared[name], {}):
                    raise DataError(f"there is no value for {name}")
                values.append(read[name](data.get(name), name))
        except ShapeError as error:
            raise DataError(str(error)) from None
        try:
            return to_json(write(compiled(values, (), context)))
        except ExpressionError as error:
            raise _refusal(error, node.span) from None
        except (RecursionError, ShapeError) as error:
            raise _refusal(LimitError(str(error)), node.span) from None

    return run


def _refusal(error: ExpressionError, span: tree.Span) -> Refused:
    code = "TEN271" if isinstance(error, LimitError) else "TEN270"
    return Refused([Diagnostic(code, "error", str(error), span)])
