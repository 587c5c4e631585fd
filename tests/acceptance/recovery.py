"""Recovery: many runs under way on a real daemon that is killed with SIGKILL again and again.

In the end every run has the right result; the ledger, which no database can take back, has every completed activity,
each attempt once, and repeats only where a kill hit an attempt; every history replays to what is stored.
"""

from __future__ import annotations

import itertools
import os
import random
import signal
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from tenuto.client import Client
from tenuto.client.results import Started
from tenuto.store.migrate import migrate
from tenuto.store.protocol import HistoryRow, RunKey, Status
from tenuto_interpreter import codec
from tenuto_interpreter.ir import Program
from tenuto_interpreter.machine import Executable

from tests.faults.ledger import Reader
from tests.faults.replay import Replayed, replay

WORKFLOWS = Path(__file__).parent / "workflows"
WORKFLOW = "recovery"
_READY_S = 60.0
_FINISH_S = 900.0


@dataclass
class Outcome:
    problems: list[str] = field(default_factory=list)
    figures: dict[str, Any] = field(default_factory=dict)


class Daemon:
    """`tenuto daemon` in a process group of its own, so that a kill takes all of it."""

    def __init__(self, dsn: str, ledger: Path, longest_s: float, processes: int = 1) -> None:
        self._command = [
            sys.executable, "-m", "tenuto", "daemon", "--db", dsn, "--workflows", str(WORKFLOWS),
            "--activities", str(WORKFLOWS / "recovery.py"), "--processes", str(processes),
        ]  # fmt: skip
        self._environment = os.environ | {"RECOVERY_LEDGER": str(ledger), "RECOVERY_LONGEST_S": str(longest_s)}
        self._log = ledger.with_name("daemon.log")
        self._process = self._spawn()

    def kill(self) -> None:
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(30)

    def restart(self) -> None:
        self._process = self._spawn()

    def stop(self) -> int:
        """Drain; the exit code."""
        self._process.terminate()
        try:
            return self._process.wait(40)
        except subprocess.TimeoutExpired:
            self.kill()
            raise

    def alive(self) -> bool:
        return self._process.poll() is None

    def complaint(self) -> str:
        """The last it has said."""
        return self._log.read_text(errors="replace")[-2000:]

    def _spawn(self) -> subprocess.Popen[bytes]:
        with self._log.open("ab") as log:
            return subprocess.Popen(
                self._command, env=self._environment, start_new_session=True, stdin=subprocess.DEVNULL, stdout=log,
                stderr=log,
            )  # fmt: skip


def recover(
    dsn: str, folder: Path, *, runs: int, kills: int, seed: int, longest_s: float, processes: int = 1
) -> Outcome:
    """Run it all on an empty database. `longest_s` bounds an activity, and so sets how long the work lasts."""
    chance = random.Random(seed)
    ledger = folder / "ledger"
    migrate(dsn)
    daemon = Daemon(dsn, ledger, longest_s, processes)
    killed: list[float] = []
    under_way: list[int] = []
    recovered: list[float] = []
    client: Client | None = None
    try:
        client = _deployed(dsn, daemon)
        began = time.monotonic()
        started = client.start_many(WORKFLOW, [(f"recovery-{n}", {"start": n}) for n in range(runs)])
        watch = psycopg.connect(dsn, autocommit=True)
        with watch:
            for _ in range(kills):
                _wait_for_progress(watch)
                time.sleep(chance.uniform(0.05, 1.0))
                under_way.append(_count(watch, "select count(*) from tenuto.run where status = 0"))
                daemon.kill()
                killed.append(time.monotonic())
                daemon.restart()
                recovered.append(_wait_for_progress(watch))
        problems, results = _finish(client, started)
        seconds = time.monotonic() - began
        last = client.start(WORKFLOW, {"start": 1}, id="recovery-last")  # the daemon has come up again
        client.result(last.workflow_id, timeout=_READY_S)
        code = daemon.stop()
        if code != 0:
            problems.append(f"the daemon's exit code is {code}")
        outcome = _judge(client, started, results, ledger, killed)
        outcome.problems[:0] = problems
    finally:
        if daemon.alive():
            daemon.kill()
        if client is not None:
            client.close()
    outcome.figures |= {
        "seed": seed, "runs": runs, "kills": len(killed), "under_way_at_kills": under_way,
        "seconds": round(seconds, 1), "seconds_to_progress_after_kills": [round(value, 1) for value in recovered],
    }  # fmt: skip
    return outcome


