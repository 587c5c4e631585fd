"""Attempts that are handed on before they begin, and the limit to their waiting."""

from __future__ import annotations

from tenuto_interpreter.commands import ScheduleActivity
from tenuto_interpreter.events import AttemptFaulted, AttemptTakenOver, RetryRequested
from tenuto_interpreter.ir import Timeout
from tenuto_interpreter.machine import Snapshot
from tenuto_interpreter.virtual import SECOND, VirtualRun

from tests.interpreter.machine.build import Builder
from tests.interpreter.machine.test_calls import HANGS, answers, one_call


def waiting(answer: object = HANGS, queued: float | None = 60, retry: int = 0) -> VirtualRun:
    b = Builder()
    limits = Timeout() if queued is None else Timeout(queued=b.seconds(queued))
    return VirtualRun(one_call(b, b.activity("f", retry=retry, timeout=limits)), answers(f=answer))


def scheduled(run: VirtualRun) -> list[ScheduleActivity]:
    return [command for _, caused in run.log for command in caused if isinstance(command, ScheduleActivity)]


def hand_on(run: VirtualRun, reason: str = "") -> None:
    command = scheduled(run)[-1]
    run.feed(AttemptFaulted(run.at, command.op, command.attempt, reason))


def take_over(run: VirtualRun) -> ScheduleActivity:
    command = scheduled(run)[-1]
    run.feed(AttemptTakenOver(run.at, command.op, command.attempt))
    return scheduled(run)[-1]


def test_what_nobody_begins_in_time_has_failed_without_a_doubt() -> None:
    run = waiting()
    run.advance(10)
    hand_on(run)
    assert run.snapshot.wakeup() == 60 * SECOND
    assert Snapshot.decode(run.snapshot.encode()).encode() == run.snapshot.encode()
    run.advance(49)
    assert run.closed is None
    run.advance(2)
    assert run.closed is not None
    failure = run.closed.failure
    assert failure is not None
    assert (failure.code, failure.details, failure.unknown) == ("Timeout", {"kind": "queued", "after_s": 60.0}, False)
    assert run.replayed().encode() == run.snapshot.encode()


def test_waiting_counts_on_however_often_an_attempt_is_handed_on() -> None:
    run = waiting()
    assert scheduled(run)[0].queued_timeout == 60 * SECOND
    for passed in (10, 20):
        run.advance(10)
        hand_on(run)
        again = take_over(run)
        assert (again.attempt, again.queued_timeout) == (1, (60 - passed) * SECOND)
        assert run.snapshot.wakeup() is None, "the engine that has it looks after the limit"


def test_it_counts_as_a_failure_of_the_attempt_and_the_next_one_waits_anew() -> None:
    run = waiting(retry=1)
    hand_on(run)
    run.advance(65)
    last = scheduled(run)[-1]
    assert (last.attempt, last.queued_timeout) == (2, 60 * SECOND)


def test_the_time_of_a_parked_run_does_not_count() -> None:
    run = waiting()
    run.advance(10)
    hand_on(run, "no secret")
    run.at += 3600 * SECOND
    run.feed(RetryRequested(run.at))
    assert scheduled(run)[-1].queued_timeout == 60 * SECOND


def test_without_a_limit_nothing_is_noted() -> None:
    run = waiting(queued=None)
    hand_on(run)
    assert run.snapshot.wakeup() is None
    assert [op.since for op in run.snapshot.ops.values()] == [None]
