"""From the source of a filter to its SQL, and to a test of single rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tenuto_interpreter.expr import Context, ExpressionError
from tenuto_interpreter.expr.cel import Evaluable, compile_cel

from tenuto_dsl.check.cel import Declarations, check_cel
from tenuto_dsl.diagnostics import Diagnostics
from tenuto_dsl.filters.columns import Columns
from tenuto_dsl.filters.pieces import Parameter
from tenuto_dsl.filters.translator import Translator, Untranslatable
from tenuto_dsl.syntax import parse_expression, tree

NAME = "<filter>"
"""What diagnostics call the source."""

_MAX_SOURCE = 10_000
_BUDGET = 100_000


@dataclass(frozen=True, slots=True)
class Filter:
    """`sql` is a condition whose places are numbered from where `translate` was told; `names` are the columns it
    reads, `fields` what it asks of objects among them."""

    sql: str
    parameters: tuple[Parameter, ...]
    names: frozenset[str]
    fields: frozenset[str]
    _run: Evaluable
    _now: int

    def matches(self, row: Mapping[str, Any]) -> bool:
        """Whether a row matches, by the evaluator: its values by column name, what is absent left out."""
        try:
            return self._run(row, Context(now=self._now, budget=_BUDGET)) is True
        except ExpressionError:
            return False


def translate(source: str, columns: Columns, sink: Diagnostics, *, now: int, first: int = 1) -> Filter | None:
    """The filter; None, with diagnostics, when it has mistakes or is nothing the database can be asked.

    `now` is what `now()` gives, in microseconds; `first` the number of the first parameter.
    """
    if len(source) > _MAX_SOURCE:
        nowhere = tree.Span(NAME, 1, 1, 1, 1)
        sink.error("TEN257", nowhere, f"a filter of more than {_MAX_SOURCE:,} characters")
        return None
    node = parse_expression(source, NAME, sink)
    if node is None or sink.has_errors:
        return None
    declared = Declarations({name: column.type for name, column in columns.items()})
    checked = check_cel(node, declared, sink)
    if checked.type not in (("bool",), ("dyn",), ("error",)):
        sink.error("TEN244", node.span, "a filter is a condition: it is true or false")
    if any(item.severity == "error" for item in sink.items):
        return None
    context = Context(now=now, budget=_BUDGET)
    translator = Translator(columns, checked.places or (node.span,), context)
    try:
        sql, parameters = translator.parameters.numbered(translator.condition(checked.ir), first)
        run = compile_cel(checked.ir)
    except Untranslatable as error:
        sink.error(error.code, error.span, str(error), error.hint)
        return None
    except ExpressionError as error:
        sink.error("TEN257", node.span, str(error))
        return None
    return Filter(sql, parameters, frozenset(translator.names), frozenset(translator.fields), run, now)
