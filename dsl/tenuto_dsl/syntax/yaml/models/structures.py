"""What stands inside of values that are no scalars: by their readings.

The loader walks these in its methods; the schema and the editor need them as data.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tenuto_dsl.syntax.yaml.models.base import Shape, Union
from tenuto_dsl.syntax.yaml.models.declarations import (
    Activity,
    ConfigValue,
    ErrorShape,
    HttpRequest,
    Limits,
    ParameterShape,
    RaisesShape,
    RateShape,
    RetryShape,
    TypeShape,
)
from tenuto_dsl.syntax.yaml.models.states import (
    TRANSITIONS,
    AttributeShape,
    MigrationShape,
    PropertyShape,
    QueryShape,
    RegionShape,
    SignalShape,
    StateShape,
    UpdateShape,
    VariableShape,
    Workflow,
)
from tenuto_dsl.syntax.yaml.models.steps import STEPS, CallOptions, FailShape, Handler, UndoShape
from tenuto_dsl.syntax.yaml.models.tests import TEST_STEPS, OutcomeShape, TestShape


@dataclass(frozen=True, slots=True)
class Structure:
    """A map or a list of things, or one: `holds` says of which shape or union, `scalar` by which reading when it may be
    a scalar instead."""

    kind: str
    """`map`, `list` or `one`."""
    holds: type[Shape] | Union | None
    scalar: str | None = None
    listed: Union | None = None
    """What it may be a list of, instead of one of what it holds."""


def _map(holds: type[Shape] | Union | None, scalar: str | None = None, listed: Union | None = None) -> Structure:
    return Structure("map", holds, scalar, listed)


def _list(holds: type[Shape] | Union, scalar: str | None = None) -> Structure:
    return Structure("list", holds, scalar)


def _one(holds: type[Shape], scalar: str | None = None) -> Structure:
    return Structure("one", holds, scalar)


STRUCTURES: Mapping[str, Structure] = {
    "types": _map(TypeShape, "type"),
    "errors": _map(ErrorShape, "fields"),
    "config": _map(ConfigValue, "type"),
    "activities": _map(Activity),
    "workflows": _map(Workflow),
    "tests": _map(TestShape, listed=TEST_STEPS),
    "test steps": _list(TEST_STEPS),
    "outcomes": _list(OutcomeShape, "hangs"),
    "params": _map(ParameterShape, "type"),
    "timeout": _one(Limits, "expression"),
    "retry": _one(RetryShape, "expression"),
    "rate": _one(RateShape),
    "http": _one(HttpRequest),
    "list of raises": _list(RaisesShape, "names"),
    "block": _list(STEPS),
    "branches": _map(None, listed=STEPS),
    "handlers": _list(Handler),
    "options": _one(CallOptions),
    "undo": _one(UndoShape),
    "ending": _one(FailShape, "name"),
    "transitions": _list(TRANSITIONS),
    "states": _map(StateShape),
    "regions": _map(RegionShape),
    "signals": _map(SignalShape, "params"),
    "updates": _map(UpdateShape),
    "queries": _map(QueryShape, "value"),
    "attributes": _map(AttributeShape),
    "variables": _map(VariableShape, "type"),
    "properties": _map(PropertyShape),
    "migrations": _list(MigrationShape),
}
