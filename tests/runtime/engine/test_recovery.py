"""In doubt the lane dies; bad runs are set aside with their reason; neighbours go on. On the store in memory."""

from __future__ import annotations

import itertools
import random
import threading
import time
from dataclasses import replace
from typing import Any

import pytest
from tenuto.activities import context
from tenuto.client import Started, WorkflowFailed
from tenuto.engine.carry import start_payload
from tenuto.store.ids import new_run_id, shard_of
from tenuto.store.protocol import (
    ClientStore,
    Definition,
    Doubt,
    Fenced,
    Flush,
    Flushed,
    LaneStore,
    NewRun,
    NewsKind,
    Rejected,
    RunKey,
    RunView,
    Status,
    Unreachable,
)
from tenuto_interpreter import codec, ir
from tenuto_interpreter.events import ActivityFailed

from tests.runtime.engine.kit import QUICK, VIRTUAL, VirtualWorld, World, compiled, eventually

SUM = """
activity add(a: int, b: int) -> int { python "play:add"; timeout 20s }
workflow total(n: int) -> int {
  do {
    let one = call add(a: n, b: 1)
    let two = call add(a: one, b: 10)
    let three = call add(a: two, b: 100)
    return three
  }
}
"""


def add(a: int, b: int) -> int:
    return a + b


def parked(world: World, workflow_id: str) -> str:
    """The reason a run is parked with, when it is."""

    def reason() -> str | None:
        view = world.client.store.view(workflow_id)
        return view.parked if view is not None and view.status is Status.PARKED and view.owner is None else None

    found: str = eventually(reason)
    return found


def wait_for(virtual: VirtualWorld, runs: list[Started], what: str) -> None:
    """Until all have ended. The time goes on: runs whose lanes died twice wait before they are handed out again."""
    keys = [run.key for run in runs]

    def ended() -> bool:
        virtual.advance(0.5)
        return len(virtual.client.store.outcomes(keys)) == len(keys)

    eventually(ended, 60, what)


@pytest.mark.parametrize("error", [Doubt, Fenced])
@pytest.mark.parametrize("written", [False, True])
def test_a_lane_in_doubt_dies_and_nothing_is_lost(virtual: VirtualWorld, error: type[Exception], written: bool) -> None:
    """Whether the flush was carried out or not: one path, by a new lane."""
    attempts: list[tuple[int, int]] = []

    def counting(a: int, b: int) -> int:
        attempts.append((b, context().attempt))
        return a + b

    virtual.deploy(SUM.replace("timeout 20s", "timeout 20s; retry 100 times backoff 1ms"))
    virtual.stores = replace(virtual.stores, lane=_flaky(virtual.stores.lane, error, written, every=4))
    with virtual.engine(VIRTUAL, add=counting) as engine:
        runs = virtual.client.start_many("total", [(None, {"n": n}) for n in range(30)])
        wait_for(virtual, runs, "doubt at every fourth flush")
        results = [virtual.client.result(run.workflow_id, 20) for run in runs]
        assert results == [n + 111 for n in range(30)]
        eventually(lambda: engine.metrics.lost_lanes > 0)
    for run in runs:
        entries = virtual.client.history(run.workflow_id)
        assert [entry.seq for entry in entries] == list(range(1, len(entries) + 1))


def test_chaos_of_doubt_at_every_call(virtual: VirtualWorld) -> None:
    seed = random.randrange(1_000_000)
    chance = random.Random(seed)

    def fail(method: str) -> None:
        if method != "close" and chance.random() < 0.03:
            raise Doubt("chaos")

    virtual.fail = fail
    # So many deaths: more losses than an activity survives by default.
    virtual.deploy(SUM.replace("timeout 20s", "timeout 20s; retry 100 times backoff 1ms"))
    with virtual.engine(replace(VIRTUAL, lanes=2), add=add):
        runs = virtual.client.start_many("total", [(None, {"n": n}) for n in range(60)])
        wait_for(virtual, runs, f"seed {seed}")
        for n, run in enumerate(runs):
            assert virtual.client.result(run.workflow_id, 5) == n + 111, f"seed {seed}"


