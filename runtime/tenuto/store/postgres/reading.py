"""What clients read: the statements, and the objects made of their rows."""

from __future__ import annotations

from psycopg.pq.abc import PGresult

from tenuto.store.postgres import arrays as a
from tenuto.store.postgres.session import Statement
from tenuto.store.protocol import Definition, HistoryRow, News, RunKey, RunView, Status

_RUN = """select shard, run_id, workflow_id, workflow, definition, status, states, started_at, closed_at, ready_at,
  owner, strikes, parked, snapshot_seq, snapshot, outcome, attributes::text, parent_shard, parent_run, origin
  from tenuto.run"""
_DEFINITION = "select digest, workflow, version, program, source, form, file from tenuto.definition"

VIEW = Statement(
    "view",
    f"{_RUN} where shard = $1 and workflow_id = $2 and status in (0, 1, 7) union all"
    f" ({_RUN} where shard = $1 and workflow_id = $2 and status between 2 and 6"
    " order by started_at desc, run_id desc limit 1)",
    (a.INT2, a.TEXT),
)
VIEW_KEY = Statement("view_key", f"{_RUN} where shard = $1 and run_id = $2", (a.INT2, a.UUID))
VIEW_RUN = Statement("view_run", f"{_RUN} where run_id = $1", (a.UUID,))
RUNS_ORDER = " order by run_id desc limit "
RUNS = Statement(
    "runs",
    f"{_RUN} where ($1::smallint[] is null or status = any ($1)) and ($2::text is null or workflow = $2)"
    " and ($3::text is null or starts_with(workflow_id, $3)) and ($4::uuid is null or run_id < $4)"
    f"{RUNS_ORDER}$5",
    (a.INT2S, a.TEXT, a.TEXT, a.UUID, a.INT4),
)
HISTORY = Statement(
    "history",
    "select seq, at, kind, payload, ref from tenuto.history where shard = $1 and run_id = $2 and seq > $3"
    " order by seq limit $4",
    (a.INT2, a.UUID, a.INT4, a.INT4),
)
UNREAD = Statement(
    "unread",
    "select shard, run_id, id, kind, ref, payload from tenuto.inbox where shard = $1 and run_id = $2 order by id",
    (a.INT2, a.UUID),
)
OUTCOMES = Statement(
    "outcomes",
    "select r.shard, r.run_id, r.status, r.outcome from unnest($1, $2) x (shard, run_id)"
    " join tenuto.run r on r.shard = x.shard and r.run_id = x.run_id where r.status between 2 and 6",
    (a.INT2S, a.UUIDS),
)
OPEN_CHILDREN = Statement(
    "open_children",
    "select c.parent_op, c.workflow_id from tenuto.run p join tenuto.run c on c.parent_shard = p.shard"
    " and coalesce(c.parent_first, c.parent_run) = coalesce(p.first_run, p.run_id)"
    " where p.shard = $1 and p.run_id = $2 and c.parent_run = p.run_id and c.parent_op is not null"
    " and c.status in (0, 1, 7)",
    (a.INT2, a.UUID),
)
LAST_OF_CHAIN = Statement(
    "last_of_chain",
    """with known as (
      select workflow_id, coalesce(first_run, run_id) as first from tenuto.run where shard = $1 and run_id = $2)
    select q.run_id from (
      select r.run_id, r.started_at from known k
      join tenuto.run r on r.shard = $1 and r.workflow_id = k.workflow_id and r.first_run = k.first
      where r.status in (0, 1, 7)
      union all
      select r.run_id, r.started_at from known k cross join lateral (
        select r.run_id, r.started_at from tenuto.run r
        where r.shard = $1 and r.workflow_id = k.workflow_id and r.first_run = k.first and r.status between 2 and 6
        order by r.started_at desc, r.run_id desc limit 1) r) q
    order by q.started_at desc, q.run_id desc limit 1""",
    (a.INT2, a.UUID),
)
ANSWER = Statement(
    "answer",
    "select outcome from tenuto.request where shard = $1 and workflow_id = $2 and request = $3",
    (a.INT2, a.TEXT, a.TEXT),
)
DEFINITION = Statement(
    "definition",
    f"{_DEFINITION} join tenuto.deployment using (digest, workflow) where workflow = $1",
    (a.TEXT,),
)
DEFINITION_DIGEST = Statement("definition_digest", f"{_DEFINITION} where digest = $1", (a.BYTEA,))
DEFINITIONS = Statement("definitions", f"{_DEFINITION} where workflow = $1 order by version desc", (a.TEXT,))
CENSUS = Statement(
    "census",
    "select definition, count(*) from tenuto.run where workflow = $1 and status in (0, 1, 7) group by definition",
    (a.TEXT,),
)
LAST_MIGRATION = Statement(
    "last_migration", "select o_outcome from tenuto.last_migration($1, $2, $3)", (a.INT2, a.TEXT, a.TIMESTAMPTZ)
)
WORKFLOWS = Statement("workflows", "select workflow from tenuto.deployment order by workflow")


