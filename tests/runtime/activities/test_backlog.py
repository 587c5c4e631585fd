"""Waiting by priority, and the moment at which an attempt either begins or has waited too long."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tenuto.activities.backlog import Backlog
from tenuto.activities.binding import PythonBinding
from tenuto.activities.job import Job
from tenuto.activities.pool import ThreadPool

from tests.runtime.activities.kit import Collector, declared, program

ACTIVITY = declared()
BINDING = PythonBinding(program(ACTIVITY), ACTIVITY, lambda: None)


def job(priority: int = 0, op: int = 0, queued: float | None = None) -> Job:
    return Job(Collector(), BINDING, (), op=op, priority=priority, queued_timeout=queued)


@given(st.lists(st.integers(0, 5)))
def test_the_smaller_number_goes_first_and_within_it_who_came_first(priorities: list[int]) -> None:
    backlog = Backlog()
    backlog.extend(job(priority, op) for op, priority in enumerate(priorities))
    assert len(backlog) == len(priorities)
    taken = [backlog.popleft() for _ in priorities]
    wanted = sorted((priority or 3, op) for op, priority in enumerate(priorities))
    assert [(each.priority, each.op) for each in taken] == wanted
    assert len(backlog) == 0
    with pytest.raises(IndexError):
        backlog.popleft()


def test_what_is_put_back_comes_before_its_equals() -> None:
    backlog = Backlog()
    backlog.extend([job(3, 1), job(1, 2)])
    backlog.put_back([job(3, 3), job(3, 4)])
    gone = job(3, 5)
    backlog.extend([gone])
    assert backlog.remove(gone)
    assert not backlog.remove(gone)
    assert [each.op for each in backlog] == [2, 3, 4, 1]
    assert [backlog.popleft().op for _ in range(4)] == [2, 3, 4, 1]


def test_a_full_pool_takes_the_urgent_first() -> None:
    pool, sink = ThreadPool(1), Collector()
    hold, began, order = threading.Event(), threading.Event(), list[int]()

    def play() -> None:
        began.set()
        hold.wait(10)

    def blocker() -> Job:
        return Job(sink, PythonBinding(program(ACTIVITY), ACTIVITY, play), ())

    def noting(op: int, priority: int) -> Job:
        return Job(sink, PythonBinding(program(ACTIVITY), ACTIVITY, lambda: order.append(op)), (), priority=priority)

    pool.submit([blocker()])
    assert began.wait(5)
    pool.submit([noting(1, 5), noting(2, 0), noting(3, 1), noting(4, 3), noting(5, 1)])
    hold.set()
    sink.wait(6)
    assert order == [3, 5, 2, 4, 1]
    pool.close()


def test_an_attempt_begins_or_is_withdrawn_and_never_both() -> None:
    for _ in range(200):
        attempt = job(queued=1.0)
        gate = threading.Barrier(2)
        began: list[bool] = []

        def begin(attempt: Job = attempt, gate: threading.Barrier = gate, began: list[bool] = began) -> None:
            gate.wait()
            began.append(attempt.start())

        thread = threading.Thread(target=begin)
        thread.start()
        gate.wait()
        withdrawn = attempt.withdraw()
        thread.join()
        assert began == [not withdrawn]
        assert (attempt.started_at is None) == withdrawn
