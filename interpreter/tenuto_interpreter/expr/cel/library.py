"""The library of CEL, gathered from the modules that declare it."""

from __future__ import annotations

from tenuto_interpreter.expr.cel import collections, conversions, maths, operators, texts, times
from tenuto_interpreter.expr.cel.table import Library

LIBRARY = Library(module.ROWS for module in (operators, conversions, texts, maths, collections, times))
