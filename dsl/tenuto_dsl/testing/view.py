"""What the expressions of a test read, computed when they ask: `workflow`, `called`, `query` and `answered`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tenuto_interpreter.commands import CloseRun
from tenuto_interpreter.expr import ExpressionError
from tenuto_interpreter.machine import Fault
from tenuto_interpreter.values.texts import timestamp_from_us
from tenuto_interpreter.world import World, WorldRun


class WorkflowView(dict[str, Any]):
    """The namespace `workflow` of a test. A result or an error that is not there is said so."""

    __slots__ = ("error_fields", "run")

    def __init__(self, run: WorldRun, error_fields: Sequence[str] = ("code", "message")) -> None:
        self.run = run
        self.error_fields = error_fields

    def __missing__(self, key: str) -> Any:
        run, snapshot = self.run, self.run.snapshot
        match key:
            case "id":
                return run.workflow_id
            case "run_id":
                return snapshot.run_id
            case "name":
                return run.exe.program.name
            case "version":
                return run.exe.program.version
            case "state":
                return ", ".join(run.states())
            case "started_at":
                return timestamp_from_us(snapshot.started_at)
            case "fired_at":
                return timestamp_from_us(snapshot.started_at if snapshot.fired_at is None else snapshot.fired_at)
            case "status":
                return self.status()
            case "runs":
                return run.number
            case "result":
                return self.result()
            case "error":
                return self.error()
            case _:
                raise KeyError(key)

    def status(self) -> str:
        closed = self.run.closed
        if isinstance(closed, CloseRun):
            return closed.status
        return "parked" if self.run.snapshot.parked is not None else "running"

    def result(self) -> Any:
        closed = self.run.closed
        if isinstance(closed, CloseRun) and closed.status == "completed":
            return closed.result
        raise ExpressionError(f"there is no result: the run is {self.status()}, in {self['state'] or 'no state'}")

    def error(self) -> Any:
        closed = self.run.closed
        if isinstance(closed, CloseRun) and closed.failure is not None:
            value = closed.failure.value()
            return {name: value.get(name) for name in self.error_fields}
        raise ExpressionError(f"there is no error: the run is {self.status()}, in {self['state'] or 'no state'}")


class Called(dict[str, Any]):
    """The arguments of every call so far, in order, by what was called."""

    __slots__ = ("world",)

    def __init__(self, world: World) -> None:
        self.world = world

    def __missing__(self, key: str) -> Any:
        return [asked.args for asked in self.world.asked if asked.name == key and asked.attempt == 1]


class Answered(dict[str, Any]):
    """What became of the updates a test has sent, in order, by their names."""

    __slots__ = ("sent", "world")

    def __init__(self, world: World, sent: Sequence[tuple[str, str]]) -> None:
        self.world = world
        self.sent = sent

    def __missing__(self, key: str) -> Any:
        return [self.answer(id) for name, id in self.sent if name == key]

    def answer(self, id: str) -> dict[str, Any]:
        found = self.world.answers.get(id)
        if found is None:
            return {"outcome": "waiting", "reply": None, "message": None}
        if found.outcome == "completed":
            return {"outcome": "completed", "reply": found.value, "message": None}
        return {"outcome": "rejected", "reply": None, "message": found.value}


class Queries(dict[str, Any]):
    """The queries of a run."""

    __slots__ = ("run",)

    def __init__(self, run: WorldRun) -> None:
        self.run = run

    def __missing__(self, key: str) -> Any:
        try:
            return self.run.query(key)
        except Fault as fault:
            raise ExpressionError(f"the query {key} has no value: {fault.args[0]}") from None


def same(one: Any, other: Any) -> bool:
    """Whether two values are equal, an absent field being null."""
    pending = [(one, other)]
    while pending:
        a, b = pending.pop()
        if isinstance(a, dict) and isinstance(b, dict):
            pending.extend((a.get(key), b.get(key)) for key in a.keys() | b.keys())
        elif isinstance(a, list | tuple) and isinstance(b, list | tuple):
            if len(a) != len(b):
                return False
            pending.extend(zip(a, b, strict=True))
        elif isinstance(a, bool) is not isinstance(b, bool) or a != b:
            return False
    return True
