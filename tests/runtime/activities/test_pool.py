"""The thread pool: cheap for what never blocks, wide for what does, and not held up by what was given up."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from tenuto.activities import ActivityError, context
from tenuto.activities.binding import PythonBinding
from tenuto.activities.job import Job
from tenuto.activities.pool import ThreadPool

from tests.runtime.activities.kit import Collector, declared, program


def jobs(function: Callable[[], Any], count: int, sink: Collector) -> list[Job]:
    activity = declared()
    binding = PythonBinding(program(activity), activity, function)
    return [Job(sink, binding, (), attempt=n + 1, key=f"k{n}") for n in range(count)]


def test_every_job_is_run_once() -> None:
    pool, sink = ThreadPool(8), Collector()
    for _ in range(20):
        pool.submit(jobs(lambda: context().attempt, 100, sink))
    outcomes = sink.wait(2_000)
    assert sorted(result for _, result, _ in outcomes) == sorted(list(range(1, 101)) * 20)
    assert len({id(job) for job, _, _ in outcomes}) == 2_000
    pool.close()


def test_jobs_that_block_run_side_by_side() -> None:
    pool, sink = ThreadPool(32), Collector()
    started = time.monotonic()
    pool.submit(jobs(lambda: time.sleep(0.2), 32, sink))
    sink.wait(32)
    assert time.monotonic() - started < 1.0
    assert pool.threads <= 32
    pool.close()


def test_jobs_that_never_block_need_few_threads() -> None:
    pool, sink = ThreadPool(64), Collector()
    for _ in range(50):
        pool.submit(jobs(lambda: 1, 20, sink))
    sink.wait(1_000)
    assert pool.threads < 16
    pool.close()


def test_a_full_pool_makes_jobs_wait_and_an_abandoned_one_gives_its_place_away() -> None:
    pool, sink = ThreadPool(1), Collector()
    hold, began = threading.Event(), threading.Event()

    def stuck() -> None:
        began.set()
        hold.wait(10)

    (blocker,) = jobs(stuck, 1, sink)
    pool.submit([blocker])
    assert began.wait(5)
    pool.submit(jobs(lambda: 7, 1, sink))
    time.sleep(0.05)
    assert sink.outcomes == []
    blocker.cancelled = True
    pool.abandon(blocker)
    assert sink.wait(1)[0][1] == 7
    hold.set()
    sink.wait(2)
    for _ in range(100):
        if pool.limit == 1 and pool.threads == 1:
            break
        time.sleep(0.01)
    assert (pool.limit, pool.threads) == (1, 1)
    pool.submit(jobs(lambda: 8, 3, sink))
    sink.wait(5)
    pool.close()


def test_failures_of_every_kind_are_outcomes() -> None:
    pool, sink = ThreadPool(2), Collector()

    def stops() -> None:
        raise SystemExit(3)

    def declared_error() -> None:
        raise ActivityError("Short", "none left", retryable=False, sku="x")

    pool.submit(jobs(stops, 1, sink) + jobs(declared_error, 1, sink) + jobs(lambda: 1 / 0, 1, sink))
    failures = {failure.code: failure for _, _, failure in sink.wait(3) if failure is not None}
    assert set(failures) == {"SystemExit", "Short", "ZeroDivisionError"}
    assert failures["Short"].details == {"sku": "x"}
    assert not failures["Short"].retryable
    pool.close()


class Unspeakable(Exception):
    def __str__(self) -> str:
        raise RuntimeError


@pytest.mark.parametrize(
    "error",
    [
        Unspeakable(),
        ActivityError("Code", 5),  # type: ignore[arg-type]  # what authors without a type checker write
        ActivityError(7, "text"),  # type: ignore[arg-type]
        ActivityError("half\ud800", "a pair\ud800"),
        ActivityError("Code", "text", "no"),  # type: ignore[arg-type]
    ],
)
def test_whatever_is_raised_becomes_an_outcome_that_can_be_stored(error: Exception) -> None:
    """An outcome that is never told leaves its run waiting for ever."""
    pool, sink = ThreadPool(1), Collector()

    def fails() -> None:
        raise error

    pool.submit(jobs(fails, 1, sink))
    failure = sink.wait(1)[0][2]
    assert failure is not None
    assert (type(failure.code), type(failure.message), type(failure.retryable)) == (str, str, bool)
    (failure.code + failure.message).encode()
    pool.close()


def test_a_cancelled_job_is_not_begun() -> None:
    pool, sink = ThreadPool(1), Collector()
    ran: list[int] = []
    (job,) = jobs(lambda: ran.append(1), 1, sink)
    job.cancelled = True
    pool.submit([job])
    assert sink.wait(1)[0][2] is not None
    assert ran == []
    pool.close()


def test_the_overhead_of_a_job_is_small() -> None:
    """The target is well under 30 µs on a quiet machine; the limit here leaves room for a busy one."""
    pool, sink = ThreadPool(16), Collector()
    best = 1.0
    for _ in range(5):
        batch = jobs(lambda: 1, 2_000, sink)
        done = len(sink.outcomes)
        started = time.process_time()
        pool.submit(batch)
        sink.wait(done + 2_000)
        best = min(best, (time.process_time() - started) / 2_000)
    assert best < 100e-6, f"{best * 1e6:.0f} µs a job"
    pool.close()
