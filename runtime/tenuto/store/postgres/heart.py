"""The heartbeat's connection. Its thread is the engine's; a call is short, and a lane in mid-flush never delays it."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from tenuto.store.postgres import arrays as a
from tenuto.store.postgres import statements as sql
from tenuto.store.postgres.connect import connect
from tenuto.store.postgres.errors import ServerError
from tenuto.store.postgres.session import Session
from tenuto.store.protocol import Doubt


class PostgresHeart:
    """Connects when first used and again after every failure: a heart outlives servers, lanes don't."""

    def __init__(self, dsn: str, *, timeout_ms: int = 3000) -> None:
        self._dsn = dsn
        self._timeout_ms = timeout_ms
        self._session: Session | None = None
        self._lock = threading.Lock()

    def beat(self, lanes: Sequence[int], ttl_ms: int) -> set[int]:
        """Extend the leases; returns the lanes that are still alive. Raises Doubt or Unreachable: try again."""
        with self._lock:
            if self._session is None or self._session.closed:
                settings = {"statement_timeout": str(self._timeout_ms), "lock_timeout": str(self._timeout_ms)}
                connection = connect(self._dsn, "tenuto heart", settings, write=True)
                self._session = Session(connection, self._timeout_ms + 1000)
            try:
                result = self._session.call(sql.BEAT, (a.int8s(lanes), a.int4(ttl_ms)))
            except ServerError as error:
                self._session.close()
                raise Doubt(str(error)) from None
        return {a.read_int(result.get_value(row, 0) or b"") for row in range(result.ntuples)}

    def close(self) -> None:
        if self._session is not None:
            self._session.close()
