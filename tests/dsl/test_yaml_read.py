"""Nothing in the YAML form is accepted and ignored: a key that is added changes what is read, or is refused."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from typing import Any

import pytest
from tenuto_dsl.diagnostics import Diagnostics
from tenuto_dsl.syntax import parse_yaml, tree
from tenuto_dsl.syntax.yaml.models import (
    STEPS,
    STRUCTURES,
    TEST_STEPS,
    TRANSITIONS,
    Activity,
    Shape,
    Union,
    Workflow,
    WorkflowFile,
    keys_of,
)

VALUES: dict[str, Any] = {
    "expression": "x > 1", "value": "t", "name": "n", "names": "A", "caught": "A", "type": "int", "text": "t",
    "fields": "{ f: int }", "integer": 3, "nothing": None, "flag": True, "target": "there", "place": "v",
    "args": {"k": 1}, "values": {"k": 1},
    "assignments": {"v": 1}, "on_close": "cancel", "messages": "m", "block": [{"log": 1}], "branches": {"b": []},
    "handlers": [{"do": []}], "options": {"queue": "q"}, "undo": {"call": "u"}, "timeout": "1s", "retry": 2,
    "rate": {"count": 1, "per": "1s"}, "http": {"method": "GET", "url": "u"}, "method": "GET", "headers": {"h": "v"},
    "list of raises": ["A"], "params": {"p": "int"}, "ending": "A", "transitions": [{"done": None, "to": "s"}],
    "states": {"s": {"initial": True}}, "regions": {"r": {}}, "signals": {"s": {}}, "updates": {"u": {}},
    "queries": {"q": 1}, "attributes": {"a": {"type": "int", "value": "1"}}, "variables": {"v": "int"},
    "properties": {"p": {"never": "true"}}, "migrations": [{"from": 1}], "state names": {"a": "b"},
    "outcomes": ["hangs"], "test steps": [{"expect": "true"}], "version": 1, "imports": ["a.yaml"],
    "types": {"T": "int"}, "errors": {"E": None}, "config": {"c": "int"}, "activities": {"f": {}},
    "workflows": {"w": {}}, "tests": {"t": [{"expect": "true"}]},
}  # fmt: skip
"""A value for each reading, one that says something."""


def in_workflow(member: dict[str, Any]) -> dict[str, Any]:
    return {"tenuto": 1, "workflows": {"w": member}}


def in_activity(member: dict[str, Any]) -> dict[str, Any]:
    return {"tenuto": 1, "activities": {"f": member}}


def file_with(shape: type[Shape], made: Any) -> dict[str, Any]:
    """A file with one map of a shape in the first place that may hold it."""
    wrap: Callable[[Any], Any]
    if shape is WorkflowFile:
        return dict(made)
    if shape in STEPS.shapes.values():
        return in_workflow({"do": [made]})
    if shape in TRANSITIONS.shapes.values():
        return in_workflow({"transitions": [made]})
    if shape in TEST_STEPS.shapes.values():
        return {"tenuto": 1, "tests": {"t": [made]}}
    method, structure = next((m, s) for m, s in STRUCTURES.items() if s.holds is shape)
    value = {"map": {"x": made}, "list": [made], "one": made}[structure.kind]
    for holder, wrap in HOLDERS:
        key = next((key for key, known in keys_of(holder).items() if known.reading.method == method), None)
        if key is not None:
            return dict(wrap({key: value}))
    raise AssertionError(f"{shape.__name__} stands nowhere")


HOLDERS: list[tuple[type[Shape], Callable[[Any], Any]]] = [
    (WorkflowFile, lambda made: {"tenuto": 1, **made}),
    (Activity, in_activity),
    (Workflow, in_workflow),
    (STEPS.shapes["call"], lambda made: in_workflow({"do": [{"call": "f", **made}]})),
    (STEPS.shapes["try"], lambda made: in_workflow({"do": [{"try": [], **made}]})),
    (TEST_STEPS.shapes["mock"], lambda made: {"tenuto": 1, "tests": {"t": [{"mock": "f", **made}]}}),
]  # fmt: skip

SHAPES = [
    WorkflowFile,
    *(shape for union in (STEPS, TRANSITIONS, TEST_STEPS) for shape in union.shapes.values()),
    *{s.holds: None for s in STRUCTURES.values() if s.holds is not None and not isinstance(s.holds, Union)},
]


def read(shape: type[Shape], made: dict[str, Any]) -> tree.File | None:
    """What is read of a file with the map; None when it is refused."""
    sink = Diagnostics()
    found = parse_yaml(json.dumps(file_with(shape, made)), "f.yaml", sink)
    return None if sink.has_errors else found


def given(shape: type[Shape], keys: tuple[str, ...]) -> dict[str, Any]:
    known = keys_of(shape)
    return {key: VALUES[one.reading.method] for key, one in known.items() if one.is_required or key in keys}


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.__name__)
def test_what_is_given_is_read_or_refused(shape: type[Shape]) -> None:
    optional = [key for key, known in keys_of(shape).items() if not known.is_required]
    ignored = []
    for keys in itertools.chain(itertools.combinations(optional, 1), itertools.combinations(optional, 2)):
        whole = read(shape, given(shape, keys))
        for key in keys if whole is not None else ():
            left = tuple(other for other in keys if other != key)
            if read(shape, given(shape, left)) == whole:
                ignored.append(f"{key} beside {', '.join(given(shape, left))}")
    assert ignored == []


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.__name__)
def test_what_is_begun_and_not_said_is_refused(shape: type[Shape]) -> None:
    """A scalar key with nothing after it: what somebody began to write would be lost."""
    known = keys_of(shape)
    lost = []
    for key, one in known.items():
        method = one.reading.method
        if (
            isinstance(VALUES[method], str)
            and method not in ("value", "text", "messages", "caught")
            and not one.nullable
        ):
            made = {**given(shape, ()), key: None}
            if read(shape, made) is not None:
                lost.append(key)
    assert lost == []
