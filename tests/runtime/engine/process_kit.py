"""Engines as processes with a ledger of what their activities did, for tests that kill them."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path

from tenuto.engine import Settings
from tenuto.engine.failpoints import VARIABLE
from tenuto.engine.serving import Spec

from tests.runtime.engine.kit import World

SETTINGS = Settings(
    lanes=1, threads=8, ttl_ms=1_500, linger_s=0.02, poll_max_s=0.2, reap_s=0.3,
    careful_s=0.1, careful_alone_s=1.0, grace_s=5.0,
)  # fmt: skip

CHAIN = """
activity note(run: string, n: int) -> int { python "play:note"; timeout 20s; retry 2 times backoff 50ms }
workflow chain(name: string) -> int {
  do {
    let a = call note(run: name, n: 1)
    let b = call note(run: name, n: a)
    let c = call note(run: name, n: b)
    return c
  }
}
"""

ACTIVITIES = """
import os, sys, time
import tenuto

def write(line):
    with open(os.environ["LEDGER"], "a") as file:
        file.write(line + chr(10))

@tenuto.activity
def note(run, n):
    running = tenuto.context()
    write(f"{run} {n} {running.attempt} {os.getpid()}")
    if run.startswith("slow"):
        end = time.monotonic() + 1.0
        while time.monotonic() < end:
            time.sleep(0.02)
    if run.startswith("rated"):
        write(f"{run} begun {time.time()}")
    if run.startswith("deadly"):
        os._exit(9)
    if run.startswith("busy"):
        end = time.monotonic() + 4.5
        while time.monotonic() < end:
            pass
    return n + 1
"""


class Processes:
    """Starts engine processes with a ledger of what activities did."""

    def __init__(self, world: World, folder: Path) -> None:
        self.world = world
        self.ledger = folder / "ledger"
        self.ledger.touch()
        path = folder / "acts.py"
        path.write_text(ACTIVITIES)
        self.spec = Spec(world.dsn, activities=(str(path),), settings=SETTINGS)
        self.started: list[subprocess.Popen[bytes]] = []

    def start(self, failpoints: str = "") -> subprocess.Popen[bytes]:
        environment = {**os.environ, "LEDGER": str(self.ledger), VARIABLE: failpoints}
        read, write = os.pipe()
        process = subprocess.Popen(
            [sys.executable, "-m", "tenuto.engine.serving"], stdin=subprocess.PIPE, env=environment, pass_fds=(write,)
        )
        os.close(write)
        self.started.append(process)
        assert process.stdin is not None
        process.stdin.write(self.spec.encode(write) + b"\n")
        process.stdin.flush()
        assert os.read(read, 10) == b"ready\n"
        os.close(read)
        return process

    def lines(self, prefix: str = "") -> list[list[str]]:
        return [line.split() for line in self.ledger.read_text().splitlines() if line.startswith(prefix)]

    def end(self) -> None:
        for process in self.started:
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(signal.SIGCONT)
            process.kill()
            process.wait()
            if process.stdin is not None:
                process.stdin.close()


def stopped(pid: int) -> bool:
    """Whether a process is frozen."""
    with open(f"/proc/{pid}/stat") as file:  # noqa: PTH123 - a line of the kernel's
        return file.read().rpartition(")")[2].split()[0] == "T"
