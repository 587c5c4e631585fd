"""Runs from start to end: activities of all kinds, retries, limits, messages, orders."""

from __future__ import annotations

import asyncio
import threading
import time
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from tenuto.activities import ActivityError, context
from tenuto.client import InvalidInput, UnknownName, WorkflowFailed
from tenuto.store.protocol import NotFound, RunClosed, WorkflowIdTaken

from tests.runtime.engine.kit import VIRTUAL, VirtualWorld, World, eventually

TWO_STEPS = """
activity double(n: int) -> int { python "play:double"; timeout 5s }
workflow two_steps(n: int) -> int {
  do {
    let once = call double(n: n)
    let twice = call double(n: once)
    return twice
  }
}
"""


def test_sync_activities_one_after_the_other(world: World) -> None:
    world.deploy(TWO_STEPS)
    with world.engine(double=lambda n: n * 2):
        assert world.result("two_steps", {"n": 5}) == 20


def test_async_activities_share_a_loop(world: World) -> None:
    threads = set()

    async def double(n: int) -> int:
        threads.add(threading.get_ident())
        await asyncio.sleep(0.01)
        return n * 2

    world.deploy(TWO_STEPS)
    with world.engine(double=double):
        assert world.result("two_steps", {"n": 1}) == 4
    assert len(threads) == 1


def test_many_runs_at_once(world: World) -> None:
    world.deploy(TWO_STEPS)
    with world.engine(double=lambda n: n * 2) as engine:
        started = world.client.start_many("two_steps", [(None, {"n": n}) for n in range(200)])
        results = sorted(world.client.result(run.workflow_id, 20) for run in started)
        assert results == [n * 4 for n in range(200)]
        metrics = engine.metrics
        assert metrics.steps == 600
        assert metrics.flushes < 300, "steps of many runs share a flush"


def test_values_keep_their_types(world: World) -> None:
    seen: list[Any] = []

    def add(price: Decimal, wait: timedelta) -> dict[str, Any]:
        seen.append((price, wait))
        return {"total": price + 1, "wait": wait * 2}

    world.deploy("""
    type Sum = { total: decimal, wait: duration }
    activity add(price: decimal, wait: duration) -> Sum { python "play:add"; timeout 5s }
    workflow sums(price: decimal) -> Sum { do { let s = call add(price: price, wait: 90s); return s } }
    """)
    with world.engine(add=add):
        assert world.result("sums", {"price": "1.10"}) == {"total": Decimal("2.10"), "wait": timedelta(minutes=3)}
    assert seen == [(Decimal("1.10"), timedelta(seconds=90))]


RETRYING = """
error Broken { part: string }
activity fragile() -> int { python "play:fragile"; timeout 5s; retry 3 times backoff 20ms; raises Broken }
workflow retrying() -> string {
  do {
    try { let n = call fragile(); return "after ${n}" } catch Broken as e { return "${e.code} ${e.part}" }
  }
}
"""


def test_retries_until_it_works(world: World) -> None:
    attempts: list[int] = []
    keys: set[str] = set()

    def fragile() -> int:
        attempts.append(context().attempt)
        keys.add(context().idempotency_key)
        if len(attempts) < 3:
            raise RuntimeError("not yet")
        return len(attempts)

    world.deploy(RETRYING)
    with world.engine(fragile=fragile):
        assert world.result("retrying") == "after 3"
    assert attempts == [1, 2, 3]
    assert len(keys) == 1


def test_a_declared_error_is_caught_with_its_details(world: World) -> None:
    calls: list[int] = []

    def fragile() -> int:
        calls.append(1)
        raise ActivityError("Broken", "it snapped", retryable=False, part="axle")

    world.deploy(RETRYING)
    with world.engine(fragile=fragile):
        assert world.result("retrying") == "Broken axle"
    assert len(calls) == 1, "not retryable"


def test_an_error_that_nobody_catches_ends_the_run_as_failed(world: World) -> None:
    world.deploy(TWO_STEPS)

    def double(n: int) -> int:
        raise LookupError(f"no {n}")

    with world.engine(double=double), pytest.raises(WorkflowFailed) as caught:
        world.result("two_steps", {"n": 3})
    assert (caught.value.status, caught.value.code, caught.value.message) == ("failed", "LookupError", "no 3")


def test_a_result_of_another_type_is_a_failure_with_its_path(world: World) -> None:
    world.deploy(TWO_STEPS)
    with world.engine(double=lambda n: "many"), pytest.raises(WorkflowFailed) as caught:
        world.result("two_steps", {"n": 3})
    assert caught.value.code == "InvalidResult"
    assert "expected int" in caught.value.message


