"""A kill -9 at every place while a run is undone by a workflow: it is undone once, and the run ends as it should."""

from __future__ import annotations

import signal

import pytest
from tenuto.client import WorkflowFailed

from tests.runtime.engine.kit import eventually
from tests.runtime.engine.process_kit import Processes
from tests.runtime.engine.test_migrating import audited

TRIP = """
error Full
activity note(run: string, n: int) -> int {
  python "play:note"; timeout 20s; retry 2 times backoff 50ms; effect keyed
}
workflow flights() -> int { do { let a = call note(run: "fly", n: 1); return a } }
workflow give_back(n: int) { do { call note(run: "back", n: n); call note(run: "mail", n: n) } }
workflow trip() {
  do {
    let seats = call flights() undo give_back(n: seats)
    call note(run: "hotel", n: 1)
    fail Full
  }
}
"""


@pytest.mark.parametrize(
    ("place", "at"),
    [
        ("before-flush", 4), ("after-flush-before-dispatch", 4), ("effect-done-not-recorded", 3),
        ("before-flush", 6), ("claimed", 3), ("effect-done-not-recorded", 4),
    ],
)  # fmt: skip
def test_an_undo_by_a_workflow(processes: Processes, place: str, at: int) -> None:
    client = processes.world.client
    processes.world.deploy(TRIP)
    dying = processes.start(f"{place}=kill@{at}")
    client.start("trip", {}, id="t")
    assert dying.wait(30) == -signal.SIGKILL
    processes.start()
    with pytest.raises(WorkflowFailed) as failed:
        client.result("t", 30)
    assert failed.value.code == "Full"
    assert {line[1] for line in processes.lines("back")} == {"2"}
    assert {line[1] for line in processes.lines("mail")} == {"2"}
    undo = next(run.workflow_id for run in client.list() if "give_back" in run.workflow_id)
    assert client.describe(undo).status == "completed"
    audited(client, "t")


def test_an_undo_that_fails_for_good_parks_across_a_kill_and_is_repaired(processes: Processes) -> None:
    client = processes.world.client
    broken = TRIP.replace('call note(run: "back", n: n)', 'call note(run: "back", n: n); fail Full')
    processes.world.deploy(broken)
    first = processes.start()
    client.start("trip", {}, id="t")
    eventually(lambda: client.describe("t").status == "parked", 20)
    assert "the undo give_back failed for good" in str(client.describe("t").parked)
    first.kill()
    first.wait()
    processes.world.deploy(TRIP)
    processes.start()
    client.retry("t")
    with pytest.raises(WorkflowFailed):
        client.result("t", 30)
    assert [line[0] for line in processes.lines("mail")] == ["mail"]
    assert [run.status.name for run in client.list() if "give_back" in run.workflow_id] == ["COMPLETED", "FAILED"]
