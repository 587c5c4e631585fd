"""Races about ending and beginning: closes against news, continue-as-new, starts, requests, parents and children.

Each race has its naive form, which must show the bug (else the interleaving proves nothing), and ours, which must not.
"""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from tenuto.store.protocol import Closing, Flush, NewsKind, Post, RunClosed, RunKey, Status, WorkflowIdTaken

from tests.faults.race_kit import SNAPSHOT, Database, new, transaction


@pytest.fixture
def db(pg_dsn: str) -> Iterator[Database]:
    made = Database(pg_dsn)
    yield made
    made.close()


_POST = b"select tenuto.post(%s::smallint, %s, 1::smallint, 'm', '', 'm')"


def _closing(key: RunKey, seq: int = 0, status: Status = Status.COMPLETED, **fields) -> Closing:
    return Closing(key, status, seq, b"", "", **fields)


def test_naive_status_read_without_a_lock_loses_the_signal(db: Database) -> None:
    db.run("a", owner=1)
    app = db.session()
    app.execute("begin")
    assert app.execute("select status from tenuto.run").fetchall() == [(0,)]
    db.sql("update tenuto.run set status = 2, owner = null")
    app.execute(
        "insert into tenuto.inbox (shard, run_id, kind, ref, payload) select shard, run_id, 1, '', '' from tenuto.run"
    )
    app.execute("commit")
    assert db.one("select count(*) from tenuto.inbox join tenuto.run using (shard, run_id) where status = 2") == 1


def test_a_close_waits_for_an_open_signal_and_logs_it(db: Database) -> None:
    lane = db.lane()
    (run,) = db.runs(lane, "a")
    app = db.session()
    app.execute("begin")
    app.execute(_POST, [run.key.shard, "a"])
    flushed = lane.flush(Flush(history=[(run.key, 1, b"end")], closing=[_closing(run.key, 1)]))
    assert flushed.closed == set()
    app.execute("commit")
    assert lane.flush(Flush(closing=[_closing(run.key, 1)])).closed == {run.key}
    assert [(row.kind, row.ref) for row in db.client.history(run.key)] == [
        ("step", ""),
        ("unhandled", "m"),
        ("closed", ""),
    ]
    assert db.client.unread(run.key) == []


def test_a_signal_behind_a_committing_close_is_refused_and_leaves_nothing(db: Database) -> None:
    lane = db.lane()
    (run,) = db.runs(lane, "a")
    with transaction(lane):
        lane.flush(Flush(closing=[_closing(run.key)]))
        posting = db.call(db.client, lambda: db.client.post("a", NewsKind.SIGNAL, b"", request="m"))
        assert posting.wait_blocked()
    with pytest.raises(RunClosed):
        posting.result()
    assert db.one("select count(*) from tenuto.inbox") == 0
    assert db.one("select count(*) from tenuto.request") == 0


@pytest.mark.parametrize("isolation", ["read committed", "repeatable read", "serializable"])
@pytest.mark.parametrize("how", ["naive", "ours"])
def test_key_share_on_a_stale_row(db: Database, isolation: str, how: str) -> None:
    """A plain UPDATE of the status does not conflict with KEY SHARE: the lock is granted on a row that is closed.
    A close that takes FOR UPDATE first makes the same statement find nothing, or fail."""
    lane = db.lane()
    (run,) = db.runs(lane, "a")
    app = db.session()
    app.execute(f"begin isolation level {isolation}".encode())
    if isolation != "read committed":
        app.execute("select 1 from tenuto.run")
    with db.hold():
        locking = db.background(
            app, f"with {SNAPSHOT} select run_id from w, tenuto.run where status = 0 for key share of run"
        )
        assert locking.wait_blocked()
        if how == "naive":
            db.sql("update tenuto.run set status = 2, owner = null")
        else:
            assert lane.flush(Flush(closing=[_closing(run.key)])).closed == {run.key}
    try:
        granted = len(locking.result())
    except psycopg.errors.SerializationFailure:
        granted = 0
    app.execute("rollback")
    assert granted == (1 if how == "naive" else 0)


def test_a_close_deferred_three_times_is_published(db: Database) -> None:
    lane = db.lane()
    (run,) = db.runs(lane, "a")
    app = db.session()
    app.execute("begin")
    app.execute(_POST, [run.key.shard, "a"])
    flush = Flush(closing=[_closing(run.key)])
    for _ in range(3):
        assert lane.flush(flush).closed == set()
        assert db.one("select status from tenuto.run") == Status.OPEN
    assert lane.flush(flush).closed == set()
    assert db.one("select status from tenuto.run") == Status.CLOSING
    with pytest.raises(RunClosed) as caught:  # nobody else may keep it open
        db.client.post("a", NewsKind.SIGNAL, b"")
    assert caught.value.args == ("a", Status.CLOSING)
    with pytest.raises(WorkflowIdTaken):
        db.client.start(new("a"))
    app.execute("commit")
    assert lane.flush(flush).closed == {run.key}
    assert [row.kind for row in db.client.history(run.key)] == ["unhandled", "closed"]


