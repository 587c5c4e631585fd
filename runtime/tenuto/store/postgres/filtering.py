"""The statement that lists runs, with a filter in it: its condition among the others, its values as parameters."""

from __future__ import annotations

from collections.abc import Callable
from struct import Struct
from typing import TYPE_CHECKING, Any

from tenuto.store.postgres import arrays as a
from tenuto.store.postgres.reading import RUNS, RUNS_ORDER
from tenuto.store.postgres.session import Statement

if TYPE_CHECKING:
    from tenuto_dsl.filters import Filter

_FLOAT8 = 701
_double = Struct(">d").pack

_KINDS: dict[str, tuple[int, Callable[[Any], bytes]]] = {
    "text": (a.TEXT, str.encode),
    "texts": (a.TEXTS, a.texts),
    "bigint": (a.INT8, a.int8),
    "float8": (_FLOAT8, _double),
    "bool": (a.BOOL, a.boolean),
    "timestamptz": (a.TIMESTAMPTZ, a.timestamp),
}


def filtered_runs(filter: Filter) -> tuple[Statement, list[bytes]]:
    """The statement, which has no name: there are as many as people think of. And the filter's own parameters."""
    oids = tuple(_KINDS[parameter.kind][0] for parameter in filter.parameters)
    conditions, _, order = RUNS.sql.rpartition(RUNS_ORDER)
    statement = Statement("", f"{conditions} and ({filter.sql}){RUNS_ORDER}{order}", (*RUNS.oids, *oids))
    return statement, [_KINDS[parameter.kind][1](parameter.value) for parameter in filter.parameters]
