"""Runs that deal with one another: children, signals sent, updates answered, continuing as new."""

from __future__ import annotations

import threading
import time

import pytest
import structlog
from tenuto.activities import context
from tenuto.client import UpdateRejected, WorkflowFailed
from tenuto.store.protocol import RunClosed, Status

from tests.runtime.engine.kit import VIRTUAL, VirtualWorld, World, eventually

FAMILY = """
error Bad { n: int }
activity work(n: int) -> int { python "play:work"; timeout 20s; raises Bad }
workflow child(n: int) -> int { do { let r = call work(n: n); return r } }
workflow parent(n: int) -> int {
  do {
    try { let r = call child(n: n); return r + 1000 } catch Bad as e { return 0 - e.n }
  }
}
"""


def test_a_child_answers_its_parent(virtual: VirtualWorld) -> None:
    virtual.deploy(FAMILY)
    with virtual.engine(VIRTUAL, work=lambda n: n * 2) as engine:
        assert virtual.result("parent", {"n": 4}) == 1008
        assert engine.metrics.closed == 2


def test_many_children_over_two_lanes(virtual: VirtualWorld) -> None:
    from dataclasses import replace

    virtual.deploy(FAMILY)
    with virtual.engine(replace(VIRTUAL, lanes=2, claim_limit=5), work=lambda n: n * 2):
        runs = virtual.client.start_many("parent", [(None, {"n": n}) for n in range(40)])
        for n, run in enumerate(runs):
            assert virtual.client.result(run.workflow_id, 20) == n * 2 + 1000


def test_a_child_s_declared_error_is_raised_in_its_parent(virtual: VirtualWorld) -> None:
    from tenuto.activities import ActivityError

    def work(n: int) -> int:
        raise ActivityError("Bad", "no", retryable=False, n=n)

    virtual.deploy(FAMILY)
    with virtual.engine(VIRTUAL, work=work):
        assert virtual.result("parent", {"n": 7}) == -7


def test_cancelling_the_parent_cancels_the_child(virtual: VirtualWorld) -> None:
    began, told = threading.Event(), threading.Event()

    def work(n: int) -> int:
        began.set()
        running = context()
        end = time.monotonic() + 10
        while not running.cancelled and time.monotonic() < end:
            time.sleep(0.01)
        told.set()
        running.raise_if_cancelled()
        return n

    virtual.deploy(FAMILY)
    with virtual.engine(VIRTUAL, work=work):
        run = virtual.client.start("parent", {"n": 1})
        assert began.wait(5)
        virtual.client.cancel(run.workflow_id)
        with pytest.raises(WorkflowFailed) as caught:
            virtual.client.result(run.workflow_id, 10)
        assert caught.value.status == "cancelled"
        assert told.is_set()
        (child,) = virtual.client.list(workflow="child")
        assert child.status is Status.CANCELLED


def test_a_child_whose_id_is_taken_fails_in_its_parent(virtual: VirtualWorld) -> None:
    virtual.deploy(FAMILY)
    hold = threading.Event()

    def work(n: int) -> int:
        hold.wait(10)
        return n

    with virtual.engine(VIRTUAL, work=work):
        # The child's id is derived from its parent's: take it first.
        virtual.client.start("child", {"n": 9}, id="p/child-2")
        run = virtual.client.start("parent", {"n": 1}, id="p")
        with pytest.raises(WorkflowFailed) as caught:
            virtual.client.result(run.workflow_id, 10)
        assert caught.value.code == "ChildFailed"
        hold.set()


def test_updates_are_answered_or_rejected(virtual: VirtualWorld) -> None:
    virtual.deploy("""
    workflow mailbox() -> string {
      signal close()
      update rename(to: string) -> string
      var name: string = "nobody"
      initial state open {
        on update rename as u when u.to != "" { let old = name; name = u.to; reply old }
        on close -> closed
      }
      final state closed { return name }
    }
    """)
    with virtual.engine(VIRTUAL):
        run = virtual.client.start("mailbox")
        assert virtual.client.update(run.workflow_id, "rename", {"to": "Ada"}) == "nobody"
        assert virtual.client.update(run.workflow_id, "rename", {"to": "Eve"}) == "Ada"
        with pytest.raises(UpdateRejected):
            virtual.client.update(run.workflow_id, "rename", {"to": ""}, timeout=5)
        virtual.client.signal(run.workflow_id, "close")
        assert virtual.client.result(run.workflow_id, 10) == "Eve"


