"""The gate: the stress must hold for the protocol as it is, and fail for it with any one rule removed.

    python -m tests.faults.mutation_gate [--seconds 20] [--seed N] [--limit 60]

A rule whose removal nobody notices is either not needed or not tested. Prints how long each took to be noticed.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import sys
import tempfile
from pathlib import Path

from tenuto.server import EmbeddedServer

from tests.faults.mutations import NAMES
from tests.faults.stress import Report, fresh_database, stress, with_own_server
from tests.quick_disk import QUICK_DISK


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=20, help="how long the correct form is stormed at")
    parser.add_argument("--limit", type=float, default=60, help="how long a mutation may go unnoticed")
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000) * 2 + 1)
    arguments = parser.parse_args()
    print(f"seed {arguments.seed}", flush=True)
    home = Path(tempfile.mkdtemp(prefix="tenuto-stress-home-", dir=QUICK_DISK))
    failed = False
    try:
        server = with_own_server(home)
        for number, mutation in enumerate((None, *NAMES)):
            dsn = fresh_database(server, f"tenuto_gate_{os.getpid()}_{number}")
            report = stress(dsn, arguments.limit if mutation else arguments.seconds, arguments.seed, mutation)
            as_wanted = bool(report.violations) == bool(mutation)
            failed |= not as_wanted
            print(f"{'ok    ' if as_wanted else 'FAILED'} {mutation or 'correct'}: {_summary(report)}", flush=True)
    finally:
        EmbeddedServer(home).stop()
        shutil.rmtree(home, ignore_errors=True)
    return 1 if failed else 0


def _summary(report: Report) -> str:
    seconds = report.figures["seconds"]
    if not report.violations:
        return f"no violation in {seconds} s {report.figures}"
    return f"noticed within {seconds} s: {report.violations[0]}"


if __name__ == "__main__":
    sys.exit(main())
