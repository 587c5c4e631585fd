"""Migrations: atomic, single, repeatable; other schemas are refused with a remedy."""

from __future__ import annotations

import threading

import psycopg
import pytest
from tenuto.store import migrate as migrations
from tenuto.store.postgres import PostgresClient, PostgresLane, schema
from tenuto.store.protocol import SchemaMismatch


def _sql(dsn: str, statement: str):
    with psycopg.connect(dsn, autocommit=True) as connection:
        cursor = connection.execute(statement.encode())
        return cursor.fetchall() if cursor.description else []


def test_an_empty_database_is_migrated_once(empty_pg_dsn: str) -> None:
    for use in (migrations.check, PostgresClient, PostgresLane):
        with pytest.raises(SchemaMismatch, match=r"no Tenuto schema.*run `tenuto db migrate`"):
            use(empty_pg_dsn)
    names = [f"{m.number:04d}_{m.name}" for m in migrations.migrations()]
    assert migrations.migrate(empty_pg_dsn) == names
    assert migrations.migrate(empty_pg_dsn) == []
    migrations.check(empty_pg_dsn)


def test_two_at_once_are_one_after_the_other(empty_pg_dsn: str) -> None:
    done: list[list[str]] = []
    threads = [threading.Thread(target=lambda: done.append(migrations.migrate(empty_pg_dsn))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(len, done)) == [0, 0, 0, len(migrations.migrations())]
    migrations.check(empty_pg_dsn)


def test_an_older_schema_is_brought_up(empty_pg_dsn: str, monkeypatch: pytest.MonkeyPatch) -> None:
    known = migrations.migrations()
    monkeypatch.setattr(schema, "migrations", lambda: known[:2])
    assert len(migrations.migrate(empty_pg_dsn)) == 2
    monkeypatch.undo()
    with pytest.raises(SchemaMismatch, match=rf"at version 2, this program needs version {len(known)}: run `tenuto db"):
        migrations.check(empty_pg_dsn)
    assert len(migrations.migrate(empty_pg_dsn)) == len(known) - 2
    migrations.check(empty_pg_dsn)


def test_a_newer_schema_is_refused(pg_dsn: str) -> None:
    _sql(pg_dsn, "insert into tenuto.migration (number, name, checksum) values (9999, 'later', 'x')")
    for use in (migrations.check, migrations.migrate, PostgresClient, PostgresLane):
        with pytest.raises(SchemaMismatch, match=r"version 9999, newer than this program's.*upgrade tenuto"):
            use(pg_dsn)


def test_a_changed_migration_is_refused(pg_dsn: str) -> None:
    _sql(pg_dsn, "update tenuto.migration set checksum = 'other' where number = 2")
    with pytest.raises(SchemaMismatch, match="0002_lanes"):
        migrations.migrate(pg_dsn)


def test_killed_in_the_middle_nothing_has_begun(empty_pg_dsn: str, monkeypatch: pytest.MonkeyPatch) -> None:
    known = migrations.migrations()
    first, second = known[0], known[1]
    suicide = second.sql + ";\nselect pg_terminate_backend(pg_backend_pid());"
    monkeypatch.setattr(
        schema, "migrations", lambda: (first, schema.Migration(second.number, second.name, suicide), *known[2:])
    )
    with pytest.raises(psycopg.Error):
        migrations.migrate(empty_pg_dsn)
    monkeypatch.undo()
    assert _sql(empty_pg_dsn, "select number from tenuto.migration") == [(1,)]
    assert _sql(empty_pg_dsn, "select to_regproc('tenuto.claim')") == [(None,)]
    migrations.migrate(empty_pg_dsn)
    migrations.check(empty_pg_dsn)
