"""The connection that rates are asked of. It is opened when the first attempt has one."""

from __future__ import annotations

from tenuto.store.postgres import arrays as a
from tenuto.store.postgres import statements as sql
from tenuto.store.postgres.connect import connect
from tenuto.store.postgres.errors import ServerError
from tenuto.store.postgres.session import Session
from tenuto.store.protocol import Doubt


class PostgresAdmissions:
    """Connects when first used and again after every failure. What a lost answer had admitted is lost with it."""

    def __init__(self, dsn: str, *, timeout_ms: int = 2000) -> None:
        self._dsn = dsn
        self._timeout_ms = timeout_ms
        self._session: Session | None = None

    def admit(self, key: str, count: int, period_us: int, wanted: int) -> tuple[int, int]:
        """Raises Doubt or Unreachable: nobody may begin."""
        if self._session is None or self._session.closed:
            settings = {"statement_timeout": str(self._timeout_ms), "lock_timeout": str(self._timeout_ms)}
            self._session = Session(connect(self._dsn, "tenuto rates", settings, write=True), self._timeout_ms + 1000)
        parameters = (key.encode(), a.int4(count), a.int8(period_us), a.int4(wanted))
        try:
            result = self._session.call(sql.ADMIT, parameters)
        except ServerError as error:
            raise Doubt(str(error)) from None
        return a.read_int(result.get_value(0, 0) or b""), a.read_int(result.get_value(0, 1) or b"")

    def close(self) -> None:
        if self._session is not None:
            self._session.close()
