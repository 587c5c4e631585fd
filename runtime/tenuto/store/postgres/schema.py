"""Brings a database to this program's schema, and refuses those it must not touch.

Migrations are numbered files of plain SQL, immutable once released. Each runs in a transaction of its own together with
its record, under one advisory lock: two at once are one after the other, killed halfway is not begun.
"""

from __future__ import annotations

import functools
import hashlib
import re
from dataclasses import dataclass
from importlib import resources

import psycopg

from tenuto.store.postgres.connect import connect
from tenuto.store.protocol import SchemaMismatch, Unreachable

_LOCK = 0x74656E75746F  # "tenuto"
_NAME = re.compile(r"(\d{4})_(\w+)\.sql$")

_PRELUDE = """
create schema if not exists tenuto;
create table if not exists tenuto.migration (
  number     integer primary key,
  name       text not null,
  checksum   text not null,
  applied_at timestamptz not null default clock_timestamp()
)
"""
_APPLIED = "select number, checksum from tenuto.migration order by number"
_RECORD = "insert into tenuto.migration (number, name, checksum) values (%s, %s, %s)"
_EXISTS = "select to_regclass('tenuto.migration') is not null"


@dataclass(frozen=True, slots=True)
class Migration:
    number: int
    name: str
    sql: str

    @property
    def checksum(self) -> str:
        return hashlib.sha256(self.sql.encode()).hexdigest()[:32]


@functools.cache
def migrations() -> tuple[Migration, ...]:
    """Those this program brings along, in order."""
    files = resources.files("tenuto.store").joinpath("migrations").iterdir()
    matches = ((file, _NAME.match(file.name)) for file in files)
    found = [Migration(int(match[1]), match[2], file.read_text("utf-8")) for file, match in matches if match]
    found.sort(key=lambda migration: migration.number)
    assert [m.number for m in found] == list(range(1, len(found) + 1)), "migrations must be numbered without gaps"
    return tuple(found)


def migrate(dsn: str) -> list[str]:
    """Apply what is missing; returns the names applied. Raises SchemaMismatch (newer, or changed) or Unreachable."""
    known = migrations()
    done: list[str] = []
    with connect(dsn, "tenuto migrate") as connection:
        connection.execute("select pg_advisory_lock(%s)", [_LOCK])
        if not _has_table(connection):  # a role that may not create schemas can still verify
            with connection.transaction():
                connection.execute(_PRELUDE)
        pending = _compare(known, _applied(connection))
        for migration in pending:
            with connection.transaction():
                connection.execute(migration.sql.encode())
                connection.execute(_RECORD, [migration.number, migration.name, migration.checksum])
            done.append(f"{migration.number:04d}_{migration.name}")
    return done


def version(dsn: str) -> tuple[int, int]:
    """The schema's version in the database (0: it has none), and this program's. Raises Unreachable."""
    with connect(dsn, "tenuto version") as connection:
        applied = _applied(connection) if _has_table(connection) else {}
    return max(applied, default=0), len(migrations())


def check(dsn: str) -> None:
    """Raises SchemaMismatch unless the schema is exactly this program's; Unreachable."""
    with connect(dsn, "tenuto check") as connection:
        check_connection(connection)


def check_connection(connection: psycopg.Connection) -> None:
    """`check` on a connection that is already there. A connection that breaks on the way is Unreachable as well."""
    try:
        applied = _applied(connection) if _has_table(connection) else {}
    except psycopg.Error as error:
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise Unreachable(f"the database does not say which schema it has: {reason}") from None
    if pending := _compare(migrations(), applied):
        state = f"is at version {max(applied)}" if applied else "has no Tenuto schema"
        raise SchemaMismatch(
            f"the database {state}, this program needs version {pending[-1].number}: run `tenuto db migrate`"
        )


def _has_table(connection: psycopg.Connection) -> bool:
    row = connection.execute(_EXISTS).fetchone()
    return bool(row and row[0])


def _applied(connection: psycopg.Connection) -> dict[int, str]:
    return {int(number): str(checksum) for number, checksum in connection.execute(_APPLIED)}


def _compare(known: tuple[Migration, ...], applied: dict[int, str]) -> tuple[Migration, ...]:
    """What is missing. Raises SchemaMismatch for what only a newer or another program can have applied."""
    newest = max(applied, default=0)
    if newest > len(known):
        raise SchemaMismatch(
            f"the database's schema is version {newest}, newer than this program's ({len(known)}): "
            "upgrade tenuto on this machine, or name another database"
        )
    for migration in known[:newest]:
        if applied.get(migration.number) != migration.checksum:
            raise SchemaMismatch(
                f"migration {migration.number:04d}_{migration.name} of the database is not the one "
                "this program brings: it was made by a development version; start with a fresh database"
            )
    return known[newest:]
