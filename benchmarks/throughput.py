"""Workflows a second: 1,000 runs of five sequential Python activities, Tenuto against DBOS on the same server.

    python -m benchmarks.throughput [--rounds 3] [--runs 1000] [--dbos-runs 300] [--processes 2] [--alone]

One Tenuto daemon of two processes; DBOS at its best setting on two cores: sync workflows, two processes of two threads,
a pool of four. The two take turns, so that a noisy machine is noisy for both; each round gives one ratio. Both begin
with everything connected and warm, and end when the last result is durable and known. Round trips are counted in a run
of their own, through a proxy. `--alone` leaves DBOS out.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tenuto.client import Client

from benchmarks.daemon import daemon, results
from benchmarks.database import Cost, cost, fresh, url
from benchmarks.roundtrips import counted

PEER = Path(__file__).parent / "peers" / "dbos_five.py"
STEPS = 5
_SETTLE_S = 1.5
"""Sessions report their statistics with up to a second's delay."""


@dataclass(frozen=True)
class Round:
    """What so many workflows took and cost."""

    workflows: int
    seconds: float
    cost: Cost

    @property
    def rate(self) -> float:
        return self.workflows / self.seconds


def tenuto_round(runs: int, processes: int) -> Round:
    dsn = fresh("bench_tenuto")
    with daemon(dsn, processes) as client:
        time.sleep(_SETTLE_S)
        before = cost(dsn)
        seconds = _run(client, runs)
        time.sleep(_SETTLE_S)
        return Round(runs, seconds, cost(dsn) - before)


def tenuto_trips(runs: int, processes: int) -> float:
    """Round trips a workflow, of daemon and client, polls and heartbeats included."""
    with counted(fresh("bench_tenuto")) as (dsn, counter), daemon(dsn, processes) as client:
        before = counter.trips
        _run(client, runs)
        return (counter.trips - before) / runs


def _run(client: Client, runs: int) -> float:
    """Start so many and wait for all; the seconds."""
    began = time.perf_counter()
    started = client.start_many("five", [(None, {"start": number}) for number in range(runs)])
    found = results(client, started, timeout=120)
    seconds = time.perf_counter() - began
    assert found == [number + 10 for number in range(runs)], "wrong results"
    return seconds


def dbos_round(runs: int, processes: int = 2) -> Round:
    dsn = fresh("bench_dbos")
    with _peers(dsn, runs, processes) as peers:
        time.sleep(_SETTLE_S)
        before = cost(dsn)
        began = time.perf_counter()
        done = _race(peers)
        seconds = time.perf_counter() - began
        time.sleep(_SETTLE_S)
        return Round(done, seconds, cost(dsn) - before)


def dbos_trips(runs: int, processes: int = 2) -> float:
    with counted(fresh("bench_dbos")) as (dsn, counter), _peers(dsn, runs, processes) as peers:
        before = counter.trips
        done = _race(peers)
        return (counter.trips - before) / done


@contextmanager
def _peers(
    dsn: str, runs: int, processes: int, threads: int = 2, pool: int = 4
) -> Iterator[list[subprocess.Popen[str]]]:
    command = [sys.executable, str(PEER), url(dsn), str(runs // processes), str(threads), str(pool)]
    peers: list[subprocess.Popen[str]] = []
    try:
        for _ in range(processes):  # one after the other: they migrate the database
            peer = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
            )
            peers.append(peer)
            assert _line(peer) == "ready"
        yield peers
    finally:
        for peer in peers:
            peer.kill()
            peer.wait(30)


def _race(peers: list[subprocess.Popen[str]]) -> int:
    """Let them go; how many workflows they have done."""
    for peer in peers:
        assert peer.stdin is not None
        peer.stdin.write("go\n")
        peer.stdin.flush()
    return sum(int(json.loads(_line(peer))["workflows"]) for peer in peers)


def _line(peer: subprocess.Popen[str]) -> str:
    assert peer.stdout is not None
    return peer.stdout.readline().strip()


def _show(name: str, found: Round) -> None:
    spent, workflows = found.cost, found.workflows
    print(
        f"  {name:6s} a workflow: {spent.writes / workflows:6.3f} write transactions,"
        f" {spent.transactions / workflows:6.2f} transactions, {spent.wal / workflows:6.0f} B of WAL;"
        f" a step: {spent.wal / workflows / STEPS:5.0f} B"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--dbos-runs", type=int, default=300)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--alone", action="store_true", help="leave DBOS out")
    arguments = parser.parse_args()
    ratios = []
    for number in range(1, arguments.rounds + 1):
        ours = tenuto_round(arguments.runs, arguments.processes)
        text = f"round {number}: Tenuto {ours.rate:6.0f} workflows/s ({ours.rate * STEPS:6.0f} steps/s)"
        if arguments.alone:
            print(text, flush=True)
            _show("Tenuto", ours)
            continue
        theirs = dbos_round(arguments.dbos_runs)
        ratios.append(ours.rate / theirs.rate)
        print(f"{text}   DBOS {theirs.rate:5.0f} workflows/s   ratio {ratios[-1]:.1f}", flush=True)
        _show("Tenuto", ours)
        _show("DBOS", theirs)
    trips = tenuto_trips(arguments.runs, arguments.processes)
    print(f"round trips a workflow: Tenuto {trips:.2f} ({trips / STEPS:.2f} a step)", end="", flush=True)
    if arguments.alone:
        print()
        return
    theirs_trips = dbos_trips(arguments.dbos_runs)
    print(f", DBOS {theirs_trips:.1f} ({theirs_trips / STEPS:.1f} a step)")
    print(f"median ratio {statistics.median(ratios):.1f} (from {min(ratios):.1f} to {max(ratios):.1f})")


if __name__ == "__main__":
    main()
