"""What a description says of the present: children, timers, messages, variables without a value."""

from __future__ import annotations

from tenuto.client.results import Message

from tests.runtime.engine.kit import World, eventually

FAMILY = """
workflow child() { signal stop()
  initial state early { after 1h -> late }
  state late { on stop -> over }
  final state over {} }
workflow parent(n: int) {
  signal go()
  update ask() -> int
  var got: int
  var note: string?
  initial state waiting {
    defer ask
    do { call child() with timeout 5h; got = 1 }
    after 2h -> over
  }
  final state over {}
}
"""


def test_children_timers_messages_and_what_is_unset(memory: World) -> None:
    memory.deploy(FAMILY)
    with memory.engine():
        memory.client.start("parent", {"n": 1}, id="p")
        memory.client.signal("p", "go", {})
        eventually(lambda: memory.client.describe("p").messages == [Message("signal", "go", "mailbox")])
        eventually(lambda: (p := memory.client.describe("p").pending) and p[0].child and p[0].child.states)
        found = memory.client.describe("p")
    [pending] = found.pending
    assert pending.child is not None
    assert (pending.child.workflow_id, pending.child.status, pending.child.states) == ("p/child-3", "open", ["early"])
    assert [timer.what for timer in found.timers] == ["after 2h in waiting", "the limit of an attempt of child"]
    assert found.variables == {"n": 1, "got": None, "note": None}
    assert found.unset == ["got"]
    memory.client.signal("p", "go", {})
    assert memory.client.describe("p").messages[0] == Message("signal", "go", "unread")


def test_a_timer_whose_time_each_run_computes_says_so(memory: World) -> None:
    memory.deploy("""
workflow late(n: int) {
  initial state waiting {
    after 1h * n                       -> over
    at workflow.started_at + duration("3h") -> over
    do { wait 2h * n }
  }
  final state over {}
}
""")
    with memory.engine():
        memory.client.start("late", {"n": 1}, id="p")
        eventually(lambda: len(memory.client.describe("p").timers) == 3)
        found = memory.client.describe("p")
        (listed,) = memory.client.list()
        assert memory.client.states(listed) == "waiting"
    assert [timer.what for timer in found.timers] == [
        "after (computed) in waiting", "wait (computed) in waiting.do", "at (computed) in waiting",
    ]  # fmt: skip
