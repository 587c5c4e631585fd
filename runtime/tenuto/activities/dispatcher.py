"""Hands attempts to what runs them: threads for sync functions, the event loop for async ones and HTTP requests."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tenuto_interpreter import ir
from tenuto_interpreter.machine import Executable

from tenuto.activities.binding import Binding, PythonBinding
from tenuto.activities.http import HttpBinding, HttpClient
from tenuto.activities.job import Job
from tenuto.activities.limiter import Admissions, Limiter
from tenuto.activities.pool import ThreadPool
from tenuto.activities.registry import ActivityLoadError, Registry
from tenuto.activities.runner import AsyncRunner
from tenuto.activities.secrets import Secrets
from tenuto.activities.transactions import Transactions


class Dispatcher:
    """One per process, shared by its lanes."""

    def __init__(
        self, registry: Registry, *, threads: int = 64, secrets: Secrets | None = None,
        transactions: Transactions | None = None, admissions: Callable[[], Admissions] | None = None,
    ) -> None:  # fmt: skip
        """Without `transactions`, activities that need one cannot run; without `admissions` there are no rates."""
        self.transactions = transactions
        self.registry = registry
        self.runner = AsyncRunner()
        if admissions is None:
            self.limiter, self.pool = None, ThreadPool(threads)
        else:
            self.limiter = Limiter(admissions, self._resume, self.runner.submit, self._idle)
            self.pool = ThreadPool(threads, admit=self.limiter.admit)
        self._http = HttpClient()
        self._secrets = secrets or Secrets()
        self.runner.at_close(self._http.close)

    def bind(self, executable: Executable, declared: ir.Activity) -> Binding:
        """What runs an activity of a program. Raises ActivityLoadError when nobody does."""
        if declared.http is not None:
            return HttpBinding(executable, declared, self._http, self._secrets)
        if declared.sql is not None:
            if self.transactions is None:
                raise ActivityLoadError(f"activity {declared.name}: sql needs PostgreSQL, and this store is another")
            from tenuto.activities.sql import SqlBinding  # only who uses it needs the driver

            return SqlBinding(executable, declared, self.transactions)
        return PythonBinding(executable.program, declared, self.registry.resolve(declared))

    def dispatch(self, jobs: Sequence[Job]) -> None:
        """Start attempts. Their outcomes go to each job's sink, from other threads."""
        for job in jobs:
            job.transactions = self.transactions
        threaded = [job for job in jobs if job.binding.kind == "sync"]
        if threaded:
            self.pool.submit(threaded)
        if len(threaded) < len(jobs):
            looped = [job for job in jobs if job.binding.kind != "sync"]
            if self.limiter is not None:
                held = [job for job in looped if job.rate is not None]
                if held:
                    self.limiter.submit(held)
                    looped = [job for job in looped if job.rate is None]
            self.runner.submit(looped)

    def cancel(self, job: Job) -> None:
        """Ask an attempt to stop; its outcome still comes, unless nobody takes it any more."""
        job.cancelled = True
        if job.transaction is not None and not job.finished:
            job.transaction.cancel()
        if job.binding.kind != "sync":
            self.runner.cancel(job)
        if job.rate is not None and self.limiter is not None:
            self.limiter.look_again()

    def abandon(self, job: Job) -> None:
        """As `cancel`, and its outcome is awaited no longer."""
        self.cancel(job)
        if job.binding.kind == "sync":
            self.pool.abandon(job)

    def close(self) -> None:
        if self.limiter is not None:
            self.limiter.close()
        self.pool.close()
        if self.transactions is not None:
            self.transactions.close()
        self.runner.close()

    def _resume(self, jobs: list[Job]) -> None:
        self.pool.put_back(jobs)

    def _idle(self) -> int:
        return self.pool.idle()


def missing(dispatcher: Dispatcher, executable: Executable) -> list[str]:
    """Every activity of a program that this process cannot run, and why."""
    problems = []
    for declared in executable.program.activities:
        try:
            dispatcher.bind(executable, declared)
        except ActivityLoadError as error:
            problems.append(str(error))
    return problems
