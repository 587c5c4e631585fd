"""Calls: arguments and results, retries, limits, lost attempts, undo, and calls that outlive their state."""

from __future__ import annotations

from typing import Any

import pytest
from tenuto_interpreter.commands import CancelActivity, ParkRun, ScheduleActivity
from tenuto_interpreter.events import (
    ActivityCompleted,
    ActivityFailed,
    AttemptFaulted,
    AttemptLost,
    AttemptTakenOver,
    CancelRequested,
    Failure,
    RetryRequested,
)
from tenuto_interpreter.ir import Ending, Handler, Timeout, Undo
from tenuto_interpreter.machine import Executable
from tenuto_interpreter.virtual import HANGS, SECOND, VirtualRun

from .build import Builder, state, to


def answers(**by_name: Any):
    """Activities answer in turn with what is listed; the last answer is repeated. A function is called."""
    left = {name: list(value) if isinstance(value, list) else [value] for name, value in by_name.items()}

    def answer(name: str, args: dict[str, Any], attempt: int) -> Any:
        queue = left[name]
        value = queue.pop(0) if len(queue) > 1 else queue[0]
        return value(args, attempt) if callable(value) else value

    return answer


def failing(code: str = "Broken", **more: Any) -> Failure:
    return Failure(code, "it broke", **more)


def one_call(b: Builder, activity: int, **more: Any) -> Executable:
    """A workflow that calls one activity and returns its result."""
    do = b.block(("call", b.call(activity, **more), 0), ("return", b.local(0)))
    return Executable(b.program({"do": do}))


def test_results_flow_into_arguments() -> None:
    b = Builder()
    f = b.activity("f", 1)
    do = b.block(("call", b.call(f, b.const(1)), 0), ("call", b.call(f, b.local(0)), 1), ("return", b.local(1)))
    run = VirtualRun(Executable(b.program({"do": do})), lambda name, args, attempt: args["p0"] + 1)
    assert run.closed is not None
    assert run.closed.result == 3
    assert run.replayed().encode() == run.snapshot.encode()


def test_n_retries_mean_n_further_attempts() -> None:
    b = Builder()
    run = VirtualRun(one_call(b, b.activity("f", retry=2)), answers(f=failing()))
    closed = run.run_to_end()
    assert closed.status == "failed"
    assert closed.failure.code == "Broken"
    assert [attempt for _, _, attempt in run.calls] == [1, 2, 3]


def test_waits_between_attempts_grow_and_are_jittered_the_same_in_replay() -> None:
    b = Builder()
    run = VirtualRun(one_call(b, b.activity("f", retry=3)), answers(f=[failing(), failing(), failing(), 7]))
    assert run.run_to_end().result == 7
    times = [event.at for event, _ in run.log if isinstance(event, ActivityFailed)]
    first, second = times[1] - times[0], times[2] - times[1]
    assert 0.8 * SECOND <= first <= 1.2 * SECOND
    assert 1.6 * SECOND <= second <= 2.4 * SECOND
    assert run.replayed().encode() == run.snapshot.encode()


@pytest.mark.parametrize("failure", [failing(retryable=False), failing("Refused")])
def test_some_failures_are_final(failure: Failure) -> None:
    b = Builder()
    run = VirtualRun(one_call(b, b.activity("f", retry=5, unless=("Refused",))), answers(f=failure))
    assert run.run_to_end().failure.code == failure.code
    assert len(run.calls) == 1


def test_overall_limit_ends_the_waits() -> None:
    b = Builder()
    activity = b.activity("f", retry=100, timeout=Timeout(overall=b.seconds(10)))
    run = VirtualRun(one_call(b, activity), answers(f=failing()))
    closed = run.run_to_end()
    assert closed.failure.code == "Timeout"
    assert closed.failure.details == {"kind": "overall"}
    assert run.at == 10 * SECOND


def test_attempt_limit_is_handed_to_the_runtime() -> None:
    b = Builder()
    run = VirtualRun(
        one_call(b, b.activity("f", retry=1, timeout=Timeout(attempt=b.seconds(3)))), answers(f=[HANGS, 5])
    )
    scheduled = run.log[0][1][0]
    assert isinstance(scheduled, ScheduleActivity)
    assert scheduled.attempt_timeout == 3 * SECOND
    assert run.run_to_end().result == 5


