"""Filters: a condition over the columns of a table, asked of PostgreSQL or of a row at hand, with one answer.

A filter is an expression of dynamic CEL. Whether a row matches is whether the expression is true of it; when it fails
(an attribute is absent, a text is compared with a number) the row does not match. CEL's `&&` and `||` absorb errors
just as SQL's AND and OR do unknown truth, so a failure is NULL in SQL, and the two agree. Values never become part of
the statement's text: all are parameters.
"""

from __future__ import annotations

from tenuto_dsl.filters.columns import Column, ColumnKind, Columns
from tenuto_dsl.filters.filter import Filter, translate
from tenuto_dsl.filters.pieces import Parameter, ParameterKind

__all__ = ["Column", "ColumnKind", "Columns", "Filter", "Parameter", "ParameterKind", "translate"]