def test_a_result_that_cannot_be_stored_fails_alone_and_says_where(world: World) -> None:
    world.deploy("""
    activity make(n: int) -> any { python "play:make"; timeout 5s; retry 5 times backoff 10ms }
    workflow maker(n: int) -> any { do { let v = call make(n: n); return v } }
    """)

    def make(n: int) -> Any:
        return {"items": [1.0, float("nan")]} if n == 7 else n

    with world.engine(make=make):
        runs = world.client.start_many("maker", [(f"m{n}", {"n": n}) for n in range(20)])
        for n in range(20):
            if n != 7:
                assert world.client.result(f"m{n}", 10) == n
        with pytest.raises(WorkflowFailed) as caught:
            world.client.result("m7", 10)
    assert len(runs) == 20
    assert "items[1]" in caught.value.message


def test_attempt_timeout_refuses_the_late_result_and_tells_the_activity(world: World) -> None:
    told = threading.Event()
    world.deploy("""
    activity slow() -> int { python "play:slow"; timeout attempt 100ms }
    workflow slowly() -> int { do { let n = call slow(); return n } }
    """)

    def slow() -> int:
        running = context()
        end = time.monotonic() + 5
        while time.monotonic() < end and not running.cancelled:
            time.sleep(0.01)
        if running.cancelled:
            told.set()
        return 1

    with world.engine(slow=slow) as engine:
        with pytest.raises(WorkflowFailed) as caught:
            world.result("slowly")
        assert (caught.value.code, caught.value.details["kind"]) == ("Timeout", "attempt")
        assert told.wait(5)
        eventually(lambda: engine.metrics.refused == 1)


def test_heartbeat_timeout_and_details_for_the_next_attempt(world: World) -> None:
    seen: list[Any] = []
    world.deploy("""
    activity beating() -> int { python "play:beating"; timeout attempt 5s heartbeat 150ms; retry 1 times backoff 10ms }
    workflow heart() -> int { do { let n = call beating(); return n } }
    """)

    def beating() -> int:
        running = context()
        seen.append(running.heartbeat_details)
        if running.attempt == 2:
            return 2
        for n in range(6):
            time.sleep(0.05)
            running.heartbeat({"done": n})
        time.sleep(1)
        return 1

    with world.engine(beating=beating):
        assert world.result("heart") == 2
    assert seen == [None, {"done": 5}]


def test_async_attempts_are_stopped_at_their_limit(world: World) -> None:
    stopped = threading.Event()
    world.deploy("""
    activity slow() -> int { python "play:slow"; timeout attempt 50ms }
    workflow slowly() -> int { do { let n = call slow(); return n } }
    """)

    async def slow() -> int:
        try:
            await asyncio.sleep(30)
        except asyncio.CancelledError:
            stopped.set()
            raise
        return 1

    with world.engine(slow=slow), pytest.raises(WorkflowFailed, match="Timeout"):
        world.result("slowly")
    assert stopped.wait(5)


LEAVING = """
activity work() -> int { python "play:work"; timeout 30s }
workflow leaving() -> string {
  signal leave()
  query place -> string = workflow.state
  initial state working {
    do { call work() }
    on leave -> left
    done -> stayed
  }
  final state left { return "left" }
  final state stayed { return "stayed" }
}
"""


def test_leaving_a_state_cancels_its_activity(world: World) -> None:
    began, told = threading.Event(), threading.Event()

    def work() -> int:
        began.set()
        running = context()
        while not running.cancelled:
            time.sleep(0.01)
        told.set()
        running.raise_if_cancelled()
        return 1

    world.deploy(LEAVING)
    with world.engine(work=work):
        run = world.client.start("leaving")
        assert began.wait(5)
        assert world.client.query(run.workflow_id, "place") == "working"
        with pytest.raises(UnknownName, match="did you mean leave"):
            world.client.signal(run.workflow_id, "leaf")
        with pytest.raises(InvalidInput, match="there is no 'why'"):
            world.client.signal(run.workflow_id, "leave", {"why": 1})
        world.client.signal(run.workflow_id, "leave")
        assert world.client.result(run.workflow_id, 10) == "left"
        assert told.is_set()
        with pytest.raises(RunClosed):
            world.client.signal(run.workflow_id, "leave")


def test_terminate_ends_at_once_and_waits_for_nobody(world: World) -> None:
    began, release = threading.Event(), threading.Event()

    def work() -> int:
        began.set()
        release.wait(10)
        return 1

    world.deploy(LEAVING)
    with world.engine(work=work):
        run = world.client.start("leaving")
        assert began.wait(5)
        world.client.terminate(run.workflow_id, "enough")
        with pytest.raises(WorkflowFailed) as caught:
            world.client.result(run.workflow_id, 10)
        assert caught.value.status == "terminated"
        release.set()


