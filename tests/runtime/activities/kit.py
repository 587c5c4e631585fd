"""A sink that remembers outcomes, and programs of one activity, for tests that need no engine."""

from __future__ import annotations

import threading
import time
from typing import Any

from tenuto.activities.job import Job
from tenuto_interpreter import ir
from tenuto_interpreter import types as t
from tenuto_interpreter.events import Failure


class Collector:
    def __init__(self) -> None:
        self.outcomes: list[tuple[Job, Any, Failure | None]] = []
        self._changed = threading.Condition()

    def settle(self, job: Job, result: Any, failure: Failure | None) -> None:
        with self._changed:
            self.outcomes.append((job, result, failure))
            self._changed.notify_all()

    def wait(self, count: int, timeout: float = 10.0) -> list[tuple[Job, Any, Failure | None]]:
        end = time.monotonic() + timeout
        with self._changed:
            while len(self.outcomes) < count:
                assert self._changed.wait(end - time.monotonic()), f"{len(self.outcomes)} of {count} outcomes"
            return list(self.outcomes)


def declared(
    name: str = "act", returns: t.Type | None = t.ANY, target: str | None = None, **params: t.Type
) -> ir.Activity:
    return ir.Activity(
        name,
        tuple(ir.Param(param, type_) for param, type_ in params.items()),
        returns,
        python=ir.Python(target) if target else None,
    )


def program(
    *activities: ir.Activity, types: tuple[ir.TypeDecl, ...] = (), errors: tuple[ir.ErrorDecl, ...] = ()
) -> ir.Program:
    return ir.Program("p", 1, (), None, activities=activities, types=types, errors=errors)
