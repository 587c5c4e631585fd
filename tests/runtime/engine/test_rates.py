"""Rates hold over all engines of a database, whatever dies, and cost no thread."""

from __future__ import annotations

import signal
import threading
import time
from dataclasses import replace

import pytest
from tenuto.client import WorkflowFailed

from tests.runtime.engine.kit import QUICK, World, eventually
from tests.runtime.engine.process_kit import Processes

RATED = """
activity ping(n: int) -> int { python "play:ping"; timeout 20s; rate 5 per 500ms }
activity aping(n: int) -> int { python "play:aping"; timeout 20s; rate 5 per 500ms }
activity rare(n: int) -> int { python "play:rare"; timeout attempt 20s queued 700ms; rate 1 per 1h }
activity asked(n: int, most: int) -> int { python "play:ping"; timeout 20s; rate most per 1m }
activity plain(n: int) -> int { python "play:plain"; timeout 20s }
workflow pinging(count: int) -> [int] {
  do { let all = for n in lists.range(count) at most 100 at once { let x = call ping(n: n); yield x }; return all }
}
workflow apinging(count: int) -> [int] {
  do { let all = for n in lists.range(count) at most 100 at once { let x = call aping(n: n); yield x }; return all }
}
workflow rarely(n: int) -> int { do { let x = call rare(n: n) with timeout queued 2h; return x } }
workflow impatient(n: int) -> string {
  do { try { call rare(n: n) } catch Timeout as e { return e.message }; return "done" }
}
workflow asking(most: int) -> int { do { let x = call asked(n: 1, most: most); return x } }
workflow plainly(n: int) -> int { do { let x = call plain(n: n); return x } }
"""
PERIOD = 0.5
LATE = 0.05
"""How much later than it was admitted an attempt may say that it has begun, on a busy machine"""


def most_in_a_period(began: list[float]) -> int:
    times = sorted(began)
    return max(sum(start <= at < start + PERIOD - LATE for at in times) for start in times)


@pytest.mark.parametrize("workflow", ["pinging", "apinging"])
def test_no_period_sees_more_begin_in_two_engines_together(world: World, workflow: str) -> None:
    began: list[float] = []

    def ping(n: int) -> int:
        began.append(time.monotonic())
        return n

    async def aping(n: int) -> int:
        return ping(n)

    activities = {"ping": ping, "aping": aping, "rare": ping, "plain": ping, "asked": lambda n, most: n}
    world.deploy(RATED)
    with world.engine(**activities), world.engine(**activities):
        runs = [world.client.start(workflow, {"count": 10}) for _ in range(3)]
        for run in runs:
            assert world.client.result(run.workflow_id, 15) == list(range(10))
    assert len(began) == 30
    assert most_in_a_period(began) <= 5
    assert max(began) - min(began) < 30 / 5 * PERIOD * 1.4, "and it is not much slower than it may be"


def test_those_who_wait_hold_no_thread(world: World) -> None:
    world.deploy(RATED)
    activities = dict.fromkeys(("ping", "aping", "rare", "plain"), lambda n: n)
    with world.engine(replace(QUICK, threads=1), **activities, asked=lambda n, most: n):
        slow = world.client.start("pinging", {"count": 20})
        began = time.monotonic()
        assert world.result("plainly", {"n": 7}) == 7
        assert time.monotonic() - began < 1.0
        assert world.client.result(slow.workflow_id, 15) == list(range(20))


def test_a_long_wait_is_not_spent_in_memory_and_can_be_cancelled(world: World) -> None:
    done: list[int] = []

    def rare(n: int) -> int:
        done.append(n)
        return n

    world.deploy(RATED)
    activities = dict.fromkeys(("ping", "aping", "rare", "plain"), rare)
    with world.engine(**activities, asked=lambda n, most: n) as engine:
        assert world.result("rarely", {"n": 1}) == 1
        world.client.start("rarely", {"n": 2}, id="late")
        eventually(lambda: engine.metrics.released and world.client.describe("late").owner is None)
        assert world.result("impatient", {"n": 3}) == "rare waited too long to begin"
        world.client.cancel("late")
        with pytest.raises(WorkflowFailed) as failed:
            world.client.result("late", 10)
        assert failed.value.status == "cancelled"
    assert done == [1]


def test_a_rate_may_depend_on_the_arguments_and_one_of_nothing_parks_the_run(memory: World) -> None:
    memory.deploy(RATED)
    activities = dict.fromkeys(("ping", "aping", "rare", "plain"), lambda n: n)
    with memory.engine(**activities, asked=lambda n, most: n):
        for most in (1, 2):
            assert memory.result("asking", {"most": most}) == 1
        memory.client.start("asking", {"most": 0}, id="zero")
        eventually(lambda: memory.client.describe("zero").status == "parked")
        assert "nothing could ever begin" in (memory.client.describe("zero").parked or "")


def test_a_killed_process_takes_no_more_than_its_share_with_it(processes: Processes) -> None:
    world = processes.world
    world.deploy(
        """
activity note(run: string, n: int) -> int { python "play:note"; timeout 20s; rate 5 per 500ms }
workflow noting(name: string) -> [int] {
  do {
    let all = for n in lists.range(15) at most 100 at once { let x = call note(run: name, n: n); yield x }
    return all
  }
}
"""
    )
    first = processes.start()
    processes.start()
    runs = [world.client.start("noting", {"name": f"rated{n}"}) for n in range(2)]
    eventually(lambda: len(processes.lines("rated")) > 12)
    first.send_signal(signal.SIGKILL)
    for run in runs:
        world.client.result(run.workflow_id, 30)
    began = [float(line[2]) for line in processes.lines("rated") if line[1] == "begun"]
    assert len(began) >= 30
    assert most_in_a_period(began) <= 5


def test_a_drain_hands_on_what_waits(world: World) -> None:
    began = threading.Event()

    def rare(n: int) -> int:
        began.set()
        return n

    world.deploy(RATED)
    activities = dict.fromkeys(("ping", "aping", "rare", "plain"), rare)
    with world.engine(**activities, asked=lambda n, most: n):
        slow = world.client.start("pinging", {"count": 40})
        assert began.wait(10)
        stopped = time.monotonic()
    assert time.monotonic() - stopped < 2.0
    with world.engine(**activities, asked=lambda n, most: n):
        assert world.client.result(slow.workflow_id, 20) == list(range(40))
    lost = [step for step in world.client.history(slow.workflow_id) if "lost" in str(step)]
    assert lost == []