def _deployed(dsn: str, daemon: Daemon) -> Client:
    """A client, once the daemon has deployed the workflow."""
    end = time.monotonic() + _READY_S
    client = Client(dsn)
    while WORKFLOW not in client.store.workflows():
        if time.monotonic() > end or not daemon.alive():
            client.close()
            raise AssertionError(f"the daemon is not ready: {daemon.complaint()}")
        time.sleep(0.1)
    return client


def _wait_for_progress(watch: psycopg.Connection) -> float:
    """Until something is recorded, or all is done; how long it took."""
    began = time.monotonic()
    before = _count(watch, "select count(*) from tenuto.history")
    while time.monotonic() < began + _READY_S:
        if _count(watch, "select count(*) from tenuto.history") > before:
            break
        if _count(watch, "select count(*) from tenuto.run where status = 0") == 0:
            break
        time.sleep(0.05)
    return time.monotonic() - began


def _count(watch: psycopg.Connection, statement: str) -> int:
    row = watch.execute(statement.encode()).fetchone()
    assert row is not None
    return int(row[0])


def _finish(client: Client, started: Sequence[Started]) -> tuple[list[str], dict[RunKey, Any]]:
    """Wait for every run; what went wrong, and the results."""
    end = time.monotonic() + _FINISH_S
    problems: list[str] = []
    results: dict[RunKey, Any] = {}
    waiting = {run.key: run.workflow_id for run in started}
    while waiting and time.monotonic() < end:
        for key, (status, outcome) in client.store.outcomes(list(waiting)).items():
            id_ = waiting.pop(key)
            if status is Status.COMPLETED and outcome is not None:
                results[key] = codec.decode(outcome)
            else:
                problems.append(f"{id_} ended as {status.name}: {outcome!r}")
        time.sleep(0.1)
    return problems + [f"{id_} has not ended" for id_ in waiting.values()], results


def _judge(
    client: Client, started: Sequence[Started], results: dict[RunKey, Any], ledger: Path, killed: Sequence[float]
) -> Outcome:
    outcome = Outcome()
    for number, run in enumerate(started):
        if run.key in results and results[run.key] != number + 10:
            outcome.problems.append(f"{run.workflow_id} returned {results[run.key]}, not {number + 10}")
    histories = _replayed(client, started, outcome)
    begun: dict[str, dict[int, float]] = defaultdict(dict)
    ended: set[tuple[str, int]] = set()
    for what, key, attempt, at in Reader(ledger):
        if what == "start":
            if int(attempt) in begun[key]:
                outcome.problems.append(f"attempt {attempt} of {key} started twice")
            begun[key][int(attempt)] = float(at)
        else:
            ended.add((key, int(attempt)))
    for found in histories:
        for op, number in found.completed:
            if (f"{found.snapshot.run_id}:{op}", number) not in ended:
                outcome.problems.append(f"op {op} of {found.snapshot.workflow_id} is recorded and not in the ledger")
    repeats = 0
    for key, attempts in begun.items():
        times = [at for _, at in sorted(attempts.items())]
        for earlier, later in itertools.pairwise(times):
            repeats += 1
            if not any(earlier <= kill <= later for kill in killed):
                outcome.problems.append(f"{key} was repeated although no kill came between its attempts")
    outcome.figures |= {
        "activities": len(begun), "repeated_attempts": repeats,
        "attempts_lost": sum(found.lost for found in histories),
    }  # fmt: skip
    return outcome


def _replayed(client: Client, started: Sequence[Started], outcome: Outcome) -> list[Replayed]:
    programs: dict[bytes, Executable] = {}

    def executable(digest: bytes) -> Executable:
        if digest not in programs:
            definition = client.store.definition_by_digest(digest)
            assert definition is not None
            programs[digest] = Executable(Program.decode(definition.program))
        return programs[digest]

    histories = []
    for run in started:
        view = client.store.view(key=run.key)
        assert view is not None
        rows: list[HistoryRow] = []
        while page := client.store.history(run.key, after=rows[-1].seq if rows else 0):
            rows += page
        found = replay(view, rows, executable)
        outcome.problems += found.problems
        histories.append(found)
    return histories
