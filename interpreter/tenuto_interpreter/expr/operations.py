"""The table of all operations: one line per module that declares some."""

from __future__ import annotations

from tenuto_interpreter.expr import conversions, encodings, facts, lists, operators, strings
from tenuto_interpreter.expr.table import Table

TABLE = Table((operators.ROWS, conversions.ROWS, strings.ROWS, lists.ROWS, encodings.ROWS, facts.ROWS))
