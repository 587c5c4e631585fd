"""A real `tenuto daemon` for the benchmarks, and waiting for many runs at once."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tenuto.client import Client
from tenuto.client.results import Started
from tenuto.store.migrate import migrate
from tenuto.store.protocol import Status
from tenuto_interpreter import codec

WORKFLOWS = Path(__file__).parent / "workflows"
LOG = Path(__file__).parent / "out" / "daemon.log"


def start(
    dsn: str, processes: int, *, workflows: Path = WORKFLOWS, activities: Path | None = None
) -> subprocess.Popen[bytes]:
    """The daemon's process, on a database that is brought up to date; it deploys the folder's workflows by itself."""
    migrate(dsn)
    command = [
        sys.executable, "-m", "tenuto", "daemon", "--db", dsn, "--workflows", str(workflows),
        "--activities", str(activities or workflows / "five.py"), "--processes", str(processes),
    ]  # fmt: skip
    LOG.parent.mkdir(parents=True, exist_ok=True)
    with LOG.open("wb") as log:
        return subprocess.Popen(command, stdout=log, stderr=log)


@contextmanager
def daemon(dsn: str, processes: int) -> Iterator[Client]:
    """A client of a daemon that works, every process warm; the daemon is drained at the end."""
    process = start(dsn, processes)
    try:
        client = ready(dsn, "five", process)
        try:
            for _ in range(20 * processes):  # every process has compiled the program
                client.result(client.start("five", {"start": 0}).workflow_id, timeout=20)
            yield client
        finally:
            client.close()
    finally:
        process.terminate()
        process.wait(30)


def ready(dsn: str, workflow: str, process: subprocess.Popen[bytes]) -> Client:
    """A client, once the daemon runs the workflow to its end."""
    deadline = time.monotonic() + 60
    client = Client(dsn)
    while workflow not in client.store.workflows():
        if time.monotonic() > deadline or process.poll() is not None:
            client.close()
            raise TimeoutError(f"the daemon does not come up: {LOG.read_text(errors='replace')[-2000:]}")
        time.sleep(0.1)
    client.result(client.start(workflow, {"start": 1}).workflow_id, timeout=30)
    return client


def results(client: Client, runs: Sequence[Started], timeout: float) -> list[Any]:
    """What each run returned, in their order. Raises TimeoutError, AssertionError for one that failed."""
    deadline = time.monotonic() + timeout
    waiting = {run.key for run in runs}
    found: dict[Any, Any] = {}
    while waiting:
        for key, (status, outcome) in client.store.outcomes(list(waiting)).items():
            assert status is Status.COMPLETED, f"a run ended as {status.name}"
            assert outcome is not None
            found[key] = codec.decode(outcome)
            waiting.discard(key)
        if waiting and time.monotonic() > deadline:
            raise TimeoutError(f"{len(waiting)} of {len(runs)} runs have not ended within {timeout:g} s")
        if waiting:
            time.sleep(0.02 if len(waiting) > 200 else 0.005)
    return [found[run.key] for run in runs]
