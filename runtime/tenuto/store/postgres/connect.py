"""Opens connections: the one place that reads a DSN, and that turns a failure to connect into a message with a remedy.

Passwords never reach a message: it names host, port and database, nothing else of the DSN.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from tenuto.store.protocol import Unreachable

OLDEST = 140000

# A peer that is gone is noticed within about ten seconds, by both ends.
_KEEPALIVE: dict[str, Any] = {
    "connect_timeout": 10,
    "keepalives": 1,
    "keepalives_idle": 4,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
    "client_encoding": "UTF8",
}
_SESSION: dict[str, str] = {
    "default_transaction_isolation": "read committed",
    "tcp_keepalives_idle": "4",
    "tcp_keepalives_interval": "2",
    "tcp_keepalives_count": "3",
    "tcp_user_timeout": "10000",
    "client_min_messages": "warning",
}
_SINCE_17 = {"transaction_timeout"}

# What libpq or the server says -> what to do about it. First match wins.
_REMEDIES: tuple[tuple[str, str], ...] = (
    (r"password authentication failed|no password supplied", "check user and password (PGPASSWORD, ~/.pgpass)"),
    (r'role ".*" does not exist', "check the user name, or create it: createuser NAME"),
    (r'database ".*" does not exist', "check the name, or create it: createdb NAME"),
    (r"no pg_hba.conf entry", "the server's pg_hba.conf does not let this user in from here"),
    (r"too many (clients|connections)|remaining connection slots", "raise max_connections, or run fewer daemons"),
    (r"starting up|shutting down|in recovery mode|not yet accepting", "the server is not ready: try again in a moment"),
    (r"read-only|in hot standby|session is not read-write", "this server takes no writes: name the primary"),
    (r"could not translate host name|Name or service not known|failed to resolve", "check the host name"),
    (r"Connection refused|No such file or directory", "nothing listens there: is PostgreSQL running?"),
    (r"timeout expired|timed out|No route to host|unreachable", "no answer: check host, port and firewall"),
    (r"SSL|certificate", "check sslmode and the certificates"),
    (r"permission denied", "the user lacks a privilege"),
)  # fmt: skip


def connect(
    dsn: str, name: str, settings: Mapping[str, str] | None = None, *, write: bool = False
) -> psycopg.Connection:
    """An autocommit connection called `name`. `write`: insist on a server that takes writes. Raises Unreachable."""
    conninfo, place = _conninfo(dsn, name, write)
    try:
        connection = psycopg.connect(conninfo, autocommit=True, prepare_threshold=None)
    except psycopg.Error as error:
        raise Unreachable(_message(place, str(error))) from None
    try:
        _judge(connection, place)
        wanted = {**_SESSION, **(settings or {})}
        if connection.info.server_version < 170000:
            wanted = {key: value for key, value in wanted.items() if key not in _SINCE_17}
        connection.execute(set_all(wanted))
    except psycopg.Error as error:
        connection.close()
        raise Unreachable(_message(place, str(error))) from None
    except BaseException:
        connection.close()
        raise
    return connection


def _conninfo(dsn: str, name: str, write: bool) -> tuple[str, str]:
    """The full connection string, and where it leads in words."""
    try:
        given = conninfo_to_dict(dsn)
    except psycopg.Error as error:
        secret = "password" in dsn or "@" in dsn
        reason = "it cannot be parsed" if secret else str(error).strip().splitlines()[0]
        raise Unreachable(
            f"this is no PostgreSQL connection string ({reason}): write postgresql://user@host:5432/database"
        ) from None
    wanted = {**_KEEPALIVE, "application_name": name}
    if write:
        wanted["target_session_attrs"] = "read-write"
    full = make_conninfo("", **{**wanted, **given})
    host = given.get("host") or given.get("hostaddr") or "the local socket"
    database = given.get("dbname") or given.get("user") or "(default)"
    return full, f"database {database} at {host}, port {given.get('port') or 5432}"


def _message(place: str, reason: str) -> str:
    # libpq tries every address and repeats itself: the last line that says anything is the server's own.
    lines = [
        line.strip() for line in reason.splitlines() if line.strip() and not line.strip().startswith("Is the server")
    ]
    short = lines[-1] if lines else reason
    short = re.sub(r"^(connection failed: |connection (to server )?.*? failed: |- host: .*?: |FATAL: +)+", "", short)
    for pattern, remedy in _REMEDIES:
        if re.search(pattern, reason):
            return f"cannot reach {place}: {short}: {remedy}"
    return f"cannot reach {place}: {short}"


def _judge(connection: psycopg.Connection, place: str) -> None:
    version = connection.info.server_version
    if version < OLDEST:
        raise Unreachable(f"{place} is PostgreSQL {version // 10000}: Tenuto needs 14 or later")
    encoding = connection.info.parameter_status("server_encoding")
    if encoding != "UTF8":
        raise Unreachable(f"{place} stores text as {encoding}: Tenuto needs UTF8 (createdb -E UTF8 -T template0 NAME)")


def set_all(settings: Mapping[str, str], *, local: bool = False) -> bytes:
    """A statement that sets them all; `local`: until the transaction ends."""
    calls = [f"set_config('{key}', '{value}', {str(local).lower()})" for key, value in settings.items()]
    assert all(re.fullmatch(r"[\w .-]*", value) for value in settings.values()), "our own settings need no quoting"
    return ("select " + ", ".join(calls)).encode()
