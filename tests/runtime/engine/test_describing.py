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
