"""Runs plans in virtual time: one world for each test, the mocks' outcomes for answers, a place for what does not hold.

The run begins with the first step that is no mock, so that every mock before it counts from the start. Time passes only
in `advance`. An activity without a mock that returns nothing just succeeds; one that returns something fails the test,
as does a run that is parked, unless an expectation asks for `workflow.status` then or later.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tenuto_interpreter.commands import AnswerUpdate
from tenuto_interpreter.events import Failure
from tenuto_interpreter.expr import Context, ExpressionError, compile_expressions
from tenuto_interpreter.machine import Executable
from tenuto_interpreter.values.texts import duration_to_us, read_timestamp, timestamp_to_us
from tenuto_interpreter.virtual import HANGS, NeverRests
from tenuto_interpreter.world import FOLLOW, Asked, World, WorldRun

from tenuto_dsl.syntax.tree import Span
from tenuto_dsl.testing import plan
from tenuto_dsl.testing.coverage import Coverage
from tenuto_dsl.testing.story import shown, told
from tenuto_dsl.testing.view import Answered, Called, Queries, WorkflowView, same

START = timestamp_to_us(read_timestamp("2026-01-01T00:00:00Z"))
"""When runs begin that `given … at` does not say otherwise."""

RUN_ID = "test"
"""The workflow id of runs that `given … id` gives no other."""


@dataclass(frozen=True, slots=True)
class Failed:
    """Why a test failed: where, what, the values of the pieces, and where the run stood.

    `happened` are the latest events, oldest first.
    """

    span: Span
    message: str
    parts: tuple[tuple[Span, str], ...] = ()
    standing: str = ""
    happened: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a test. `events`: how much happened in it."""

    plan: plan.Plan
    failed: Failed | None
    events: int = 0


class _Stop(Exception):
    """The test fails here. Args: span, message, parts."""


class _NotMockedError(Exception):
    """Something was called that nobody answers for."""


class Runner:
    """Runs the tests of a suite; what they take together is in `coverage`, of all the workflows of the file unless
    `part` of its tests are run."""

    def __init__(self, suite: plan.Suite, *, part: bool = False) -> None:
        self.suite = suite
        self.coverage = Coverage(suite.programs, () if part else suite.own)
        self.evaluate = compile_expressions(suite.expressions)
        self.executables = {name: Executable(each.program) for name, each in suite.programs.items()}

    def run(self, test: plan.Plan) -> Result:
        """Run one test; the others know nothing of it."""
        run = _TestRun(self, test)
        failed = None
        try:
            run.go()
        except _Stop as stop:
            span, message, parts = stop.args
            failed = Failed(span, message, parts, run.standing(), tuple(told(run.world)))
        return Result(test, failed, len(run.world.journal))


@dataclass(slots=True)
class _Answers:
    """The outcomes of one mock, and how many are used up."""

    mock: plan.Mock
    match: dict[str, Any]
    used: int = 0

    def next(self) -> plan.Outcome:
        outcome = self.mock.outcomes[min(self.used, len(self.mock.outcomes) - 1)]
        self.used += 1
        return outcome


