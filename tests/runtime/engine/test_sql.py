"""Activities in the engine's own transaction: SQL statements, and Python functions that ask for the connection."""

from __future__ import annotations

import contextlib
import signal
import threading
import time
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from tenuto.activities import ActivityError, context
from tenuto.client import WorkflowFailed

from tests.runtime.engine.kit import World, eventually
from tests.runtime.engine.process_kit import Processes, stopped

TABLES = """
create schema shop;
create table shop.stock (sku text primary key, left_over int not null check (left_over >= 0));
create table shop.ledger (id bigint generated always as identity, run text not null, n int not null, note jsonb);
create table shop.once (n int unique deferrable initially deferred);
insert into shop.stock values ('a', 5), ('b', 1);
"""

SHOP = """
error SoldOut { sku: string, constraint: string }
type Item = { sku: string, left_over: int }

activity take(sku: string, n: int) -> { left_over: int } {
  sql "update shop.stock set left_over = left_over - :n where sku = :sku returning left_over"
  raises SoldOut when error.sqlstate == "23514"
  timeout 10s
}
activity all_items() -> [Item] { sql "select sku, left_over from shop.stock order by sku"; timeout 10s }
activity names() -> [string] { sql "select sku from shop.stock order by sku"; timeout 10s }
activity find(sku: string) -> Item? { sql "select sku, left_over from shop.stock where sku = :sku"; timeout 10s }
activity note(n: int, what: any) {
  sql "insert into shop.ledger (run, n, note) values ('x::y -- :n', :n::int, :what)"
  timeout 10s
}
activity twice(n: int) { sql "insert into shop.once values (:n), (:n)"; timeout 10s; retry 2 times backoff 10ms }
activity sleepy() { sql "select pg_sleep(30)"; timeout 300ms }
activity wrong() { sql "insert into shop.nowhere values (1)"; timeout 10s }
activity commits() { sql "commit"; timeout 10s }

workflow buy(sku: string, n: int) -> string {
  do {
    try { let got = call take(sku: sku, n: n); return string(got.left_over) }
    catch SoldOut as e { return "${e.sku}: ${e.constraint}" }
  }
}
workflow reads() -> { items: [Item], names: [string], found: Item?, lost: Item? } {
  do {
    let a = call all_items()
    let b = call names()
    let c = call find(sku: "a")
    let d = call find(sku: "nothing")
    return { "items": a, "names": b, "found": c, "lost": d }
  }
}
workflow notes(n: int) -> int {
  do { call note(n: n, what: { "deep": [n] }); call note(n: n + 1, what: null); return n }
}
workflow both() -> int { do { parallel { a { call note(n: 1, what: 1) } b { call note(n: 2, what: 2) } }; return 2 } }
workflow bad() { do { call twice(n: 1) } }
workflow slow() { do { call sleepy() } }
workflow faulty() { do { call wrong() } }
workflow ending() { do { call commits() } }
"""


@pytest.fixture
def shop(world: World) -> Iterator[World]:
    _sql(world, TABLES)
    world.deploy(SHOP)
    with world.engine():
        yield world


def _sql(world: World, statement: str) -> list[Any]:
    with psycopg.connect(world.dsn, autocommit=True) as connection:
        cursor = connection.execute(statement.encode())
        return cursor.fetchall() if cursor.description else []


def test_rows_become_values_of_the_declared_type(shop: World) -> None:
    a, b = {"sku": "a", "left_over": 5}, {"sku": "b", "left_over": 1}
    assert shop.result("reads") == {"items": [a, b], "names": ["a", "b"], "found": a, "lost": None}
    assert shop.result("notes", {"n": 7}) == 7
    assert _sql(shop, "select run, n, note from shop.ledger order by n") == [
        ("x::y -- :n", 7, {"deep": [7]}),
        ("x::y -- :n", 8, None),
    ]


def test_an_error_is_a_failure_that_may_be_declared_and_leaves_nothing(shop: World) -> None:
    assert shop.result("buy", {"sku": "a", "n": 2}) == "3"
    assert shop.result("buy", {"sku": "a", "n": 9}) == "a: stock_left_over_check"
    assert _sql(shop, "select left_over from shop.stock where sku = 'a'") == [(3,)]
    with pytest.raises(WorkflowFailed) as caught:
        shop.result("buy", {"sku": "zzz", "n": 1})
    assert (caught.value.code, caught.value.message) == ("SqlError", "take returned no row")
    with pytest.raises(WorkflowFailed) as caught:
        shop.result("bad")
    assert caught.value.code == "SqlError"
    assert caught.value.details["sqlstate"] == "23505"
    assert _sql(shop, "select * from shop.once") == []


def test_a_limit_ends_the_statement(shop: World) -> None:
    with pytest.raises(WorkflowFailed) as caught:
        shop.result("slow")
    assert caught.value.code == "Timeout"
    running = "select count(*) from pg_stat_activity where query like '%pg_sleep(30)%' and pid <> pg_backend_pid()"
    eventually(lambda: _sql(shop, running + " and state = 'active'") == [(0,)], 5)


