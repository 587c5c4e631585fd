"""Attempts that wait for a thread: by priority, and not for ever."""

from __future__ import annotations

import threading
from dataclasses import replace

from tests.runtime.engine.kit import QUICK, World, eventually

NARROW = replace(QUICK, threads=1)

PLAY = """
activity block() { python "play:block"; timeout 1m }
activity note(name: string, urgency: int) { python "play:note"; timeout 1m; priority urgency }
activity late(name: string) { python "play:late"; timeout attempt 1m queued 300ms; retry 1 times backoff 10ms }
workflow blocking() { do { call block() } }
workflow noting(name: string, urgency: int) { do { call note(name: name, urgency: urgency) } }
workflow waiting(name: string) -> string {
  do { try { call late(name: name); return "done" } catch Timeout as e { return e.message } }
}
"""


def test_the_urgent_begin_first_when_all_threads_are_taken(world: World) -> None:
    hold, began, order = threading.Event(), threading.Event(), list[str]()

    def block() -> None:
        began.set()
        hold.wait(20)

    def note(name: str, urgency: int) -> None:
        assert urgency
        order.append(name)

    world.deploy(PLAY)
    with world.engine(NARROW, block=block, note=note) as engine:
        world.client.start("blocking")
        assert began.wait(10)
        for out, (name, urgency) in enumerate([("a", 5), ("b", 3), ("c", 1), ("d", -7), ("e", 99)], 2):
            world.client.start("noting", {"name": name, "urgency": urgency}, id=name)
            eventually(lambda out=out: engine.metrics.in_flight == out)
        hold.set()
        eventually(lambda: len(order) == 5)
    assert order == ["c", "d", "b", "a", "e"]


def test_an_attempt_that_finds_no_thread_in_time_fails_and_never_begins(world: World) -> None:
    hold, began, done = threading.Event(), threading.Event(), list[str]()

    def block() -> None:
        began.set()
        hold.wait(20)

    world.deploy(PLAY)
    with world.engine(NARROW, block=block, late=lambda name: done.append(name)):
        world.client.start("blocking")
        assert began.wait(10)
        assert world.result("waiting", {"name": "x"}) == "late waited too long to begin"
        hold.set()
        assert world.result("waiting", {"name": "y"}) == "done"
    assert done == ["y"]