def test_continuing_as_new_keeps_the_id_and_the_mail(virtual: VirtualWorld) -> None:
    virtual.deploy("""
    workflow rounds(n: int, sum: int) -> int {
      signal add(k: int)
      var total: int = sum
      initial state waiting {
        on add as a -> next { total = total + a.k }
      }
      state next {
        when n >= 3 -> done
        when n < 3 -> again
      }
      final state again { continue with (n: n + 1, sum: total) }
      final state done { return total }
    }
    """)
    run = virtual.client.start("rounds", {"n": 1, "sum": 0}, id="r")
    for k in (1, 10, 100):
        virtual.client.signal("r", "add", {"k": k})
    with virtual.engine(VIRTUAL):
        assert virtual.client.result("r", 10) == 111
    rows = virtual.client.list(prefix="r")
    assert [row.status for row in rows] == [Status.COMPLETED, Status.CONTINUED, Status.CONTINUED]
    assert run.key == rows[-1].key


def test_signals_are_sent_from_run_to_run(virtual: VirtualWorld) -> None:
    virtual.deploy("""
    workflow listener() -> string {
      signal hello(from: string)
      do { receive hello as h; return h.from }
    }
    workflow speaker(to: string) -> string {
      signal hello(from: string)
      do { send hello(from: "speaker") to to; return "said" }
    }
    """)
    with virtual.engine(VIRTUAL) as engine:
        listener = virtual.client.start("listener", id="l")
        eventually(lambda: engine.metrics.released >= 1)
        assert virtual.result("speaker", {"to": "l"}) == "said"
        assert virtual.client.result(listener.workflow_id, 10) == "speaker"


def test_an_update_that_comes_too_late_is_told_so(memory: World) -> None:
    """Its run ends without taking it: whoever waits for the reply learns that at once, not at the timeout."""
    memory.deploy("""
    workflow book() {
      update rename(to: string) -> string
      initial state open { on update rename as r do { reply r.to } }
    }
    """)
    memory.client.start("book", id="b")
    memory.client.terminate("b")
    failed: list[Exception] = []

    def rename() -> None:
        try:
            memory.client.update("b", "rename", {"to": "x"}, timeout=20)
        except RunClosed as error:
            failed.append(error)

    late = threading.Thread(target=rename)
    late.start()
    view = memory.client.store.view("b")
    assert view is not None
    eventually(lambda: len(memory.client.store.unread(view.key)) == 2)
    with memory.engine():
        late.join(10)
    assert [error.args[0] for error in failed] == ["b"]


def test_three_hundred_children_of_one_run_hear_of_its_cancellation(virtual: VirtualWorld) -> None:
    """Children started by the very flush before, and by an engine before this one, are found all the same."""
    virtual.deploy("""
    workflow leaf(n: int) -> int { signal go(); do { receive go; return n } }
    workflow tree(of: [int]) -> [int] {
      do { let all = for x in of at most 300 at once { let r = call leaf(n: x); yield r }; return all }
    }
    """)
    run = virtual.client.start("tree", {"of": list(range(300))}, id="t")
    with virtual.engine(VIRTUAL):
        eventually(lambda: len(virtual.client.list(workflow="leaf", limit=500)) == 300)
    virtual.client.cancel("t")
    with virtual.engine(VIRTUAL):
        with pytest.raises(WorkflowFailed):
            virtual.client.result(run.workflow_id, 20)
        assert {view.status for view in virtual.client.list(workflow="leaf", limit=500)} == {Status.CANCELLED}