def test_a_published_close_is_reopened_when_its_lane_dies(db: Database) -> None:
    lane, heir = db.lane(), db.lane()
    (run,) = db.runs(lane, "a")
    app = db.session()
    app.execute("begin")
    app.execute(_POST, [run.key.shard, "a"])
    for _ in range(4):
        lane.flush(Flush(closing=[_closing(run.key)]))
    app.execute("commit")
    heir.reap(force=[lane.lane])
    assert [claimed.key for claimed in heir.claim(10)] == [run.key]
    assert db.client.post("a", NewsKind.SIGNAL, b"") is True


# -- continue as new


@pytest.mark.parametrize("form", ["naive", "ours"])
def test_a_signal_during_continue_as_new(db: Database, form: str) -> None:
    lane = db.lane()
    (run,) = db.runs(lane, "a")
    after = new("a")
    naive = db.session()
    with transaction(lane):
        lane.flush(Flush(closing=[_closing(run.key, status=Status.CONTINUED, successor=after)]))
        if form == "naive":
            sending = db.background(
                naive, "select run_id from tenuto.run where workflow_id = 'a' and status = 0 for key share"
            )
        else:
            sending = db.call(db.client, lambda: db.client.post("a", NewsKind.SIGNAL, b"", request="m"))
        assert sending.wait_blocked()
    if form == "naive":
        assert sending.result() == []  # "closed", though the id was never free
    else:
        assert sending.result() is True
        assert [news.ref for news in db.client.unread(after.key)] == ["m"]


def test_a_flush_that_sends_during_continue_as_new(db: Database) -> None:
    lane, other = db.lane(), db.lane()
    (run,) = db.runs(lane, "a")
    after = new("a")
    with transaction(lane):
        lane.flush(Flush(closing=[_closing(run.key, status=Status.CONTINUED, successor=after)]))
        sending = db.call(other, lambda: other.flush(Flush(by_workflow_id=[("a", 1, "m", b"")])))
        assert sending.wait_blocked()
    sending.result()
    assert [news.ref for news in db.client.unread(after.key)] == ["m"]


def test_news_that_comes_while_continuing_moves_to_the_successor(db: Database) -> None:
    lane = db.lane()
    (run,) = db.runs(lane, "a")
    after = new("a")
    app = db.session()
    app.execute("begin")
    app.execute(_POST, [run.key.shard, "a"])
    flush = Flush(closing=[_closing(run.key, status=Status.CONTINUED, successor=after)])
    assert lane.flush(flush).closed == set()
    assert db.client.view(key=after.key) is None
    app.execute("commit")
    assert lane.flush(flush).closed == {run.key}
    assert [news.ref for news in db.client.unread(after.key)] == ["m"]


# -- requests and starts


def test_naive_request_id_on_the_inbox_row_dies_with_it(db: Database) -> None:
    db.run("a", owner=1)
    db.sql("create unique index on tenuto.inbox (run_id, ref)")
    send = """insert into tenuto.inbox (shard, run_id, kind, ref, payload)
              select shard, run_id, 1, 'm', '' from tenuto.run on conflict do nothing returning id"""
    assert len(db.sql(send)) == 1
    assert len(db.sql(send)) == 0
    db.sql("delete from tenuto.inbox")
    assert len(db.sql(send)) == 1  # accepted a second time


def test_a_request_in_flight_and_one_consumed_are_known(db: Database) -> None:
    lane = db.lane()
    (run,) = db.runs(lane, "a")
    app = db.session()
    app.execute("begin")
    app.execute(_POST, [run.key.shard, "a"])
    again = db.call(db.client, lambda: db.client.post("a", NewsKind.SIGNAL, b"", request="m"))
    assert again.wait_blocked()
    app.execute("commit")
    assert again.result() is False
    (news,) = lane.news()
    lane.flush(Flush(history=[(run.key, 1, b"")], consumed=[(run.key, news.id)]))
    assert db.client.post("a", NewsKind.SIGNAL, b"", request="m") is False
    assert lane.news() == []


