"""Where in a YAML file a place is: the shape of the map around it, or how the value at it is read.

The nodes are walked from the root together with the models of the YAML form, so that what a key means is known without
reading a single value.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from tenuto_dsl.syntax.yaml.compose import Mapping, Node, Scalar, Sequence
from tenuto_dsl.syntax.yaml.known import is_long_form
from tenuto_dsl.syntax.yaml.models import (
    STRUCTURES,
    TRANSITIONS,
    Shape,
    Structure,
    Union,
    WorkflowFile,
    keys_of,
)

Expected: TypeAlias = "type[Shape] | Union | Structure | str | None"
"""A shape, a union of shapes, a map or list of them, the name of a reading, or nothing that is known."""


@dataclass(slots=True)
class Spot:
    """A key or a value. `keys` is the way from the root, `around` the maps and lists on it, outermost first."""

    node: Scalar
    is_key: bool
    expected: Expected
    keys: list[str] = field(default_factory=list)
    around: list[Node] = field(default_factory=list)
    shapes: list[type[Shape] | None] = field(default_factory=list)
    """The shape of each thing around, where it has one."""
    refers: str = ""

    @property
    def holder(self) -> Mapping | None:
        """The innermost map."""
        return next((node for node in reversed(self.around) if isinstance(node, Mapping)), None)


def find(root: Node, wanted: Callable[[Scalar], bool]) -> Spot | None:
    """The first scalar that is wanted, with what is expected where it stands."""
    return _Finder(wanted).walk(root, WorkflowFile, Spot(None, False, None))  # type: ignore[arg-type]  # filled in below


def shape_of(node: Mapping, expected: Expected) -> type[Shape] | None:
    """The shape of a map, where a union is told by its verb."""
    if isinstance(expected, Union):
        verbs = [verb for verb in expected.shapes if node.get(verb) is not None]
        if expected is TRANSITIONS and len(verbs) > 1:
            verbs.remove("when") if "when" in verbs else None
        return expected.shapes[verbs[0]] if verbs else None
    if isinstance(expected, Structure):
        shape = expected.holds if expected.kind == "one" else None
        if is_type(expected) and isinstance(shape, type) and not is_long_form(_given(node), keys_of(shape)):
            return None
        return shape_of(node, shape)
    return expected if isinstance(expected, type) else None


def is_type(expected: Expected) -> bool:
    """Whether a map that is expected there may be the fields of a record."""
    return expected in ("type", "fields") or (isinstance(expected, Structure) and expected.scalar in ("type", "fields"))


def _given(node: Mapping) -> list[str]:
    return [key.text for key, _ in node.entries]


class _Finder:
    def __init__(self, wanted: Callable[[Scalar], bool]) -> None:
        self.wanted = wanted

    def walk(self, node: Node, expected: Expected, way: Spot) -> Spot | None:
        if isinstance(node, Scalar):
            if not self.wanted(node):
                return None
            return Spot(node, False, expected, way.keys, way.around, way.shapes, way.refers)
        if isinstance(node, Sequence):
            inner = _item(expected)
            below = self._below(way, node, None, "-")
            return next((found for item in node.items if (found := self.walk(item, inner, below))), None)
        return self._mapping(node, expected, way)

    def _mapping(self, node: Mapping, expected: Expected, way: Spot) -> Spot | None:
        shape = shape_of(node, expected)
        for key, value in node.entries:
            below = self._below(way, node, shape, key.text)
            if self.wanted(key):
                is_open = isinstance(expected, Structure) and expected.kind == "map"
                return Spot(key, True, None if is_open else shape or expected, way.keys, below.around, below.shapes,
                            way.refers)  # fmt: skip
            inner, refers = self._value(shape, key.text, expected)
            below.refers = refers
            found = self.walk(value, inner, below)
            if found is not None:
                return found
        return None

    def _value(self, shape: type[Shape] | None, key: str, expected: Expected) -> tuple[Expected, str]:
        if shape is not None:
            if key not in keys_of(shape):
                return None, ""
            reading = keys_of(shape)[key].reading
            return STRUCTURES.get(reading.method) or reading.method, reading.refers
        if isinstance(expected, Structure) and expected.kind == "map":
            return _held(expected), "type" if expected.scalar in ("type", "fields") else ""
        if is_type(expected):
            return "type", "type"
        if expected in ("args", "values", "assignments", "headers", "value"):
            return "value", ""
        if expected == "state names":
            return "target", "state"
        return None, ""

    def _below(self, way: Spot, node: Node, shape: type[Shape] | None, key: str) -> Spot:
        return Spot(way.node, False, None, [*way.keys, key], [*way.around, node], [*way.shapes, shape], way.refers)


def _item(expected: Expected) -> Expected:
    if isinstance(expected, Structure):
        if expected.listed is not None:
            return expected.listed
        if expected.kind == "list":
            return _held(expected)
        if expected.scalar == "type":
            return "type"
    if expected in ("value", "args"):
        return "value"
    return expected if isinstance(expected, str) and expected != "fields" else None


def _held(structure: Structure) -> Expected:
    """What a map or a list holds: the scalar reading is what a scalar there would have."""
    if structure.holds is None:
        return Structure("list", structure.listed) if structure.listed is not None else None
    if structure.listed is not None:
        return Structure("one", structure.holds, None, structure.listed)
    if isinstance(structure.holds, Union):
        return structure.holds
    return Structure("one", structure.holds, structure.scalar)
