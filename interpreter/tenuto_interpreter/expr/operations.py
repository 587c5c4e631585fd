"""The table of all operations, gathered from the modules that declare them."""

from __future__ import annotations

from tenuto_interpreter.expr import (
    conversions,
    encodings,
    facts,
    lists,
    maths,
    operators,
    schedules,
    strings,
    times,
)
from tenuto_interpreter.expr.table import Table

TABLE = Table(
    module.ROWS for module in (operators, conversions, strings, maths, lists, times, schedules, encodings, facts)
)