def test_naive_reuse_policy_in_the_inserting_statement(db: Database) -> None:
    key = db.run("a", owner=1)
    client = db.session()
    with db.hold():
        starting = db.background(
            client,
            f"""with {SNAPSHOT}, ok as materialized (
                  select 1 from w where not exists (select from tenuto.run where workflow_id = 'a' and status > 1))
                insert into tenuto.run (shard, run_id, workflow_id, workflow, definition, snapshot, started_at)
                select {key.shard}, gen_random_uuid(), 'a', 'flow', '', '', now() from ok
                on conflict do nothing""",
        )
        assert starting.wait_blocked()
        db.sql("update tenuto.run set status = 2, owner = null")
    assert starting.result() == 1  # though a run of that id exists


def test_reuse_is_judged_once_the_id_is_ours(db: Database) -> None:
    lane = db.lane()
    (run,) = db.runs(lane, "a")
    with transaction(lane):
        lane.flush(Flush(closing=[_closing(run.key)]))
        starting = db.call(db.client, lambda: db.client.start(new("a"), reuse="reject"))
        assert starting.wait_blocked()
    with pytest.raises(WorkflowIdTaken):
        starting.result()
    assert db.one("select count(*) from tenuto.run") == 1
    assert db.client.start(new("a"))[1]


def test_two_starts_of_one_id_at_once(db: Database) -> None:
    app = db.session()
    first = new("a")
    app.execute("begin")
    app.execute(
        """select * from tenuto.start(%s::smallint, %s::text::uuid, 'a', 'flow', '', '', null, null, null, 2::smallint,
                                      null, null, 'allow')""",
        [first.key.shard, first.key.run_id.hex()],
    )
    starting = db.call(db.client, lambda: db.client.start(new("a")))
    assert starting.wait_blocked()
    app.execute("commit")
    with pytest.raises(WorkflowIdTaken) as caught:
        starting.result()
    assert caught.value.args[1] == first.key


# -- parents and children


def _family(db: Database):
    """A parent in one lane, its child in another, both at their end."""
    one, two = db.lane(), db.lane()
    (parent,) = db.runs(one, "parent")
    one.flush(Flush(children=[new("child", parent=parent.key, parent_op=1)]))
    (child,) = two.claim(10)
    done = Post(parent.key, NewsKind.CHILD, "child", b"done", source=child.key)
    return one, two, Flush(closing=[_closing(parent.key)]), Flush(posts=[done], closing=[_closing(child.key)])


def test_parent_first_child_behind_it(db: Database) -> None:
    one, two, parent, child = _family(db)
    with transaction(one):
        one.flush(parent)
        closing = db.call(two, lambda: two.flush(child))
        assert closing.wait_blocked()
    assert len(closing.result().closed) == 1
    (parent_key,) = (row.key for row in parent.closing)
    (child_key,) = (row.key for row in child.closing)
    assert [row.kind for row in db.client.history(parent_key)] == ["closed"]
    assert [(row.kind, row.news) for row in db.client.history(child_key)] == [
        ("unhandled", NewsKind.TERMINATE), ("closed", 0),
    ]  # fmt: skip


def test_child_first_parent_behind_it(db: Database) -> None:
    one, two, parent, child = _family(db)
    with transaction(two):
        two.flush(child)
        closing = db.call(one, lambda: one.flush(parent))
        assert closing.wait_blocked()
    assert len(closing.result().closed) == 1
    (parent_key,) = (row.key for row in parent.closing)
    assert [(row.kind, row.payload) for row in db.client.history(parent_key)] == [
        ("unhandled", b"done"), ("closed", b'["completed"]'),
    ]  # fmt: skip


def test_a_deferred_childs_result_is_told_once(db: Database) -> None:
    one, two, _, child = _family(db)
    (key,) = (row.key for row in child.closing)
    app = db.session()
    app.execute("begin")
    app.execute(_POST, [key.shard, "child"])
    for _ in range(2):
        assert two.flush(child).closed == set()
        assert one.news() == []
    app.execute("commit")
    assert two.flush(child).closed == {key}
    assert [news.payload for news in one.news()] == [b"done"]


def test_the_order_to_a_child_reaches_the_run_it_continues_as(db: Database) -> None:
    one, two, parent, child = _family(db)
    (child_key,) = (row.key for row in child.closing)
    (parent_key,) = (row.key for row in parent.closing)
    after = new("child", parent=parent_key, parent_op=1)
    with transaction(two):
        two.flush(Flush(closing=[_closing(child_key, status=Status.CONTINUED, successor=after)]))
        closing = db.call(one, lambda: one.flush(parent))
        assert closing.wait_blocked()
    assert closing.result().closed == {parent_key}
    assert [news.kind for news in db.client.unread(after.key)] == [NewsKind.TERMINATE]