def test_what_only_a_repair_can_change_parks_and_goes_on_afterwards(shop: World) -> None:
    run = shop.client.start("faulty")
    found = eventually(lambda: (d := shop.client.describe(run.workflow_id)).status == "parked" and d)
    assert 'wrong cannot begin: relation "shop.nowhere" does not exist (42P01)' in found.parked
    _sql(shop, "create table shop.nowhere (n int)")
    shop.client.retry(run.workflow_id)
    assert shop.client.result(run.workflow_id, 10) is None
    run = shop.client.start("ending")
    found = eventually(lambda: (d := shop.client.describe(run.workflow_id)).status == "parked" and d)
    assert "ends the transaction" in found.parked


def test_two_at_once_of_one_run_are_two_transactions(shop: World) -> None:
    assert shop.result("both") == 2
    assert _sql(shop, "select n from shop.ledger order by n") == [(1,), (2,)]


def test_many_runs_contend_for_one_row(shop: World) -> None:
    _sql(shop, "update shop.stock set left_over = 40 where sku = 'a'")
    runs = shop.client.start_many("buy", [(None, {"sku": "a", "n": 1}) for _ in range(60)])
    results = [shop.client.result(run.workflow_id, 30) for run in runs]
    assert sorted(int(found) for found in results if found.isdigit()) == list(range(40))
    assert results.count("a: stock_left_over_check") == 20
    assert _sql(shop, "select left_over from shop.stock where sku = 'a'") == [(0,)]


PAID = """
activity pay(n: int) -> int { python "play:pay"; timeout 10s; retry 3 times backoff 10ms; effect transactional }
workflow paid(n: int) -> int { do { let r = call pay(n: n); return r } }
"""


def test_a_function_may_ask_for_the_connection(world: World) -> None:
    _sql(world, TABLES)
    world.deploy(PAID)

    def pay(n: int) -> int:
        attempt = context()
        attempt.connection.execute(
            "insert into shop.ledger (run, n) values (%s, %s)", [attempt.run_id, attempt.attempt]
        )
        if attempt.attempt < n:
            raise ActivityError("Flaky", "not yet")
        return attempt.attempt

    with world.engine(pay=pay):
        assert world.result("paid", {"n": 3}) == 3
        assert _sql(world, "select n from shop.ledger") == [(3,)]


LOST = """
activity book(n: int) { sql "insert into shop.ledger (run, n) select 'sql', :n from pg_sleep(0.4)"; timeout 10s }
activity pay(n: int) -> int { python "play:pay"; timeout 10s; effect transactional }
workflow both() -> int {
  do { parallel { a { call book(n: 1) } b { call pay(n: 2) } }; return 2 }
}
"""


def test_a_lost_connection_is_no_failure_of_what_it_has_undone(world: World) -> None:
    """Neither activity may be repeated by its own policy: the server's restart is not theirs."""
    _sql(world, TABLES)
    world.deploy(LOST)
    tries: list[int] = []

    def pay(n: int) -> int:
        attempt = context()
        tries.append(attempt.attempt)
        attempt.connection.execute("insert into shop.ledger (run, n) values ('python', %s)", [n])
        attempt.connection.execute("select pg_sleep(0.4)")
        return n

    with world.engine(pay=pay) as engine:
        run = world.client.start("both")
        ended = "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'tenuto activity'"
        for _ in range(2):
            eventually(lambda: _open_transactions(world) == 2)
            time.sleep(0.1)
            _sql(world, ended)
        assert world.client.result(run.workflow_id, 10) == 2
        assert engine.metrics.lost_lanes == 0
    assert tries == [1, 1, 1], "one attempt"
    assert _sql(world, "select run, n from shop.ledger order by n") == [("sql", 1), ("python", 2)]


def test_a_connection_that_its_user_has_closed_was_committed_by_its_user(world: World) -> None:
    _sql(world, TABLES)
    world.deploy(PAID)

    def pay(n: int) -> int:
        with context().connection as connection:  # psycopg's: commits and closes
            connection.execute("insert into shop.ledger (run, n) values ('x', %s)", [n])
        return n

    with world.engine(pay=pay):
        run = world.client.start("paid", {"n": 2})
        found = eventually(lambda: (d := world.client.describe(run.workflow_id)).status == "parked" and d)
        assert "has ended the transaction" in found.parked
        assert _sql(world, "select n from shop.ledger") == [(2,)], "once, and not again before somebody has looked"


