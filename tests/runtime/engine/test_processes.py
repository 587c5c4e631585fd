"""Engines as processes: killed at every place, frozen, stopped, crashing by their activities' doing."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tenuto.client import WorkflowFailed
from tenuto.engine import Settings
from tenuto.engine.failpoints import VARIABLE
from tenuto.engine.processes import Supervisor
from tenuto.engine.serving import EXIT_NOT_READY, Spec

from tests.runtime.engine.kit import World, eventually

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


@pytest.fixture
def processes(world: World, tmp_path: Path) -> Iterator[Processes]:
    world.deploy(CHAIN)
    made = Processes(world, tmp_path)
    yield made
    for process in made.started:
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGCONT)
        process.kill()
        process.wait()
        if process.stdin is not None:
            process.stdin.close()


@pytest.mark.parametrize(
    ("place", "repeats"),
    [
        ("claimed", 0),
        ("before-flush@2", 1),
        ("after-flush-before-dispatch@2", 0),
        ("effect-done-not-recorded@2", 1),
    ],
)
def test_killed_anywhere_the_run_goes_on_elsewhere(processes: Processes, place: str, repeats: int) -> None:
    name, _, pass_ = place.partition("@")
    dying = processes.start(f"{name}=kill@{pass_ or 1}")
    run = processes.world.client.start("chain", {"name": "one"})
    assert dying.wait(20) == -signal.SIGKILL
    processes.start()
    assert processes.world.client.result(run.workflow_id, 20) == 4
    notes = [int(n) for _, n, _, _ in processes.lines("one")]
    assert sorted(set(notes)) == [1, 2, 3], "no activity is missing"
    assert len(notes) <= 3 + repeats, "repeated only where the death hit it"
    attempts = [(n, attempt) for _, n, attempt, _ in processes.lines("one")]
    assert len(set(attempts)) == len(attempts), "no attempt's number is used twice"


def test_frozen_past_its_lease_its_late_writes_are_refused(processes: Processes) -> None:
    first = processes.start()
    run = processes.world.client.start("chain", {"name": "slow"})
    eventually(lambda: processes.lines("slow"))
    first.send_signal(signal.SIGSTOP)
    second = processes.start()
    assert processes.world.client.result(run.workflow_id, 30) == 4
    first.send_signal(signal.SIGCONT)
    history = [(e.seq, e.kind) for e in processes.world.client.history(run.workflow_id)]
    other = processes.world.client.start("chain", {"name": "after"})
    assert processes.world.client.result(other.workflow_id, 20) == 4
    time.sleep(1.5)  # the frozen one has woken, with an outcome nobody wants
    assert [(e.seq, e.kind) for e in processes.world.client.history(run.workflow_id)] == history
    assert first.poll() is None, "it goes on with a new lane"
    second.kill()
    another = processes.world.client.start("chain", {"name": "again"})
    assert processes.world.client.result(another.workflow_id, 20) == 4
    assert {pid for _, _, _, pid in processes.lines("again")} == {str(first.pid)}


@pytest.mark.slow
def test_burning_the_processor_for_three_leases_starts_no_second_run(processes: Processes) -> None:
    processes.start()
    run = processes.world.client.start("chain", {"name": "busy"})
    eventually(lambda: processes.lines("busy"))
    processes.start()
    assert processes.world.client.result(run.workflow_id, 60) == 4
    assert [(n, attempt) for _, n, attempt, _ in processes.lines("busy")] == [("1", "1"), ("2", "1"), ("3", "1")]


def test_sigterm_lets_activities_finish_and_loses_nothing(processes: Processes) -> None:
    first = processes.start()
    run = processes.world.client.start("chain", {"name": "slow"})
    eventually(lambda: processes.lines("slow"))
    first.send_signal(signal.SIGTERM)
    assert first.wait(10) == 0
    view = processes.world.client.store.view(run.workflow_id)
    assert view is not None
    assert view.owner is None
    assert view.strikes == 0
    assert len(processes.lines("slow")) == 1, "what was in flight has finished, nothing else began"
    done = [e.event.tag for e in processes.world.client.history(run.workflow_id) if e.event is not None]
    assert done == ["run", "done", "faulted"], "what was to begin next is handed on"
    processes.start()
    assert processes.world.client.result(run.workflow_id, 20) == 4
    done = [e.event.tag for e in processes.world.client.history(run.workflow_id) if e.event is not None]
    assert "takenover" in done
    assert "lost" not in done, "nothing is in doubt that never began"


def test_a_second_sigterm_stops_at_once(processes: Processes) -> None:
    first = processes.start()
    run = processes.world.client.start("chain", {"name": "slow"})
    eventually(lambda: processes.lines("slow"))
    first.send_signal(signal.SIGTERM)
    time.sleep(0.3)
    first.send_signal(signal.SIGTERM)
    started = time.monotonic()
    assert first.wait(10) == 0
    assert time.monotonic() - started < 0.9
    processes.start()
    assert processes.world.client.result(run.workflow_id, 20) == 4


def test_an_engine_ends_with_its_parent(processes: Processes) -> None:
    first = processes.start()
    assert first.stdin is not None
    first.stdin.close()
    assert first.wait(10) == 0


@pytest.fixture
def supervised(processes: Processes, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A supervisor in a thread of this process: its signals are not needed."""
    monkeypatch.setenv("LEDGER", str(processes.ledger))
    said: list[str] = []
    supervisor = Supervisor(processes.spec, 2, said.append)
    codes: list[int] = []
    ready = threading.Event()
    thread = threading.Thread(target=lambda: codes.append(supervisor._run(ready.set)), daemon=True)
    thread.start()
    assert ready.wait(20)
    yield supervisor, said
    supervisor.stop()
    thread.join(20)
    assert codes == [0], said


@pytest.mark.slow
def test_an_activity_that_kills_its_process_every_time_ends_alone(processes: Processes, supervised: Any) -> None:
    client = processes.world.client
    innocent = [client.start("chain", {"name": f"good{n}"}) for n in range(10)]
    deadly = client.start("chain", {"name": "deadly"})
    with pytest.raises(WorkflowFailed) as caught:
        client.result(deadly.workflow_id, 100)
    assert caught.value.code == "Exhausted"
    for run in innocent:
        assert client.result(run.workflow_id, 30) == 4
    attempts = [int(attempt) for _, _, attempt, _ in processes.lines("deadly")]
    assert attempts == sorted(set(attempts)), "each attempt once"
    assert 3 <= len(attempts) <= 6


def test_a_crashed_process_is_replaced(processes: Processes, supervised: Any) -> None:
    supervisor, said = supervised
    first = supervisor.children[0].pid
    os.kill(first, signal.SIGKILL)
    eventually(lambda: supervisor.children[0].ready and supervisor.children[0].pid not in (None, first), 20)
    assert any("SIGKILL" in line for line in said)
    run = processes.world.client.start("chain", {"name": "after"})
    assert processes.world.client.result(run.workflow_id, 20) == 4


def test_what_nobody_provides_is_said_at_the_start(processes: Processes, capfd: pytest.CaptureFixture[str]) -> None:
    processes.world.deploy("""
    activity lonely() -> int { python "nowhere_at_all:lonely"; timeout 5s }
    workflow needs() -> int { do { let n = call lonely(); return n } }
    """)
    supervisor = Supervisor(processes.spec, 1)
    assert supervisor._run(lambda: None) == EXIT_NOT_READY
    assert "lonely" in capfd.readouterr().err
