"""The only proof that a server serves: a connection that answers."""

from __future__ import annotations

import enum
from pathlib import Path
from urllib.parse import quote

import psycopg

from tenuto.server.places import PORT

USER = "tenuto"
DATABASE = "tenuto"


class Answer(enum.Enum):
    READY = "ready"
    STARTING = "starting"
    """It speaks, but recovers, starts or stops: wait."""
    FULL = "full"
    """It serves, but has no connection left: that is running too."""
    NO_DATABASE = "no database"
    SILENT = "silent"
    """It took the connection and said nothing."""
    ABSENT = "absent"


def dsn(socket_directory: Path, database: str = DATABASE) -> str:
    """The connection URL; everything libpq might take from the environment instead is named."""
    host = quote(str(socket_directory), safe="")
    return f"postgresql://{USER}@/{quote(database, safe='')}?host={host}&port={PORT}"


def probe(url: str, *, timeout_s: int = 5) -> tuple[Answer, str]:
    """Connect and ask something. Also says what the server (or the lack of one) answered."""
    try:
        with psycopg.connect(url, connect_timeout=timeout_s, autocommit=True) as connection:
            connection.execute("select 1")
        return Answer.READY, ""
    except psycopg.Error as error:
        text = str(error).strip()
        return _classify(error, text), text


def _classify(error: psycopg.Error, text: str) -> Answer:
    # libpq reports no SQLSTATE for refused connections; our server's messages are English by configuration.
    if isinstance(error, psycopg.errors.ConnectionTimeout):
        return Answer.SILENT
    for phrase, answer in (
        ("starting up", Answer.STARTING),
        ("shutting down", Answer.STARTING),
        ("in recovery mode", Answer.STARTING),
        ("not yet accepting connections", Answer.STARTING),
        ("not accepting connections", Answer.STARTING),
        ("too many clients", Answer.FULL),
        ("remaining connection slots", Answer.FULL),
        (f'database "{DATABASE}" does not exist', Answer.NO_DATABASE),
    ):
        if phrase in text:
            return answer
    return Answer.ABSENT
