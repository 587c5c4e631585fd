"""One connection, used through libpq's own calls: prepared statements, binary in, binary out, a deadline on every wait.

psycopg's cursors convert parameters and rows one by one; the hot path has both in wire form already. What psycopg does
well (connecting, encodings, notifications) stays with psycopg.
"""

from __future__ import annotations

import select
import time
from collections.abc import Sequence
from dataclasses import dataclass

import psycopg
from psycopg.pq import ConnStatus, ExecStatus, Format
from psycopg.pq.abc import PGresult

from tenuto.store.postgres.errors import ServerError, server_error
from tenuto.store.protocol import Doubt

_OK = (ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK)


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement by name; without one it is prepared each time. `oids` are the types of its parameters."""

    name: str
    sql: str
    oids: tuple[int, ...] = ()


class Session:
    """Not thread-safe. After `Doubt` the connection is closed: there is nothing left to ask it."""

    def __init__(self, connection: psycopg.Connection, timeout_ms: int) -> None:
        self._connection = connection
        self._pg = connection.pgconn
        self._timeout_ms = timeout_ms
        self._prepared: set[str] = set()
        self._poll = select.poll()
        self._socket = self._pg.socket
        self._outstanding = False

    @property
    def closed(self) -> bool:
        return self._connection.closed

    def call(self, statement: Statement, parameters: Sequence[bytes | None] = ()) -> PGresult:
        """Run one statement in a transaction of its own. Raises ServerError (nothing was written) or Doubt."""
        try:
            if self._outstanding:
                self._collect()
            if statement.name not in self._prepared:
                self._pg.send_prepare(statement.name.encode(), statement.sql.encode(), statement.oids)
                self._answer()
                if statement.name:
                    self._prepared.add(statement.name)
            self._send(statement, parameters)
            return self._answer()
        except ServerError:
            raise
        except psycopg.Error as error:
            self.close()
            raise Doubt(_reason(error)) from None
        except BaseException:  # interrupted in the middle of an exchange: the connection can't be used again
            self.close()
            raise

    def tell(self, statement: Statement, parameters: Sequence[bytes | None] = ()) -> None:
        """Run one statement without waiting for its answer, and whatever the answer is. Never raises."""
        try:
            if self._outstanding:
                self._collect()
            if statement.name not in self._prepared:
                self._pg.send_prepare(statement.name.encode(), statement.sql.encode(), statement.oids)
                self._answer()
                self._prepared.add(statement.name)
            self._send(statement, parameters)
            self._outstanding = True
            self._pg.flush()
        except Exception:  # noqa: BLE001 - a lost hint costs a poll, and a lost connection is the next call's to report
            return

    def close(self) -> None:
        self._connection.close()

    def _send(self, statement: Statement, parameters: Sequence[bytes | None]) -> None:
        self._pg.send_query_prepared(
            statement.name.encode(), parameters, [Format.BINARY] * len(parameters), Format.BINARY
        )

    def _collect(self) -> None:
        self._outstanding = False
        self._wait()
        while self._pg.get_result() is not None:
            pass

    def _answer(self) -> PGresult:
        self._wait()
        first = self._pg.get_result()
        while self._pg.get_result() is not None:
            pass
        if first is None:
            raise psycopg.OperationalError("the server gave no answer")
        if first.status not in _OK:
            error = server_error(first)
            if self._pg.status == ConnStatus.BAD or error.fatal:
                self.close()
                raise Doubt(str(error))
            raise error
        return first

    def _wait(self) -> None:
        """Until everything is sent and an answer is there. Large parameters and large answers may cross: do both."""
        deadline = time.monotonic() + self._timeout_ms / 1000
        while self._pg.flush():
            self._ready(select.POLLIN | select.POLLOUT, deadline)
            self._pg.consume_input()
        while self._pg.is_busy():
            self._ready(select.POLLIN, deadline)
            self._pg.consume_input()

    def _ready(self, events: int, deadline: float) -> None:
        self._poll.register(self._socket, events)
        if not self._poll.poll(max(0.0, (deadline - time.monotonic()) * 1000)):
            raise psycopg.OperationalError(f"the server did not answer within {self._timeout_ms} ms")


def _reason(error: psycopg.Error) -> str:
    text = str(error).strip()
    return text.splitlines()[0] if text else type(error).__name__