def test_what_a_function_leaves_to_the_commit_is_its_own_failure(world: World) -> None:
    """And not its lane's, whose other runs have no part in it."""
    _sql(world, TABLES)
    world.deploy(PAID)

    def pay(n: int) -> int:
        connection = context().connection
        if n == 1:  # unique, but deferred
            connection.execute("insert into shop.once values (%s), (1)", [context().attempt])
        elif n == 2:
            connection.execute("insert into shop.once values (9)")
            connection.commit()
        else:
            with contextlib.suppress(psycopg.Error):
                connection.execute("insert into shop.nowhere values (2)")
        return n

    with world.engine(pay=pay) as engine:
        assert world.result("paid", {"n": 1}) == 1
        assert _sql(world, "select n from shop.once order by n") == [(1,), (2,)], "its second attempt"
        run = world.client.start("paid", {"n": 2})
        found = eventually(lambda: (d := world.client.describe(run.workflow_id)).status == "parked" and d)
        assert "pay has ended the transaction it runs in" in found.parked
        with pytest.raises(WorkflowFailed, match="InFailedSqlTransaction"):
            world.result("paid", {"n": 3})
        assert engine.metrics.lost_lanes == 0


def test_a_transaction_that_outlives_its_engine_is_rolled_back(world: World) -> None:
    _sql(world, TABLES)
    world.deploy(PAID)
    began, go = threading.Event(), threading.Event()

    def pay(n: int) -> int:
        context().connection.execute("insert into shop.ledger (run, n) values ('x', %s)", [n])
        began.set()
        go.wait(10)
        return n

    with world.engine(pay=pay) as engine:
        world.client.start("paid", {"n": 1}, id="late")
        assert began.wait(5)
        engine.stop(0.0)
    assert _open_transactions(world) == 1, "a thread cannot be stopped"
    go.set()
    eventually(lambda: _open_transactions(world) == 0, 2)
    assert _sql(world, "select * from shop.ledger") == []


def test_a_transaction_that_is_too_late_is_rolled_back(world: World) -> None:
    """Its run was terminated, or its connection lost, while it was at work."""
    _sql(world, TABLES)
    world.deploy(PAID)
    began, go = threading.Event(), threading.Event()

    def pay(n: int) -> int:
        connection = context().connection
        connection.execute("insert into shop.ledger (run, n) values ('x', %s)", [n])
        if context().attempt == 1:
            began.set()
            go.wait(10)
        return connection.info.backend_pid

    with world.engine(pay=pay):
        run = world.client.start("paid", {"n": 1})
        assert began.wait(5)
        world.client.terminate(run.workflow_id)
        eventually(lambda: world.client.describe(run.workflow_id).status == "terminated")
        go.set()
        eventually(lambda: _open_transactions(world) == 0)
        assert _sql(world, "select * from shop.ledger") == []

        began.clear()
        go.clear()
        run = world.client.start("paid", {"n": 2})
        assert began.wait(5)
        _sql(world, "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'tenuto activity'")
        go.set()
        world.client.result(run.workflow_id, 10)
        assert _sql(world, "select n from shop.ledger") == [(2,)], "rolled back, made again, committed once"


def _open_transactions(world: World) -> int:
    query = (
        "select count(*) from pg_stat_activity where application_name = 'tenuto activity' and xact_start is not null"
    )
    found: int = _sql(world, query)[0][0]
    return found


CHAIN = """
activity book(run: string, n: int) -> { n: int } {
  sql "insert into shop.ledger (run, n) values (:run, :n) returning n + 1 as n"
  timeout 10s
}
workflow books(name: string) -> int {
  do {
    let a = call book(run: name, n: 1)
    let b = call book(run: name, n: a.n)
    let c = call book(run: name, n: b.n)
    return c.n
  }
}
"""


@pytest.mark.parametrize(
    "place",
    ["claimed", *(f"{place}@{n}" for place in ("before-flush", "after-flush-before-dispatch") for n in (1, 2, 3, 4)),
     "effect-done-not-recorded@1", "effect-done-not-recorded@2", "effect-done-not-recorded@3"],
)  # fmt: skip
def test_killed_anywhere_it_is_done_exactly_once(processes: Processes, place: str) -> None:
    world = processes.world
    _sql(world, TABLES)
    world.deploy(CHAIN)
    name, _, pass_ = place.partition("@")
    dying = processes.start(f"{name}=kill@{pass_ or 1}")
    run = world.client.start("books", {"name": "one"})
    assert dying.wait(20) == -signal.SIGKILL
    processes.start()
    assert world.client.result(run.workflow_id, 20) == 4
    assert _sql(world, "select n from shop.ledger order by n") == [(1,), (2,), (3,)]


def test_frozen_past_its_lease_its_late_commit_is_refused(processes: Processes) -> None:
    world = processes.world
    _sql(world, TABLES)
    world.deploy(CHAIN)
    frozen = processes.start("before-flush=stop@3")
    run = world.client.start("books", {"name": "one"})
    eventually(lambda: stopped(frozen.pid), 20)
    processes.start()
    assert world.client.result(run.workflow_id, 20) == 4
    frozen.send_signal(signal.SIGCONT)
    time.sleep(1.0)
    assert _sql(world, "select n from shop.ledger order by n") == [(1,), (2,), (3,)]