@pytest.mark.parametrize(
    ("policy", "ends"), [("abandon", "OPEN"), ("cancel", "CANCELLED"), ("terminate", "TERMINATED")]
)
def test_what_a_parent_s_end_means_to_its_children(world: World, policy: str, ends: str) -> None:
    world.deploy(f"""
    workflow leaf() {{ signal go(); do {{ receive go }} }}
    workflow chain(n: int) {{
      signal go()
      initial state s {{
        do {{ if n == 1 {{ start leaf() on close {policy} }}; receive go }}
        done when n < 2 -> again
        done            -> over
      }}
      final state again {{ continue with (n: n + 1) }}
      final state over {{ return }}
    }}
    """)
    with world.engine():
        world.client.start("chain", {"n": 1}, id="c")
        world.client.signal("c", "go")
        eventually(lambda: len(world.client.list(workflow="chain")) == 2)
        leaf = eventually(lambda: world.client.list(workflow="leaf"))[0]
        time.sleep(0.1)
        assert world.client.view(leaf.workflow_id).status is Status.OPEN, "a chain goes on"
        world.client.signal("c", "go")
        world.client.result("c", 10)
        eventually(lambda: world.client.view(leaf.workflow_id).status.name == ends)


def test_a_message_to_nobody_is_dropped_and_logged(world: World) -> None:
    world.deploy("""
    workflow ear() { signal hello(); do { receive hello } }
    workflow speaker(to: string) -> int { signal hello(); do { send hello() to to; return 1 } }
    """)
    with structlog.testing.capture_logs() as logs, world.engine():
        assert world.result("speaker", {"to": "nobody"}) == 1
    (told,) = [line for line in logs if line["event"] == "signal to no open run"]
    assert (told["to"], told["name"]) == ("nobody", "hello")


def test_ticks_are_delivered_through_downtime_none_lost_none_doubled(virtual: VirtualWorld) -> None:
    virtual.deploy("""
    workflow clock() -> [timestamp] {
      signal stop()
      attribute ticks: int = size(seen)
      var seen: [timestamp] = []
      initial state s {
        every 10s { seen = seen + [workflow.fired_at]; log "tick ${size(seen)}" }
        on stop -> over
      }
      final state over { return seen }
    }
    """)
    virtual.client.start("clock", id="k")
    with virtual.engine(VIRTUAL):
        eventually(lambda: virtual.client.describe("k").events == 1)
        virtual.advance(25)
        eventually(lambda: virtual.client.describe("k").attributes == {"ticks": 2})
    virtual.advance(3600)
    with structlog.testing.capture_logs() as logs, virtual.engine(VIRTUAL):
        eventually(lambda: virtual.client.describe("k").attributes == {"ticks": 362})
        virtual.client.signal("k", "stop")
        seen = virtual.client.result("k", 20)
    assert len(seen) == 362
    assert [tick for tick in logs if tick["event"] == "log"][-1]["value"] == "tick 362"
    begun = min(seen)
    assert seen == [begun + type(begun - begun)(seconds=10 * n) for n in range(362)]


def test_what_is_sensitive_is_neither_logged_nor_shown(virtual: VirtualWorld) -> None:
    virtual.deploy("""
    type Card = { owner: string, number: sensitive string }
    workflow pay(card: Card, pin: sensitive int) {
      do { log "for ${card.owner}: ${card.number}"; log { "card": card, "pin": pin }; log "plain"; wait 1h }
    }
    """)
    virtual.client.start("pay", {"card": {"owner": "Ada", "number": "4111-1111"}, "pin": 7391}, id="p")
    with structlog.testing.capture_logs() as logs, virtual.engine(VIRTUAL):
        eventually(lambda: virtual.client.describe("p").events == 1)
    told = [line["value"] for line in logs if line["event"] == "log"]
    hidden = {"owner": "Ada", "number": "***"}
    assert told == ["for Ada: ***", {"card": hidden, "pin": "***"}, "plain"]
    assert virtual.client.describe("p").variables == {"card": hidden, "pin": "***"}
