"""Runs a sample in virtual time, in either form, with its real activities, with mocks, or with some of each.

What it takes from the product: the compiler, the machine, and the bindings that call activities. What it replaces: the
engine, the store and the clock.
"""

from __future__ import annotations

import asyncio
import functools
import json
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal

from tenuto.activities.binding import Binding, PythonBinding
from tenuto.activities.context import CURRENT
from tenuto.activities.errors import failure_of
from tenuto.activities.http import HttpBinding, HttpClient
from tenuto.activities.job import Job
from tenuto.activities.registry import Registry
from tenuto.activities.secrets import Secrets
from tenuto_dsl import compile_source
from tenuto_dsl.diagnostics import Diagnostics
from tenuto_interpreter import ir
from tenuto_interpreter.commands import Command, ScheduleActivity
from tenuto_interpreter.events import Failure
from tenuto_interpreter.machine import Executable, Snapshot
from tenuto_interpreter.types import Record, RecordField
from tenuto_interpreter.values import reader
from tenuto_interpreter.virtual import HANGS, VirtualRun

SAMPLES = Path(__file__).resolve().parents[2] / "samples"
NAMES = (
    "order_fulfilment", "support", "sms_otp", "polling", "sleep", "human_approval", "fan_out", "signal_counter",
    "delivery", "adverse_event", "purchase_order", "subscription", "driver_pay", "smart_home", "cluster",
    "etl", "agent", "auction", "stock_transfer", "parking_permit",
)  # fmt: skip

Form = Literal["tenuto", "yaml"]
FORMS: tuple[Form, ...] = ("tenuto", "yaml")

Mock = Any
"""What a mocked activity does: a result, a `Failure`, `HANGS`, a list of those (one for each attempt, the last for all
further ones), or a function of the arguments."""

START = 1_790_000_000_000_000
"""Runs begin in September 2026."""


@functools.cache
def program(name: str, form: Form) -> ir.Program:
    """A sample's only workflow. AssertionError when the file has a diagnostic of any severity."""
    path = SAMPLES / name / f"{name}.{form}"
    sink = Diagnostics()
    compiled = compile_source(str(path), path.read_bytes().decode(), sink)
    assert not sink.items, [f"{item.span.line}:{item.span.col} {item.code} {item.message}" for item in sink.items]
    return compiled[0].program


@functools.cache
def executable(name: str, form: Form) -> Executable:
    return Executable(program(name, form))


def given(name: str) -> dict[str, Any]:
    """A sample's `input.json`."""
    data: dict[str, Any] = json.loads((SAMPLES / name / "input.json").read_text())
    return data


def fails(code: str, *, retryable: bool = True, unknown: bool = False, **details: Any) -> Failure:
    return Failure(code, "as the test wants it", details or None, retryable, unknown)


