"""What the interpreter promises of interruptions and properties, through engines that come and go."""

from __future__ import annotations

import pytest
from tenuto.client import WorkflowFailed

from tests.runtime.engine.kit import World, eventually

LOCKED = """
activity take(name: string) { python "play:take"; timeout 20s }
activity release(name: string) { python "play:release"; timeout 20s }
activity put_back(name: string) { python "play:put_back"; timeout 20s }
workflow locked(name: string) {
  signal go()
  property never_put_back: never calls("put_back") > 0
  do {
    call take(name: name) undo put_back(name: name)
    try { wait 1h } finally { receive go; call release(name: name) }
  }
}
"""


def test_a_run_leaves_compensates_and_closes_across_engines(memory: World) -> None:
    done: list[str] = []
    activities = {
        "take": lambda name: done.append(f"take {name}"),
        "release": lambda name: done.append(f"release {name}"),
        "put_back": lambda name: done.append(f"put back {name}"),
    }
    memory.deploy(LOCKED)
    with memory.engine(**activities):
        started = memory.client.start("locked", {"name": "a"}, id="l-1")
        eventually(lambda: done == ["take a"])
        memory.client.cancel("l-1")
        eventually(lambda: memory.client.describe("l-1").phase == "leaving")
        assert memory.client.describe("l-1").leaving == ["locked"]
    assert done == ["take a"], "the engine has gone while the `finally` waits"
    memory.client.signal("l-1", "go", {})
    with memory.engine(**activities), pytest.raises(WorkflowFailed) as failed:
        memory.client.result(started.workflow_id, 10)
    assert failed.value.status == "cancelled"
    assert done == ["take a", "release a", "put back a"]
    found = memory.client.describe("l-1")
    assert (found.phase, found.violated) == ("closed", ["never_put_back"])