def test_outcomes_of_older_attempts_change_nothing() -> None:
    b = Builder()
    run = VirtualRun(one_call(b, b.activity("f", retry=1)), answers(f=[failing(), HANGS]))
    run.advance(2)
    op = run.calls and next(iter(run.snapshot.ops))
    run.feed(ActivityCompleted(run.at, op, 1, "late"))
    assert run.closed is None
    run.feed(ActivityCompleted(run.at, op, 2, "right"))
    assert run.closed.result == "right"


def test_lost_attempts_are_dispatched_again_without_using_up_retries() -> None:
    b = Builder()
    run = VirtualRun(one_call(b, b.activity("f")), answers(f=[HANGS, HANGS, 9]))
    op = next(iter(run.snapshot.ops))
    run.feed(AttemptLost(run.at, op, 1))
    assert run.closed is None
    run.feed(AttemptLost(run.at, op, 2))
    assert run.closed.result == 9


def test_an_activity_that_takes_its_process_along_every_time_ends() -> None:
    b = Builder()
    run = VirtualRun(one_call(b, b.activity("f")), answers(f=HANGS))
    op = next(iter(run.snapshot.ops))
    for attempt in range(1, 10):
        if run.closed is None:
            run.feed(AttemptLost(run.at, op, attempt))
    assert run.closed.failure.code == "Exhausted"
    assert len(run.calls) == 6


def test_a_lost_attempt_of_an_effect_once_is_not_repeated() -> None:
    b = Builder()
    run = VirtualRun(one_call(b, b.activity("f", effect="once")), answers(f=HANGS))
    run.feed(AttemptLost(run.at, next(iter(run.snapshot.ops)), 1))
    assert run.closed.failure.code == "Timeout"
    assert run.closed.failure.unknown


def test_an_attempt_that_cannot_begin_parks_the_run_and_does_not_count() -> None:
    b = Builder()
    activity = b.activity("f", effect="once", timeout=Timeout(overall=b.seconds(10)))
    run = VirtualRun(one_call(b, activity), answers(f=[HANGS, 3]))
    op = next(iter(run.snapshot.ops))
    run.feed(AttemptFaulted(run.at, op, 1, "no secret"))
    assert run.snapshot.parked == ("f cannot begin: no secret", "")
    assert not run.snapshot.in_flight()
    run.at += 100 * SECOND  # its limit over all attempts stands still meanwhile
    run.feed(RetryRequested(run.at))
    assert run.closed.result == 3
    assert [attempt for _, _, attempt in run.calls] == [1, 1]
    assert run.replayed().encode() == run.snapshot.encode()


def test_attempts_at_fault_are_retried_together() -> None:
    b = Builder()
    f, g = b.activity("f"), b.activity("g")
    branches = tuple(b.block(("call", b.call(activity), None)) for activity in (f, g))
    do = b.block(("fork", None, branches, None, None), ("return", b.const(1)))
    run = VirtualRun(Executable(b.program({"do": do})), answers(f=[HANGS, 1], g=[HANGS, 2]))
    first, second = run.snapshot.ops
    run.feed(AttemptFaulted(run.at, first, 1, "no secret"))
    run.feed(AttemptFaulted(run.at, second, 1, "no other"))
    run.feed(RetryRequested(run.at))
    assert run.closed is not None
    assert run.closed.result == 1


def test_an_effect_once_whose_answer_cannot_be_used_is_not_repeated() -> None:
    b = Builder()
    run = VirtualRun(one_call(b, b.activity("f", effect="once")), answers(f=HANGS))
    run.feed(AttemptFaulted(run.at, next(iter(run.snapshot.ops)), 1, "no such field", begun=True))
    run.feed(RetryRequested(run.at))
    assert run.closed.failure.code == "Timeout"
    assert run.closed.failure.unknown


