"""DBOS: workflows of five sequential steps, for `benchmarks/throughput.py`. One process of several.

Usage: dbos_five.py DSN WORKFLOWS THREADS POOL. Waits for a line on standard input, so that all processes start their
work together, then runs its share and prints one JSON line: workflows, seconds.
"""

from __future__ import annotations

import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor

from dbos import DBOS


def main() -> None:
    dsn, count, threads, pool = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
    DBOS(
        config={
            "name": "five",
            "system_database_url": dsn,
            "sys_db_pool_size": pool,
            "log_level": "ERROR",
            "run_admin_server": False,
            "application_version": "1",
        }
    )

    @DBOS.step()
    def add(total: int, i: int) -> int:
        return total + i

    @DBOS.workflow()
    def five(start: int) -> int:
        total = start
        for i in range(5):
            total = add(total, i)
        return total

    DBOS.launch()
    assert five(1) == 11
    print("ready", flush=True)
    sys.stdin.readline()
    began = time.perf_counter()
    with ThreadPoolExecutor(threads) as executor:
        results = list(executor.map(five, range(count)))
    seconds = time.perf_counter() - began
    assert results == [start + 10 for start in range(count)]
    print(json.dumps({"workflows": count, "seconds": seconds}), flush=True)
    DBOS.destroy()


if __name__ == "__main__":
    main()
