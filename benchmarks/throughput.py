"""Workflows a second: 1,000 runs of five sequential Python activities, Tenuto against DBOS on the same server.

    python benchmarks/throughput.py [--rounds 3] [--runs 1000] [--dbos-runs 300]

One Tenuto daemon of two processes; DBOS at its best setting on two cores: sync workflows, two processes of two threads,
a pool of four. The two take turns, so that a noisy machine is noisy for both; each round gives one ratio. Both begin
with everything connected and warm, and end when the last result is durable.
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
from pathlib import Path

from benchmarks.database import Cost, cost, fresh, url
from tenuto.client import Client

HERE = Path(__file__).parent
STEPS = 5


@contextmanager
def daemon(dsn: str, processes: int) -> Iterator[subprocess.Popen[bytes]]:
    """A daemon on that database, working when this yields, drained when it is left."""
    command = [
        sys.executable, "-m", "tenuto", "daemon", "--db", dsn, "--workflows", str(HERE / "workflows"),
        "--activities", str(HERE / "workflows" / "five.py"), "--processes", str(processes),
    ]  # fmt: skip
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(30)


def wait_until_deployed(dsn: str, workflow: str) -> Client:
    """A client, once the daemon has brought the database up to date and runs the workflow to its end."""
    deadline = time.monotonic() + 60
    while True:
        try:
            client = Client(dsn)
            client.result(client.start(workflow, {"start": 1}).workflow_id, timeout=20)
        except Exception:  # the daemon is still starting
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)
        else:
            return client


def tenuto_round(runs: int, processes: int) -> tuple[float, Cost]:
    dsn = fresh("bench_tenuto")
    with daemon(dsn, processes):
        client = wait_until_deployed(dsn, "five")
        for _ in range(20):  # every process has compiled the program
            client.result(client.start("five", {"start": 0}).workflow_id, timeout=20)
        time.sleep(0.5)
        before = cost(dsn)
        began = time.perf_counter()
        handles = client.start_many("five", [{"start": n} for n in range(runs)])
        results = client.results([handle.workflow_id for handle in handles], timeout=120)
        seconds = time.perf_counter() - began
        time.sleep(1.2)
        spent = cost(dsn) - before
        assert results == [n + 10 for n in range(runs)], "wrong results"
        client.close()
    return runs / seconds, spent


def dbos_round(runs: int, processes: int = 2, threads: int = 2, pool: int = 4) -> tuple[float, Cost]:
    dsn = fresh("bench_dbos")
    command = [
        sys.executable, str(HERE / "peers" / "dbos_five.py"), url(dsn), str(runs // processes), str(threads), str(pool)
    ]  # fmt: skip
    peers = []
    for _ in range(processes):  # one after the other: they migrate the database
        peer = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        assert peer.stdout is not None
        assert peer.stdout.readline().strip() == "ready"
        peers.append(peer)
    before = cost(dsn)
    began = time.perf_counter()
    for peer in peers:
        assert peer.stdin is not None
        peer.stdin.write("go\n")
        peer.stdin.flush()
    done = 0
    for peer in peers:
        assert peer.stdout is not None
        done += json.loads(peer.stdout.readline())["workflows"]
    seconds = time.perf_counter() - began
    time.sleep(1.2)
    spent = cost(dsn) - before
    for peer in peers:
        peer.wait(30)
    return done / seconds, spent


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--dbos-runs", type=int, default=300)
    parser.add_argument("--processes", type=int, default=2)
    arguments = parser.parse_args()
    ratios = []
    for number in range(1, arguments.rounds + 1):
        ours, spent = tenuto_round(arguments.runs, arguments.processes)
        theirs, their_cost = dbos_round(arguments.dbos_runs)
        ratios.append(ours / theirs)
        print(f"round {number}: Tenuto {ours:7.0f} workflows/s   DBOS {theirs:6.0f} workflows/s   ratio {ratios[-1]:.1f}")
        for name, what, runs in (("Tenuto", spent, arguments.runs), ("DBOS", their_cost, arguments.dbos_runs)):
            print(
                f"  {name:6s} a workflow: {what.writes / runs:6.3f} write transactions, {what.transactions / runs:6.2f} "
                f"transactions, {what.wal / runs:7.0f} B of WAL; a step: {what.wal / runs / STEPS:6.0f} B"
            )
    print(f"median ratio {statistics.median(ratios):.1f} (from {min(ratios):.1f} to {max(ratios):.1f})")


if __name__ == "__main__":
    main()
