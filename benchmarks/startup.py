"""How long a person waits: `tenuto run` of the order sample, the first time ever and every other time.

    python -m benchmarks.startup [--times 7]

The first: no embedded server, no database, nothing in its home. Warm: the server of that home is initialised and runs;
"server stopped" in between has to start it. Beside them, what Python and the command line cost without doing anything.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tenuto.server import EmbeddedServer

ROOT = Path(__file__).resolve().parent.parent
SAMPLE = ROOT / "samples" / "order_fulfilment"
RUN = (
    "run", str(SAMPLE / "order_fulfilment.tenuto"), "--input", f"@{SAMPLE / 'input.json'}",
    "--activities", str(SAMPLE / "activities.py"),
)  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=7)
    times = parser.parse_args().times
    with tempfile.TemporaryDirectory(prefix="tenuto-startup-") as folder:
        home = Path(folder)
        home.chmod(0o711)  # as root, the server runs as another user and has to pass through
        environment = {name: value for name, value in os.environ.items() if not name.startswith("TENUTO_")}
        environment |= {"TENUTO_HOME": folder}
        server = EmbeddedServer(home)
        try:
            _print("tenuto run, the first ever", [_seconds(RUN, environment)])
            _print("tenuto run, warm", [_seconds(RUN, environment) for _ in range(times)])
            stopped = []
            for _ in range(max(1, times // 3)):
                server.stop()
                stopped.append(_seconds(RUN, environment))
            _print("tenuto run, server stopped", stopped)
            _print("tenuto list", [_seconds(("list",), environment) for _ in range(times)])
            _print("tenuto --help", [_seconds(("--help",), environment) for _ in range(times)])
            _print("python -c pass", [_seconds((), environment) for _ in range(times)])
        finally:
            server.stop()


def _seconds(arguments: tuple[str, ...], environment: dict[str, str]) -> float:
    command = [sys.executable, "-m", "tenuto", *arguments] if arguments else [sys.executable, "-c", "pass"]
    began = time.perf_counter()
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - began
    assert done.returncode == 0, f"{command} failed: {done.stderr}"
    return seconds


def _print(name: str, seconds: list[float]) -> None:
    print(
        f"{name:28s} median {statistics.median(seconds):6.2f} s   worst {max(seconds):6.2f} s   ({len(seconds)} times)",
        flush=True,
    )


if __name__ == "__main__":
    main()
