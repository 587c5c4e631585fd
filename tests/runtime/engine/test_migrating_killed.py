"""A kill -9 at every place while a run is migrated: it is in one version or in the other, and goes on."""

from __future__ import annotations

import signal

import pytest
from tenuto.client.migrating import Order
from tenuto_interpreter import codec
from tenuto_interpreter.events import Migrated

from tests.runtime.engine.kit import eventually
from tests.runtime.engine.process_kit import Processes
from tests.runtime.engine.test_migrating import audited

NOTE = """activity note(run: string, n: int) -> int {
  python "play:note"; timeout 20s; retry 2 times backoff 50ms; effect keyed
}
"""
ONE = """workflow w(n: int) -> int { version 1; signal go()
  var count: int = 0
  initial state first { do { count = call note(run: "one", n: n) }; done -> waiting }
  state waiting { on go -> end }
  final state end { return count } }"""
TWO = """workflow w(n: int) -> int { version 2
  var count: int = 0
  initial state first { do { count = call note(run: "one", n: n) }; done -> waiting }
  state waiting { do { count = call note(run: "two", n: count) }; done -> end }
  final state end { return count } }"""


@pytest.mark.parametrize(
    "place", ["claimed", "before-flush", "after-flush-before-dispatch", "effect-done-not-recorded"]
)
def test_a_migration(processes: Processes, place: str) -> None:
    client = processes.world.client
    processes.world.deploy(NOTE + ONE)
    first = processes.start()
    client.start("w", {"n": 1}, id="a")
    eventually(lambda: client.describe("a").states == ["waiting"])
    first.kill()
    first.wait()
    processes.world.deploy(NOTE + TWO)
    order = Order(client.view("a"), client.target("w"), "r")
    assert order.send(client.store)
    dying = processes.start(f"{place}=kill@1")
    assert dying.wait(30) == -signal.SIGKILL
    processes.start()
    assert client.result("a", 30) == 3
    answer = client.store.answer("a", "r")
    assert answer is not None
    assert codec.decode(answer)[0] == "migrated"
    events = [entry.event for entry in client.history("a")]
    assert sum(isinstance(event, Migrated) for event in events) == 1
    assert [line[:2] for line in processes.lines("one")] == [["one", "1"]]
    assert {line[1] for line in processes.lines("two")} == {"2"}
    audited(client)
