"""Two sessions, interleaved on purpose: statements in the background, and waits for the locks the server names."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from typing import Any

import psycopg
from psycopg.pq import TransactionStatus
from tenuto.store.ids import new_run_id, shard_of
from tenuto.store.postgres import PostgresClient, PostgresLane
from tenuto.store.postgres.session import Statement
from tenuto.store.protocol import Claimed, LaneStore, NewRun, RunKey

_LIMIT = 20.0
SNAPSHOT = "w as materialized (select pg_advisory_lock_shared(1) as x)"
"""A CTE to begin a statement with: it has taken its snapshot, and waits until `Database.hold` ends."""


class Background:
    """A call in a thread of its own. `wait_blocked`: until it waits for a lock (True) or has ended (False)."""

    def __init__(self, database: Database, pid: int, call: Any) -> None:
        self._database = database
        self._pid = pid
        self.value: Any = None
        self.error: Exception | None = None

        def run() -> None:
            try:
                self.value = call()
            except Exception as error:  # noqa: BLE001 - told by `result`
                self.error = error

        self._thread = threading.Thread(target=run, daemon=True)
        self._thread.start()

    def wait_blocked(self) -> bool:
        end = time.monotonic() + _LIMIT
        while time.monotonic() < end:
            if not self._thread.is_alive():
                return False
            waits = self._database.sql(
                "select wait_event_type = 'Lock' from pg_stat_activity where pid = %s", self._pid
            )
            if waits == [(True,)]:
                return True
            time.sleep(0.002)
        raise AssertionError("it neither waits for a lock nor ends")

    def result(self) -> Any:
        self._thread.join(_LIMIT)
        assert not self._thread.is_alive(), "it never ended"
        if self.error is not None:
            raise self.error
        return self.value


class Database:
    """A migrated database, and sessions that are closed with it."""

    def __init__(self, dsn: str) -> None:
        self.dsn = dsn
        self._closing = contextlib.ExitStack()
        self._main = self.session()
        self._holder = self.session()
        self.client = PostgresClient(dsn)
        self._closing.callback(self.client.close)

    def close(self) -> None:
        self._closing.close()

    def session(self) -> psycopg.Connection:
        return self._closing.enter_context(
            contextlib.closing(psycopg.connect(self.dsn, autocommit=True, prepare_threshold=None))
        )

    def lane(self, ttl_ms: int = 10_000, **fields: Any) -> PostgresLane:
        made = PostgresLane(self.dsn, ttl_ms=ttl_ms, **fields)
        self._closing.callback(made.close)
        return made

    def another_client(self) -> PostgresClient:
        made = PostgresClient(self.dsn)
        self._closing.callback(made.close)
        return made

    def sql(self, statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
        cursor = self._main.execute(statement.encode(), parameters)
        return cursor.fetchall() if cursor.description else []

    def one(self, statement: str, *parameters: Any) -> Any:
        ((value,),) = self.sql(statement, *parameters)
        return value

    @contextlib.contextmanager
    def hold(self) -> Iterator[None]:
        """While this lasts, statements that begin with SNAPSHOT wait."""
        self._holder.execute("select pg_advisory_lock(1)")
        try:
            yield
        finally:
            self._holder.execute("select pg_advisory_unlock(1)")

    def background(self, connection: psycopg.Connection, statement: str, *parameters: Any) -> Background:
        def call() -> Any:
            cursor = connection.execute(statement.encode(), parameters)
            return cursor.fetchall() if cursor.description else cursor.rowcount

        return Background(self, connection.info.backend_pid, call)

    def call(self, of: PostgresLane | PostgresClient, call: Any) -> Background:
        """A call of a lane or a client in the background."""
        return Background(self, of._session._pg.backend_pid, call)

    def runs(self, lane: LaneStore, *names: str) -> list[Claimed]:
        """Started and claimed by this lane."""
        self.client.start_many([new(name) for name in names])
        taken = {run.workflow_id: run for run in lane.claim(100)}
        return [taken[name] for name in names]

    def run(self, name: str, **columns: Any) -> RunKey:
        """A bare row, for the naive forms; its columns as they are given."""
        key = new(name).key
        values = {
            "shard": key.shard, "run_id": key.run_id, "workflow_id": name, "workflow": "flow", "definition": b"",
            "snapshot": b"", "started_at": "now", "ready_at": "now", **columns,
        }  # fmt: skip
        names, places = (
            ", ".join(values),
            ", ".join("%s" if name != "run_id" else "encode(%s, 'hex')::uuid" for name in values),
        )
        self.sql(f"insert into tenuto.run ({names}) values ({places})", *values.values())
        return key


def new(name: str, **fields: Any) -> NewRun:
    return NewRun(RunKey(shard_of(name), new_run_id()), name, "flow", b"digest", b"start", **fields)


@contextlib.contextmanager
def transaction(lane: PostgresLane) -> Iterator[None]:
    """Hold a lane's calls in one transaction that stays open, as if the server had not got to its commit yet."""
    session = lane._session
    session.call(Statement("begin", "begin"))
    try:
        yield
    finally:
        if session._pg.transaction_status != TransactionStatus.IDLE:
            session.call(Statement("commit", "commit"))
