"""Ends of runs while somebody holds them, or takes their place at once."""

from __future__ import annotations

import contextlib
import threading
import time
from dataclasses import replace

import psycopg
from tenuto.client import Client
from tenuto.store.protocol import RunClosed, Status

from tests.runtime.engine.kit import QUICK, World, eventually

COUNTED = """
workflow counted() -> int {
  signal go(n: int)
  update ask() -> int
  var n: int = 0
  attribute last: int = n
  initial state open { on go as g { n = g.n }; when n > 0 -> closed }
  final state closed { return n }
}
"""


def test_a_close_that_had_to_wait_keeps_the_attributes(world: World) -> None:
    world.deploy(COUNTED)
    with world.engine() as engine, psycopg.connect(world.dsn) as application:
        world.client.start("counted", id="c")
        eventually(lambda: world.client.view("c").states == "open")
        application.execute("select 1 from tenuto.run where workflow_id = 'c' for key share")
        world.client.signal("c", "go", {"n": 7})
        eventually(lambda: world.client.view("c").status is Status.CLOSING)
        application.rollback()
        assert world.client.result("c", 10) == 7
        assert world.client.describe("c").attributes == {"last": 7}
        assert engine.metrics.lost_lanes == 0


def test_a_close_that_another_engine_finishes_keeps_the_attributes(world: World) -> None:
    world.deploy(COUNTED)
    with psycopg.connect(world.dsn) as application:
        world.client.start("counted", id="c")
        with world.engine():
            eventually(lambda: world.client.view("c").states == "open")
            application.execute("select 1 from tenuto.run where workflow_id = 'c' for key share")
            world.client.signal("c", "go", {"n": 7})
            eventually(lambda: world.client.view("c").status is Status.CLOSING)
        application.rollback()
    with world.engine():
        assert world.client.result("c", 10) == 7
    assert world.client.describe("c").attributes == {"last": 7}


def test_who_asked_learns_of_the_end_when_another_run_has_the_id_already(world: World) -> None:
    """The question stays unread: no engine runs until the asked run is terminated, and the id is taken at once."""
    world.deploy(COUNTED)
    world.client.start("counted", id="c")
    raised: list[BaseException] = []

    def ask() -> None:
        try:
            world.client.update("c", "ask", request="u", timeout=15)
        except BaseException as error:  # noqa: BLE001 - whatever it is, the test looks at it
            raised.append(error)

    asking = threading.Thread(target=ask)
    with psycopg.connect(world.dsn) as application:
        # Both orders are there before the run's first event, and the close comes with its successor in the id.
        world.client.terminate("c")
        asking.start()
        eventually(lambda: application.execute("select 1 from tenuto.request where request = 'u'").fetchone())
    with world.engine():
        world.client.start("counted", id="c", id_conflict="terminate_existing")
        asking.join(20)
        assert world.client.view("c").status is Status.OPEN
    (error,) = raised
    assert isinstance(error, RunClosed)
    assert error.args == ("c", Status.TERMINATED)


def _signal(world: World, workflow_id: str) -> None:
    with contextlib.suppress(RunClosed):
        world.client.signal(workflow_id, "go")


