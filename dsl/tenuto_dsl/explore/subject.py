"""A workflow to explore, with what its file says of the outside: starts, results and messages that its tests show."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tenuto_interpreter.expr import Context, ExpressionError, compile_expressions
from tenuto_interpreter.ir import Program
from tenuto_interpreter.machine import Executable
from tenuto_interpreter.types import Type
from tenuto_interpreter.values.texts import timestamp_to_us

from tenuto_dsl.compiler import Checked, Compiled, read_from_disk, sound_source
from tenuto_dsl.diagnostics import Diagnostics
from tenuto_dsl.explore.flow import Flow
from tenuto_dsl.imports import Reader
from tenuto_dsl.testing import plan, plan_checked
from tenuto_dsl.testing.run import START


@dataclass(frozen=True, slots=True)
class Child:
    """What a parent sees of a child: the type of its result, and the errors it ends with."""

    returns: Type | None
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Given:
    """What a test begins a run with."""

    input: Mapping[str, Any]
    config: Mapping[str, Any]
    at: int


@dataclass(slots=True)
class Subject:
    """A workflow made ready; `checked` and `source` are of its whole file."""

    compiled: Compiled
    checked: Checked
    file: str
    source: str
    children: Mapping[str, Child]
    types: dict[str, Type]
    plans: Sequence[plan.Plan] = ()
    evaluate: Sequence[Any] = ()
    exe: Executable = field(init=False)
    flow: Flow = field(init=False)

    def __post_init__(self) -> None:
        self.exe = Executable(self.program)
        self.flow = Flow(self.program)

    @property
    def program(self) -> Program:
        return self.compiled.program

    # -- what the tests show -------------------------------------------------------------------------------------------

    def given(self) -> list[Given]:
        """The beginnings of its tests; those that cannot be evaluated here are left out."""
        found = []
        for test in self.plans:
            try:
                at = self._value(test.at, []) if test.at is not None else None
                begins = START if at is None else timestamp_to_us(at)
                found.append(Given(self._values(test.given, []), self._values(test.config, []), begins))
            except ExpressionError:
                continue
        return found

    def results(self, name: str, args: list[Any]) -> list[Any]:
        """What the tests let a call return, for these arguments."""
        found: dict[str, Any] = {}
        for outcome in self._outcomes(name):
            try:
                value = self._value(outcome, args)
            except ExpressionError:
                continue
            found.setdefault(repr(value), value)
        return list(found.values())

    def messages(self, name: str) -> list[Mapping[str, Any]]:
        """What the tests send as a signal or an update."""
        found: dict[str, Mapping[str, Any]] = {}
        for test in self.plans:
            for step in test.steps:
                if isinstance(step, plan.Send | plan.Update) and step.name == name:
                    try:
                        value = self._values(step.args, [])
                    except ExpressionError:
                        continue
                    found.setdefault(repr(value), value)
        return list(found.values())

    def _outcomes(self, name: str) -> Iterator[int]:
        for test in self.plans:
            for step in test.steps:
                if isinstance(step, plan.Mock) and step.name == name:
                    for outcome in step.outcomes:
                        if outcome.kind == "returns" and outcome.value is not None:
                            yield outcome.value

    def _values(self, arguments: plan.Arguments, frame: list[Any]) -> dict[str, Any]:
        return {name: self._value(index, frame) for name, index in arguments}

    def _value(self, index: int, frame: list[Any]) -> Any:
        return self.evaluate[index]([], frame, Context(now=START))


def read_subjects(
    name: str, source: str, sink: Diagnostics, reader: Reader = read_from_disk, only: str | None = None
) -> list[Subject]:
    """The workflows of a file, ready to be explored; none when there is an error."""
    checked = sound_source(name, source, sink, reader)
    if checked is None:
        return []
    found = checked.facts
    suite = plan_checked(checked, source)
    programs = suite.programs
    children = {
        signature.name: Child(signature.returns, _codes(programs.get(signature.name)))
        for signature in found.declarations.workflows.values()
    }
    types = {declared.name: declared.type for each in programs.values() for declared in each.program.types}
    evaluate = compile_expressions(suite.expressions)
    return [
        Subject(programs[title], checked, name, source, children, types,
                [test for test in suite.plans if test.workflow == title], evaluate)
        for title in (workflow.signature.name for workflow in found.workflows)
        if only is None or only == title
    ]  # fmt: skip


def _codes(compiled: Compiled | None) -> tuple[str, ...]:
    """The errors a workflow fails with by itself."""
    if compiled is None:
        return ()
    program = compiled.program
    found = [state.ending.code for state in program.states if state.ending is not None and state.ending.code]
    found += [code[1] for block in program.blocks for code in block.code if code[0] == "fail"]
    return tuple(dict.fromkeys(code for code in found if code != "Cancelled"))
