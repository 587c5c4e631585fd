"""Which exception an answer of the server means. The only place that knows SQLSTATEs.

Every call of a lane is one autocommit statement: an answer that is an error means that nothing was written. So only two
kinds are doubtful: no answer, and the server process dying (its last word may come after the commit). Of the rest, what
we understand is named, and what we don't is treated as doubt too: the lane dies, which is always safe.
"""

from __future__ import annotations

from psycopg.pq import DiagnosticField
from psycopg.pq.abc import PGresult

from tenuto.store.protocol import Contended, Doubt, Fenced, Rejected

FENCED = "TN001"
CLOSED = "TN002"
NO_RUN = "TN003"
TAKEN = "TN004"
CLOSING = "TN005"
USED = "TN008"

_CONTENDED = {"40001", "40P01", "55P03"}
"""Serialization failure, deadlock, lock timeout: nothing is wrong with the data, somebody was in the way."""
_DATA = {"23502", "23514", "54000", "54001", "54023"}
"""Beside class 22: not-null and check constraints, and limits that a value can exceed (54000: an index row too big)."""


class ServerError(Exception):
    """An error the server answered with."""

    def __init__(self, sqlstate: str, message: str, detail: str, fatal: bool) -> None:
        super().__init__(f"{message} ({sqlstate})")
        self.sqlstate = sqlstate
        self.message = message
        self.detail = detail
        self.fatal = fatal


def server_error(result: PGresult) -> ServerError:
    def text(field: DiagnosticField) -> str:
        value = result.error_field(field)
        return value.decode("utf-8", "replace") if value else ""

    severity = text(DiagnosticField.SEVERITY_NONLOCALIZED)
    return ServerError(
        text(DiagnosticField.SQLSTATE) or "XX000",
        text(DiagnosticField.MESSAGE_PRIMARY) or result.get_error_message(),
        text(DiagnosticField.MESSAGE_DETAIL),
        severity in ("FATAL", "PANIC"),
    )


def is_contention(error: ServerError) -> bool:
    return error.sqlstate in _CONTENDED


def is_data(error: ServerError) -> bool:
    return not error.fatal and (error.sqlstate.startswith("22") or error.sqlstate in _DATA)


def for_lane(error: ServerError) -> Exception:
    """What a lane raises."""
    if error.sqlstate == FENCED:
        return Fenced(error.message)
    if error.fatal:
        return Doubt(str(error))
    if is_contention(error):
        return Contended(str(error))
    if is_data(error):
        return Rejected(str(error))
    return Doubt(str(error))
