"""`@frozen` makes what `@dataclass(frozen=True, slots=True)` makes."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from dataclasses import dataclass, field
from typing import Any

import pytest
from tenuto_interpreter.frozen import frozen


@frozen
class Base:
    place: int = field(compare=False, repr=False, kw_only=True)


@frozen
class Point(Base):
    x: int
    y: int = 2
    tags: tuple[str, ...] = field(default_factory=lambda: ("a",))


@dataclass(frozen=True, slots=True)
class PlainBase:
    place: int = field(compare=False, repr=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class Plain(PlainBase):
    x: int
    y: int = 2
    tags: tuple[str, ...] = field(default_factory=lambda: ("a",))


@frozen
class Nothing:
    pass


@pytest.mark.parametrize("made", [Point, Plain])
def test_it_behaves_like_a_dataclass(made: Any) -> None:
    one = made(1, place=7)
    assert (one.x, one.y, one.tags, one.place) == (1, 2, ("a",), 7)
    assert repr(one) == f"{made.__name__}(x=1, y=2, tags=('a',))"
    assert one == made(1, place=8)
    assert hash(one) == hash(made(1, place=8)) == hash((1, 2, ("a",)))
    assert one != made(1, 3, place=7)
    assert one != (1, 2, ("a",))
    assert dataclasses.replace(one, y=5) == made(1, 5, place=7)
    assert [item.name for item in dataclasses.fields(one)] == ["place", "x", "y", "tags"]
    assert dataclasses.asdict(one) == {"place": 7, "x": 1, "y": 2, "tags": ("a",)}
    match one:
        case made(x, y, tags):
            assert (x, y, tags) == (1, 2, ("a",))
    for change in (lambda: setattr(one, "x", 3), lambda: delattr(one, "x"), lambda: setattr(one, "z", 3)):
        with pytest.raises((dataclasses.FrozenInstanceError, TypeError, AttributeError)):
            change()
    assert not hasattr(one, "__dict__")
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'x'"):
        made(place=1)
    with pytest.raises(TypeError, match="unexpected keyword argument 'q'"):
        made(1, place=1, q=2)


def test_copies_and_pickles_are_equal() -> None:
    one = Point(1, 3, ("b",), place=7)
    for other in (copy.copy(one), copy.deepcopy(one), pickle.loads(pickle.dumps(one))):
        assert (other, other.place) == (one, 7)


def test_a_class_without_fields() -> None:
    assert Nothing() == Nothing()
    assert repr(Nothing()) == "Nothing()"
    assert len({Nothing(), Nothing()}) == 1
