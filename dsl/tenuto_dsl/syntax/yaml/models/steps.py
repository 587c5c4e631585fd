"""Steps: maps with exactly one verb, which is the first key of each shape."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, TypeAlias

from tenuto_dsl.syntax.yaml.models.base import (
    Args,
    Assignments,
    Callable_,
    Caught,
    ErrorName,
    Expression,
    Field,
    Named,
    NewName,
    Null,
    Place,
    Reading,
    Shape,
    SignalName,
    Type,
    Union,
    Value,
    WorkflowName,
    named_or_assigned,
)
from tenuto_dsl.syntax.yaml.models.declarations import Retry, Timeout

Block: TypeAlias = Annotated[Any, Reading("block")]
"""A list of steps."""

_AS = "A name for the result, for the rest of the block."
_INTO = "The variable, or a place in one, that takes the result."
_TYPE = "The type of what `as` names."
_SOME = {"type": "object", "minProperties": 1}


class CallOptions(Shape):
    """What holds for one call instead of what the activity says."""

    words: ClassVar[str] = "the options of a call"
    beyond: ClassVar[Mapping[str, Any]] = {"minProperties": 1}
    timeout: Timeout = Field(None, description="Limits, one by one in place of the activity's.")
    retry: Retry = Field(None, description="Retries, as a whole in place of the activity's.")
    queue: Value = Field(None, description="The queue.")
    priority: Value = Field(None, description="The priority.")


class UndoShape(Shape):
    """How a call is taken back."""

    words: ClassVar[str] = "an undo"
    call: Callable_ = Field(description="The activity, or the workflow, that takes it back.")
    args: Args = Field(None, description="Its arguments.")


class CallStep(Shape):
    """Schedule an activity or a child workflow, and wait for its outcome."""

    beyond: ClassVar[Mapping[str, Any]] = named_or_assigned()
    call: Callable_ = Field(description="Schedules an activity or a child workflow and waits for its outcome.")
    args: Args = Field(None, description="Arguments by name, or a list.")
    with_: Annotated[Any, Reading("options")] = Field(None, description="Limits and retries of this call.")
    undo: Annotated[Any, Reading("undo")] = Field(None, description="How to take the call back.")
    as_: NewName = Field(None, description=_AS)
    into: Place = Field(None, description=_INTO)
    type: Type = Field(None, description=_TYPE)


class StartStep(Shape):
    """Start a workflow that goes on by itself."""

    beyond: ClassVar[Mapping[str, Any]] = named_or_assigned()
    start: WorkflowName = Field(description="Starts a workflow that goes on by itself; its id is the result.")
    args: Args = Field(None, description="Arguments by name, or a list.")
    id: Value = Field(None, description="The id of the run that is started.")
    on_close: Annotated[Any, Reading("on_close", "on close")] = Field(
        None,
        description="What becomes of it when this run closes.",
        schema={"enum": ["abandon", "cancel", "terminate"]},
    )
    as_: NewName = Field(None, description=_AS)
    into: Place = Field(None, description=_INTO)
    type: Type = Field(None, description=_TYPE)


class LetStep(Shape):
    """Name values for the rest of the block."""

    let: Named = Field(description='Names values for the rest of the block: `{ fee: "${total * 2}" }`.', schema=_SOME)
    type: Type = Field(None, description="The type of what is named.")


class SetStep(Shape):
    """Assign variables, or places in them."""

    set: Assignments = Field(
        description='Assigns variables, or places in them: `{ total: "${total + fee}" }`.', schema=_SOME
    )


class WaitStep(Shape):
    """Wait for a duration."""

    wait: Expression = Field(title="the duration", description="Waits for a duration, such as `30d`.")


class WaitUntilStep(Shape):
    """Wait until a time."""

    wait_until: Expression = Field(title="the time", description="Waits until a time.")


class WaitForStep(Shape):
    """Wait for a condition."""

    wait_for: Expression = Field(title="the condition", description="Waits until a condition holds.")
    within: Expression = Field(None, description="How long at most.")


class ReceiveStep(Shape):
    """Take a signal in the middle of a block."""

    receive: SignalName = Field(description="Takes a signal here.")
    as_: NewName = Field(None, description="A name for its payload; null when `within` has passed.")
    when: Expression = Field(None, description="Only one for which this holds.")
    within: Expression = Field(None, description="How long at most.")


class IfStep(Shape):
    """A choice."""

    if_: Expression = Field(title="the condition", description="The condition.")
    then: Block = Field(description="The steps when it holds.")
    else_: Block = Field(None, description="The steps when it does not.")


class ForStep(Shape):
    """A loop over a list, or over the keys of a map."""

    beyond: ClassVar[Mapping[str, Any]] = named_or_assigned()
    for_: NewName = Field(description="A name for each item.")
    in_: Expression = Field(description="The list, or the map whose keys are gone through.")
    do: Block = Field(description="The steps for each item.")
    at_most: Expression = Field(None, description="How many items at once.")
    as_: NewName = Field(None, description="A name for the list of what is yielded.")
    into: Place = Field(None, description=_INTO)
    type: Type = Field(None, description=_TYPE)


class ParallelStep(Shape):
    """Branches at the same time."""

    beyond: ClassVar[Mapping[str, Any]] = named_or_assigned()
    parallel: Annotated[Any, Reading("branches")] = Field(description="Steps by the names of branches.", schema=_SOME)
    as_: NewName = Field(None, description=_AS)
    into: Place = Field(None, description=_INTO)
    type: Type = Field(None, description=_TYPE)


class RepeatStep(Shape):
    """A loop that is left at its end."""

    repeat: Block = Field(description="The steps, again and again.")
    until: Expression = Field(description="The condition that ends it, looked at after each round.")
    every: Expression = Field(None, description="How long from one round to the next.")
    at_most: Expression = Field(None, description="How many rounds; then it fails with `Exhausted`.")


class Handler(Shape):
    """What is done about errors."""

    words: ClassVar[str] = "a handler"
    error: Caught = Field(None, description="The errors: `A | B`. Without: all but `Cancelled` and `Fault`.")
    as_: NewName = Field(None, description="A name for the error.")
    do: Block = Field(description="The steps.")


class TryStep(Shape):
    """Steps whose errors are caught."""

    beyond: ClassVar[Mapping[str, Any]] = {
        "anyOf": [
            {"required": ["catch"], "properties": {"catch": {"type": "array", "minItems": 1}}},
            {"required": ["finally"]},
        ]
    }
    try_: Block = Field(description="The steps.")
    catch: Annotated[Any, Reading("handlers")] = Field(None, description="What is done about errors.")
    finally_: Block = Field(None, description="What is done in any case.")


class SendStep(Shape):
    """Send a signal to another run."""

    send: SignalName = Field(description="Sends a signal to another run.")
    args: Args = Field(None, description="Its payload.")
    to: Value = Field(description="The id of the run.", hint="say to which workflow id")


class ReplyStep(Shape):
    """Answer an update."""

    reply: Value = Field(description="Answers the update that is handled.")


class DiscardStep(Shape):
    """Drop what waits of a signal."""

    discard: SignalName = Field(description="Drops what waits of a signal.")


class LogStep(Shape):
    """Write a line into the run's log."""

    log: Value = Field(description="Writes a line into the run's log.")


