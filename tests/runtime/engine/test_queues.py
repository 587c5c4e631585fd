"""Engines that serve some queues only, and runs that go from one to the other."""

from __future__ import annotations

import pytest
from tenuto.client import WorkflowFailed
from tenuto.engine import NotReady

from tests.runtime.engine.kit import World, eventually

TRAINING = """
activity load(name: string) -> string { python "play:load"; timeout 20s }
activity train(data: string) -> string { python "gpu:train"; timeout 20s; queue "gpu" }
activity tune(data: string, where: string) -> string { python "gpu:tune"; timeout 20s; queue where }
activity quick() { python "gpu:quick"; timeout 20s queued 300ms; queue "gpu" }
workflow training(name: string) -> string {
  signal hello(text: string)
  query heard -> string = said
  var said: string = ""
  on hello as m { said = m.text }
  do {
    let data = call load(name: name)
    let model = call train(data: data)
    let done = call load(name: model)
    return done
  }
}
workflow impatient() {
  signal never()
  initial state waiting { do { call train(data: "x") }; done -> over; after 400ms -> over }
  final state over {}
}
workflow quickly() -> string { do { try { call quick() } catch Timeout as e { return e.message }; return "done" } }
workflow both() -> [string] {
  do {
    let found = for at in ["a", "b"] at most 2 at once {
      if at == "a" { let x = call load(name: at); yield x } else { let y = call train(data: at); yield y }
    }
    return found
  }
}
workflow computed(at: string) -> string { do { let x = call tune(data: "d", where: at); return x } }
"""


def test_attempts_begin_where_their_queue_is_served(world: World) -> None:
    began: list[str] = []

    def ordinary(name: str) -> str:
        began.append(f"here {name}")
        return name + "+"

    def special(data: str) -> str:
        began.append(f"gpu {data}")
        return data + "*"

    world.deploy(TRAINING)
    with (
        world.engine(queues=["default"], load=ordinary) as here,
        world.engine(
            queues=["gpu"], train=special, tune=lambda data, where: f"{data} {where}", quick=lambda: None
        ) as gpu,
    ):
        assert world.result("training", {"name": "a"}) == "a+*+"
        assert began == ["here a", "gpu a+", "here a+*"]
        assert world.result("both") == ["a+", "b*"]
        assert world.result("computed", {"at": "gpu"}) == "d gpu"
        assert here.metrics.dispatched == 3
        assert gpu.metrics.dispatched == 3


def test_a_run_waits_for_its_queue_without_being_deaf(world: World) -> None:
    world.deploy(TRAINING)
    with world.engine(queues=["default"], load=lambda name: name) as here:
        world.client.start("training", {"name": "a"}, id="t")
        eventually(lambda: here.metrics.released and world.client.describe("t").owner is None)
        steps = here.metrics.steps
        world.client.signal("t", "hello", {"text": "you"})
        eventually(lambda: world.client.query("t", "heard") == "you")
        eventually(lambda: world.client.describe("t").owner is None)
        assert here.metrics.steps == steps + 1, "nobody looks at it without a reason"
        with world.engine(
            train=lambda data: data * 2, load=lambda name: name, tune=lambda data, where: data, quick=lambda: None
        ):
            assert world.client.result("t", 10) == "aa"


def test_timers_and_limits_of_a_run_that_nobody_serves(memory: World, world: World) -> None:
    for place in (memory, world):
        place.deploy(TRAINING)
        with place.engine(queues=["default"], load=lambda name: name):
            assert place.result("impatient") is None
            assert place.result("quickly") == "quick waited too long to begin"


def test_what_waits_in_a_queue_can_be_cancelled(memory: World) -> None:
    memory.deploy(TRAINING)
    with memory.engine(queues=["default"], load=lambda name: name):
        memory.client.start("training", {"name": "a"}, id="t")
        eventually(lambda: memory.client.describe("t").pending and memory.client.describe("t").owner is None)
        memory.client.cancel("t")
        with pytest.raises(WorkflowFailed) as failed:
            memory.client.result("t", 10)
        assert failed.value.status == "cancelled"


def test_an_engine_of_one_queue_needs_no_code_of_others(memory: World) -> None:
    memory.deploy(TRAINING)
    with memory.engine(queues=["default"], load=lambda name: name) as here:
        here.check()
        memory.client.start("computed", {"at": "default"}, id="c")
        eventually(lambda: memory.client.describe("c").status == "parked")
        assert "tune cannot begin" in (memory.client.describe("c").parked or "")
    with memory.engine(queues=["gpu"], load=lambda name: name) as other, pytest.raises(NotReady, match="train"):
        other.check()


def test_the_definition_is_whole_for_those_who_serve_all(memory: World) -> None:
    memory.deploy(TRAINING)
    with memory.engine(load=lambda name: name) as here, pytest.raises(NotReady, match="train"):
        here.check()
