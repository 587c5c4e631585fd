"""A connection for activities' transactions, in which a lane's flush can be written as well.

It is psycopg's own connection, so that user code can use it, with libpq's calls beside it for the flush. Its planner is
the server's: the lane's settings, made for keys alone, hold for the flush only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from psycopg.pq import TransactionStatus
from psycopg.pq.abc import PGresult

from tenuto.store.postgres import statements as sql
from tenuto.store.postgres.connect import connect, set_all
from tenuto.store.postgres.errors import ServerError, for_lane
from tenuto.store.postgres.session import Session, Statement
from tenuto.store.protocol import Contended, Doubt

_COMMIT = Statement("commit", "commit")


class Channel:
    """Between transactions it is idle and may be kept."""

    def __init__(self, dsn: str, ttl_ms: int, flush_settings: Mapping[str, str]) -> None:
        # Frozen between two statements, or before its commit, it is ended by the server: its locks are others' to have.
        self.connection = connect(
            dsn, "tenuto activity", {"idle_in_transaction_session_timeout": str(ttl_ms)}, write=True
        )
        self._session = Session(self.connection, ttl_ms)
        settings = dict(flush_settings)
        if self.connection.info.server_version >= 170000:
            # From the fence on the lane cannot be reaped: frozen in the middle of an exchange, only this ends it.
            settings["transaction_timeout"] = settings["statement_timeout"]
        self._settings = Statement("flush settings", set_all(settings, local=True).decode())

    @property
    def closed(self) -> bool:
        return self.connection.closed

    @property
    def broken(self) -> bool:
        """Whether the connection was lost, and so, before its commit, all that was done in its transaction."""
        return self.connection.broken

    @property
    def open(self) -> bool:
        """Whether a transaction is open and can still be committed."""
        return self.connection.info.transaction_status == TransactionStatus.INTRANS

    def begin(self, limit_ms: int | None) -> None:
        self.connection.execute("begin")
        self.connection.execute(f"set local statement_timeout = {max(limit_ms or 0, 0)}".encode())

    def check(self) -> bool:
        """Let constraints that wait for the commit speak now, while it is still the activity's affair; raises psycopg's
        errors. False: whoever used the connection has ended the transaction."""
        if self.connection.info.transaction_status == TransactionStatus.IDLE or (self.closed and not self.broken):
            return False
        self.connection.execute("set constraints all immediate")
        return True

    def write(self, parameters: Sequence[bytes]) -> PGresult:
        """A flush and the commit. Raises what a lane's flush does; Contended also when the connection was lost before
        the commit: nothing has been written then, nor of what the activity did."""
        try:
            if not self.open:
                raise Contended("the activity's transaction is over")
            self._session.call(self._settings)
            result = self._session.call(sql.FLUSH, parameters)
        except ServerError as error:
            self.rollback()
            raise for_lane(error) from None
        except Doubt as error:
            raise Contended(f"the connection was lost before the commit: {error}") from None
        try:
            self._session.call(_COMMIT)
        except ServerError as error:  # an answer: it has been rolled back
            raise Contended(f"the commit was refused: {error}") from None
        return result

    def rollback(self) -> None:
        if not self.closed:
            self.connection.execute("rollback")

    def cancel(self) -> None:
        self.connection.cancel()

    def close(self) -> None:
        self.connection.close()


def channels(dsn: str, ttl_ms: int) -> Channel:
    """A new connection. Raises Unreachable."""
    from tenuto.store.postgres.lane import flush_settings

    return Channel(dsn, ttl_ms, flush_settings(ttl_ms))