class Strict:
    """A lane's store that refuses any flush in which a certain text is."""

    def __init__(self, inner: LaneStore, refused: bytes) -> None:
        self._inner = inner
        self._refused = refused
        self.flushes: list[int] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def flush(self, flush: Flush) -> Flushed:
        self.flushes.append(len(flush.history))
        if any(self._refused in payload for _, _, payload in flush.history):
            raise Rejected("the server cannot store this")
        return self._inner.flush(flush)


def test_a_batch_that_is_refused_is_halved_until_the_culprit_stands_alone(virtual: VirtualWorld) -> None:
    virtual.deploy(SUM)
    made: list[Strict] = []

    def lane(ttl_ms: int) -> Any:
        made.append(Strict(virtual.store.lane(ttl_ms), b",666]"))
        return made[-1]

    world = World(replace(virtual.stores, lane=lane))
    with world.engine(VIRTUAL, add=add) as engine:
        world.client.start_many("total", [(f"t{n}", {"n": 555 if n == 13 else n}) for n in range(50)])
        for n in range(50):
            if n != 13:
                assert world.client.result(f"t{n}", 20) == n + 111
        assert "refused" in parked(world, "t13")
        assert engine.metrics.lost_lanes == 0
        assert len(made) == 1
    assert max(made[0].flushes) > 10