class YieldStep(Shape):
    """Add a value to the result of a loop."""

    yield_: Value = Field(description="Adds a value to the result of the loop.")


class ReturnStep(Shape):
    """Complete the workflow."""

    return_: Value = Field(description="Completes the workflow with a value.")


class FailStep(Shape):
    """Raise a declared error."""

    fail: ErrorName = Field(description="Raises a declared error.")
    args: Args = Field(None, description="Its fields, and `message`.")


class CompensateStep(Shape):
    """Run the undos."""

    compensate: Null = Field(
        description="Runs the undos, newest first: in a `catch` those of its `try`, elsewhere all."
    )


class CommitStep(Shape):
    """Forget the undos."""

    commit: Null = Field(description="Forgets the undos so far.")


class FailShape(Shape):
    """The error a final state ends with."""

    words: ClassVar[str] = "fail"
    fail: ErrorName = Field(description="The error.")
    args: Args = Field(None, description="Its fields, and `message`.")


_SHAPES: tuple[type[Shape], ...] = (
    CallStep, StartStep, LetStep, SetStep, WaitStep, WaitUntilStep, WaitForStep, ReceiveStep, IfStep, ForStep,
    ParallelStep, RepeatStep, TryStep, SendStep, ReplyStep, DiscardStep, LogStep, YieldStep, ReturnStep, FailStep,
    CompensateStep, CommitStep,
)  # fmt: skip


def by_verb(shapes: tuple[type[Shape], ...]) -> Mapping[str, type[Shape]]:
    """Shapes by their first key."""
    return {next(iter(shape.model_fields)).removesuffix("_"): shape for shape in shapes}


STEPS = Union("step", by_verb(_SHAPES), ("compensate", "commit", "return"))
