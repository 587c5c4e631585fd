"""Types, errors, config and activities."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, TypeAlias

from tenuto_dsl.syntax.yaml.models.base import (
    Doc,
    EffectName,
    Errors,
    Expression,
    Field,
    Fields,
    Reading,
    Shape,
    Text,
    Type,
    Value,
    at_most_one,
)


class ParameterShape(Shape):
    """A parameter with a default."""

    words: ClassVar[str] = "the parameter"
    type: Type = Field(description="Its type.")
    default: Value = Field(None, description="Its value when the argument is left out; it may read the config.")


Params: TypeAlias = Annotated[Any, Reading("params")]
"""Types by name; `{type, default}` where there is a default."""


class TypeShape(Shape):
    """A type with a description."""

    words: ClassVar[str] = "the type"
    type: Type = Field(description="The type: a record as a map, such as `{ sku: string, quantity: int }`; or text.")
    doc: Doc = Field(None, description="What it is, for people.")


class ErrorShape(Shape):
    """An error with a description."""

    words: ClassVar[str] = "the error"
    fields: Fields = Field(None, description="Its fields, such as `{ sku: string }`.")
    doc: Doc = Field(None, description="When it happens, for people.")


class ConfigValue(Shape):
    """A value that is set per environment."""

    words: ClassVar[str] = "the config value"
    type: Type = Field(description="Its type.")
    default: Value = Field(None, description="Its value where the environment gives none.")
    doc: Doc = Field(None, description="What it is, for people.")


class Limits(Shape):
    """Time limits, each a duration such as `30s` or `1h30m`."""

    words: ClassVar[str] = "timeout"
    beyond: ClassVar[Mapping[str, Any]] = {"minProperties": 1}
    attempt: Expression = Field(None, description="How long one attempt may take.")
    overall: Expression = Field(None, description="How long the call may take, with all its attempts and pauses.")
    queued: Expression = Field(None, description="How long an attempt may wait until it begins.")
    heartbeat: Expression = Field(None, description="How long a running attempt may be silent.")


class RetryShape(Shape):
    """Further attempts after a failure."""

    words: ClassVar[str] = "retry"
    times: Expression = Field(description="How many further attempts.")
    backoff: Expression = Field(None, description="The pause before the second attempt.")
    factor: Expression = Field(None, description="By how much each pause is longer than the one before.")
    up_to: Expression = Field(None, description="No pause is longer than that.")
    unless: Errors = Field(None, description="Errors that are not worth another attempt: `A | B`, or a list.")


Timeout: TypeAlias = Annotated[Any, Reading("timeout")]
Retry: TypeAlias = Annotated[Any, Reading("retry")]


class RateShape(Shape):
    """No more starts than `count` in each `per`."""

    words: ClassVar[str] = "rate"
    count: Expression = Field(description="How many starts.")
    per: Expression = Field(description="In which time.")


class HttpRequest(Shape):
    """The request an activity makes."""

    words: ClassVar[str] = "http"
    method: Annotated[Any, Reading("method", "method")] = Field(
        description="The method.", schema={"enum": ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"]}
    )
    url: Value = Field(description="The address, such as `${config.payments_url}/charges`.")


class RaisesShape(Shape):
    """Errors an activity may fail with."""

    words: ClassVar[str] = "raises"
    error: Errors = Field(description="The errors: `A | B`, or a list.")
    when: Expression = Field(None, description="Of an http activity: whether this response is that error.")


Raises: TypeAlias = Annotated[Any, Reading("list of raises")]
Headers: TypeAlias = Annotated[Any, Reading("headers")]


class Activity(Shape):
    """Something done outside of the workflow. It has one of `python`, `http` and `sql`, or a remote worker runs it."""

    words: ClassVar[str] = "the activity"
    beyond: ClassVar[Mapping[str, Any]] = {
        "not": at_most_one("python", "http", "sql"),
        "dependencies": {"headers": ["http"], "body": ["http"], "result": ["http"]},
    }
    doc: Doc = Field(None, description="What it does, for people.")
    params: Params = Field(None, description="Its parameters: types by name, or `{type, default}`.")
    returns: Type = Field(None, description="The type of its result.")
    python: Text = Field(None, description="The function that does it: `package.module:callable`.")
    http: Annotated[Any, Reading("http")] = Field(None, description="The request that does it.")
    sql: Text = Field(
        None, description="The statement that does it, in the engine's own transaction; `:name` is a parameter."
    )
    headers: Headers = Field(None, description="Of an http activity: headers by name.")
    body: Value = Field(None, description="Of an http activity: what is sent, as JSON.")
    result: Value = Field(None, description="Of an http activity: what it returns, made from `response`.")
    raises: Raises = Field(None, description="The errors it may fail with.")
    timeout: Timeout = Field(None, description="How long an attempt may take, or several limits.")
    retry: Retry = Field(None, description="How many further attempts after a failure, or more about them.")
    effect: EffectName = Field(
        None,
        description="What a repeat would do: pure, idempotent, keyed, transactional or once.",
        schema={"enum": ["pure", "idempotent", "keyed", "transactional", "once"]},
    )
    queue: Value = Field(None, description="The queue it waits in: only daemons that serve it begin its attempts.")
    rate: Annotated[Any, Reading("rate")] = Field(None, description="No more starts than that.")
    priority: Value = Field(
        None, description="1 to 5, where attempts wait: 1 goes first, 3 is that of attempts without one."
    )