def test_cancel_waits_for_what_is_in_flight(world: World) -> None:
    began = threading.Event()

    def work() -> int:
        began.set()
        running = context()
        while not running.cancelled:
            time.sleep(0.01)
        running.raise_if_cancelled()
        return 1

    world.deploy(LEAVING)
    with world.engine(work=work):
        run = world.client.start("leaving")
        assert began.wait(5)
        world.client.cancel(run.workflow_id, "changed my mind")
        with pytest.raises(WorkflowFailed) as caught:
            world.client.result(run.workflow_id, 10)
        assert caught.value.status == "cancelled"


def test_an_idle_run_is_released_and_a_signal_brings_it_back(world: World) -> None:
    world.deploy("""
    workflow waiting() -> string {
      signal go(word: string)
      do { receive go as m within 1h; return m == null ? "nothing" : m.word }
    }
    """)
    with world.engine() as engine:
        run = world.client.start("waiting")
        eventually(lambda: engine.metrics.released == 1)
        view = world.client.store.view(run.workflow_id)
        assert view is not None
        assert view.owner is None
        assert view.snapshot_seq == 1
        assert view.ready_at is not None, "its timer"
        world.client.signal(run.workflow_id, "go", {"word": "now"})
        assert world.client.result(run.workflow_id, 10) == "now"


def test_timers_fire_on_time_released_or_held(world: World) -> None:
    world.deploy("""
    workflow sleeping(d: duration) -> timestamp { do { wait d; return now() } }
    """)
    with world.engine():
        for wait_s in (0.05, 0.4, 2.5):
            started = time.monotonic()
            run = world.client.start("sleeping", {"d": f"{int(wait_s * 1000)}ms"})
            world.client.result(run.workflow_id, 10)
            took = time.monotonic() - started
            assert wait_s <= took < wait_s + 0.7


def test_starting_says_what_is_wrong(world: World) -> None:
    world.deploy(TWO_STEPS)
    client = world.client
    with pytest.raises(UnknownName, match="did you mean two_steps"):
        client.start("two_step")
    with pytest.raises(InvalidInput, match="n: expected int, found nothing"):
        client.start("two_steps")
    with pytest.raises(InvalidInput, match='n: expected int, found "five"'):
        client.start("two_steps", {"n": "five"})
    with pytest.raises(InvalidInput, match="did you mean n"):
        client.start("two_steps", {"n": 1, "nn": 2})
    first = client.start("two_steps", {"n": 1}, id="one", request="r")
    again = client.start("two_steps", {"n": 1}, id="one", request="r")
    assert (first.key, first.new, again.new) == (again.key, True, False)
    with pytest.raises(WorkflowIdTaken):
        client.start("two_steps", {"n": 1}, id="one")
    with pytest.raises(NotFound):
        client.describe("nobody")


def test_describe_and_history(world: World) -> None:
    world.deploy(TWO_STEPS)
    release = threading.Event()

    def double(n: int) -> int:
        release.wait(10)
        return n * 2

    with world.engine(double=double):
        run = world.client.start("two_steps", {"n": 2}, id="seen")
        eventually(lambda: world.client.describe("seen").pending)
        found = world.client.describe(run.run_id)
        assert (found.status, found.workflow, found.variables) == ("open", "two_steps", {"n": 2})
        assert [(p.name, p.attempt, p.state) for p in found.pending] == [("double", 1, "running")]
        (listed,) = world.client.list(workflow="two_steps")
        assert world.client.states(listed) == ", ".join(found.states)
        release.set()
        assert world.client.result("seen", 10) == 8
    found = world.client.describe("seen")
    assert (found.status, found.result, found.pending) == ("completed", 8, [])
    kinds = [entry.kind for entry in world.client.history("seen")]
    assert kinds == ["step", "step", "step", "closed"]
    assert [view.workflow_id for view in world.client.list(workflow="two_steps")] == ["seen"]


def test_messages_come_before_timers_that_are_due(virtual: VirtualWorld) -> None:
    """Also when the message came while nobody ran the run, after the time was up."""
    virtual.deploy("""
workflow w() -> string { signal go()
  initial state s { on go -> a; after 1m -> b }
  final state a { return "message" }
  final state b { return "timer" }
}""")
    run = virtual.client.start("w")
    with virtual.engine(VIRTUAL):
        eventually(lambda: virtual.client.describe(run.workflow_id).states == ["s"])
    virtual.advance(120)
    virtual.client.signal(run.workflow_id, "go")
    with virtual.engine(VIRTUAL):
        assert virtual.client.result(run.workflow_id, 10) == "message"
