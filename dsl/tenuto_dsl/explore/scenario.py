"""A trace as a `test` declaration to paste, which is run before it is shown: it must show what the trace shows.

In a test, mocks answer at once and in order. A call that is answered only after something else has happened is mocked
to hang and then to answer its next attempt, when its time limit and its retries allow that. What a test cannot say,
such as a process that is lost or two answers in another order, is left out; if the test then does not show the same, it
is not offered, and the report says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from tenuto_interpreter.commands import ScheduleActivity, StartChild
from tenuto_interpreter.events import (
    ActivityCompleted,
    ActivityFailed,
    CancelRequested,
    ChildCompleted,
    ChildFailed,
    Failure,
    RunStarted,
    SignalReceived,
    TimerFired,
    UpdateReceived,
)
from tenuto_interpreter.values.texts import (
    timestamp_from_us,
    write_bytes,
    write_decimal,
    write_duration,
    write_timestamp,
)

from tenuto_dsl.compiler import read_from_disk
from tenuto_dsl.diagnostics import Diagnostics
from tenuto_dsl.explore.atoms import nodes_of
from tenuto_dsl.explore.report import Finding, Happened
from tenuto_dsl.explore.subject import Subject
from tenuto_dsl.format import expression_text
from tenuto_dsl.format.converter import convert_source
from tenuto_dsl.format.strings import plainly_quoted
from tenuto_dsl.imports import Reader
from tenuto_dsl.syntax import tree
from tenuto_dsl.testing import Runner, plan_source
from tenuto_dsl.testing.run import START

_LONGEST = timedelta(days=3650)
_DAY = timedelta(days=1)


@dataclass(slots=True)
class _Call:
    """A call of a trace: when it was made, and how it was answered, `late` after something else."""

    name: str
    outcome: str = "hangs"
    late: bool = False
    wait: timedelta | None = None


@dataclass(slots=True)
class _Script:
    calls: list[_Call] = field(default_factory=list)
    steps: list[str] = field(default_factory=list)


def scenario(
    subject: Subject, finding: Finding, value: tree.Expr | None, reader: Reader = read_from_disk
) -> str | None:
    """A `test` that shows a finding, in the form of its file; None when there is none that does."""
    title = f"check: {finding.kind} {finding.name}"
    text = _text(subject, finding, title, value)
    yaml = subject.compiled.form == "yaml"
    source: str | None = subject.source
    if yaml:
        source = convert_source(subject.source, subject.file, "yaml", "text", Diagnostics())
    if source is None or not _shows(subject, f"{source}\n{text}", title, reader):
        return None
    if yaml:
        return convert_source(text, subject.file, "text", "yaml", Diagnostics())
    return text


def _shows(subject: Subject, source: str, title: str, reader: Reader) -> bool:
    """Whether the test fails for the very reason it was made for."""
    name = subject.file if subject.file.endswith(".tenuto") else f"{subject.file}.tenuto"
    suite = plan_source(name, source, Diagnostics(), reader)
    if suite is None:
        return False
    test = next(each for each in suite.plans if each.name == title)
    failed = Runner(suite).run(test).failed
    if failed is None:
        return False
    last = source.count("\n") - 1
    return failed.message == "this does not hold" and failed.span.line == last


def _text(subject: Subject, finding: Finding, title: str, value: tree.Expr | None) -> str:
    script = _script(subject, finding.trace)
    lines = [f"test {plainly_quoted(title)} for {subject.program.name} {{"]
    lines += [f"  {line}" for line in _beginning(finding.trace)]
    by_name: dict[str, list[str]] = {}
    for call in script.calls:
        outcomes = by_name.setdefault(call.name, [])
        outcomes += ["hangs", call.outcome] if call.late and call.outcome != "hangs" else [call.outcome]
    for name, outcomes in by_name.items():
        while len(outcomes) > 1 and outcomes[-1] == outcomes[-2] != "hangs":
            outcomes.pop()
        lines.append(f"  mock {name} {' then '.join(outcomes)}")
    lines += [f"  {step}" for step in script.steps]
    lines += [f"  {step}" for step in _expectation(subject, finding, value)]
    return "\n".join([*lines, "}"]) + "\n"


def _expectation(subject: Subject, finding: Finding, value: tree.Expr | None) -> list[str]:
    if finding.kind == "property" and value is not None:
        declared = next(each for each in subject.program.properties if each.name == finding.name)
        text = expression_text(value)
        return [f"expect !({text})" if declared.kind == "never" else f"expect {text}"]
    if finding.kind in ("fault", "undo"):
        return ['expect workflow.status != "parked"']
    return [f"advance {write_duration(_late(subject))}", 'expect workflow.status != "running"']


def _late(subject: Subject) -> timedelta:
    """When a run that is ever to end would have: long after every wait it knows, not after countless ones."""
    waits = [node[1] for each in subject.program.expressions for node in nodes_of(each) if node[:1] == ("duration",)]
    longest = timedelta(microseconds=max(waits, default=0))
    days = max(1, -(-10 * longest // _DAY))
    return min(days * _DAY, _LONGEST)


def _beginning(trace: tuple[Happened, ...]) -> Iterator[str]:
    started = trace[0].event
    assert isinstance(started, RunStarted)
    arguments = ", ".join(f"{name}: {literal(value)}" for name, value in started.input.items() if value is not None)
    at = f" at {literal(timestamp_from_us(started.at))}" if started.at != START else ""
    if arguments or at:
        yield f"given ({arguments}){at}"
    for name, value in started.config.items():
        yield f"config {name} = {literal(value)}"


def _script(subject: Subject, trace: tuple[Happened, ...]) -> _Script:
    """What the mocks answer, and what is done, in the order of the trace."""
    script = _Script()
    calls: dict[int, tuple[_Call, int]] = {}
    outside = 0
    clock = trace[0].event.at
    for one in trace:
        event = one.event
        match event:
            case ActivityCompleted(op=op, result=result) | ChildCompleted(op=op, result=result):
                clock += _answer(script, calls, op, f"returns {literal(result)}", outside)
            case ActivityFailed(op=op, failure=failure) | ChildFailed(op=op, failure=failure):
                if failure.code != "Cancelled":
                    clock += _answer(script, calls, op, _fails(failure), outside)
            case SignalReceived(name=name, payload=payload):
                outside += 1
                script.steps.append(f"send {name}({_arguments(payload)})")
            case UpdateReceived(name=name, payload=payload):
                outside += 1
                script.steps.append(f"update {name}({_arguments(payload)})")
            case CancelRequested():
                outside += 1
                script.steps.append("cancel")
            case TimerFired(at=at):
                outside += 1
                if at > clock:
                    script.steps.append(f"advance {write_duration(timedelta(microseconds=at - clock))}")
                    clock = at
            case _:
                pass
        for command in one.commands:
            if isinstance(command, ScheduleActivity):
                name = subject.program.activities[command.activity].name
                made = _Call(name, wait=_patience(one, command.op))
            elif isinstance(command, StartChild) and command.awaited:
                made = _Call(command.workflow)
            else:
                continue
            script.calls.append(made)
            calls[command.op] = (made, outside)
    return script


def _answer(script: _Script, calls: Mapping[int, tuple[_Call, int]], op: int, outcome: str, outside: int) -> int:
    """Let a call be answered; the microseconds that pass until it can be."""
    if op not in calls:
        return 0
    call, since = calls[op]
    call.outcome = outcome
    if since == outside or call.wait is None:
        return 0
    call.late = True
    script.steps.append(f"advance {write_duration(call.wait)}")
    return call.wait // timedelta(microseconds=1)


def _patience(one: Happened, op: int) -> timedelta | None:
    """How long an attempt that hangs takes until another has been made, when its policy makes one."""
    found = one.after.ops.get(op)
    if found is None or found.policy[0] < 1:
        return None
    limit = found.limits[1] if found.limits[1] is not None else found.limits[0]
    if limit is None:
        return None
    return timedelta(microseconds=int(limit + found.policy[1] * 1.25))


def _fails(failure: Failure) -> str:
    details = {} if failure.unknown else failure.details or {}
    fields = ", ".join(f"{name}: {literal(value)}" for name, value in details.items() if value is not None)
    return f"fails {failure.code}({fields})" if fields else f"fails {failure.code}"


def _arguments(payload: Mapping[str, Any]) -> str:
    return ", ".join(f"{name}: {literal(value)}" for name, value in payload.items() if value is not None)


def literal(value: Any) -> str:
    """A value as an author writes it."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case str():
            return plainly_quoted(value)
        case Decimal():
            return f'decimal("{write_decimal(value)}")'
        case datetime():
            return f'timestamp("{write_timestamp(value)}")'
        case timedelta():
            return f'duration("{write_duration(value)}")'
        case bytes():
            return f'bytes("{write_bytes(value)}")'
        case dict():
            inner = ", ".join(
                f"{plainly_quoted(key)}: {literal(item)}" for key, item in value.items() if item is not None
            )
            return f"{{ {inner} }}" if inner else "{}"
        case list() | tuple():
            return "[" + ", ".join(literal(item) for item in value) + "]"
        case _:
            return repr(value)
