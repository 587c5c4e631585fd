"""Everybody else's face of the store on Postgres: start, post, read. Thread-safe; one connection, made again when lost.

What can be repeated without harm (reads, starts, posts under a request id) is repeated after a lost reply; of the rest
the caller learns that it is in doubt.
"""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Sequence
from typing import TYPE_CHECKING

from psycopg.pq.abc import PGresult

from tenuto.store.ids import shard_of
from tenuto.store.postgres import arrays as a
from tenuto.store.postgres import reading
from tenuto.store.postgres import statements as sql
from tenuto.store.postgres.connect import connect
from tenuto.store.postgres.errors import CLOSED, CLOSING, NO_RUN, TAKEN, USED, ServerError, is_contention, is_data
from tenuto.store.postgres.filtering import filtered_runs
from tenuto.store.postgres.listener import Listener
from tenuto.store.postgres.packing import ON_CLOSE, new_runs
from tenuto.store.postgres.schema import check_connection
from tenuto.store.postgres.session import Session, Statement
from tenuto.store.protocol import (
    Definition,
    Doubt,
    HistoryRow,
    NewRun,
    News,
    NotFound,
    Rejected,
    RunClosed,
    RunKey,
    RunView,
    SchemaMismatch,
    Status,
    Unreachable,
    WorkflowIdTaken,
    WorkflowIdUsed,
)

if TYPE_CHECKING:
    from tenuto_dsl.filters import Filter

_TRIES = 5
_PAUSE = 0.05
_NO_SCHEMA = {"3F000", "42P01", "42883", "42703"}


