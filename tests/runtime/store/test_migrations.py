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


_UNDER_WAY = """
  insert into tenuto.run (shard, run_id, workflow_id, workflow, definition, snapshot, started_at, status,
                          parent_shard, parent_run, on_close)
  select 1, md5(id)::uuid, workflow_id, 'flow', '', '', timestamp 'epoch' + at * interval '1 s', status,
         case when parent <> '' then 1 end, md5(nullif(parent, ''))::uuid, 1 from (values
    ('a1', 'a', 1, 6, ''), ('a2', 'a', 2, 2, ''),                                     -- a chain that has ended
    ('a3', 'a', 3, 6, ''), ('a4', 'a', 4, 6, ''), ('a5', 'a', 5, 0, ''),              -- and one that has not
    ('b1', 'b', 1, 2, ''), ('b2', 'b', 2, 0, ''),
    ('k1', 'k1', 2, 0, 'a1'), ('k3', 'k3', 3, 0, 'a3'), ('k4', 'k4', 4, 0, 'a4'), ('k5', 'k5', 5, 7, 'a5'),
    ('kb', 'kb', 5, 0, 'b2')) x (id, workflow_id, at, status, parent)"""


def test_chains_under_way_become_known(empty_pg_dsn: str, monkeypatch: pytest.MonkeyPatch) -> None:
    known = migrations.migrations()
    before = next(m.number for m in known if m.name == "chains") - 1
    monkeypatch.setattr(schema, "migrations", lambda: known[:before])
    migrations.migrate(empty_pg_dsn)
    monkeypatch.undo()
    _sql(empty_pg_dsn, _UNDER_WAY)
    migrations.migrate(empty_pg_dsn)
    found = _sql(
        empty_pg_dsn,
        """select r.workflow_id, f.run_id is not null, f.run_id = md5('a3')::uuid, p.run_id = md5('a3')::uuid
           from tenuto.run r left join tenuto.run f on f.run_id = r.first_run
           left join tenuto.run p on p.run_id = coalesce(r.parent_first, r.parent_run)
           where r.status in (0, 7) order by 1""",
    )
    assert found == [
        ("a", True, True, None),
        ("b", False, None, None),
        ("k1", False, None, False),
        ("k3", False, None, True),
        ("k4", False, None, True),
        ("k5", False, None, True),
        ("kb", False, None, False),
    ]
