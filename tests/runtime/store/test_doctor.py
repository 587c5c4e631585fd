"""The doctor finds nothing on a healthy database, and each sickness by name."""

from __future__ import annotations

import psycopg
import pytest
from tenuto.store import doctor
from tenuto.store.protocol import Flush, NewsKind, Status

from tests.runtime.store.kit import PostgresFace, close, closing, new, rest, started, steps

_SICK = {
    "history-gap": "delete from tenuto.history where seq = 1",
    "history-without-run": "delete from tenuto.run where workflow_id = 'done'",
    "snapshot-ahead": "update tenuto.run set snapshot_seq = 99 where workflow_id = 'done'",
    "id-held-twice": "drop index tenuto.run_holder; update tenuto.run set workflow_id = 'idle', shard = s.shard"
    " from (select shard from tenuto.run where workflow_id = 'idle') s where workflow_id = 'held'",
    "owner-without-lane": "delete from tenuto.lane",
    "closing-unowned": "update tenuto.run set status = 1 where workflow_id = 'idle'",
    "news-of-closed-run": "insert into tenuto.inbox (shard, run_id, kind, ref, payload)"
    " select shard, run_id, 1, '', '' from tenuto.run where workflow_id = 'done'",
    "news-of-no-run": "insert into tenuto.inbox (shard, run_id, kind, ref, payload)"
    " values (1, '00000000-0000-0000-0000-000000000000', 1, '', '')",
    "closed-without-end": "delete from tenuto.history where kind = 1",
    "history-after-close": "insert into tenuto.history select lane, at, seq + 1, shard, 0, run_id, null, payload"
    " from tenuto.history where kind = 1",
    "closed-but-owned": "update tenuto.run set ready_at = now() where workflow_id = 'done'",
}  # fmt: skip
_WORTH_A_LOOK = {
    "never-woken": "select 1",
    "overdue": "update tenuto.run set ready_at = now() - interval '1 hour' where workflow_id = 'idle'",
    "dead-lane": "update tenuto.lane set lease_until = now() - interval '1 hour'",
    "parked": "update tenuto.run set status = 7, parked = 'why' where workflow_id = 'idle'",
    "strikes": "update tenuto.run set strikes = 3 where workflow_id = 'idle'",
}


@pytest.fixture
def face(pg_dsn: str):
    face = PostgresFace(pg_dsn)
    client, lane = face.client(), face.lane()
    done, idle, _ = started(client, lane, "done", "idle", "held")
    client.post("done", NewsKind.SIGNAL, b"x")
    lane.flush(Flush(history=steps(done, b"1"), rewrites=[rest(idle.key)]))
    close(lane, done.key, 1)
    yield face
    face.close()


def test_a_healthy_database_has_no_findings(face: PostgresFace) -> None:
    assert doctor.examine(face.dsn) == []


def test_every_check_is_tested() -> None:
    assert {check.name for check in doctor.CHECKS} == _SICK.keys() | _WORTH_A_LOOK.keys()
    assert _WORTH_A_LOOK.keys() == doctor.WARNINGS


@pytest.mark.parametrize("name", [*_SICK, *_WORTH_A_LOOK])
def test_each_sickness_is_found(face: PostgresFace, name: str) -> None:
    with psycopg.connect(face.dsn, autocommit=True) as connection:
        connection.execute({**_SICK, **_WORTH_A_LOOK}[name].encode())
        found = doctor.examine(face.dsn, warnings=name in _WORTH_A_LOOK)
        assert name in {finding.check for finding in found}, found
        assert all(finding.check in str(finding) for finding in found)


def test_many_findings_are_counted(pg_dsn: str) -> None:
    face = PostgresFace(pg_dsn)
    client, lane = face.client(), face.lane()
    runs = started(client, lane, *(f"r{n}" for n in range(30)))
    lane.flush(Flush(closing=[closing(run.key, 0, Status.FAILED) for run in runs]))
    client.start(new("open"))
    with psycopg.connect(pg_dsn, autocommit=True) as connection:
        connection.execute("delete from tenuto.history")
    found = doctor.examine(pg_dsn)
    assert len(found) == 21
    assert found[-1].subject == "10 more"
    face.close()
