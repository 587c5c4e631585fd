"""The server the benchmarks share, a fresh database for each subject, and what its work cost there."""

from __future__ import annotations

import urllib.parse
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from tenuto.server import EmbeddedServer

HOME = Path(__file__).parent / "out" / "server"


def server() -> str:
    """The DSN of an embedded server of the benchmarks' own, durable like any other."""
    HOME.mkdir(parents=True, exist_ok=True)
    return EmbeddedServer(HOME).ensure()


def fresh(name: str) -> str:
    """The DSN of an empty database of that name on the server."""
    dsn = server()
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(f"drop database if exists {name} with (force)")
        connection.execute(f"create database {name}")
        connection.execute("checkpoint")
    return make_conninfo(dsn, dbname=name)


def url(dsn: str) -> str:
    """The same as a URL, for peers that take nothing else."""
    parts = conninfo_to_dict(dsn)
    host = urllib.parse.quote(str(parts["host"]), safe="")
    return f"postgresql://{parts.get('user', 'postgres')}@/{parts['dbname']}?host={host}&port={parts.get('port', 5432)}"


@dataclass(frozen=True)
class Cost:
    """Write transactions (transaction ids given out), all transactions, and bytes of WAL."""

    writes: int
    transactions: int
    wal: int

    def __sub__(self, other: Cost) -> Cost:
        return Cost(self.writes - other.writes, self.transactions - other.transactions, self.wal - other.wal)


def cost(dsn: str) -> Cost:
    """What the database has spent so far. Statistics of other sessions arrive with up to a second's delay."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        row = connection.execute(
            "select pg_snapshot_xmax(pg_current_snapshot())::text::bigint,"
            " (select xact_commit + xact_rollback from pg_stat_database where datname = current_database()),"
            " (pg_current_wal_insert_lsn() - '0/0')::bigint"
        ).fetchone()
    assert row is not None
    return Cost(*(int(value) for value in row))
