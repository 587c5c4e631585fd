"""Races about ownership: a stale writer is fenced off, a living one is never robbed.

Each race has its naive form, which must show the bug (else the interleaving proves nothing), and ours, which must not.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

import psycopg
import pytest
from tenuto.store.postgres import PostgresHeart
from tenuto.store.postgres import statements as sql
from tenuto.store.postgres.arrays import LONG_AGO, boolean, byteas, int4, int8
from tenuto.store.postgres.session import Statement
from tenuto.store.protocol import Doubt, Fenced, Flush, Rewrite
from tenuto.store.watch import Watch

from tests.faults.race_kit import SNAPSHOT, Database, new, transaction


@pytest.fixture
def db(pg_dsn: str) -> Iterator[Database]:
    made = Database(pg_dsn)
    yield made
    made.close()


class Clock:
    """A watcher's monotonic clock, moved by hand."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_naive_history_key_lets_the_zombie_write_first(db: Database) -> None:
    db.run("a", owner=2)  # lane 2 took over and has written nothing yet
    row = "insert into tenuto.history select %s, now(), 1, shard, 0, run_id, null, '' from tenuto.run"
    db.sql(row, 1)  # lane 1 is frozen no more
    with pytest.raises(psycopg.errors.UniqueViolation):
        db.sql(row, 2)  # and the rightful owner is the one who is told off


def test_naive_release_needs_no_history_row_to_collide_with(db: Database) -> None:
    db.run("a", owner=2)
    db.sql("update tenuto.run set owner = null, ready_at = null")
    assert db.one("select owner from tenuto.run") is None


@pytest.mark.parametrize("what", ["history", "release"])
def test_a_zombies_flush_is_refused(db: Database, what: str) -> None:
    zombie, heir = db.lane(), db.lane()
    (run,) = db.runs(zombie, "a")
    assert heir.reap(force=[zombie.lane]) == 1
    (taken,) = heir.claim(1)
    flush = (
        Flush(history=[(run.key, 1, b"zombie")])
        if what == "history"
        else Flush(rewrites=[Rewrite(run.key, 0, b"", None, "")])
    )
    with pytest.raises(Fenced):
        zombie.flush(flush)
    heir.flush(Flush(history=[(taken.key, 1, b"heir")]))
    assert [row.payload for row in db.client.history(run.key)] == [b"heir"]


def test_a_flush_delayed_past_its_lanes_death_is_refused(db: Database) -> None:
    lane, heir = db.lane(), db.lane()
    (run,) = db.runs(lane, "a")
    blocker = db.session()
    blocker.execute("begin")
    blocker.execute("lock table tenuto.lane in access exclusive mode")
    flushing = db.call(lane, lambda: lane.flush(Flush(history=[(run.key, 1, b"late")])))
    assert flushing.wait_blocked()
    blocker.execute("delete from tenuto.lane where lane = %s", [lane.lane])
    blocker.execute("commit")
    with pytest.raises(Fenced):
        flushing.result()
    assert db.client.history(run.key) == []
    heir.claim(1)


def test_a_flush_in_flight_holds_the_reaper_off_but_not_the_heart(db: Database) -> None:
    lane, reaper = db.lane(), db.lane()
    (run,) = db.runs(lane, "a")
    heart = PostgresHeart(db.dsn)
    with transaction(lane):
        lane.flush(Flush(history=[(run.key, 1, b"1")]))
        assert reaper.reap(force=[lane.lane]) == 0
        assert heart.beat([lane.lane], 10_000) == {lane.lane}
    assert reaper.reap(force=[lane.lane]) == 1
    assert [row.payload for row in db.client.history(run.key)] == [b"1"]
    heart.close()


def test_naive_declaring_dead_by_update_passes_the_fence(db: Database) -> None:
    lane = db.lane()
    db.sql("alter table tenuto.lane add dead boolean not null default false")
    engine, reaper = db.session(), db.session()
    engine.execute("begin")
    engine.execute("select 1 from tenuto.lane where lane = %s and not dead for key share", [lane.lane])
    declaring = db.background(reaper, "update tenuto.lane set dead = true")
    assert not declaring.wait_blocked()  # while the flush is still writing
    engine.execute("commit")


@pytest.mark.parametrize(
    ("predicate", "stolen"),
    [("not exists (select from tenuto.lane l where l.lane = r.owner)", True), ("r.owner = any (array[1])", False)],
    ids=["naive: owner is in no living lane", "owner is one of these dead"],
)
def test_takeover_predicates_about_other_tables_steal_from_the_living(
    db: Database, predicate: str, stolen: bool
) -> None:
    assert db.lane().lane == 1
    db.run("a", owner=1)
    db.sql("delete from tenuto.lane")  # lane 1 is dead
    thief = db.session()
    with db.hold():
        stealing = db.background(
            thief,
            f"""with {SNAPSHOT}, c as materialized (
                  select r.run_id from tenuto.run r, w where {predicate} for no key update of r skip locked)
                update tenuto.run r set owner = 99 from c where r.run_id = c.run_id""",
        )
        assert stealing.wait_blocked()
        living = db.lane()
        db.sql("update tenuto.run set owner = %s", living.lane)
    stealing.result()
    assert (db.one("select owner from tenuto.run") == 99) is stolen


