"""Programs written as text, compiled and run in virtual time: for tests that are about meaning, not about the machine's
parts."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from tenuto_dsl.compiler import compile_source
from tenuto_dsl.diagnostics import Diagnostics
from tenuto_dsl.format.converter import convert_source
from tenuto_interpreter.commands import AnswerUpdate
from tenuto_interpreter.events import ActivityCompleted, Failure
from tenuto_interpreter.machine import Executable
from tenuto_interpreter.virtual import Answer, VirtualRun

DECLARATIONS = """
error Worse
activity get(x: int) -> int { timeout 1h }
activity put(x: string) { timeout 1h }
activity unget(x: int) { timeout 1h }
"""


@cache
def written(source: str) -> Executable:
    """The last workflow of a source that has no errors. Whatever it says, it says in both forms of the language."""
    sink = Diagnostics()
    text = DECLARATIONS + source
    programs = compile_source("w.tenuto", text, sink)
    yaml = convert_source(text, "w.tenuto", "text", "yaml", sink)
    assert [d.message for d in sink.items if d.severity == "error"] == []
    assert yaml is not None
    again = compile_source("w.yaml", yaml, sink)
    assert [made.program.encode() for made in again] == [made.program.encode() for made in programs]
    return Executable(programs[-1].program)


def run(source: str, answers: Mapping[str, Any] | None = None, **given: Any) -> VirtualRun:
    """Run a workflow until it rests. An answer is a value, a Failure, HANGS, or a function of the arguments."""
    return VirtualRun(written(source), answering(answers), given)


def answering(answers: Mapping[str, Any] | None) -> Answer:
    def answer(activity: str, args: dict[str, Any], _attempt: int) -> Any:
        found = (answers or {}).get(activity)
        return found(**args) if callable(found) else found

    return answer


def calls(run: VirtualRun) -> list[tuple[Any, ...]]:
    """Every attempt: the activity and its arguments."""
    return [(name, *args.values()) for name, args, _ in run.calls]


def complete(run: VirtualRun, activity: str, result: Any = None) -> None:
    """Let the oldest hanging attempt of an activity come back, asked to stop or not."""
    names = [a.name for a in run.exe.program.activities]
    op = next(op for op in run.snapshot.ops.values() if names[op.activity] == activity)
    run.feed(ActivityCompleted(run.at, op.id, op.attempt, result))


def deaf(run: VirtualRun) -> None:
    """From now on hanging attempts neither stop when asked to nor time out."""
    run._hanging.clear()


def answered(run: VirtualRun) -> list[tuple[str, str]]:
    """Every answer to an update: its id and outcome."""
    return [(c.id, c.outcome) for _, commands in run.log for c in commands if isinstance(c, AnswerUpdate)]


def status(run: VirtualRun) -> str:
    """How the run closed, or that it is open or parked."""
    return getattr(run.closed, "status", "continued") if run.closed is not None else run.snapshot.status


WORSE = Failure("Worse", "as asked", retryable=False)