def test_parents_and_children_that_end_at_once_in_two_lanes(world: World) -> None:
    """Each holds the other's row while it tries to lock its own: the close is put off, never blocked."""
    world.deploy("""
    workflow child(n: int) -> int { signal go(); do { receive go; return n } }
    workflow parent(n: int) -> int {
      signal go()
      initial state busy { do { let r = call child(n: n); return r }; on go -> over }
      final state over { return 0 - n }
    }
    """)
    count = 40
    with world.engine(replace(QUICK, lanes=3, claim_limit=7)) as engine:
        world.client.start_many("parent", [(f"p-{n}", {"n": n}) for n in range(count)])
        eventually(lambda: len(world.client.list(workflow="child", status=[Status.OPEN])) == count)
        kids = [view.workflow_id for view in world.client.list(workflow="child")]
        threads = [
            threading.Thread(target=lambda ids=ids: [_signal(world, id_) for id_ in ids])
            for ids in (sorted(kids), [f"p-{n}" for n in range(count)])
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for n in range(count):
            assert world.client.result(f"p-{n}", 20) in (n, -n)
        eventually(lambda: not world.client.list(workflow="child", status=[Status.OPEN, Status.CLOSING]))
        assert engine.metrics.lost_lanes == 0
    with psycopg.connect(world.dsn) as connection:
        assert connection.execute("select count(*) from tenuto.inbox").fetchone() == (0,)


def test_five_hundred_children_of_one_run_end_at_once(world: World) -> None:
    world.deploy("""
    workflow child(n: int) -> int { signal go(); do { receive go; return n } }
    workflow parent(items: [int]) -> int {
      var sum: int = 0
      do {
        for i in items at most 500 at once { let r = call child(n: i); sum = sum + r }
        return sum
      }
    }
    """)
    count = 500
    with world.engine(replace(QUICK, lanes=2)) as engine:
        world.client.start("parent", {"items": list(range(count))}, id="p")
        eventually(lambda: len(world.client.list(workflow="child", status=[Status.OPEN], limit=999)) == count, 30)
        begun = time.monotonic()
        for view in world.client.list(workflow="child", limit=999):
            world.client.signal(view.workflow_id, "go")
        assert world.client.result("p", 30) == sum(range(count))
        assert time.monotonic() - begun < 20
        assert engine.metrics.lost_lanes == 0


def test_a_child_is_not_cancelled_in_the_person_of_a_stranger(world: World) -> None:
    """The id that a child was to have is taken: its parent's leaving is nothing to whoever has it."""
    world.deploy("""
    workflow child() -> string { signal go(); do { receive go; return "done" } }
    workflow parent() {
      signal leave()
      initial state busy {
        do { try { call child() } catch ChildFailed { wait 1h } }
        on leave -> over
      }
      final state over { }
    }
    """)
    world.client.start("child", id="p/child-2")
    world.client.start("parent", id="p")
    world.client.signal("p", "leave")  # before its first event: the child is started and left in one turn
    with world.engine():
        assert world.client.result("p", 10) is None
        world.client.signal("p/child-2", "go")
        assert world.client.result("p/child-2", 10) == "done"


def test_a_result_is_that_of_the_chain_and_not_of_whoever_has_its_id_next(world: World) -> None:
    world.deploy("""
    workflow chain(n: int) -> int {
      signal go()
      initial state working { when n < 3 -> again; on go -> over }
      final state again { continue with (n: n + 1) }
      final state over { return n }
    }
    """)
    world.client.start("chain", {"n": 1}, id="c")
    found: list[int] = []
    asking = threading.Thread(target=lambda: found.append(world.client.result("c", 15)))
    asking.start()
    time.sleep(0.1)  # it waits for the first run of the chain
    listen, world.client.store.listen = world.client.store.listen, lambda timeout: time.sleep(timeout) or False
    with world.engine():
        other = Client(world.dsn)
        eventually(lambda: other.view("c").states == "working" and other.store.last_of_chain(other.view("c").key))
        other.signal("c", "go")
        assert other.result("c", 10) == 3
        other.start("chain", {"n": 100}, id="c")
        asking.join(15)
        other.close()
    world.client.store.listen = listen
    assert found == [3]


def test_children_started_by_an_engine_before_are_cancelled_by_one_question(world: World) -> None:
    world.deploy("""
    workflow child(n: int) -> int { signal go(); do { receive go; return n } }
    workflow parent(items: [int]) -> int {
      signal leave()
      initial state busy {
        do { for i in items at most 30 at once { call child(n: i) } }
        on leave -> over
      }
      final state over { return size(items) }
    }
    """)
    with world.engine():
        world.client.start("parent", {"items": list(range(30))}, id="p")
        eventually(lambda: len(world.client.list(workflow="child", status=[Status.OPEN])) == 30)
        world.client.signal("p/child-" + world.client.list(workflow="child")[3].workflow_id.rpartition("-")[2], "go")
        eventually(lambda: len(world.client.list(workflow="child", status=[Status.OPEN])) == 29)
    with world.engine() as engine:
        asked: list[object] = []
        store = engine._shared.client
        ask = store.open_children
        for lane in engine._shared.lanes:
            lane.carrier._open_children = lambda key: asked.append(key) or ask(key)
        world.client.signal("p", "leave")
        assert world.client.result("p", 10) == 30
        assert len(asked) == 1
    assert len(world.client.list(workflow="child", status=[Status.CANCELLED])) == 29
