"""Runs that go on in another version, by an order that the owning engine carries out."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from tenuto.client import Client, ResultTimeout, UnknownName
from tenuto.store.protocol import NewsKind, RunClosed, Status
from tenuto_interpreter import codec
from tenuto_interpreter.events import ActivityCompleted, Migrated, RetryRequested
from tenuto_interpreter.ir import Program
from tenuto_interpreter.machine import Executable

from tests.faults.replay import replay
from tests.runtime.engine.kit import World, eventually

NOTE = 'activity note(n: int) -> int { python "play:note" }\n'
ONE = """workflow w(n: int) -> string { version 1; signal go()
  var count: int = 0
  on go when count > 100 -> end
  initial state first { do { count = call note(n: n) }; done -> waiting }
  state waiting { on go -> end }
  final state end { return "one ${count}" } }"""
TWO = """workflow w(n: int) -> string { version 2; signal go(); signal more(by: int)
  var total: int
  migrate from 1 { waiting -> listening; first -> begun; set total = old.count }
  initial state begun { do { total = call note(n: n) }; done -> listening }
  state listening { on go -> end; on more as m { total = total + m.by } }
  final state end { return "two ${total}" } }"""
BACK = ONE.replace("version 1", "version 3").replace(
    "var count: int = 0",
    "var count: int = 0; migrate from 2 { listening -> waiting; begun -> first; set count = old.total }",
)
STUCK = TWO.replace("waiting -> listening; ", "")
GONE = NOTE.replace("note", "other") + TWO.replace("note", "other")


def ten(n: int) -> int:
    return n * 10


def waiting(world: World, id: str = "a") -> None:
    """A run of version 1 that waits, and nobody has it in memory."""
    world.deploy(NOTE + ONE)
    with world.engine(note=ten):
        world.client.start("w", {"n": 4}, id=id)
        eventually(lambda: world.client.describe(id).states == ["waiting"])


def audited(client: Client, id: str = "a") -> None:
    """The whole history replays over all its versions."""
    found: dict[bytes, Executable] = {}

    def executable(digest: bytes) -> Executable:
        definition = client.store.definition_by_digest(digest)
        assert definition is not None
        return found.setdefault(digest, Executable(Program.decode(definition.program)))

    view = client.view(id)
    assert replay(view, client.store.history(view.key), executable).problems == []


@pytest.mark.parametrize("kind", ["memory", "world"])
def test_a_run_that_waits_goes_on_in_the_new_version(kind: str, request: pytest.FixtureRequest) -> None:
    world: World = request.getfixturevalue(kind)
    waiting(world)
    world.deploy(NOTE + TWO)
    client = world.client
    assert client.describe("a").version == 1
    with world.engine(note=ten):
        done = client.migrate("a", request="r")
        assert (done.outcome, done.version, done.reason) == ("migrated", 2, "")
        assert client.migrate("a", request="r") == done
        assert client.migrate("a").outcome == "current"
        found = client.describe("a")
        assert (found.version, found.states, found.variables) == (2, ["listening"], {"n": 4, "total": 40})
        client.signal("a", "more", {"by": 2})
        client.signal("a", "go")
        assert client.result("a", 10) == "two 42"
    events = [entry.event for entry in client.history("a")]
    assert sum(isinstance(event, Migrated) for event in events) == 1
    assert client.view("a").origin != client.view("a").definition
    audited(client)


def test_there_and_back(memory: World) -> None:
    waiting(memory)
    memory.deploy(NOTE + TWO)
    with memory.engine(note=ten):
        assert memory.client.migrate("a").outcome == "migrated"
        memory.client.signal("a", "more", {"by": 2})
        memory.deploy(NOTE + BACK)
        assert memory.client.migrate("a", 3).outcome == "migrated"
        memory.client.signal("a", "go")
        assert memory.client.result("a", 10) == "one 42"
    audited(memory.client)


def test_what_is_refused_stays_as_it_was(world: World) -> None:
    waiting(world)
    world.deploy(NOTE + STUCK)
    client = world.client
    before = client.view("a")
    with world.engine(note=ten):
        done = client.migrate("a", request="r")
        assert done.outcome == "refused"
        assert "waiting has no counterpart" in done.reason
        assert client.migrate("a", request="r") == done
        assert client.describe("a").refused == done.reason
        eventually(lambda: client.view("a").owner is None)
        assert (client.view("a").definition, client.view("a").snapshot) == (before.definition, before.snapshot)
        world.deploy(NOTE + TWO)
        assert client.migrate("a").outcome == "migrated"
        assert client.describe("a").refused is None


def test_the_call_in_flight_goes_on_and_is_read_by_the_new_version(memory: World) -> None:
    memory.deploy(NOTE + ONE)
    begun, may_end = threading.Event(), threading.Event()

    def note(n: int) -> int:
        begun.set()
        may_end.wait(10)
        return n * 10

    with memory.engine(note=note):
        memory.client.start("w", {"n": 4}, id="a")
        assert begun.wait(10)
        memory.deploy(NOTE + TWO)
        assert memory.client.migrate("a").outcome == "migrated"
        may_end.set()
        eventually(lambda: memory.client.describe("a").states == ["listening"])
        memory.client.signal("a", "go")
        assert memory.client.result("a", 10) == "two 40"
    ended = [e for e in memory.client.history("a") if isinstance(e.event, ActivityCompleted)]
    assert len(ended) in (1, 2)  # the block is another, and begins again; what was in flight is not wasted twice
    audited(memory.client)


@pytest.mark.parametrize("kind", ["memory", "world"])
def test_a_parked_run_wakes_and_goes_on(kind: str, request: pytest.FixtureRequest) -> None:
    world: World = request.getfixturevalue(kind)
    broken = "workflow w(n: int) -> int { version 1; do { let x = 1 / n; return x } }"
    repaired = "workflow w(n: int) -> int { version 2; do { let x = 1 / (n + 1); return x } }"
    world.deploy(broken)
    client = world.client
    with world.engine():
        client.start("w", {"n": 0}, id="a")
        eventually(lambda: client.view("a").status is Status.PARKED)
        world.deploy("workflow w(n: int) -> int { version 2; var v: string; do { let x = 1 / (n + 1); return x } }")
        assert client.migrate("a").outcome == "refused"
        eventually(lambda: client.view("a").status is Status.PARKED)
        world.deploy(repaired)
        assert client.migrate("a").outcome == "migrated"
        assert client.result("a", 10) == 1
    assert not any(isinstance(entry.event, RetryRequested) for entry in client.history("a"))
    audited(client)


@pytest.mark.parametrize("kind", ["memory", "world"])
def test_an_engine_that_lacks_the_old_activities_can_migrate(kind: str, request: pytest.FixtureRequest) -> None:
    world: World = request.getfixturevalue(kind)
    waiting(world)
    client = world.client
    old = client.view("a").definition
    world.deploy(GONE)
    with world.engine(other=ten) as engine:
        client.signal("a", "go")
        eventually(lambda: old in engine._shared.programs.unfit)
        assert client.describe("a").states == ["waiting"]
        world.deploy(GONE.replace("waiting -> listening; ", ""))
        assert client.migrate("a").outcome == "refused"
        eventually(lambda: client.view("a").owner is None)
        assert client.describe("a").unread == 1, "its other news is for an engine that can carry it on"
        world.deploy(GONE)
        assert client.migrate("a").outcome == "migrated"
        assert client.result("a", 10) == "two 40"
    audited(client)


def test_an_engine_that_lacks_the_new_activities_says_so(memory: World) -> None:
    waiting(memory)
    memory.deploy(GONE)
    with memory.engine(note=ten):
        done = memory.client.migrate("a")
        assert done.outcome == "refused"
        assert "other" in done.reason


def test_a_migration_that_ends_the_run(world: World) -> None:
    waiting(world)
    world.deploy(NOTE + TWO.replace("on go -> end", "on go -> end; when total > 3 -> end"))
    with world.engine(note=ten):
        assert world.client.migrate("a").outcome == "migrated"
        assert world.client.result("a", 10) == "two 40"
    assert world.client.describe("a").version == 2
    with pytest.raises(RunClosed):
        world.client.migrate("a")
    audited(world.client)


def test_orders_to_nowhere(memory: World) -> None:
    waiting(memory)
    with pytest.raises(UnknownName, match="no deployed version 7"):
        memory.client.migrate("a", 7)
    with pytest.raises(UnknownName, match="no deployed version ffffff"):
        memory.client.migrate("a", "ffffff")
    digest = memory.client.view("a").definition.hex()
    assert memory.client.target("w", digest[:8]).digest.hex() == digest
    memory.deploy(NOTE + TWO)
    with pytest.raises(ResultTimeout):
        memory.client.migrate("a", timeout=0.05)
    memory.client.store.post("a", NewsKind.MIGRATE, codec.encode(["ff" * 32]), request="lost")
    with memory.engine(note=ten):
        answer: Any = eventually(lambda: memory.client.store.answer("a", "lost"))
        assert codec.decode(answer)[0] == "refused"
        assert memory.client.describe("a").version == 2
    audited(memory.client)


def test_a_preview_orders_nothing(memory: World) -> None:
    waiting(memory)
    memory.deploy(NOTE + TWO)
    client = memory.client
    view = client.view("a")
    found = client.preview(view, client.target("w"))
    assert (found.before, found.after, found.refused) == (("waiting",), ("listening",), None)
    assert client.store.unread(view.key) == []
    memory.deploy(NOTE + STUCK)
    refused = client.preview(view, client.target("w")).refused
    assert refused is not None
    assert "waiting" in refused
