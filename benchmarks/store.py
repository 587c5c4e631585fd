"""What the store costs: `python -m benchmarks.store [--dsn DSN] [--seconds S] [--rounds N]`.

Each subject is measured in interleaved slices, against a plain insert of the same rows by the same prepared binary
arrays into a table of the same shape: the ratio is the median over rounds of neighbours in time, because the machine's
speed changes by more than what is measured. Printed per row: microseconds (wall), of them processor time of this
process, WAL bytes; per call: round trips and write transactions.
"""

from __future__ import annotations

import argparse
import gc
import os
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import psycopg
from tenuto.store.ids import new_run_id, shard_of
from tenuto.store.migrate import migrate
from tenuto.store.postgres import PostgresClient, PostgresLane
from tenuto.store.postgres import arrays as a
from tenuto.store.postgres.connect import connect
from tenuto.store.postgres.session import Session, Statement
from tenuto.store.protocol import Closing, Flush, NewRun, NewsKind, Rewrite, RunKey, Status

from benchmarks.database import fresh

PAYLOAD = (
    b'["done",1795235606671764,12,1,{"ok":true,"id":"ch_9f8a7b6c","amount":199.5},'
    b'[["activity",13,1,4,["o-123","ship"],"o-123:13"]]]'
)
RUNS = 1000
PLAIN = """create table plain (
  lane bigint not null, at timestamptz not null, seq integer not null, shard smallint not null,
  kind smallint not null, run_id uuid not null, ref text, payload bytea not null, primary key (shard, run_id, seq))"""
INSERT = Statement(
    "plain",
    "insert into plain (lane, at, seq, shard, kind, run_id, payload)"
    " select 1, clock_timestamp(), x.seq, x.shard, 0, x.run_id, x.payload"
    " from unnest($1, $2, $3, $4) x (shard, run_id, seq, payload)",
    (a.INT2S, a.UUIDS, a.INT4S, a.BYTEAS),
)


@dataclass
class Sample:
    wall_us: float
    cpu_us: float
    wal: float
    trips: float
    writes: float


class Bench:
    """One database, one lane with many runs, and the counters of what is done to it."""

    def __init__(self, dsn: str) -> None:
        self.dsn = dsn
        self.trips = 0
        self.meter = psycopg.connect(dsn, autocommit=True)
        self.meter.execute(PLAIN.encode())
        self.client = PostgresClient(dsn)
        self.lane = PostgresLane(dsn, ttl_ms=60_000)
        self.plain = Session(connect(dsn, "plain", {"plan_cache_mode": "force_generic_plan", "jit": "off"}), 60_000)
        for session in (self.plain, self.lane._session, self.client._session):  # noqa: SLF001 - counted, not used
            self._count(session)
        names = [f"run-{n}" for n in range(RUNS)]
        self.keys = self.client.start_many([new(name) for name in names])
        taken = 0
        while taken < RUNS:
            taken += len(self.lane.claim(200))
        self.seqs = dict.fromkeys(self.keys, 0)
        self.plain_seqs = dict.fromkeys(self.keys, 0)
        self.names = names
        self._position = 0

    def _count(self, session: Session) -> None:
        answer = session._answer  # noqa: SLF001 - each answer that is waited for is a round trip

        def counted():
            self.trips += 1
            return answer()

        session._answer = counted  # type: ignore[method-assign]  # noqa: SLF001 - see above

    def next_rows(self, size: int, seqs: dict[RunKey, int]) -> list[tuple[RunKey, int, bytes]]:
        rows = []
        for _ in range(size):
            key = self.keys[self._position % RUNS]
            self._position += 1
            seqs[key] += 1
            rows.append((key, seqs[key], PAYLOAD))
        return rows

    # -- subjects: each writes `size` rows in one call

    def insert(self, size: int) -> None:
        keys, seqs, payloads = zip(*self.next_rows(size, self.plain_seqs), strict=True)
        shards, runs = zip(*keys, strict=True)
        self.plain.call(INSERT, (a.int2s(shards), a.uuids(runs), a.int4s(seqs), a.byteas(payloads)))

    def flush(self, size: int) -> None:
        self.lane.flush(Flush(history=self.next_rows(size, self.seqs)))

    def checkpoint(self, size: int) -> None:
        """Every row's run is rewritten too: the dearest way to write a step."""
        rows = self.next_rows(size, self.seqs)
        rewrites = [Rewrite(key, seq, os.urandom(500), None, "waiting", release=False) for key, seq, _ in rows]
        self.lane.flush(Flush(history=rows, rewrites=rewrites))

    def start(self, size: int) -> None:
        for _ in range(size):
            self.client.start(new(new_run_id().hex()))

    def start_many(self, size: int) -> None:
        self.client.start_many([new(new_run_id().hex()) for _ in range(size)])

    def post(self, size: int) -> None:
        for _ in range(size):
            self._position += 1
            self.client.post(self.names[self._position % RUNS], NewsKind.SIGNAL, PAYLOAD)

    def life(self, size: int) -> None:
        """`size` runs from start to close, five steps each in five flushes."""
        keys = set(self.client.start_many([new(new_run_id().hex(), "life") for _ in range(size)]))
        mine: list[RunKey] = []
        while keys - set(mine):
            mine += [run.key for run in self.lane.claim(1000)]
        for step in range(1, 6):
            closing = [Closing(key, Status.COMPLETED, 5, b"{}", "done") for key in mine] if step == 5 else []
            self.lane.flush(Flush(history=[(key, step, PAYLOAD) for key in mine], closing=closing))

    def clean(self) -> None:
        self.meter.execute("delete from tenuto.inbox")
        self.meter.execute("delete from tenuto.run where status = 0 and owner is null")

    def measure(self, subject: Callable[[int], None], size: int, seconds: float, rows: int) -> Sample:
        gc.collect()
        self.client.now()
        self.lane.now()
        wal, writes = self._spent()
        self.trips = calls = 0
        cpu, begun = time.process_time(), time.perf_counter()
        while (wall := time.perf_counter() - begun) < seconds:
            subject(size)
            calls += 1
        cpu = time.process_time() - cpu
        done = calls * rows
        wal, writes = (now - before for now, before in zip(self._spent(), (wal, writes), strict=True))
        return Sample(wall / done * 1e6, cpu / done * 1e6, wal / done, self.trips / calls, writes / calls)

    def _spent(self) -> tuple[int, int]:
        row = self.meter.execute(
            "select (pg_current_wal_insert_lsn() - '0/0')::bigint,"
            " pg_snapshot_xmax(pg_current_snapshot())::text::bigint"
        ).fetchone()
        assert row is not None
        return int(row[0]), int(row[1])


