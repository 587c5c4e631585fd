"""Races about waking: no acknowledged news may leave a run asleep, or be deleted unread.

Each race has its naive form, which must show the bug (else the interleaving proves nothing), and ours, which must not.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tenuto.store.protocol import Flush, NewsKind, Rewrite

from tests.faults.race_kit import SNAPSHOT, Database, new, transaction


@pytest.fixture
def db(pg_dsn: str) -> Iterator[Database]:
    made = Database(pg_dsn)
    yield made
    made.close()


_NEWS = "insert into tenuto.inbox (shard, run_id, kind, ref, payload) select shard, run_id, 1, %s, '' from tenuto.run"
_ASLEEP = """select owner is null and ready_at is null and exists (select from tenuto.inbox) from tenuto.run"""


@pytest.mark.parametrize(
    "release",
    [
        "update tenuto.run set owner = null, ready_at = null where owner = 1",
        """update tenuto.run r set owner = null, ready_at = case when exists
             (select from tenuto.inbox i where i.run_id = r.run_id) then now() end where owner = 1""",
    ],
    ids=["release overwrites", "release looks in the same statement"],
)
def test_naive_release_overwrites_the_signals_wake_up(db: Database, release: str) -> None:
    db.run("a", owner=1)
    app, engine = db.session(), db.session()
    app.execute("begin")
    app.execute(_NEWS.encode(), ["m"])
    app.execute("update tenuto.run set ready_at = now()")
    releasing = db.background(engine, release)
    assert releasing.wait_blocked()
    app.execute("commit")
    releasing.result()
    assert db.one(_ASLEEP) is True


def test_naive_conditional_lowering_is_never_rechecked(db: Database) -> None:
    db.run("a", owner=1, ready_at="2001-01-01")  # due already, by an earlier signal that its owner has read
    app, engine = db.session(), db.session()
    engine.execute("begin")
    engine.execute("update tenuto.run set owner = null, ready_at = null")
    app.execute("begin")
    app.execute(_NEWS.encode(), ["m"])
    lowering = db.background(app, "update tenuto.run set ready_at = now() where ready_at > now()")
    assert not lowering.wait_blocked()
    engine.execute("commit")
    app.execute("commit")
    assert db.one(_ASLEEP) is True


@pytest.mark.parametrize("order", ["signal commits last", "release commits last"])
def test_the_inbox_row_is_the_wake_up(db: Database, order: str) -> None:
    lane, other = db.lane(), db.lane()
    (run,) = db.runs(lane, "a")
    release = Flush(rewrites=[Rewrite(run.key, 0, b"", None, "")])
    app = db.session()
    app.execute("begin")
    app.execute("select tenuto.post(%s::smallint, 'a', 1::smallint, 'm', '', 'm')", [run.key.shard])
    if order == "signal commits last":
        assert not db.call(lane, lambda: lane.flush(release)).wait_blocked()  # a slow application blocks no flush
        app.execute("commit")
    else:
        with transaction(lane):
            lane.flush(release)
            app.execute("commit")
    (again,) = other.claim(10)
    assert [news.ref for news in again.news] == ["m"]


def test_naive_delete_up_to_the_highest_id_seen_loses_the_slow_sender(db: Database) -> None:
    db.run("a", owner=1)
    slow = db.session()
    slow.execute("begin")
    slow.execute(_NEWS.encode(), ["slow"])
    db.sql(_NEWS, "fast")
    seen = db.one("select max(id) from tenuto.inbox")
    slow.execute("commit")
    db.sql("delete from tenuto.inbox where id <= %s", seen)
    assert db.one("select count(*) from tenuto.inbox") == 0


def test_exactly_what_was_read_is_deleted(db: Database) -> None:
    lane = db.lane()
    (run,) = db.runs(lane, "a")
    slow = db.session()
    slow.execute("begin")
    slow.execute("select tenuto.post(%s::smallint, 'a', 1::smallint, 'slow', '', null)", [run.key.shard])
    db.client.post("a", NewsKind.SIGNAL, b"", request="fast")
    (read,) = lane.news()
    assert read.ref == "fast"
    slow.execute("commit")
    lane.flush(Flush(history=[(run.key, 1, b"")], consumed=[(run.key, read.id)]))
    assert [news.ref for news in lane.news()] == ["slow"]


@pytest.mark.parametrize(("lock", "found"), [("update", 0), ("no key update", 1)])
def test_naive_claim_for_update_is_blind_to_a_run_that_is_being_signalled(db: Database, lock: str, found: int) -> None:
    key = db.run("a")
    app = db.session()
    app.execute("begin")
    app.execute("select tenuto.post(%s::smallint, 'a', 1::smallint, 'm', '', null)", [key.shard])
    rows = db.sql(f"select run_id from tenuto.run where owner is null for {lock} skip locked")
    assert len(rows) == found
    app.execute("commit")


def test_a_run_that_is_being_signalled_is_claimed(db: Database) -> None:
    run = new("a")
    db.client.start(run)
    app = db.session()
    app.execute("begin")
    app.execute("select tenuto.post(%s::smallint, 'a', 1::smallint, 'm', '', null)", [run.key.shard])
    lane = db.lane()
    assert [claimed.workflow_id for claimed in lane.claim(10)] == ["a"]
    assert lane.news() == []
    app.execute("commit")
    assert [news.ref for news in lane.news()] == ["m"]


def test_naive_tail_in_the_claiming_statement_misses_rows(db: Database) -> None:
    key = db.run("a", owner=1)
    row = "insert into tenuto.history select 1, now(), %s, shard, 0, run_id, null, '' from tenuto.run"
    db.sql(row, 1)
    engine = db.session()
    with db.hold():
        claim = db.background(
            engine,
            f"""with {SNAPSHOT}, c as (
                  update tenuto.run r set owner = 2 where r.run_id = any (array(
                    select run_id from tenuto.run, w where owner is null or owner = 1
                    for no key update of run skip locked))
                  returning r.run_id)
                select (select max(seq) from tenuto.history h where h.run_id = c.run_id) from c""",
        )
        assert claim.wait_blocked()
        db.sql(row, 2)
        db.sql("update tenuto.run set owner = null")
    assert claim.result() == [(1,)], "the old owner's last row should be missing"
    assert db.one("select count(*) from tenuto.history where run_id = %s", key.run_id.hex()) == 2


def test_a_claim_reads_the_tail_after_it_has_the_run(db: Database) -> None:
    owner, heir = db.lane(), db.lane()
    (run,) = db.runs(owner, "a")
    owner.flush(Flush(history=[(run.key, 1, b"1")]))
    db.runs(heir, "b")  # the heir has found something due before, and has its plans
    db.client.start(new("c"))
    # The claim pauses between its first look and its locks.
    db.sql(
        """create or replace function tenuto.fence(p_lane bigint) returns void language plpgsql as $$
           begin
             perform 1 from tenuto.lane where lane = p_lane for key share;
             if p_lane = %s then perform pg_advisory_xact_lock_shared(1); end if;
           end $$""".replace("%s", str(heir.lane))
    )
    with db.hold():
        claim = db.call(heir, lambda: heir.claim(10))
        assert claim.wait_blocked()
        owner.flush(Flush(history=[(run.key, 2, b"2")], rewrites=[Rewrite(run.key, 0, b"", owner.now(), "")]))
    taken = {claimed.workflow_id: claimed.tail for claimed in claim.result()}
    later = {claimed.workflow_id: claimed.tail for claimed in heir.claim(10)}
    assert (taken | later)["a"] == [b"1", b"2"]


def test_naive_updates_of_other_runs_deadlock(db: Database) -> None:
    db.run("a")
    db.run("b")
    one, two = db.session(), db.session()
    lower = "update tenuto.run set ready_at = now() where workflow_id = %s"
    one.execute("begin")
    two.execute("begin")
    one.execute(lower.encode(), ["a"])
    two.execute(lower.encode(), ["b"])
    crossing = db.background(one, lower, "b")
    assert crossing.wait_blocked()
    back = db.background(two, lower, "a")
    errors = []
    for call in (crossing, back):
        try:
            call.result()
        except Exception as error:  # noqa: BLE001 - one of the two must be the deadlock's victim
            errors.append(type(error).__name__)
        (one if call is crossing else two).execute("rollback")
    assert errors == ["DeadlockDetected"]


def test_crossing_posts_do_not_meet(db: Database) -> None:
    one, two = db.lane(), db.lane()
    (a,) = db.runs(one, "a")
    (b,) = db.runs(two, "b")
    app = db.session()
    app.execute("begin")
    app.execute("select tenuto.post(%s::smallint, 'b', 1::smallint, 'm', '', null)", [b.key.shard])
    with transaction(one), transaction(two):
        one.flush(Flush(by_workflow_id=[("b", 1, "from a", b"")], rewrites=[Rewrite(a.key, 0, b"", None, "")]))
        two.flush(Flush(by_workflow_id=[("a", 1, "from b", b"")], rewrites=[Rewrite(b.key, 0, b"", None, "")]))
        app.execute("select tenuto.post(%s::smallint, 'a', 1::smallint, 'm', '', null)", [a.key.shard])
    app.execute("commit")
    assert len(db.client.unread(a.key)) == len(db.client.unread(b.key)) == 2
