"""A child whose workflow nobody has deployed fails its call, whatever else its parent's turn holds."""

from __future__ import annotations

from dataclasses import replace

from tests.runtime.engine.kit import QUICK, World, compiled

FAMILY = """
activity one() -> int { sql "select 1"; timeout 10s }
workflow orphanage() -> int { do { return 1 } }
workflow parent() -> string {
  do {
    let n = call one()
    try { let x = call orphanage(); return string(x + n) }
    catch ChildFailed as e { return e.message }
  }
}
workflow stubborn() -> int {
  var n: int = 0
  do {
    repeat {
      try { call orphanage() } catch ChildFailed { n = n + 1 }
    } until n >= 40
    return n
  }
}
"""
MISSING = "ChildFailed: no workflow orphanage is deployed"


def _deploy(world: World) -> None:
    world.client.deploy([item for item in compiled(FAMILY) if item.program.name != "orphanage"])


def test_right_after_an_activity_with_a_transaction(world: World) -> None:
    _deploy(world)
    with world.engine():
        assert world.result("parent") == MISSING


def test_again_and_again_beyond_what_a_turn_holds(memory: World) -> None:
    _deploy(memory)
    with memory.engine(replace(QUICK, events_per_turn=3)):
        assert memory.result("stubborn") == 40
