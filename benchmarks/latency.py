"""Start to result of the five-activity workflow on an idle daemon, one run at a time.

    python -m benchmarks.latency [--runs 300] [--pause-ms 20] [--processes 1]

Run it while nothing else runs. Besides the whole it times the start alone (one commit), and `SELECT 1` and one commit
of one row as what the machine and the server cost anyway: five activities in sequence need seven commits, start and
end included.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable

import psycopg

from benchmarks.daemon import daemon
from benchmarks.database import fresh


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=300)
    parser.add_argument("--pause-ms", type=float, default=20, help="between one run and the next")
    parser.add_argument("--processes", type=int, default=1)
    arguments = parser.parse_args()
    dsn = fresh("bench_latency")
    starts: list[float] = []
    with daemon(dsn, arguments.processes) as client, psycopg.connect(dsn, autocommit=True) as plain:
        plain.execute("create table scratch (n int)")

        def run() -> None:
            began = time.perf_counter()
            started = client.start("five", {"start": 1})
            starts.append((time.perf_counter() - began) * 1000)
            assert client.result(started.workflow_id, timeout=20) == 11

        for name, what in (
            ("start to result", run),
            ("select 1", lambda: plain.execute("select 1")),
            ("commit of a row", lambda: plain.execute("insert into scratch values (1)")),
        ):
            _print(name, _timed(what, arguments.runs, arguments.pause_ms / 1000))
            if name == "start to result":
                _print("of it, the start", starts)


def _timed(what: Callable[[], object], times: int, pause: float) -> list[float]:
    """Milliseconds of each."""
    found = []
    for _ in range(times):
        began = time.perf_counter()
        what()
        found.append((time.perf_counter() - began) * 1000)
        time.sleep(pause)
    return found


def _print(name: str, milliseconds: list[float]) -> None:
    ordered = sorted(milliseconds)
    print(
        f"{name:17s} median {statistics.median(ordered):6.2f} ms   p95 {ordered[int(len(ordered) * 0.95)]:6.2f} ms"
        f"   least {ordered[0]:6.2f} ms   ({len(ordered)} times)",
        flush=True,
    )


if __name__ == "__main__":
    main()
