"""Recovery at full size: 500 runs under way, the daemon killed with SIGKILL ten times at random.

    python -m benchmarks.recovery [--runs 500] [--kills 10] [--seed N] [--longest-s 0.8] [--processes 1]

Prints one JSON line of figures, then whatever is wrong; the exit code is 1 when anything is.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
from pathlib import Path

from benchmarks.database import fresh
from tests.acceptance.recovery import recover


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=500)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000))
    parser.add_argument("--longest-s", type=float, default=0.8, help="the longest an activity takes")
    parser.add_argument("--processes", type=int, default=1)
    arguments = parser.parse_args()
    print(f"seed {arguments.seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="tenuto-recovery-") as folder:
        outcome = recover(
            fresh("bench_recovery"), Path(folder), runs=arguments.runs, kills=arguments.kills, seed=arguments.seed,
            longest_s=arguments.longest_s, processes=arguments.processes,
        )  # fmt: skip
    print(json.dumps(outcome.figures))
    for problem in outcome.problems[:40]:
        print(f"WRONG {problem}")
    print("every run ended right" if not outcome.problems else f"{len(outcome.problems)} problems")
    return 1 if outcome.problems else 0


if __name__ == "__main__":
    sys.exit(main())
