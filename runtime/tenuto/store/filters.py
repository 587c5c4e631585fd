"""What a filter of runs may name: the columns of the table of runs, and the same values of a run in memory."""

from __future__ import annotations

import contextlib
from collections.abc import Collection
from typing import Any

import orjson
from tenuto_dsl.filters import Column
from tenuto_interpreter.expr import ExpressionError
from tenuto_interpreter.expr.cel import Timestamp, from_json
from tenuto_interpreter.expr.cel.conversions import read_moment

from tenuto.store.ids import run_id_text
from tenuto.store.protocol import RunView, Status

FIRST_PLACE = 6
"""The number of a filter's first parameter: the statement that lists runs has five of its own."""

_STATUSES = tuple(status.name.lower() for status in Status)

RUN_COLUMNS: dict[str, Column] = {
    "workflow_id": Column("workflow_id", "string"),
    "run_id": Column("run_id::text", "string"),
    "workflow": Column("workflow", "string"),
    "status": Column(f"(array[{', '.join(map(repr, _STATUSES))}])[status + 1]", "string", choices=_STATUSES),
    "states": Column("states", "string"),
    "started_at": Column("started_at", "timestamp"),
    "closed_at": Column("closed_at", "timestamp", nullable=True),
    "parked": Column("parked", "string", nullable=True),
    "strikes": Column("strikes", "int"),
    "attributes": Column("coalesce(attributes, '{}'::jsonb)", "object"),
}

assert [int(status) for status in Status] == list(range(len(_STATUSES)))


def run_columns(timestamps: Collection[str]) -> dict[str, Column]:
    """The columns, and those attributes that are declared as timestamps: JSON has them as texts."""
    times = {}
    for name in timestamps:
        quoted = name.replace("'", "''")
        times[f"attributes.{name}"] = Column(f"(attributes -> '{quoted}')", "timestamp_text")
    return RUN_COLUMNS | times


def values_of(view: RunView, names: Collection[str]) -> dict[str, Any]:
    """What a filter reads of a run: the named columns, by name."""
    attributes = orjson.loads(view.attributes) if view.attributes else {}
    values: dict[str, Any] = {
        "workflow_id": view.workflow_id, "run_id": run_id_text(view.key.run_id),
        "workflow": view.workflow, "status": view.status.name.lower(), "states": view.states,
        "started_at": Timestamp(view.started_at * 1000), "parked": view.parked, "strikes": view.strikes,
        "closed_at": None if view.closed_at is None else Timestamp(view.closed_at * 1000),
        "attributes": from_json(attributes),
    }  # fmt: skip
    for name in names:
        text = attributes.get(name.removeprefix("attributes.")) if name not in RUN_COLUMNS else None
        if isinstance(text, str):
            with contextlib.suppress(ExpressionError):
                values[name] = read_moment(text)
    return values