@dataclass(slots=True)
class _TestRun:
    """One test on its way. `at` is the step being done, for what goes wrong in it."""

    runner: Runner
    test: plan.Plan
    world: World = field(init=False)
    id: str = RUN_ID
    at: Span = field(init=False)
    mocks: dict[str, list[_Answers]] = field(default_factory=dict)
    begun: bool = False
    next: int = 0
    """The step that comes after the one being done."""
    sent: list[tuple[str, str]] = field(default_factory=list)
    """The updates that were sent: name and id."""
    expected: set[int] = field(default_factory=set)
    """The parkings, by identity, that were there when an expectation asked for `workflow.status`."""

    def __post_init__(self) -> None:
        self.at = self.test.span
        self.world = World(self.runner.executables, self.answer, at=START, observe=self.runner.coverage.observer)

    def go(self) -> None:
        try:
            for step in self.test.steps:
                self.next += 1
                self.at = step.span
                self.step(step)
            self.at = self.test.span
            self.begin()
            self.sound()
        except _NotMockedError as missing:
            raise self.stop(str(missing)) from None
        except NeverRests as endless:
            raise self.stop(str(endless)) from None

    def stop(self, message: str, parts: Iterable[tuple[Span, str]] = ()) -> _Stop:
        return _Stop(self.at, message, tuple(parts))

    # -- steps ---------------------------------------------------------------------------------------------------------

    def step(self, step: plan.Step) -> None:
        if isinstance(step, plan.Mock):
            match = {name: self.value(index) for name, index in step.match}
            self.mocks.setdefault(step.name, []).append(_Answers(step, match))
            return
        self.begin()
        if not isinstance(step, plan.Expect):
            self.sound()
        match step:
            case plan.Send():
                target = self.id if step.to is None else self.value(step.to)
                if not self.world.signal(target, step.name, self.values(step.args)):
                    raise self.stop(f"{self.nobody(target)}: nobody takes the signal {step.name}")
            case plan.Update():
                self.update(step)
            case plan.Cancel():
                if not self.world.cancel(self.id):
                    raise self.stop(f"{self.nobody(self.id)}: there is nothing to cancel")
            case plan.Advance():
                self.advance(step)
            case plan.Expect():
                self.expect(step)

    def begin(self) -> None:
        """Start the run, once."""
        if self.begun:
            return
        self.begun = True
        test = self.test
        if test.at is not None:
            self.world.at = timestamp_to_us(self.value(test.at))
        if test.id is not None:
            self.id = self.value(test.id)
        self.world.config = self.values(test.config)
        self.configured(test.workflow)
        self.world.start(test.workflow, self.id, self.values(test.given))

    def configured(self, workflow: str) -> None:
        """Fail the test when the config that a workflow captures is not complete."""
        for config in self.runner.suite.programs[workflow].program.config:
            if config.default is None and config.name not in self.world.config:
                raise self.stop(f"the config {config.name} has no default: give it, `config {config.name} = …`")

    def update(self, step: plan.Update) -> None:
        id = self.world.update(self.id, step.name, self.values(step.args))
        if id is None:
            raise self.stop(f"{self.nobody(self.id)}: nobody takes the update {step.name}")
        self.sent.append((step.name, id))
        answer: AnswerUpdate | None = self.world.answers.get(id)
        if answer is None:
            if step.rejected or step.replies is not None:
                later = f"expect answered.{step.name}[…].outcome once it may be"
                raise self.stop(f"the update {step.name} is not answered yet: {later}")
        elif answer.outcome == "rejected":
            if not step.rejected:
                raise self.stop(f"the update {step.name} was rejected: {answer.value}")
        elif step.rejected:
            raise self.stop(f"the update {step.name} was accepted, with the reply {shown(answer.value)}")
        elif step.replies is not None:
            wanted = self.value(step.replies)
            if not same(answer.value, wanted):
                raise self.stop(f"the reply was {shown(answer.value)}, not {shown(wanted)}")

    def advance(self, step: plan.Advance) -> None:
        now = self.world.at
        if step.until is not None:
            end = timestamp_to_us(self.value(step.until))
        else:
            assert step.duration is not None
            end = now + duration_to_us(self.value(step.duration))
        if end < now:
            raise self.stop("time does not go backwards")
        self.world.advance_to(end)

    def expect(self, step: plan.Expect) -> None:
        message = "this does not hold"
        if step.faults:
            self.expected.update(map(id, self.world.parked.values()))
        try:
            if self.run_expression(step.condition):
                return
        except ExpressionError as error:
            message = f"this has no value: {error}"
        parts = []
        for span, index in step.parts:
            try:
                parts.append((span, shown(self.run_expression(index))))
            except ExpressionError as error:
                parts.append((span, f"({error})"))
        raise self.stop(message, parts)

    def sound(self) -> None:
        """A parked run fails the test, unless an expectation is about that: an earlier one, or one that follows."""
        if any(isinstance(step, plan.Expect) and step.faults for step in self.test.steps[self.next :]):
            return
        for workflow_id, parked in self.world.parked.items():
            if self.world.runs[workflow_id].snapshot.parked is not None and id(parked) not in self.expected:
                place = f" ({parked.place})" if parked.place else ""
                raise self.stop(f"{self.who(workflow_id)} is parked: {parked.reason}{place}")

    # -- values --------------------------------------------------------------------------------------------------------

    def value(self, index: int) -> Any:
        try:
            return self.run_expression(index)
        except ExpressionError as error:
            raise self.stop(str(error)) from None

    def values(self, arguments: plan.Arguments) -> dict[str, Any]:
        return {name: self.value(index) for name, index in arguments}

    def run_expression(self, index: int, frame: list[Any] | None = None) -> Any:
        run = self.world.runs.get(self.id)
        evaluate = self.runner.evaluate[index]
        if run is None:
            return evaluate([], frame or [], Context(now=self.world.at))
        names = run.snapshot.vars or [None] * run.exe.slots
        context = Context(
            now=self.world.at, config=run.snapshot.config, workflow=WorkflowView(run, self.runner.suite.error_fields),
            active=lambda path: self.active(run, path), calls=self.calls, attempts=self.attempts,
        )  # fmt: skip
        return evaluate(
            [*names, Called(self.world), Queries(run), Answered(self.world, self.sent)], frame or [], context
        )

    def active(self, run: WorldRun, path: str) -> bool:
        return any(run.exe.states[state].path == path for state in run.snapshot.active)

    def calls(self, name: str) -> int:
        return sum(asked.name == name and asked.attempt == 1 for asked in self.world.asked)

    def attempts(self, name: str) -> int:
        return sum(asked.name == name for asked in self.world.asked)

    # -- answers -------------------------------------------------------------------------------------------------------

    def answer(self, asked: Asked) -> Any:
        """The outcome of the mock that fits best: one for these arguments before one for all, a later one first."""
        fitting = [each for each in self.mocks.get(asked.name, ()) if _fits(each.match, asked.args)]
        if not fitting:
            return self.unmocked(asked)
        chosen = max(reversed(fitting), key=lambda each: bool(each.match))
        outcome = chosen.next()
        if outcome.kind == "hangs":
            return HANGS
        frame = list(asked.args.values())
        try:
            if outcome.kind == "returns":
                return self.run_expression(outcome.value, frame) if outcome.value is not None else None
            fields = {name: self.run_expression(index, frame) for name, index in outcome.fields}
        except ExpressionError as error:
            raise _Stop(chosen.mock.span, f"the mock of {asked.name} has no value: {error}", ()) from None
        message = fields.pop("message", "")
        unknown = outcome.code == "Timeout"
        return Failure(outcome.code, message, fields or None, retryable=outcome.attempt, unknown=unknown)

    def unmocked(self, asked: Asked) -> Any:
        if asked.kind == "workflow":
            if asked.name in self.runner.executables:
                self.configured(asked.name)
                return FOLLOW
            raise _NotMockedError(f"the workflow {asked.name} was started, which cannot run here and is not mocked")
        declared = next(each for each in asked.run.exe.program.activities if each.name == asked.name)
        if declared.returns is None:
            return None
        arguments = ", ".join(f"{name}: {shown(value, 60)}" for name, value in asked.args.items())
        without = "no mock fits" if asked.name in self.mocks else "it is not mocked"
        raise _NotMockedError(f"{asked.name}({arguments}) was called, and {without}")

    # -- where it stands -----------------------------------------------------------------------------------------------

    def standing(self) -> str:
        run = self.world.runs.get(self.id)
        if run is None:
            return "the run had not begun"
        view = WorkflowView(run)
        status, states = view["status"], view["state"] or "no state"
        text = f"{status}, in {states}"
        if status in ("failed", "cancelled", "terminated"):
            error = view["error"]
            text += f": {error['code']}" + (f": {error['message']}" if error["message"] else "")
        return text

    def who(self, id: str) -> str:
        return "the run" if id == self.id else f"the run {id}"

    def nobody(self, id: str) -> str:
        run = self.world.runs.get(id)
        if run is None:
            return f"there is no run {id}"
        return f"{self.who(id)} has ended, {WorkflowView(run)['status']}"


def _fits(match: Mapping[str, Any], args: Mapping[str, Any]) -> bool:
    return all(same(args.get(name), value) for name, value in match.items())
