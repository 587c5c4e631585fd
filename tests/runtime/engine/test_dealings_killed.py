"""A kill -9 at every place while runs tick or deal with one another: children, updates, continuing as new, messages."""

from __future__ import annotations

import signal
import threading
import time
from datetime import datetime, timedelta

import pytest
from tenuto.store.protocol import Status
from tenuto_interpreter.events import ChildCompleted, UpdateReceived

from tests.runtime.engine.kit import eventually
from tests.runtime.engine.process_kit import Processes, stopped

PLACES = ["claimed", "before-flush", "after-flush-before-dispatch", "effect-done-not-recorded"]

DEALINGS = """
activity note(run: string, n: int) -> int { python "play:note"; timeout 20s; retry 2 times backoff 50ms; effect keyed }

workflow grown(n: int) -> int { do { let r = call note(run: "grown", n: n); return r } }
workflow parent(n: int) -> int { do { let r = call grown(n: n); let s = call note(run: "parent", n: r); return s } }

workflow asked() -> int {
  signal close()
  update ask(k: int) -> int
  var asks: int = 0
  on update ask as u do { let r = call note(run: "asked", n: u.k); asks = asks + 1; reply r }
  initial state open { on close -> closed }
  final state closed { return asks }
}

workflow ear() -> [int] {
  signal told(n: int)
  var seen: [int] = []
  on told as t { seen = seen + [t.n] }
  initial state listening { when size(seen) >= 3 -> over }
  final state over { return seen }
}
workflow rounds(n: int, before: [int]) -> [int] {
  signal told(n: int)
  var seen: [int] = before
  on told as t { seen = seen + [t.n] }
  initial state working {
    do { call note(run: "rounds", n: n); send told(n: n) to "ear"; wait for size(seen) >= n }
    done when n < 3 -> again
    done -> over
  }
  final state again { continue with (n: n + 1, before: seen) }
  final state over { return seen }
}
"""


def die(processes: Processes, place: str, pass_: int) -> None:
    """Start an engine that is to die at the n-th pass of a place, and another when it has."""
    dying = processes.start(f"{place}=kill@{pass_}")

    def follow() -> None:
        assert dying.wait(30) == -signal.SIGKILL
        processes.start()

    threading.Thread(target=follow, daemon=True).start()


@pytest.mark.parametrize("place", PLACES)
def test_a_parent_whose_child_ends(processes: Processes, place: str) -> None:
    processes.world.deploy(DEALINGS)
    run = processes.world.client.start("parent", {"n": 1}, id="p")
    die(processes, place, 2 if place in ("claimed", "after-flush-before-dispatch") else 1)
    assert processes.world.client.result(run.workflow_id, 30) == 3
    told = [e for e in processes.world.client.history("p") if isinstance(e.event, ChildCompleted)]
    assert len(told) == 1
    (child,) = processes.world.client.list(workflow="grown")
    assert child.status is Status.COMPLETED


@pytest.mark.parametrize("place", PLACES)
def test_an_update_in_progress(processes: Processes, place: str) -> None:
    processes.world.deploy(DEALINGS)
    client = processes.world.client
    client.start("asked", id="a")
    die(processes, place, 1 if place in ("claimed", "effect-done-not-recorded") else 2)
    assert client.update("a", "ask", {"k": 4}, request="u", timeout=30) == 5
    assert client.update("a", "ask", {"k": 4}, request="u", timeout=30) == 5, "the same question, the same answer"
    client.signal("a", "close")
    assert client.result("a", 30) == 1
    assert sum(isinstance(entry.event, UpdateReceived) for entry in client.history("a")) == 1


@pytest.mark.parametrize(("place", "pass_"), [(place, n) for place in PLACES[1:3] for n in (3, 5)])
def test_continuing_as_new(processes: Processes, place: str, pass_: int) -> None:
    processes.world.deploy(DEALINGS)
    client = processes.world.client
    client.start("ear", id="ear")
    client.start("rounds", {"n": 1, "before": []}, id="r")
    die(processes, place, pass_)
    for n in (1, 2, 3):
        client.signal("r", "told", {"n": n})
    assert client.result("r", 30) == [1, 2, 3]
    assert client.result("ear", 30) == [1, 2, 3], "each round's message, once"
    assert [view.status.name for view in client.list(workflow="rounds")] == ["COMPLETED", "CONTINUED", "CONTINUED"]


CLOCK = """
workflow clock() -> [timestamp] {
  signal stop()
  attribute ticks: int = size(seen)
  var seen: [timestamp] = []
  initial state s { every 250ms { seen = seen + [workflow.fired_at] }; on stop -> over }
  final state over { return seen }
}
"""


def _ticks(processes: Processes) -> int:
    found: int = processes.world.client.describe("k").attributes.get("ticks", 0)
    return found


@pytest.mark.parametrize(
    ("place", "pass_"),
    [("claimed", 1), ("claimed", 2), ("before-flush", 2), (PLACES[2], 1), (PLACES[2], 3)],
)
def test_ticks_are_delivered_once_through_kills_and_downtime(processes: Processes, place: str, pass_: int) -> None:
    world = processes.world
    world.deploy(CLOCK)
    world.client.start("clock", id="k")
    dying = processes.start(f"{place}=kill@{pass_}")
    if (place, pass_) != ("claimed", 2):
        assert dying.wait(20) == -signal.SIGKILL
        time.sleep(1.0)  # nobody is there: four ticks fall due
    else:  # the second claim comes after it has been given back once
        eventually(lambda: _ticks(processes) >= 2)
        dying.kill()
        dying.wait()
    second = processes.start()
    before = _ticks(processes)
    eventually(lambda: _ticks(processes) >= before + 2)
    second.kill()
    second.wait()
    processes.start()
    begun = world.client.history("k", limit=1)[0].at / 1_000_000
    eventually(lambda: _ticks(processes) >= (time.time() - begun) / 0.25 - 4, 20, "and not late for ever")
    world.client.signal("k", "stop")
    seen = [datetime.fromisoformat(str(tick)) for tick in world.client.result("k", 20)]
    assert seen == [seen[0] + n * timedelta(milliseconds=250) for n in range(len(seen))], "none lost, none doubled"


def test_ticks_of_a_frozen_engine_that_thaws_are_nobodys(processes: Processes) -> None:
    world = processes.world
    world.deploy(CLOCK)
    world.client.start("clock", id="k")
    frozen = processes.start("before-flush=stop@4")
    eventually(lambda: stopped(frozen.pid), 20)
    processes.start()
    before = _ticks(processes)
    eventually(lambda: _ticks(processes) >= before + 4, 20)
    frozen.send_signal(signal.SIGCONT)
    eventually(lambda: _ticks(processes) >= before + 12, 20)
    world.client.signal("k", "stop")
    seen = [datetime.fromisoformat(str(tick)) for tick in world.client.result("k", 20)]
    assert seen == [seen[0] + n * timedelta(milliseconds=250) for n in range(len(seen))]
