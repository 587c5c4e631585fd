"""Tests that stand in workflow files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, TypeAlias

from tenuto_dsl.syntax.yaml.models.base import (
    Args,
    Callable_,
    ErrorName,
    Expression,
    Field,
    Flag,
    Named,
    Null,
    Reading,
    Shape,
    SignalName,
    Union,
    UpdateName,
    Value,
    WorkflowName,
)
from tenuto_dsl.syntax.yaml.models.steps import by_verb


class GivenStep(Shape):
    """What the run begins with."""

    given: Args = Field(description="The arguments the workflow starts with.")
    id: Value = Field(None, description="The id of the run.")
    at: Expression = Field(None, description="The time at which it starts.")


class ConfigStep(Shape):
    """Config values in this test."""

    config: Named = Field(description="Config values by name.", schema={"type": "object", "minProperties": 1})


class OutcomeShape(Shape):
    """What a mocked call does: one of `returns`, `fails` and `hangs`."""

    words: ClassVar[str] = "an outcome"
    beyond: ClassVar[Mapping[str, Any]] = {
        "oneOf": [{"required": ["returns"]}, {"required": ["fails"]}, {"required": ["hangs"]}],
        "dependencies": {"args": ["fails"], "attempt": ["fails"]},
    }
    returns: Value = Field(None, description="The call succeeds with this value.")
    fails: ErrorName = Field(None, description="The call fails with this error.")
    args: Args = Field(None, description="The fields of the error.")
    attempt: Flag = Field(False, description="Only this attempt fails; the retry policy decides what follows.")
    hangs: Null = Field(None, description="The call has no outcome.")


class MockStep(Shape):
    """What an activity does in this test."""

    mock: Callable_ = Field(description="The activity, or the workflow.")
    args: Args = Field(None, description="Only calls with these arguments.")
    outcomes: Annotated[Any, Reading("outcomes")] = Field(
        description="What its calls do, one after the other; the last for all that follow.",
        schema={"minItems": 1},
        hint="`outcomes: [{ returns: … }]`",
    )


class SendInTest(Shape):
    """Send a signal."""

    send: SignalName = Field(description="Sends a signal.")
    args: Args = Field(None, description="Its payload.")
    to: Value = Field(None, description="To another run, by its id.")


class UpdateInTest(Shape):
    """Ask for an update."""

    update: UpdateName = Field(description="Asks for an update.")
    args: Args = Field(None, description="Its payload.")
    replies: Value = Field(None, description="What it must be answered with.")
    rejected: Flag = Field(False, description="Whether it must be refused.")


class CancelStep(Shape):
    """Ask for cancellation."""

    cancel: Null = Field(description="Asks the run to cancel.")


class AdvanceStep(Shape):
    """Let time pass."""

    advance: Expression = Field(title="the duration", description="Lets time pass.")


class AdvanceUntilStep(Shape):
    """Let time pass until a moment."""

    advance_until: Expression = Field(title="the time", description="Lets time pass until a moment.")


class ExpectStep(Shape):
    """What must hold."""

    expect: Expression = Field(title="the condition", description="What must hold now.")


TEST_STEPS = Union(
    "test step",
    by_verb(
        (
            GivenStep,
            ConfigStep,
            MockStep,
            SendInTest,
            UpdateInTest,
            CancelStep,
            AdvanceStep,
            AdvanceUntilStep,
            ExpectStep,
        )
    ),
)

TestSteps: TypeAlias = Annotated[Any, Reading("test steps")]


class TestShape(Shape):
    """A test that says which workflow it is about."""

    words: ClassVar[str] = "a test"
    workflow: WorkflowName = Field(None, description="The workflow it is about; else the first of the file.")
    steps: TestSteps = Field(description="What is given, sent and expected.")