class SampleRun(VirtualRun):
    """One run of a sample. Activities without a mock are the sample's own."""

    def __init__(
        self, name: str, form: Form, input: Mapping[str, Any] | None = None, *,
        mocks: Mapping[str, Mock] | None = None, config: Mapping[str, Any] | None = None,
    ) -> None:  # fmt: skip
        exe = executable(name, form)
        self._folder = SAMPLES / name
        self._mocks = dict(mocks or {})
        self._attempts: Counter[str] = Counter()
        self._command: ScheduleActivity | None = None
        self.config = _read(exe.program, exe.program.config, config or {})
        super().__init__(
            exe, self._answer_call, _read(exe.program, exe.program.params, input or given(name)),
            config=self.config, at=START, workflow_id=f"{name}-test",
        )  # fmt: skip

    def _carry_out(self, command: Command) -> None:
        if isinstance(command, ScheduleActivity):
            self._command = command
        super()._carry_out(command)

    def _answer_call(self, activity: str, args: dict[str, Any], attempt: int) -> Any:
        if activity not in self._mocks:
            return self._really_call(activity, args)
        mock = self._mocks[activity]
        if callable(mock):
            return mock(**args)
        if isinstance(mock, list):
            turn = self._attempts[activity]
            self._attempts[activity] += 1
            return mock[min(turn, len(mock) - 1)]
        return mock

    def _really_call(self, activity: str, args: dict[str, Any]) -> Any:
        assert self._command is not None
        client = HttpClient()
        binding = binding_of(self.exe, activity, self._folder, client)
        job = Job(
            _NoSink(), binding, tuple(args.values()), op=self._command.op, attempt=self._command.attempt,
            key=self._command.key, run_id="run", workflow_id=self.workflow_id, config=self._whole_config(), timeout=5.0,
        )  # fmt: skip
        token = CURRENT.set(job)
        try:
            return asyncio.run(_ask(binding, job, client)) if binding.kind == "async" else binding.call(job)
        except Exception as error:  # noqa: BLE001  # as the engine does
            return binding.failure(failure_of(error))
        finally:
            CURRENT.reset(token)

    @property
    def workflow_id(self) -> str:
        return self.snapshot.workflow_id

    def _whole_config(self) -> dict[str, Any]:
        return self.snapshot.config

    # -- what tests ask ------------------------------------------------------------------------------------------------

    @property
    def state(self) -> str:
        return ", ".join(self.states())

    @property
    def names(self) -> list[str]:
        """The activities called, in order, every attempt."""
        return [name for name, _, _ in self.calls]

    @property
    def days(self) -> float:
        """How much time has passed."""
        return (self.at - START) / 86_400_000_000

    def ended(self) -> Any:
        """The result of a run that has completed."""
        assert self.closed is not None, f"still in {self.state}"
        assert self.closed.status == "completed", self.closed  # type: ignore[union-attr]  # no sample continues as new
        self.verify()
        return self.closed.result  # type: ignore[union-attr]

    def failed(self, status: str = "failed") -> Failure:
        """The failure of a run that has failed, or ended as cancelled."""
        assert self.closed is not None, f"still in {self.state}"
        assert self.closed.status == status, self.closed  # type: ignore[union-attr]
        self.verify()
        failure = self.closed.failure  # type: ignore[union-attr]
        assert isinstance(failure, Failure)
        return failure

    def verify(self) -> None:
        """Replay gives the same commands and the same snapshot, and the snapshot survives being stored."""
        stored = self.snapshot.encode()
        assert self.replayed().encode() == stored
        assert Snapshot.decode(stored).encode() == stored


class _NoSink:
    def settle(self, job: Job, result: Any, failure: Failure | None) -> None:
        raise AssertionError("nobody settles these jobs")


@functools.cache
def registry(folder: Path) -> Registry:
    """The sample's activities, with nothing pretended to take time."""
    found = Registry()
    found.load(str(folder / "activities.py"))
    return found


async def _ask(binding: Binding, job: Job, client: HttpClient) -> Any:
    try:
        return await binding.call_async(job)
    finally:
        await client.close()


def binding_of(exe: Executable, activity: str, folder: Path, client: HttpClient) -> Binding:
    declared = next(a for a in exe.program.activities if a.name == activity)
    if declared.http is not None:
        return HttpBinding(exe, declared, client, Secrets())
    function = registry(folder).resolve(declared)
    if "WORK_S" in function.__globals__:
        function.__globals__["WORK_S"] = 0
    return PythonBinding(exe.program, declared, function)


def _read(program: ir.Program, declared: Any, values: Mapping[str, Any]) -> dict[str, Any]:
    """Values in memory, as the engine would read them from JSON."""
    types = {decl.name: decl.type for decl in program.types}
    fields = tuple(RecordField(item.name, item.type) for item in declared if item.name in values)
    read: Callable[[Any, str], Any] = reader(Record(fields), types, True)
    result: dict[str, Any] = read(dict(values), "")
    return result


__all__ = ["FORMS", "HANGS", "NAMES", "START", "Form", "SampleRun", "executable", "fails", "given", "program"]
