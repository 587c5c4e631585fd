"""Transitions, states, and the workflow that holds them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, TypeAlias

from tenuto_dsl.syntax.yaml.known import FINAL_ENDINGS, PROPERTY_KINDS
from tenuto_dsl.syntax.yaml.models.base import (
    Args,
    AttributeType,
    Doc,
    Errors,
    Expression,
    Field,
    Flag,
    Integer,
    Messages,
    Named,
    NewName,
    Null,
    Reading,
    Shape,
    SignalName,
    StatePath,
    Type,
    Union,
    UpdateName,
    Value,
    at_most_one,
)
from tenuto_dsl.syntax.yaml.models.declarations import Params
from tenuto_dsl.syntax.yaml.models.steps import Block


class TransitionShape(Shape):
    """What all transitions have: a guard, and a reaction: a target, actions, or work."""

    beyond: ClassVar[Mapping[str, Any]] = {"not": at_most_one("do", "actions")}
    words: ClassVar[str] = "a transition"
    when: Expression = Field(None, description="A guard: taken only when it holds.")
    to: StatePath = Field(
        None, description="The target: a state by its name or path; `history(S)` re-enters what was active in S."
    )
    actions: Block = Field(None, description="What is assigned on the way; takes no time.")
    do: Block = Field(None, description="Durable work in answer to the event, without leaving the state.")


_AS = "A name for what the event brings."


class DoneTransition(TransitionShape):
    """When the state's `do` has ended."""

    done: Null = Field(description="When the state's `do` has ended, or a final child was entered.")


class SignalTransition(TransitionShape):
    """On a signal."""

    on: SignalName = Field(description="When the signal is there. It waits in the mailbox until then.")
    as_: NewName = Field(None, description=_AS)


class UpdateTransition(TransitionShape):
    """On an update."""

    update: UpdateName = Field(description="When the update is asked for; exactly one `reply` on each path.")
    as_: NewName = Field(None, description=_AS)


class ErrorTransition(TransitionShape):
    """On an error."""

    error: Errors = Field(
        description="When the `do` fails after its retries: `A | B`, or empty for all but `Cancelled` and `Fault`.",
        nullable=True,
    )
    as_: NewName = Field(None, description="A name for the error.")


class CancelTransition(TransitionShape):
    """On a cancellation."""

    cancel: Null = Field(description="When cancellation was asked for.")


class AfterTransition(TransitionShape):
    """After a while."""

    after: Expression = Field(title="the duration", description="Once, that long after the state was entered.")


class AtTransition(TransitionShape):
    """At a time."""

    at: Expression = Field(title="the time", description="Once, at that time; at once when it has passed.")


class EveryTransition(TransitionShape):
    """At every tick."""

    every: Expression = Field(
        title="the schedule", description='At every tick: `10m`, or `cron("0 9 * * MON", "Europe/Paris")`.'
    )


class WhenTransition(TransitionShape):
    """As soon as a condition holds."""

    when: Expression = Field(description="As soon as the condition holds; it needs a target.")


TRANSITIONS = Union(
    "transition",
    {
        "done": DoneTransition, "on": SignalTransition, "update": UpdateTransition, "error": ErrorTransition,
        "cancel": CancelTransition, "after": AfterTransition, "at": AtTransition, "every": EveryTransition,
        "when": WhenTransition,
    },
)  # fmt: skip

Transitions: TypeAlias = Annotated[Any, Reading("transitions")]


class _Body(Shape):
    """What a workflow, a state and a region have in common."""

    beyond: ClassVar[Mapping[str, Any]] = {"not": at_most_one(*FINAL_ENDINGS)}

    doc: Doc = Field(None, description="What it is, for people.")
    do: Block = Field(None, description="Durable work; begins when the state is entered.")
    entry: Block = Field(None, description="Runs at once when the state is entered; assigns, never waits.")
    exit: Block = Field(None, description="Runs at once when the state is left; assigns, never waits.")
    defer: Messages = Field(None, description="Messages, or `cancel`, that are kept until the state is left.")
    transitions: Transitions = Field(None, description="What moves it on, tried in this order.")
    states: Annotated[Any, Reading("states")] = Field(None, description="The states in it, by name.")
    regions: Annotated[Any, Reading("regions")] = Field(
        None, description="States side by side, by name: it is in all of them at once."
    )
    return_: Value = Field(None, description="Of a final state: completes the run with a value.")
    fail: Annotated[Any, Reading("ending")] = Field(
        None,
        description="Of a final state: fails the run with an error.",
        schema={"anyOf": [{"type": "string", "pattern": "^[A-Za-z_][A-Za-z0-9_]*$"}, {"$shape": "FailShape"}]},
    )
    continue_with: Args = Field(None, description="Of a final state: a new run under the same id with these arguments.")