def test_who_is_at_fault_and_no_longer_wanted_is_forgotten() -> None:
    b = Builder()
    run = VirtualRun(one_call(b, b.activity("f")), answers(f=HANGS))
    op = next(iter(run.snapshot.ops))
    run.feed(CancelRequested(run.at))
    run.feed(AttemptFaulted(run.at, op, 1, "no secret"))
    assert run.closed.status == "cancelled"


def test_an_attempt_that_was_handed_on_is_begun_by_who_takes_over() -> None:
    b = Builder()
    run = VirtualRun(one_call(b, b.activity("f", effect="once")), answers(f=[HANGS, 3]))
    op = next(iter(run.snapshot.ops))
    run.feed(AttemptFaulted(run.at, op, 1))
    assert run.snapshot.parked is None
    assert run.snapshot.unbegun() == [(op, 1)]
    run.feed(AttemptTakenOver(run.at, op, 1))
    assert run.closed.result == 3
    assert [attempt for _, _, attempt in run.calls] == [1, 1]


def test_retry_now_ends_a_wait() -> None:
    b = Builder()
    run = VirtualRun(one_call(b, b.activity("f", retry=1)), answers(f=[failing(), 4]))
    run.feed(RetryRequested(run.at))
    assert run.closed.result == 4
    assert run.at == 0


def test_raising_again_raises_the_same_error_whatever_its_fields_are_called() -> None:
    b = Builder()
    do = b.block(("call", b.call(b.activity("f")), None), ("raise", 0), handlers=(Handler(0, 1, (), 0, 1),))
    failure = failing("Declined", details={"code": "51", "hard": True}, retryable=False)
    run = VirtualRun(Executable(b.program({"do": do})), answers(f=failure))
    assert run.closed.failure == failure


# -- undo ----------------------------------------------------------------------------------------------------------


def saga(b: Builder, *tail: tuple[Any, ...], uses_result: bool = True, **first: Any) -> Executable:
    """Reserve (undo: release), then whatever `tail` says."""
    reserve = b.activity("reserve", **first)
    release = b.activity("release", 1)
    argument = b.local(0) if uses_result else b.const("fixed")
    call = b.call(reserve, undo=Undo(release, (argument,), uses_result))
    return Executable(b.program({"do": b.block(("call", call, 0), *tail)}))


def test_failure_undoes_what_succeeded_newest_first() -> None:
    b = Builder()
    book, cancel, charge = b.activity("book"), b.activity("cancel"), b.activity("charge")
    booked = b.call(book, undo=Undo(cancel, (), False))
    exe = saga(b, ("call", booked, 1), ("call", b.call(charge), None))
    run = VirtualRun(exe, answers(reserve="r", release=None, book="b", cancel=None, charge=failing("Declined")))
    assert run.closed.status == "failed"
    assert run.closed.failure.code == "Declined"
    assert [name for name, _, _ in run.calls] == ["reserve", "book", "charge", "cancel", "release"]
    assert run.calls[-1][1] == {"p0": "r"}


def test_success_undoes_nothing() -> None:
    b = Builder()
    run = VirtualRun(saga(b, ("return", b.local(0))), answers(reserve="r", release=None))
    assert run.closed.result == "r"
    assert run.called("release") == 0


def test_commit_forgets() -> None:
    b = Builder()
    run = VirtualRun(saga(b, ("commit",), ("fail", "Broken", ())), answers(reserve="r", release=None))
    assert run.closed.failure.code == "Broken"
    assert run.called("release") == 0


def test_compensate_down_to_a_mark() -> None:
    b = Builder()
    outer, inner, undo = b.activity("outer"), b.activity("inner"), b.activity("undo", 1)
    first = b.call(outer, undo=Undo(undo, (b.const("outer"),), False))
    second = b.call(inner, undo=Undo(undo, (b.const("inner"),), False))
    code = (
        ("call", first, 0), ("mark", 1), ("call", second, 2), ("fail", "Broken", ()),
        ("compensate", 1), ("return", b.const("mended")),
    )  # fmt: skip
    do = b.block(*code, handlers=(Handler(2, 4, (), 3, 4),))
    run = VirtualRun(Executable(b.program({"do": do})), answers(outer=1, inner=2, undo=None))
    assert run.closed.result == "mended"
    assert [args for name, args, _ in run.calls if name == "undo"] == [{"p0": "inner"}]


