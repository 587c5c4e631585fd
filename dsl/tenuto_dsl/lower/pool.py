"""The expressions of a program, each once."""

from __future__ import annotations

from tenuto_interpreter import ir

from tenuto_dsl.syntax import tree


class ExpressionPool:
    """Numbers expressions in the order they are first met, and remembers where."""

    def __init__(self) -> None:
        self.expressions: list[ir.Expr] = []
        self.spans: list[tree.Span] = []
        self._known: dict[str, int] = {}

    def add(self, expression: ir.Expr, span: tree.Span) -> ir.ExprIndex:
        # The text is the key because Python holds 1, 1.0 and True to be equal, and they are different programs.
        key = repr(expression)
        index = self._known.get(key)
        if index is None:
            index = self._known[key] = len(self.expressions)
            self.expressions.append(expression)
            self.spans.append(span)
        return index
