"""Which part of an arrow belongs to which level of nesting.

A level is the inside of one state. An arrow between two states of one level is a tie of it. One that begins or ends
deeper is cut at the borders it crosses: it leaves the levels around its source, is a tie of the level that holds both,
and enters the levels around its target.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from tenuto_dsl.graph.model import Arrow, Vertex

Side: TypeAlias = Literal["top", "bottom"]


@dataclass(slots=True)
class Level:
    """Arrows by their part in one level: `ties` between two of its states, `loops` from one to itself, `handlers` from
    the enclosing state to one inside, `rising` from one inside to the enclosing state."""

    ties: list[Arrow] = field(default_factory=list)
    loops: list[Arrow] = field(default_factory=list)
    handlers: list[Arrow] = field(default_factory=list)
    rising: list[Arrow] = field(default_factory=list)
    spoken: set[str] = field(default_factory=set)
    """The arrows whose label is drawn here: at home, if there are ranks with room for it; regions have none."""


@dataclass(frozen=True, slots=True)
class Crossing:
    """An arrow that crosses the border of a level: on which side, outwards or inwards, and to or from which state of
    the level."""

    arrow: Arrow
    side: Side
    outwards: bool
    member: str


def levels_of(root: Vertex, arrows: Iterable[Arrow]) -> dict[str, Level]:
    """The level in which each arrow is at home, by the path of the state that encloses it."""
    found: dict[str, Level] = {}
    pending = [root]
    unranked: set[str] = set()
    while pending:
        vertex = pending.pop()
        found[vertex.path] = Level()
        unranked |= {vertex.path} if vertex.regions else set()
        pending.extend(vertex.inner)
    for arrow in arrows:
        source, target = arrow.source, arrow.target
        if source == target:
            found[parent(source)].loops.append(arrow)
        elif inside(target, source):
            found[source].handlers.append(arrow)
        elif inside(source, target):
            found[target].rising.append(arrow)
        else:
            found[common(source, target)].ties.append(arrow)
        if source != target:
            found[_spoken_at(source, target, unranked)].spoken.add(arrow.id)
    return found


def _spoken_at(source: str, target: str, unranked: set[str]) -> str:
    """The level that draws an arrow's label: the one it is at home in, else the nearest with ranks around its source,
    else around its target."""
    if inside(target, source):
        home, ways = source, [_down(source, target)]
    elif inside(source, target):
        home, ways = target, [_down(target, source)[::-1]]
    else:
        home = common(source, target)
        ways = [_down(home, source)[::-1], _down(home, target)]
    candidates = [home, *(level for way in ways for level in way)]
    return next(level for level in candidates if level not in unranked)


def _down(owner: str, path: str) -> list[str]:
    """The levels that lie between a level and a state inside of it, outermost first."""
    found = []
    while (owner := member_of(path, owner)) != path:
        found.append(owner)
    return found


def parent(path: str) -> str:
    return path.rpartition(".")[0]


def inside(path: str, owner: str) -> bool:
    """Whether a state lies within another, not being it."""
    return path != owner and (owner == "" or path.startswith(f"{owner}."))


def common(first: str, second: str) -> str:
    """The innermost state that encloses both."""
    owner = parent(first)
    while not inside(second, owner):
        owner = parent(owner)
    return owner


def member_of(path: str, owner: str) -> str:
    """The state of the owner's level that is, or holds, the one at the path."""
    assert inside(path, owner), f"{path} is not in {owner or 'the workflow'}"
    depth = owner.count(".") + 1 if owner else 0
    return ".".join(path.split(".")[: depth + 1])
