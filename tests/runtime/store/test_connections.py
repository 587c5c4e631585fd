"""Connections that fail: every way of it is a message with a remedy, a doubt, or nothing the caller notices."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from tenuto.store.postgres import Listener, PostgresClient, PostgresHeart, PostgresLane
from tenuto.store.postgres.session import Statement
from tenuto.store.protocol import Doubt, Fenced, Flush, NewsKind, Unreachable

from tests.runtime.store.kit import new, steps, take
from tests.runtime.store.proxy import Proxy


@pytest.fixture
def proxy(pg_dsn: str) -> Iterator[Proxy]:
    made = Proxy(pg_dsn)
    yield made
    made.close()


def _change(dsn: str, **fields: str | int) -> str:
    return make_conninfo("", **{**conninfo_to_dict(dsn), **fields})


def _sql(dsn: str, statement: str):
    with psycopg.connect(dsn, autocommit=True) as connection:
        cursor = connection.execute(statement.encode())
        return cursor.fetchall() if cursor.description else []


_OTHERS = """select pg_terminate_backend(pid) from pg_stat_activity
             where datname = current_database() and pid <> pg_backend_pid()"""


# -- at connecting


@pytest.mark.parametrize("use", [PostgresClient, PostgresLane])
def test_a_dsn_that_leads_nowhere_is_a_message(pg_dsn: str, tmp_path: Path, use) -> None:
    cases = {
        "this is not a dsn": r"no PostgreSQL connection string.*postgresql://",
        "postgresql://user:hunter2@host:notaport/x": r"^((?!hunter2).)*(check|postgresql://).*$",
        _change(pg_dsn, dbname="nowhere"): r'"nowhere" does not exist.*createdb',
        _change(pg_dsn, user="nobody_such"): r'"nobody_such" does not exist.*createuser',
        _change(pg_dsn, host=str(tmp_path)): r"No such file.*is PostgreSQL running\?",
        "host=127.0.0.1 port=1 dbname=x user=x": r"port 1.*[Cc]onnection refused.*is PostgreSQL running\?",
        "host=no-such-host.invalid dbname=x": r"check the host name",
    }
    for dsn, expected in cases.items():
        with pytest.raises(Unreachable, match=expected) as caught:
            use(dsn)
        message = str(caught.value)
        assert "hunter2" not in message
        assert "\n" not in message


def test_a_server_that_takes_no_writes_is_refused(pg_dsn: str) -> None:
    name = conninfo_to_dict(pg_dsn)["dbname"]
    _sql(pg_dsn, f'alter database "{name}" set default_transaction_read_only = on')
    with pytest.raises(Unreachable, match="takes no writes"):
        PostgresLane(pg_dsn)


def test_another_encoding_is_refused(pg_dsn: str) -> None:
    _sql(pg_dsn, "create database latin template template0 encoding 'LATIN1' locale 'C'")
    try:
        with pytest.raises(Unreachable, match=r"LATIN1.*UTF8"):
            PostgresClient(_change(pg_dsn, dbname="latin"))
    finally:
        _sql(pg_dsn, "drop database latin with (force)")


# -- lanes: in doubt, they die


def test_a_lost_reply_to_a_flush_is_a_doubt_and_the_flush_counts(pg_dsn: str, proxy: Proxy) -> None:
    client, lane, heir = PostgresClient(pg_dsn), PostgresLane(proxy.dsn), PostgresLane(pg_dsn)
    client.start(new("a"))
    run = take(lane)["a"]
    lane.flush(Flush(history=steps(run, b"1")))  # prepares the statement: what gets lost is the answer to the flush
    proxy.lose_reply = True
    with pytest.raises(Doubt):
        lane.flush(Flush(history=steps(run, b"2", after=1)))
    with pytest.raises(Doubt):
        lane.flush(Flush(history=steps(run, b"3", after=2)))
    lane.close()
    _until(lambda: heir.reap(force=[lane.lane]) == 1)
    assert take(heir)["a"].tail == [b"1", b"2"]
    _close(client, heir)


def test_a_lost_reply_to_a_claim_leaves_nothing_with_a_living_lane(pg_dsn: str, proxy: Proxy) -> None:
    client, lane, heir = PostgresClient(pg_dsn), PostgresLane(proxy.dsn), PostgresLane(pg_dsn)
    client.start(new("a"))
    lane.claim(0)
    proxy.lose_reply = True
    with pytest.raises(Doubt):
        lane.claim(10)
    lane.abandon()
    _until(lambda: heir.reap() == 1)
    assert list(take(heir)) == ["a"]
    _close(client, heir)


def test_a_lost_reply_to_a_reap_is_repeated_without_harm(pg_dsn: str, proxy: Proxy) -> None:
    client, dead = PostgresClient(pg_dsn), PostgresLane(pg_dsn)
    client.start(new("a"))
    dead.claim(10)
    first, second = PostgresLane(proxy.dsn), PostgresLane(pg_dsn)
    first.reap(force=[999_999])
    proxy.lose_reply = True
    with pytest.raises(Doubt):
        first.reap(force=[dead.lane])
    second.reap(force=[dead.lane])
    assert take(second)["a"].strikes == 1
    _close(client, second, dead)


def test_a_server_that_falls_silent_is_a_doubt_in_time(pg_dsn: str, proxy: Proxy) -> None:
    lane = PostgresLane(proxy.dsn, ttl_ms=400)
    heart = PostgresHeart(proxy.dsn, timeout_ms=200)
    lane.news()
    heart.beat([lane.lane], 400)
    proxy.silent = True
    begun = time.monotonic()
    with pytest.raises(Doubt, match="did not answer within 400 ms"):
        lane.claim(10)
    with pytest.raises(Doubt):
        heart.beat([lane.lane], 400)
    assert time.monotonic() - begun < 10
    lane.close()


def test_a_terminated_backend_is_a_doubt(pg_dsn: str) -> None:
    lane, heart = PostgresLane(pg_dsn), PostgresHeart(pg_dsn)
    assert heart.beat([lane.lane], 1000) == {lane.lane}
    _sql(pg_dsn, _OTHERS)
    with pytest.raises(Doubt):
        lane.flush(Flush(by_workflow_id=[("nobody", 1, "", b"")]))
    with pytest.raises(Doubt):
        heart.beat([lane.lane], 1000)
    assert heart.beat([lane.lane], 1000) == {lane.lane}  # a heart comes back; the lane's row is still there
    heir = PostgresLane(pg_dsn)
    heir.reap()
    assert heart.beat([lane.lane], 1000) == set()
    lane.close()
    _close(heir, heart)


def test_a_server_turned_read_only_is_left(pg_dsn: str) -> None:
    client, lane = PostgresClient(pg_dsn), PostgresLane(pg_dsn)
    client.start(new("a"))
    for session in (client._session, lane._session):
        session.call(Statement("off", "set default_transaction_read_only = on"))
    with pytest.raises(Doubt):
        lane.claim(10)
    with pytest.raises(Unreachable):
        client.start(new("b"))
    assert client.start(new("b"))[1]  # on a new connection
    _close(client, lane)


def test_a_run_whose_start_commits_late_is_found(pg_dsn: str) -> None:
    """A claim begins near where the last one found the first run; now and then it looks further back."""
    lane, run = PostgresLane(pg_dsn), new("late")
    lane.claim(10)
    _sql(
        pg_dsn,
        f"""insert into tenuto.run (shard, run_id, workflow_id, workflow, definition, snapshot, started_at, ready_at)
            values ({run.key.shard}, '{run.key.run_id.hex()}', 'late', 'f', '', '', now(), now() - interval '1 h')""",
    )
    assert lane.claim(10) == []
    _until(lambda: lane.claim(10))
    lane.close()


# -- clients: what can be repeated is


def test_a_start_whose_reply_is_lost_happens_once(pg_dsn: str, proxy: Proxy) -> None:
    client = PostgresClient(proxy.dsn)
    for request in (None, "r"):
        run = new(f"a{request}")
        client.now()
        proxy.lose_reply = True
        assert client.start(run, request=request) == (run.key, True)
    assert _sql(pg_dsn, "select count(*) from tenuto.run") == [(2,)]
    client.close()


def test_a_post_whose_reply_is_lost_happens_once_under_its_request(pg_dsn: str, proxy: Proxy) -> None:
    client = PostgresClient(proxy.dsn)
    key, _ = client.start(new("a"))
    client.now()
    proxy.lose_reply = True
    client.post("a", NewsKind.SIGNAL, b"x", request="m")
    client.now()
    proxy.lose_reply = True
    with pytest.raises(Doubt):  # nobody can tell whether it arrived
        client.post("a", NewsKind.SIGNAL, b"y")
    assert next((n.ref, n.payload) for n in client.unread(key)) == ("m", b"x")
    assert len(client.unread(key)) == 2
    client.close()


def test_reads_survive_a_lost_connection(pg_dsn: str) -> None:
    client = PostgresClient(pg_dsn)
    client.start(new("a"))
    for _ in range(3):
        _sql(pg_dsn, _OTHERS)
        view = client.view("a")
        assert view is not None
    client.close()


def test_a_server_that_is_gone_is_a_message_or_a_doubt(pg_dsn: str) -> None:
    proxy = Proxy(pg_dsn)
    client = PostgresClient(proxy.dsn)
    client.start(new("a"))
    client.now()
    proxy.close()
    with pytest.raises(Doubt):
        client.start(new("b"))
    with pytest.raises(Unreachable, match=r"is PostgreSQL running\?"):
        client.view("a")
    with pytest.raises(Unreachable, match=r"is PostgreSQL running\?"):
        client.start(new("c"))  # never sent: no doubt about it
    client.close()


def test_a_client_is_shared_by_threads(pg_dsn: str) -> None:
    client = PostgresClient(pg_dsn)
    threads = [
        threading.Thread(target=lambda n=n: [client.start(new(f"{n}-{m}")) for m in range(20)]) for n in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(client.runs(limit=1000)) == 160
    client.close()


# -- hints


def test_hints_arrive_and_a_deaf_listener_comes_back(pg_dsn: str) -> None:
    client, listener = PostgresClient(pg_dsn), Listener(pg_dsn)
    assert listener.wait_for_news(0) is True  # it has just begun to listen: something may have been missed
    assert listener.wait_for_news(0.01) is False
    client.start(new("a"))
    assert listener.wait_for_news(10) is True
    _sql(pg_dsn, _OTHERS)
    assert listener.wait_for_news(10) is True  # something may have been missed
    assert listener.wait_for_news(0) is True
    client.start(new("b"))
    assert listener.wait_for_news(10) is True
    listener.close()
    client.close()


def test_a_listener_without_a_server_waits(tmp_path: Path) -> None:
    listener = Listener(f"host={tmp_path} dbname=x")
    begun = time.monotonic()
    assert listener.wait_for_news(0.05) is False
    assert listener.wait_for_news(0.05) is False
    assert 0.05 < time.monotonic() - begun < 5
    listener.close()


def test_a_flush_that_makes_work_for_others_hints(pg_dsn: str) -> None:
    client, lane, listener = PostgresClient(pg_dsn), PostgresLane(pg_dsn), Listener(pg_dsn)
    client.start(new("a"))
    take(lane)
    while listener.wait_for_news(0.05):
        pass
    lane.flush(Flush(by_workflow_id=[("a", 1, "", b"")]))
    lane.claim(10)
    assert listener.wait_for_news(10) is True
    listener.close()
    _close(client, lane)


def test_a_lane_fenced_off_is_told(pg_dsn: str) -> None:
    lane = PostgresLane(pg_dsn)
    _sql(pg_dsn, "delete from tenuto.lane")
    with pytest.raises(Fenced):
        lane.claim(1)
    lane.close()


def _until(condition) -> None:
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def _close(*things) -> None:
    for thing in things:
        thing.close()