class StateShape(_Body):
    """The unit of waiting, of durability and of migration."""

    words: ClassVar[str] = "the state"
    beyond: ClassVar[Mapping[str, Any]] = {
        "allOf": [
            {
                "not": {
                    "type": "object",
                    "properties": {"initial": {"const": True}, "final": {"const": True}},
                    "required": ["initial", "final"],
                }
            }
        ]
    }
    initial: Flag = Field(False, description="Whether its level begins in it.")
    final: Flag = Field(False, description="Whether it ends the run, or, nested, completes the state around it.")


class RegionShape(_Body):
    """One of several states side by side."""

    words: ClassVar[str] = "the region"


class SignalShape(Shape):
    """A signal with a description."""

    words: ClassVar[str] = "the signal"
    params: Params = Field(description="Its payload: types by name.")
    doc: Doc = Field(None, description="When it is sent, for people.")


class UpdateShape(Shape):
    """A message that is answered."""

    words: ClassVar[str] = "the update"
    params: Params = Field(None, description="Its payload: types by name.")
    returns: Type = Field(None, description="The type of the answer.")
    doc: Doc = Field(None, description="What it does, for people.")


class QueryShape(Shape):
    """What the outside may ask."""

    words: ClassVar[str] = "the query"
    type: Type = Field(None, description="The type of the answer.")
    value: Value = Field(description="The answer, from the variables.")
    doc: Doc = Field(None, description="What it tells, for people.")


class AttributeShape(Shape):
    """A value by which runs are found."""

    words: ClassVar[str] = "the attribute"
    type: AttributeType = Field(
        description="keyword, keywords, text, int, double, bool or timestamp.",
        schema={"enum": ["keyword", "keywords", "text", "int", "double", "bool", "timestamp"]},
    )
    value: Expression = Field(description="The value, from parameters and variables.")
    doc: Doc = Field(None, description="What it is, for people.")


class VariableShape(Shape):
    """What the workflow remembers."""

    words: ClassVar[str] = "the variable"
    type: Type = Field(description="Its type.")
    value: Value = Field(None, description="Its value from the start; without, it is assigned before every use.")
    doc: Doc = Field(None, description="What it is, for people.")


class PropertyShape(Shape):
    """A claim that is checked over all paths and watched at run time: one of `never`, `always` and `eventually`."""

    words: ClassVar[str] = "the property"
    beyond: ClassVar[Mapping[str, Any]] = {"oneOf": [{"required": [kind]} for kind in PROPERTY_KINDS]}
    never: Expression = Field(None, title="the condition", description="The condition holds at no time.")
    always: Expression = Field(None, title="the condition", description="The condition holds at every time.")
    eventually: Expression = Field(None, title="the condition", description="It holds at some time on every path.")
    doc: Doc = Field(None, description="Why, for people.")


class MigrationShape(Shape):
    """How runs of an older version go on."""

    words: ClassVar[str] = "a migration"
    from_: Integer = Field(description="The version that is migrated from.")
    states: Annotated[Any, Reading("state names", "state")] = Field(
        None, description="States of the old version, and what they are called now."
    )
    set: Named = Field(None, description="Values of variables; `old` is what was.")


class Workflow(_Body):
    """A durable state machine."""

    words: ClassVar[str] = "the workflow"
    input: Params = Field(None, description="Its parameters: types by name, or `{type, default}`.")
    output: Type = Field(None, description="The type of its result.")
    version: Integer = Field(None, description="The version of this definition; older runs follow by `migrate`.")
    signals: Annotated[Any, Reading("signals")] = Field(
        None, description="Messages that the outside may send: their payloads by name."
    )
    updates: Annotated[Any, Reading("updates")] = Field(None, description="Messages that are answered.")
    queries: Annotated[Any, Reading("queries")] = Field(
        None, description="What the outside may ask: a value, or `{type, value, doc}`."
    )
    attributes: Annotated[Any, Reading("attributes")] = Field(None, description="Values by which runs are found.")
    vars: Annotated[Any, Reading("variables")] = Field(
        None, description="What it remembers: a type, or `{type, value, doc}`."
    )
    properties: Annotated[Any, Reading("properties")] = Field(
        None, description="Claims that are checked over all paths and watched at run time."
    )
    migrate: Annotated[Any, Reading("migrations")] = Field(None, description="How runs of older versions go on.")
