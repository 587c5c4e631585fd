"""Plans made while the tables were empty must do when they are full, without new statistics.

The bounds are generous: a plan that goes wrong here takes ten seconds and more, a right one milliseconds.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import psycopg
from tenuto.store.protocol import Flush, Post, RunKey

from tests.runtime.store.kit import PostgresFace, closing, rest, started, steps, take

_RUNS = 12_000
_FILL = f"""
  alter table tenuto.run set (autovacuum_enabled = off);
  alter table tenuto.inbox set (autovacuum_enabled = off);
  insert into tenuto.run
    (shard, run_id, workflow_id, workflow, definition, snapshot, started_at, owner, status, ready_at)
    select g % 1024, gen_random_uuid(), 'w' || g, 'flow', '', '', now(), case when g % 2 = 0 then %(lane)s end,
           0, now() + interval '1 day' from generate_series(1, {_RUNS}) g;
  insert into tenuto.inbox (shard, run_id, kind, ref, payload)
    select shard, run_id, 1, 'm', 'x' from tenuto.run where owner = %(lane)s order by workflow_id limit 900"""


def _within(seconds: float, call: Callable[[], object]) -> None:
    begun = time.monotonic()
    call()
    assert time.monotonic() - begun < seconds


def test_full_tables_with_plans_of_empty_ones(pg_dsn: str) -> None:
    face = PostgresFace(pg_dsn)
    client, lane, other = face.client(), face.lane(60_000), face.lane(60_000)
    for one in (lane, other):  # every statement is planned now
        (run,) = started(client, one, f"first-{one.lane}")
        one.flush(Flush(history=steps(run, b"1"), rewrites=[rest(run.key, 1)]))
        client.post(run.workflow_id, 1, b"x")
        again = take(one)[run.workflow_id]
        one.flush(Flush(consumed=[(n.key, n.id) for n in again.news], closing=[closing(again.key, 1)]))
        one.news()
        one.claim(1, careful=True)
    with psycopg.connect(pg_dsn, autocommit=True) as connection:
        connection.execute((_FILL.replace("%(lane)s", str(lane.lane))).encode())
        rows = connection.execute("select shard, run_id from tenuto.run where owner = %s limit 300", [lane.lane])
        keys = [RunKey(shard, run_id.bytes) for shard, run_id in rows]
    assert len(keys) == 300
    _within(2, lambda: lane.news())
    _within(2, lambda: other.claim(100))
    _within(2, lambda: other.claim(100, careful=True))
    _within(2, lambda: other.next_ready_at())
    a, b = keys[:200], keys[200:]
    flush = Flush(history=[(key, 1, b"x") for key in a], rewrites=[rest(key, 1, release=False) for key in a])
    _within(2, lambda: lane.flush(flush))
    _within(
        2, lambda: lane.flush(Flush(posts=[Post(key, 1, "", b"") for key in a], by_workflow_id=[("w1", 1, "", b"")]))
    )
    _within(2, lambda: lane.flush(Flush(closing=[closing(key, 0) for key in b], attributes=[(a[0], b"{}")])))
    _within(10, lambda: other.reap(force=[lane.lane]))
    face.close()


_LONG = """
  insert into tenuto.run (shard, run_id, workflow_id, workflow, definition, snapshot, started_at, closed_at, status)
    select %(shard)s, gen_random_uuid(), 'long', 'flow', '', '', now() - interval '1 day', now(), 6
    from generate_series(1, 20000) g;
  update tenuto.run set first_run = (select run_id from tenuto.run where workflow_id = 'long' and status = 6 limit 1)
    where workflow_id = 'long' and status = 0;
  insert into tenuto.run (shard, run_id, workflow_id, workflow, definition, snapshot, started_at, status, on_close,
                          parent_shard, parent_run, parent_first)
    select g % 1024, gen_random_uuid(), 'kid' || g, 'flow', '', '', now(), 0, 1, p.shard, p.run_id, p.first_run
    from tenuto.run p, generate_series(1, 4000) g where p.workflow_id = 'long' and p.status = 0"""


def test_the_end_of_a_long_chain_with_many_children(pg_dsn: str) -> None:
    face = PostgresFace(pg_dsn)
    client, lane = face.client(), face.lane(60_000)
    (run,) = started(client, lane, "long")
    with psycopg.connect(pg_dsn, autocommit=True) as connection:
        connection.execute("alter table tenuto.run set (autovacuum_enabled = off)")
        connection.execute((_LONG.replace("%(shard)s", str(run.key.shard))).encode())
    _within(2, lambda: client.open_children(run.key))
    _within(2, lambda: client.last_of_chain(run.key))
    _within(4, lambda: lane.flush(Flush(closing=[closing(run.key, 0)])))
    with psycopg.connect(pg_dsn) as connection:
        assert connection.execute("select count(*) from tenuto.inbox where kind = 3").fetchone() == (4000,)
    face.close()