@pytest.mark.parametrize(("uses_result", "undone"), [(False, 1), (True, 0)])
def test_unknown_outcome_is_undone_when_the_undo_needs_no_result(uses_result: bool, undone: int) -> None:
    b = Builder()
    exe = saga(b, uses_result=uses_result)
    run = VirtualRun(exe, answers(reserve=failing("Timeout", unknown=True, retryable=False), release=None))
    assert run.closed.failure.code == "Timeout"
    assert run.called("release") == undone


def test_known_failure_is_not_undone() -> None:
    b = Builder()
    run = VirtualRun(saga(b, uses_result=False), answers(reserve=failing(), release=None))
    assert run.called("release") == 0


def test_an_undo_that_fails_for_good_parks_the_run_until_it_is_retried() -> None:
    b = Builder()
    exe = saga(b, ("fail", "Broken", ()))
    run = VirtualRun(exe, answers(reserve="r", release=[failing(), None]))
    assert run.closed is None
    assert run.snapshot.status == "parked"
    assert "release" in run.snapshot.parked[0]
    assert any(isinstance(command, ParkRun) for command in run.log[-1][1])
    run.feed(RetryRequested(run.at))
    assert run.closed.failure.code == "Broken"
    assert run.called("release") == 2
    assert run.replayed().encode() == run.snapshot.encode()


# -- calls that outlive their state --------------------------------------------------------------------------------


def left_by_timeout(b: Builder, uses_result: bool = True) -> Executable:
    """A state that reserves and is left after a second; then the run fails."""
    reserve, release = b.activity("reserve"), b.activity("release", 1)
    undo = Undo(release, (b.local(0) if uses_result else b.const("fixed"),), uses_result)
    do = b.block(("call", b.call(reserve, undo=undo), 0))
    return Executable(
        b.program(
            {"children": (1, 2), "initial": 1},
            state("working", do=do, transitions=(to(2, "after", time=b.seconds(1)),)),
            state("gone", kind="final", ending=Ending("fail", "Late")),
        )
    )


@pytest.mark.parametrize("uses_result", [True, False])
def test_a_late_success_is_still_undone(uses_result: bool) -> None:
    b = Builder()
    run = VirtualRun(left_by_timeout(b, uses_result), answers(reserve=HANGS, release=None))
    op = next(iter(run.snapshot.ops))
    run._hanging.clear()  # the runtime is slow to stop it
    run.advance(1)
    assert any(isinstance(c, CancelActivity) for _, commands in run.log for c in commands)
    assert run.closed is None
    assert run.snapshot.status in ("closing", "compensating")
    run.feed(ActivityCompleted(run.at, op, 1, "res-1"))
    assert run.closed.failure.code == "Late"
    assert run.calls[-1] == ("release", {"p0": "res-1" if uses_result else "fixed"}, 1)
    assert run.replayed().encode() == run.snapshot.encode()


def test_a_stopped_call_lets_the_run_close() -> None:
    b = Builder()
    run = VirtualRun(left_by_timeout(b), answers(reserve=HANGS, release=None))
    run.advance(1)
    assert run.closed.failure.code == "Late"
    assert run.called("release") == 0


def test_a_deferred_cancellation_does_not_see_the_next_call_start() -> None:
    b = Builder()
    charge, refund, pack = b.activity("charge"), b.activity("refund"), b.activity("pack")
    charged = b.block(("call", b.call(charge, undo=Undo(refund, (), False)), None))
    packed = b.block(("call", b.call(pack), None))
    exe = Executable(
        b.program(
            {"children": (1, 2), "initial": 1},
            state("charging", do=charged, defers_cancel=True, transitions=(to(2),)),
            state("packing", do=packed),
        )
    )
    run = VirtualRun(exe, answers(charge=HANGS, refund=None, pack=None))
    run.cancel("changed my mind")
    run.feed(ActivityCompleted(run.at, next(iter(run.snapshot.ops)), 1, None))
    assert run.closed.status == "cancelled"
    assert [name for name, _, _ in run.calls] == ["charge", "refund"]
    assert run.replayed().encode() == run.snapshot.encode()
