"""One thread with an event loop that runs async activities and HTTP requests, thousands at a time.

Jobs are handed over in batches: one wake-up of the loop however many there are.
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Coroutine, Iterable
from typing import Any

from tenuto.activities.context import CURRENT
from tenuto.activities.errors import cancelled_failure, failure_of, report
from tenuto.activities.job import Job


class AsyncRunner:
    """Starts its thread with the first job. `at_close` coroutines run on the loop before it ends."""

    def __init__(self, name: str = "tenuto-async") -> None:
        self._name = name
        self._queue: deque[Job] = deque()
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._draining = False
        self._closed = False
        self._tasks: set[asyncio.Task[None]] = set()
        self._at_close: list[Callable[[], Coroutine[Any, Any, None]]] = []

    def submit(self, jobs: Iterable[Job]) -> None:
        self._queue.extend(jobs)
        loop = self._loop or self._start()
        if not self._draining:
            self._draining = True
            self._call(loop, self._drain)

    def cancel(self, job: Job) -> None:
        """Ask a job to stop; it has been marked `cancelled` by the caller."""
        if self._loop is not None:
            self._call(self._loop, lambda: job.task.cancel() if job.task is not None else None)

    def at_close(self, callback: Callable[[], Coroutine[Any, Any, None]]) -> None:
        self._at_close.append(callback)

    def close(self, timeout: float = 2.0) -> None:
        """Cancel what runs and end the thread."""
        with self._lock:
            self._closed = True
            loop, thread = self._loop, self._thread
        if loop is not None and thread is not None and thread.is_alive():
            self._call(loop, lambda: loop.create_task(self._end()))
            if thread is not threading.current_thread():
                thread.join(timeout)

    def _start(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None:
                assert not self._closed, "no jobs after close"
                self._loop = asyncio.new_event_loop()
                self._thread = threading.Thread(target=self._serve, args=(self._loop,), name=self._name, daemon=True)
                self._thread.start()
            return self._loop

    @staticmethod
    def _serve(loop: asyncio.AbstractEventLoop) -> None:
        asyncio.set_event_loop(loop)
        try:
            loop.run_forever()
        finally:
            loop.close()

    @staticmethod
    def _call(loop: asyncio.AbstractEventLoop, callback: Callable[[], Any]) -> None:
        try:
            loop.call_soon_threadsafe(callback)
        except RuntimeError:
            return  # the loop has been closed: whoever waits for the job has gone as well

    def _drain(self) -> None:
        self._draining = False
        loop = asyncio.get_running_loop()
        while self._queue:
            job = self._queue.popleft()
            job.task = task = loop.create_task(_run(job))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _end(self) -> None:
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks, timeout=1.0) if tasks else None
        for callback in self._at_close:
            await callback()
        asyncio.get_running_loop().stop()


async def _run(job: Job) -> None:
    if job.cancelled:
        job.sink.settle(job, None, cancelled_failure("the workflow no longer wanted it before it started"))
        return
    if not job.start():
        return
    CURRENT.set(job)
    try:
        result = await job.binding.call_async(job)
    except asyncio.CancelledError:
        job.sink.settle(job, None, cancelled_failure("stopped"))
    except BaseException as error:  # noqa: BLE001  # whatever user code raises is this attempt's failure
        report(job, error)
        job.sink.settle(job, None, failure_of(error))
    else:
        job.sink.settle(job, result, None)
    finally:
        job.finished = True
        job.task = None