def integer(result: PGresult, row: int, column: int) -> int:
    return int.from_bytes(result.get_value(row, column) or b"", "big", signed=True)


def raw(result: PGresult, row: int, column: int) -> bytes:
    return result.get_value(row, column) or b""


def text(result: PGresult, row: int, column: int) -> str:
    return (result.get_value(row, column) or b"").decode()


def _optional_text(result: PGresult, row: int, column: int) -> str | None:
    value = result.get_value(row, column)
    return None if value is None else value.decode()


def read_runs(result: PGresult) -> list[RunView]:
    views = []
    for row in range(result.ntuples):
        value = result.get_value
        owner, parent = value(row, 10), value(row, 18)
        views.append(
            RunView(
                key=RunKey(integer(result, row, 0), raw(result, row, 1)),
                workflow_id=text(result, row, 2),
                workflow=text(result, row, 3),
                definition=raw(result, row, 4),
                status=Status(integer(result, row, 5)),
                states=text(result, row, 6),
                started_at=a.read_timestamp(value(row, 7)) or 0,
                closed_at=a.read_timestamp(value(row, 8)),
                ready_at=a.read_timestamp(value(row, 9)),
                owner=None if owner is None else a.read_int(owner),
                strikes=integer(result, row, 11),
                parked=_optional_text(result, row, 12),
                snapshot_seq=integer(result, row, 13),
                snapshot=raw(result, row, 14),
                outcome=value(row, 15),
                attributes=value(row, 16),
                parent=None if parent is None else RunKey(integer(result, row, 17), parent),
                origin=value(row, 19),
            )
        )
    return views


def read_news(result: PGresult) -> list[News]:
    return [
        News(
            RunKey(integer(result, row, 0), raw(result, row, 1)), integer(result, row, 2), integer(result, row, 3),
            text(result, row, 4), raw(result, row, 5),
        )
        for row in range(result.ntuples)
    ]  # fmt: skip


def read_history(result: PGresult) -> list[HistoryRow]:
    rows = []
    for row in range(result.ntuples):
        kind, news = history_kind(integer(result, row, 2))
        at = a.read_timestamp(result.get_value(row, 1)) or 0
        rows.append(HistoryRow(integer(result, row, 0), at, kind, raw(result, row, 3), text(result, row, 4), news))
    return rows


def history_kind(number: int) -> tuple[str, int]:
    """`history.kind` as a name, and the NewsKind of an unhandled row."""
    if number >= 16:
        return "unhandled", number - 16
    return {0: "step", 1: "closed"}.get(number, f"unknown {number}"), 0


def read_definitions(result: PGresult) -> list[Definition]:
    return [
        Definition(
            raw(result, row, 0), text(result, row, 1), integer(result, row, 2), raw(result, row, 3),
            text(result, row, 4), text(result, row, 5), text(result, row, 6),
        )
        for row in range(result.ntuples)
    ]  # fmt: skip


def read_definition(result: PGresult) -> Definition | None:
    return next(iter(read_definitions(result)), None)