class PostgresClient:
    """Connects at once, so that a wrong DSN is known at once. Raises Unreachable or SchemaMismatch."""

    def __init__(self, dsn: str, *, name: str = "tenuto client", timeout_ms: int = 30_000) -> None:
        self._dsn = dsn
        self._name = name
        self._timeout_ms = timeout_ms
        self._lock = threading.Lock()
        self._waiting = 0
        self._listener = Listener(dsn, "tenuto_closed")
        self._listening = threading.Lock()
        self._session = self._connect()

    # -- definitions

    def deploy(self, definition: Definition) -> bool:
        d = definition
        parameters = (d.digest, _text(d.workflow), d.program, _text(d.source), _text(d.form), _text(d.file))
        result, _ = self._call(sql.DEPLOY, parameters, repeat=True)
        return result.get_value(0, 0) == b"\1"

    def definition(self, workflow: str) -> Definition | None:
        return reading.read_definition(self._read(reading.DEFINITION, (_text(workflow),)))

    def definition_by_digest(self, digest: bytes) -> Definition | None:
        return reading.read_definition(self._read(reading.DEFINITION_DIGEST, (digest,)))

    def definitions(self, workflow: str) -> list[Definition]:
        return reading.read_definitions(self._read(reading.DEFINITIONS, (_text(workflow),)))

    def census(self, workflow: str) -> dict[bytes, int]:
        result = self._read(reading.CENSUS, (_text(workflow),))
        return {reading.raw(result, row, 0): reading.integer(result, row, 1) for row in range(result.ntuples)}

    def workflows(self) -> list[str]:
        result = self._read(reading.WORKFLOWS)
        return [reading.text(result, row, 0) for row in range(result.ntuples)]

    # -- writing

    def start(
        self, run: NewRun, *, request: str | None = None, reuse: str = "allow", conflict: str = "fail"
    ) -> tuple[RunKey, bool]:
        assert reuse in ("allow", "reject", "if_failed")
        assert conflict in ("fail", "use")
        parent = run.parent
        parameters = (
            a.int2(run.key.shard), run.key.run_id, _text(run.workflow_id), _text(run.workflow), run.definition,
            run.start, a.int2(parent.shard) if parent else None, parent.run_id if parent else None,
            None if run.parent_op is None else a.int4(run.parent_op), a.int2(ON_CLOSE[run.on_close]),
            None if run.ready_at is None else a.timestamp(run.ready_at), _optional(request), reuse.encode(),
            conflict.encode(),
        )  # fmt: skip
        try:
            result, tries = self._call(sql.START, parameters, repeat=True, hint=True)
        except ServerError as error:
            if error.sqlstate in (TAKEN, USED):
                kind = WorkflowIdTaken if error.sqlstate == TAKEN else WorkflowIdUsed
                raise kind(run.workflow_id, _key(run.key.shard, error.detail), error.message) from None
            raise _refused(error) from None
        holder = result.get_value(0, 1)
        if holder is None:
            raise Rejected(f"the request id {request!r} of {run.workflow_id!r} was used for something else")
        made = result.get_value(0, 0) == b"\1"
        # Our own run, made by a try whose reply was lost, is a start that happened now.
        return RunKey(run.key.shard, holder), made or (tries > 1 and holder == run.key.run_id)

    def start_many(self, runs: Sequence[NewRun]) -> list[RunKey]:
        try:
            result, _ = self._call(sql.START_MANY, new_runs(runs), hint=True)
        except ServerError as error:
            raise _refused(error) from None
        return [RunKey(reading.integer(result, row, 0), reading.raw(result, row, 1)) for row in range(result.ntuples)]

    def post(self, workflow_id: str, kind: int, payload: bytes, *, request: str | None = None) -> bool:
        ref = request if request is not None else uuid.uuid4().hex
        parameters = (
            a.int2(shard_of(workflow_id)), _text(workflow_id), a.int2(kind), _text(ref), payload, _optional(request),
        )  # fmt: skip
        try:
            result, _ = self._call(sql.POST, parameters, repeat=request is not None, hint=True)
        except ServerError as error:
            if error.sqlstate == NO_RUN:
                raise NotFound(workflow_id) from None
            if error.sqlstate in (CLOSED, CLOSING):
                status = Status(int(error.detail)) if error.sqlstate == CLOSED else Status.CLOSING
                raise RunClosed(workflow_id, status) from None
            raise _refused(error) from None
        return result.get_value(0, 0) == b"\1"

    # -- reading

    def view(
        self, workflow_id: str | None = None, *, key: RunKey | None = None, run_id: bytes | None = None
    ) -> RunView | None:
        if key is not None:
            result = self._read(reading.VIEW_KEY, (a.int2(key.shard), key.run_id))
        elif run_id is not None:
            result = self._read(reading.VIEW_RUN, (run_id,))
        elif workflow_id is not None:
            result = self._read(reading.VIEW, (a.int2(shard_of(workflow_id)), _text(workflow_id)))
        else:
            raise TypeError("a workflow id, a key or a run id is needed")
        views = reading.read_runs(result)
        return min(views, key=lambda view: view.status.closed, default=None)  # an open one before the latest closed

    def runs(
        self, *, status: Sequence[Status] = (), workflow: str | None = None, prefix: str | None = None,
        filter: Filter | None = None, limit: int = 100, before: bytes | None = None,
    ) -> list[RunView]:  # fmt: skip
        parameters = (
            a.int2s(status) if status else None, _optional(workflow), _optional(prefix), before, a.int4(limit),
        )  # fmt: skip
        if filter is None:
            return reading.read_runs(self._read(reading.RUNS, parameters))
        statement, more = filtered_runs(filter)
        return reading.read_runs(self._read(statement, (*parameters, *more)))

    def history(self, key: RunKey, *, after: int = 0, limit: int = 1000) -> list[HistoryRow]:
        parameters = (a.int2(key.shard), key.run_id, a.int4(after), a.int4(limit))
        return reading.read_history(self._read(reading.HISTORY, parameters))

    def unread(self, key: RunKey) -> list[News]:
        return reading.read_news(self._read(reading.UNREAD, (a.int2(key.shard), key.run_id)))

    def answer(self, workflow_id: str, request: str) -> bytes | None:
        parameters = (a.int2(shard_of(workflow_id)), _text(workflow_id), _text(request))
        result = self._read(reading.ANSWER, parameters)
        return result.get_value(0, 0) if result.ntuples else None

    def last_migration(self, workflow_id: str, since: int) -> bytes | None:
        parameters = (a.int2(shard_of(workflow_id)), _text(workflow_id), a.timestamp(since))
        result = self._read(reading.LAST_MIGRATION, parameters)
        return result.get_value(0, 0) if result.ntuples else None

    def outcomes(self, keys: Sequence[RunKey]) -> dict[RunKey, tuple[Status, bytes | None]]:
        parameters = (a.int2s([key.shard for key in keys]), a.uuids([key.run_id for key in keys]))
        result = self._read(reading.OUTCOMES, parameters)
        return {
            RunKey(reading.integer(result, row, 0), reading.raw(result, row, 1)): (
                Status(reading.integer(result, row, 2)), result.get_value(row, 3),
            )
            for row in range(result.ntuples)
        }  # fmt: skip

    def open_children(self, key: RunKey) -> dict[int, str]:
        result = self._read(reading.OPEN_CHILDREN, (a.int2(key.shard), key.run_id))
        return {reading.integer(result, row, 0): reading.text(result, row, 1) for row in range(result.ntuples)}

    def last_of_chain(self, key: RunKey) -> RunKey | None:
        result = self._read(reading.LAST_OF_CHAIN, (a.int2(key.shard), key.run_id))
        return RunKey(key.shard, reading.raw(result, 0, 0)) if result.ntuples else None

    def listen(self, timeout: float) -> bool:
        """Callers in several threads take turns: the others learn from their poll."""
        if not self._listening.acquire(timeout=timeout):
            return False
        try:
            return self._listener.wait_for_news(timeout)
        finally:
            self._listening.release()

    def now(self) -> int:
        return a.read_timestamp(self._read(sql.NOW).get_value(0, 0)) or 0

    def close(self) -> None:
        self._listener.close()
        self._session.close()

    # -- one connection, several tries

    def _connect(self) -> Session:
        limit, wait = str(self._timeout_ms), str(self._timeout_ms // 3)
        settings = {"statement_timeout": limit, "lock_timeout": wait, "jit": "off"}
        connection = connect(self._dsn, self._name, settings, write=True)
        try:
            check_connection(connection)
        except BaseException:
            connection.close()
            raise
        return Session(connection, self._timeout_ms + 1000)

    def _read(self, statement: Statement, parameters: Sequence[bytes | None] = ()) -> PGresult:
        try:
            return self._call(statement, parameters, repeat=True)[0]
        except ServerError as error:
            raise _refused(error) from None

    def _call(
        self, statement: Statement, parameters: Sequence[bytes | None], *, repeat: bool = False, hint: bool = False
    ) -> tuple[PGresult, int]:
        """The answer and the number of tries it took. Raises ServerError, Doubt, Unreachable."""
        doubt: Doubt | None = None
        for attempt in range(1, _TRIES + 1):
            if attempt > 1:
                time.sleep(_PAUSE * (attempt - 1))
            self._waiting += 1
            with self._lock:
                self._waiting -= 1
                try:
                    if self._session.closed:
                        self._session = self._connect()
                    result = self._session.call(statement, parameters)
                    if hint and not self._waiting:  # whoever comes next hints for both
                        self._session.tell(sql.HINT, (a.boolean(True), a.boolean(False)))
                except Unreachable as error:
                    if doubt is None or attempt == _TRIES:  # a write that may have happened stays in doubt
                        raise (doubt if doubt and hint else error) from None
                except Doubt as error:
                    if not repeat:
                        raise
                    doubt = error
                except ServerError as error:
                    if error.sqlstate == "25006":  # a server that has turned read-only: look for another
                        self._session.close()
                    if not is_contention(error):
                        raise
                    if attempt == _TRIES:
                        raise
                else:
                    return result, attempt
        raise doubt or Doubt("the database keeps losing the connection")


def _refused(error: ServerError) -> Exception:
    if is_data(error):
        return Rejected(error.message)
    if error.sqlstate in _NO_SCHEMA:
        return SchemaMismatch(f"the database has no such thing ({error.message}): run `tenuto db migrate`")
    if is_contention(error):
        return Doubt(f"nothing was written, somebody else holds a lock: {error.message}")
    return Unreachable(f"the database refuses: {error}")


def _text(value: str) -> bytes:
    try:
        return value.encode()
    except UnicodeEncodeError as error:
        raise Rejected(f"a text cannot be stored: {error}") from None


def _optional(value: str | None) -> bytes | None:
    return None if value is None else _text(value)


def _key(shard: int, run_id: str) -> RunKey:
    return RunKey(shard, uuid.UUID(run_id).bytes)