def new(name: str, workflow: str = "flow") -> NewRun:
    return NewRun(RunKey(shard_of(name), new_run_id()), name, workflow, b"d" * 32, PAYLOAD)


def subjects(bench: Bench) -> Iterator[tuple[str, Callable[[int], None], int, int, str]]:
    """(name, subject, size of a call, rows it writes, the plain insert it is compared with)"""
    for size in (1, 10, 100):
        yield f"plain insert, {size} rows", bench.insert, size, size, ""
        yield f"flush, {size} steps", bench.flush, size, size, f"plain insert, {size} rows"
    yield "flush, 100 steps + rewrites", bench.checkpoint, 100, 100, "plain insert, 100 rows"
    yield "life of 100 runs, 5 steps each", bench.life, 100, 500, "plain insert, 100 rows"
    yield "start", bench.start, 1, 1, "plain insert, 1 rows"
    yield "start_many, 100", bench.start_many, 100, 100, "plain insert, 100 rows"
    yield "post", bench.post, 1, 1, "plain insert, 1 rows"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--dsn", help="an empty database; by default one on the benchmarks' own server")
    parser.add_argument("--seconds", type=float, default=0.5)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    dsn = options.dsn or fresh("bench_store")
    migrate(dsn)
    bench = Bench(dsn)
    samples: dict[str, list[Sample]] = {}
    for name, subject, size, rows, _ in subjects(bench):
        samples[name] = []
        bench.measure(subject, size, 0.1, rows)
        bench.clean()
    for _ in range(options.rounds):
        for name, subject, size, rows, _ in subjects(bench):
            samples[name].append(bench.measure(subject, size, options.seconds, rows))
            bench.clean()
    print(f"{'':32}{'µs/row':>9}{'of it cpu':>11}{'ratio':>8}{'WAL B/row':>11}{'trips/call':>12}{'writes/call':>13}")
    for name, _, _, _, against in subjects(bench):
        got = samples[name]
        plain = samples.get(against)
        ratio = statistics.median(s.wall_us / p.wall_us for s, p in zip(got, plain, strict=True)) if plain else 1.0
        middle = [statistics.median(getattr(s, field) for s in got) for field in Sample.__dataclass_fields__]
        print(
            f"{name:32}{middle[0]:9.1f}{middle[1]:11.1f}{ratio:8.2f}{middle[2]:11.0f}{middle[3]:12.2f}{middle[4]:13.2f}"
        )


if __name__ == "__main__":
    main()
