"""The small pure parts: ids, arrays on the wire, the watch over lanes."""

from __future__ import annotations

import threading
import uuid

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tenuto.store.ids import SHARDS, new_run_id, run_id_bytes, run_id_text, shard_of
from tenuto.store.postgres import arrays as a
from tenuto.store.postgres.connect import connect
from tenuto.store.postgres.session import Session, Statement
from tenuto.store.watch import Pulse, Watch


def test_run_ids_rise_and_are_uuids_of_version_7() -> None:
    ids: list[bytes] = []

    def make() -> None:
        for _ in range(5000):
            ids.append(new_run_id())  # noqa: PERF401 - several threads at once

    threads = [threading.Thread(target=make) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(ids)) == 20_000
    mine = [new_run_id() for _ in range(20_000)]
    assert mine == sorted(mine)
    for one in mine[:100]:
        assert uuid.UUID(bytes=one).version == 7
        assert uuid.UUID(bytes=one).variant == uuid.RFC_4122
        assert run_id_bytes(run_id_text(one)) == one
    assert run_id_bytes("order-17") is None


@pytest.mark.parametrize(("workflow_id", "shard"), [("", 0), ("a", 579), ("order-17", 532), ("ü", 469)])
def test_shards_never_change(workflow_id: str, shard: int) -> None:
    assert shard_of(workflow_id) == shard


@given(st.text())
def test_every_text_has_a_shard(text: str) -> None:
    assert 0 <= shard_of(text) < SHARDS


_CASES = [
    (a.int2s, "smallint", [0, 1, -1, 32767, -32768]),
    (a.int4s, "integer", [0, 1, -1, 2**31 - 1, -(2**31)]),
    (a.int8s, "bigint", [0, 1, -1, 2**63 - 1, -(2**63)]),
    (a.bools, "boolean", [True, False, True]),
    (a.texts, "text", ["", "a", "ü" * 1000, "NULL", '"', "{,}", "\\"]),
    (a.byteas, "bytea", [b"", b"\0", bytes(range(256)) * 100]),
    (a.nullable_int2s, "smallint", [1, None, -1]),
    (a.nullable_int4s, "integer", [None, 5]),
    (a.nullable_int8s, "bigint", [None, 2**40]),
    (a.nullable_texts, "text", [None, "", "x"]),
]
_OIDS = {
    "smallint": a.INT2S,
    "integer": a.INT4S,
    "bigint": a.INT8S,
    "boolean": a.BOOLS,
    "text": a.TEXTS,
    "bytea": a.BYTEAS,
}


@pytest.mark.parametrize(("pack", "type_", "values"), _CASES)
def test_arrays_arrive_as_they_were(empty_pg_dsn: str, pack, type_: str, values: list) -> None:
    connection = connect(empty_pg_dsn, "test")
    session = Session(connection, 10_000)
    statement = Statement("echo", "insert into echo select $1", (_OIDS[type_],))
    with psycopg.connect(empty_pg_dsn, autocommit=True) as other:
        other.execute(f"create table echo (x {type_}[])".encode())
        session.call(statement, (pack(values),))
        session.call(statement, (pack([]),))
        assert other.execute("select x from echo").fetchall() == [(values,), ([],)]
    connection.close()


def test_times_and_ids_arrive_as_they_were(empty_pg_dsn: str) -> None:
    connection = connect(empty_pg_dsn, "test")
    session = Session(connection, 10_000)
    ids = [new_run_id(), new_run_id()]
    times = [0, 1_795_235_606_671_764, -5]
    echo = Statement("ids", "select unnest($1)::text", (a.UUIDS,))
    result = session.call(echo, (a.uuids(ids),))
    assert [(result.get_value(n, 0) or b"").decode() for n in range(2)] == [run_id_text(one) for one in ids]
    echo = Statement("times", "select unnest($1)", (a.TIMESTAMPTZS,))
    result = session.call(echo, (a.timestamps([*times, None]),))
    assert [a.read_timestamp(result.get_value(n, 0)) for n in range(4)] == [*times, None]
    # Times beyond year 9999 are as good as never, and must not be refused.
    result = session.call(echo, (a.timestamps([2**63 - 1]),))
    assert a.read_timestamp(result.get_value(0, 0)) == 253_402_300_799_000_000
    connection.close()


def test_the_watch_needs_silence_by_its_own_clock() -> None:
    now = 0.0
    watch = Watch(lambda: now)

    def judge(beat: int, *, expired: bool = True, gone: bool = False) -> str:
        dead, silent = watch.judge([Pulse(1, beat, 1000, expired, gone)])
        return "gone" if dead else "silent" if silent else "alive"

    assert judge(1) == "alive"
    now = 0.9
    assert judge(1) == "alive"
    assert judge(2) == "alive"
    now = 1.8
    assert judge(2) == "alive"
    now = 1.95
    assert judge(2) == "silent"
    assert judge(2, expired=False) == "alive"
    now = 5.0
    assert judge(2, expired=False) == "silent"
    assert judge(3, gone=True) == "gone"