def test_two_claimers_share(db: Database) -> None:
    one, two = db.lane(), db.lane()
    db.client.start_many([new(f"r{n}") for n in range(10)])
    with transaction(one):
        first = one.claim(4)
        second = two.claim(100)
    assert len(first) == 4
    assert len(second) == 6
    assert not {run.key for run in first} & {run.key for run in second}


def test_a_row_that_failed_its_recheck_stays_locked(db: Database) -> None:
    """A fact to live with: nothing waits after the locks of a claim, and a claim is a transaction of its own."""
    key = db.run("a")
    claimer, other = db.session(), db.session()
    claimer.execute("begin")
    with db.hold():
        claim = db.background(
            claimer,
            f"with {SNAPSHOT} select 1 from tenuto.run r, w where owner is null for no key update of r skip locked",
        )
        assert claim.wait_blocked()
        db.sql("update tenuto.run set owner = 7")
    assert claim.result() == []
    blocked = db.background(other, "update tenuto.run set states = 'x' where run_id = %s", key.run_id.hex())
    assert blocked.wait_blocked()
    claimer.execute("rollback")
    blocked.result()


# -- frozen in the middle


@pytest.mark.parametrize(
    ("setting", "frees"),
    [("idle_in_transaction_session_timeout", False), ("statement_timeout", False), ("transaction_timeout", True)],
)
def test_only_transaction_timeout_frees_a_pipeline_frozen_before_its_sync(
    db: Database, setting: str, frees: bool
) -> None:
    lane, reaper = db.lane(), db.lane()
    if setting == "transaction_timeout" and db.one("select current_setting('server_version_num')::int") < 170000:
        with pytest.raises(psycopg.errors.UndefinedObject):  # so there the reaper cuts: the tests below
            db.sql("set transaction_timeout = '100ms'")
        return
    frozen = db.session()
    frozen.execute(f"set {setting} = '100ms'".encode())
    pid = frozen.info.backend_pid
    pq = frozen.pgconn
    pq.enter_pipeline_mode()
    pq.send_query_params(b"begin", None)
    pq.send_query_params(b"select tenuto.fence(%d)" % lane.lane, None)
    pq.send_flush_request()
    pq.flush()
    alive = "select count(*) from pg_stat_activity where pid = %s"
    end = time.monotonic() + (10 if frees else 0.4)
    while time.monotonic() < end and db.one(alive, pid):
        time.sleep(0.01)
    assert bool(db.one(alive, pid)) is not frees
    reaper.reap(force=[lane.lane])
    assert bool(db.one("select count(*) from tenuto.lane where lane = %s", lane.lane)) is not frees


def test_a_lanes_transactions_end_before_its_lease(db: Database) -> None:
    lane = db.lane(ttl_ms=4000)
    names = ["lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout"]
    if db.one("select current_setting('server_version_num')::int") >= 170000:
        names.append("transaction_timeout")
    for name in names:
        show = Statement(f"show {name}", f"select setting::int from pg_settings where name = '{name}'")
        value = int.from_bytes(lane._session.call(show).get_value(0, 0) or b"", "big")
        assert 0 < value < 4000, name


def test_a_lane_frozen_in_its_transaction_is_cut_and_reaped(db: Database) -> None:
    """On any version: the reaper ends the server process that the lane's row names."""
    clock = Clock()
    lane, reaper = db.lane(), db.lane(watch=Watch(clock))
    (run,) = db.runs(lane, "a")
    lane._session.call(Statement("begin", "begin"))
    lane.flush(Flush(history=[(run.key, 1, b"never committed")]))
    db.sql("update tenuto.lane set lease_until = now() - interval '1 day' where lane = %s", lane.lane)
    assert reaper.reap() == 0
    clock.now += 10.1
    _eventually_reaps(reaper, clock)
    assert db.client.history(run.key) == []
    with pytest.raises(Doubt):
        lane.news()


def test_a_lane_that_does_not_read_its_reply_is_cut_and_reaped(db: Database) -> None:
    """A claim whose large reply nobody reads keeps its locks; no timeout of the server ends that."""
    clock = Clock()
    lane, reaper = db.lane(), db.lane(watch=Watch(clock))
    db.client.start_many([new(f"r{n}") for n in range(30)])
    db.sql("update tenuto.run set snapshot = convert_to(repeat(md5(run_id::text), 100000), 'UTF8')")
    lane.claim(0)
    lane._session._send(sql.CLAIM, (int8(lane.lane), int4(100), boolean(False), LONG_AGO, byteas(()), None))
    lane._session._pg.flush()
    pid = lane._session._pg.backend_pid
    stuck = "select wait_event from pg_stat_activity where pid = %s"
    end = time.monotonic() + 20
    while db.sql(stuck, pid) != [("ClientWrite",)]:
        assert time.monotonic() < end
        time.sleep(0.01)
    assert reaper.claim(100) == []
    assert reaper.reap(force=[lane.lane]) == 0
    db.sql("update tenuto.lane set lease_until = now() - interval '1 day' where lane = %s", lane.lane)
    reaper.reap()
    clock.now += 10.1
    reaper.reap()
    end = time.monotonic() + 20
    while not (taken := reaper.claim(100)):
        assert time.monotonic() < end
        time.sleep(0.01)
    assert len(taken) == 30


def _eventually_reaps(reaper, clock: Clock) -> None:
    end = time.monotonic() + 20
    while not reaper.reap():
        assert time.monotonic() < end, "the frozen lane was never reaped"
        clock.now += 0.01
        time.sleep(0.01)