def test_a_step_that_breaks_parks_its_run_alone(virtual: VirtualWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    from tenuto.engine import turns

    real = turns.step

    def step(exe: Any, snapshot: Any, event: Any) -> Any:
        if getattr(event, "result", None) == 14 and broken:
            raise ZeroDivisionError("a fault of the interpreter")
        return real(exe, snapshot, event)

    broken = [1]
    monkeypatch.setattr(turns, "step", step)
    virtual.deploy(SUM)
    with virtual.engine(VIRTUAL, add=add):
        virtual.client.start_many("total", [(f"t{n}", {"n": n}) for n in range(20)])
        for n in range(20):
            if n not in (3, 13):
                assert virtual.client.result(f"t{n}", 20) == n + 111
        assert "ZeroDivisionError: a fault of the interpreter" in parked(virtual, "t3")
        virtual.client.retry("t13")
        assert parked(virtual, "t13")
        broken.clear()
        eventually(lambda: _retried(virtual, "t13"))
        assert virtual.client.result("t13", 20) == 124
        virtual.client.terminate("t3", "never mind")
        with pytest.raises(WorkflowFailed, match="terminated"):
            virtual.client.result("t3", 20)


def _retried(world: World, workflow_id: str) -> bool:
    world.client.retry(workflow_id)
    return True


def test_a_run_of_a_definition_from_the_future_is_parked(virtual: VirtualWorld) -> None:
    program = compiled(SUM)[0].program
    data = program.encode().replace(b'"format":1', b'"format":99')
    virtual.deploy(SUM)
    store = virtual.client.store
    from tenuto.store.protocol import Definition

    store.deploy(Definition(b"f" * 32, "future", 1, data, "", "text", ""))
    key = RunKey(shard_of("f1"), new_run_id())
    store.start(NewRun(key, "f1", "future", b"f" * 32, start_payload({"n": 1})))
    with virtual.engine(VIRTUAL, add=add):
        assert "format 99" in parked(virtual, "f1")
        assert virtual.result("total", {"n": 1}) == 112
        virtual.client.retry("f1")
        time.sleep(0.2)
        assert "format 99" in parked(virtual, "f1")
        store.post("f1", NewsKind.TERMINATE, codec.encode(["enough"]))
        eventually(lambda: store.view("f1").status is Status.TERMINATED)  # type: ignore[union-attr]


def test_history_from_the_future_parks_the_run(virtual: VirtualWorld) -> None:
    virtual.deploy(SUM)
    started = virtual.client.start("total", {"n": 1}, id="t")
    lane = virtual.store.lane(10_000)
    (claimed,) = lane.claim(1)
    flush = Flush(history=[(claimed.key, 1, codec.encode([["from-the-future", 1], []]))])
    lane.flush(flush)
    lane.close()
    with virtual.engine(VIRTUAL, add=add):
        assert "from-the-future" in parked(virtual, "t")
    assert started.key == claimed.key


def test_runs_whose_activities_are_lacking_are_left_to_engines_that_have_them(virtual: VirtualWorld) -> None:
    virtual.deploy(SUM)
    virtual.client.start("total", {"n": 1}, id="t")
    virtual.client.start("total", {"n": 1}, id="unwanted")
    with virtual.engine(VIRTUAL) as lacking:
        eventually(lambda: lacking.metrics.claimed >= 2)
        claims = lacking.metrics.claimed
        time.sleep(0.2)
        assert lacking.metrics.claimed == claims, "what it lacks is claimed again and again"
        run = virtual.client.describe("t")
        assert (run.status, run.strikes) == ("open", 0)
        virtual.client.terminate("unwanted")
        eventually(lambda: virtual.client.describe("unwanted").status == "terminated")
        with virtual.engine(VIRTUAL, add=add):
            assert virtual.client.result("t", 10) == 112


def test_an_engine_may_serve_some_workflows_only(virtual: VirtualWorld) -> None:
    virtual.deploy(SUM)
    virtual.client.start("total", {"n": 1}, id="t")
    with virtual.engine(VIRTUAL, only={"another"}, add=add) as engine:
        eventually(lambda: engine.metrics.claimed == 1)
        time.sleep(0.1)
        assert virtual.client.describe("t").status == "open"
    with virtual.engine(VIRTUAL, add=add):
        assert virtual.client.result("t", 10) == 112


def test_runs_whose_config_is_lacking_are_left_to_engines_that_have_it(virtual: VirtualWorld) -> None:
    from tenuto.engine import Engine

    virtual.deploy("""
    config place: string
    workflow where() -> string { do { return config.place } }
    """)
    virtual.client.start("where", {}, id="w")
    with virtual.engine(VIRTUAL) as lacking:
        eventually(lambda: lacking.metrics.claimed == 1)
        time.sleep(0.1)
        assert virtual.client.describe("w").status == "open"
        with Engine(virtual.stores, config={"place": "here"}, settings=VIRTUAL):
            assert virtual.client.result("w", 10) == "here"


def test_thirty_days_pass_in_a_moment(virtual: VirtualWorld) -> None:
    virtual.deploy("""
    activity add(a: int, b: int) -> int { python "play:add"; timeout 20s }
    workflow patient() -> int { do { wait 30d; let n = call add(a: 1, b: 2); return n } }
    """)
    with virtual.engine(VIRTUAL, add=add) as engine:
        run = virtual.client.start("patient")
        eventually(lambda: engine.metrics.released == 1)
        virtual.advance(29 * 86_400)
        time.sleep(0.1)
        assert virtual.client.describe(run.workflow_id).status == "open"
        virtual.advance(86_401)
        assert virtual.client.result(run.workflow_id, 10) == 3


def test_backoff_waits_the_declared_time(virtual: VirtualWorld) -> None:
    calls: list[int] = []

    def flaky() -> int:
        calls.append(virtual.at)
        if len(calls) < 4:
            raise RuntimeError
        return len(calls)

    virtual.deploy("""
    activity flaky() -> int { python "play:flaky"; timeout 20s; retry 5 times backoff 1h factor 2.0 }
    workflow again() -> int { do { let n = call flaky(); return n } }
    """)
    start = virtual.at
    with virtual.engine(VIRTUAL, flaky=flaky):
        run = virtual.client.start("again").workflow_id
        for attempt in (1, 2, 3):
            eventually(lambda attempt=attempt: failures(virtual, run) == attempt)
            due = virtual.client.describe(run).next_timer
            assert due is not None
            virtual.advance((due - virtual.at) / 1_000_000)
        assert virtual.client.result(run, 10) == 4
    waits = [(after - before) / 3_600_000_000 for before, after in itertools.pairwise(calls)]
    assert calls[0] == start
    for wait, expected in zip(waits, (1, 2, 4), strict=True):
        assert 0.8 * expected <= wait <= 1.2 * expected


def failures(world: VirtualWorld, run: str) -> int:
    """How many failed attempts a run's history tells of."""
    return sum(isinstance(entry.event, ActivityFailed) for entry in world.client.history(run))


def test_ten_thousand_signals_are_taken_once_each_in_order(virtual: VirtualWorld) -> None:
    count = 2_000
    virtual.deploy("""
    workflow counting(limit: int) -> { seen: int, sum: int } {
      signal tick(n: int)
      var seen: int = 0
      var sum: int = 0
      initial state counting {
        on tick as t { seen = seen + 1; sum = sum + t.n }
        when seen >= limit -> full
      }
      final state full { return { "seen": seen, "sum": sum } }
    }
    """)
    run = virtual.client.start("counting", {"limit": count})
    for n in range(count):
        virtual.client.store.post(run.workflow_id, NewsKind.SIGNAL, codec.encode(["tick", {"n": n}]))
    with virtual.engine(replace(VIRTUAL, checkpoint_events=300)):
        assert virtual.client.result(run.workflow_id, 60) == {"seen": count, "sum": count * (count - 1) // 2}


def test_observers_see_what_was_committed(virtual: VirtualWorld) -> None:
    from tenuto.activities import Registry
    from tenuto.engine import Engine, Observation

    virtual.deploy(SUM)
    seen: list[Observation] = []
    registry = Registry()
    registry.register(add, "add")
    with Engine(virtual.stores, registry, settings=VIRTUAL, observers=[seen.append]):
        run = virtual.client.start("total", {"n": 1})
        virtual.client.result(run.workflow_id, 10)
    assert [(o.seq, o.event.tag) for o in seen] == [(1, "run"), (2, "done"), (3, "done"), (4, "done")]
    assert seen[0].workflow_id == run.workflow_id
    assert [command.tag for o in seen for command in o.commands] == ["activity", "activity", "activity", "close"]


def test_a_stop_gives_idle_and_busy_runs_back(virtual: VirtualWorld) -> None:
    virtual.deploy(SUM)
    began = threading.Event()

    def stuck(a: int, b: int) -> int:
        began.set()
        time.sleep(0.7)
        return a + b

    run = virtual.client.start("total", {"n": 1})
    with virtual.engine(replace(VIRTUAL, grace_s=0.05), add=stuck):
        assert began.wait(5)
    view = virtual.client.store.view(run.workflow_id)
    assert view is not None
    assert (view.owner, view.status) == (None, Status.OPEN)
    with virtual.engine(VIRTUAL, add=add):
        assert virtual.client.result(run.workflow_id, 10) == 112
    tags = [entry.event.tag for entry in virtual.client.history(run.workflow_id) if entry.event is not None]
    assert tags == ["run", "lost", "done", "done", "done"]


def _flaky(connect: Any, error: type[Exception], written: bool, every: int) -> Any:
    """Lanes whose every n-th flush is answered with an error, after or before it was carried out."""
    count = [0]

    def lane(ttl_ms: int) -> Any:
        inner = connect(ttl_ms)
        real = inner.flush

        def flush(what: Flush) -> Flushed:
            count[0] += 1
            if count[0] % every == 0:
                if written:
                    real(what)
                raise error("no reply")
            answer: Flushed = real(what)
            return answer

        inner.flush = flush
        return inner

    return lane


def test_config_is_captured_when_a_run_starts(virtual: VirtualWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    from tenuto.activities import Registry
    from tenuto.engine import ConfigError, ConfigSource, Engine, NotReady

    virtual.deploy("""
    config rate: decimal = decimal("0.5")
    config region: string
    workflow priced() -> { rate: decimal, region: string } {
      do { return { "rate": config.rate, "region": config.region } }
    }
    """)
    with pytest.raises(NotReady, match="needs config region"):
        Engine(virtual.stores, Registry(), settings=QUICK).check()
    with pytest.raises(NotReady, match="did you mean region"):
        Engine(virtual.stores, Registry(), config={"regoin": "x", "region": "y"}, settings=QUICK).check()
    monkeypatch.setenv("TENUTO_CONFIG_rate", "often")
    with pytest.raises(NotReady, match="TENUTO_CONFIG_rate: expected decimal"):
        Engine(virtual.stores, Registry(), config={"region": "y"}, settings=QUICK).check()
    monkeypatch.setenv("TENUTO_CONFIG_rate", "0.75")
    engine = Engine(virtual.stores, Registry(), config=ConfigSource({"region": "north"}), settings=VIRTUAL)
    engine.check()
    with engine:
        result = virtual.result("priced")
    assert (str(result["rate"]), result["region"]) == ("0.75", "north")
    with pytest.raises(ConfigError):
        ConfigSource({"region": 5}).values(_program(virtual, "priced"))


def _program(world: World, name: str) -> ir.Program:
    return world.client.program(name)


def test_what_a_drain_does_not_start_is_handed_on(memory: World) -> None:
    """A run whose next attempt was recorded while its engine drains is for whoever comes next, not for nobody."""
    memory.deploy("""
    activity long() -> int { python "play:long"; timeout 20s }
    activity short() -> int { python "play:short"; timeout 20s; effect once }
    workflow Long() -> int { do { let x = call long(); return x } }
    workflow Two() -> int { do { let x = call short(); let y = call short(); return x + y } }
    """)
    begun, go, end = threading.Semaphore(0), threading.Event(), threading.Event()

    def long() -> int:
        begun.release()
        end.wait(20)
        return 1

    def short() -> int:
        begun.release()
        go.wait(20)
        return 1

    def view() -> RunView:
        found = memory.client.store.view("two")
        assert found is not None
        return found

    with memory.engine(long=long, short=short) as engine:
        memory.client.start("Long", id="long")
        memory.client.start("Two", id="two")
        begun.acquire()
        begun.acquire()
        stopping = threading.Thread(target=engine.stop)
        stopping.start()
        eventually(lambda: engine._shared.lanes[0]._stopping.is_set())
        go.set()
        eventually(lambda: view().owner is None, what="it is released while the other is still in flight")
        assert view().ready_at is not None
        end.set()
        stopping.join()
    with memory.engine(long=long, short=short):
        assert memory.client.result("two", 10) == 2


@pytest.mark.parametrize("trouble", [Unreachable, Doubt])
def test_a_store_that_fails_while_a_run_is_loaded_parks_nothing(
    virtual: VirtualWorld, monkeypatch: pytest.MonkeyPatch, trouble: type[Exception]
) -> None:
    virtual.deploy(SUM)
    run = virtual.client.start("total", {"n": 1})
    store = type(virtual.client.store)
    real, failures = store.definition_by_digest, [trouble("restarting")]

    def first_fails(self: ClientStore, digest: bytes) -> Definition | None:
        if failures:
            raise failures.pop()
        return real(self, digest)

    monkeypatch.setattr(store, "definition_by_digest", first_fails)
    with virtual.engine(VIRTUAL, add=add):
        wait_for(virtual, [run], "the run goes on when the store is back")
    assert virtual.client.result(run.workflow_id) == 112


def test_a_drain_does_not_spin_while_the_store_is_gone(virtual: VirtualWorld) -> None:
    tries = 0

    def lane(_ttl_ms: int) -> LaneStore:
        nonlocal tries
        tries += 1
        raise Unreachable("gone")

    virtual.stores = replace(virtual.stores, lane=lane)
    with virtual.engine(replace(QUICK, grace_s=1.0)) as engine:
        eventually(lambda: tries)
        began = time.monotonic()
        engine.stop()
    assert tries < 30
    assert time.monotonic() - began < 5
