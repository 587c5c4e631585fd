"""Engines as processes: killed at every place, frozen, stopped, crashing by their activities' doing."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from tenuto.client import WorkflowFailed
from tenuto.engine.processes import Supervisor
from tenuto.engine.serving import EXIT_NOT_READY

from tests.runtime.engine.kit import eventually
from tests.runtime.engine.process_kit import Processes


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
