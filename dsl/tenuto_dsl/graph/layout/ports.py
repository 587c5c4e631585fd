"""Where lines touch the side of a box: as straight as they come, in order, and not too close together.

Each line wants the x it comes from. Some cannot move: they go on inside the box. The others share the gaps between
those, each gap taking no more lines than it has room for; within a gap, wishes are met by pooling neighbours that would
come too close (isotonic regression), so that no line crosses another at the box.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

APART = 14.0
_CLOSER = 0.75
"""How much nearer lines come, again and again, until all have room."""
_NEAREST = 0.01
_CROSSED = 150.0
"""As bad as two lines that cross is one that touches a side so far from where it comes from."""


@dataclass(frozen=True, slots=True)
class Wish:
    """A line that comes from `x`. `weight` says how much it matters that it is straight. One that is `fixed` touches
    the side there and nowhere else."""

    key: str
    x: float
    weight: float = 1.0
    fixed: float | None = None


@dataclass(frozen=True, slots=True)
class _Gap:
    low: float
    high: float
    room: int


def settle(wishes: Sequence[Wish], low: float, high: float) -> dict[str, float]:
    """An x between `low` and `high` for each wish."""
    found = {wish.key: wish.fixed for wish in wishes if wish.fixed is not None}
    free = sorted((wish for wish in wishes if wish.fixed is None), key=lambda wish: wish.x)
    if not free:
        return found
    if not found:
        return _in_gap(free, low, high, APART)
    apart = APART
    gaps = _gaps(sorted(found.values()), low, high, apart)
    while sum(gap.room for gap in gaps) < len(free):
        apart *= _CLOSER
        assert apart > _NEAREST, "a side is long enough for its lines"
        gaps = _gaps(sorted(found.values()), low, high, apart)
    fixed = [wish.x for wish in sorted(wishes, key=lambda wish: wish.fixed or 0.0) if wish.fixed is not None]
    for gap, those in zip(gaps, _shared(free, gaps, fixed), strict=True):
        found |= _in_gap(those, gap.low, gap.high, apart)
    return found


def _gaps(fixed: Sequence[float], low: float, high: float, apart: float) -> list[_Gap]:
    """What is left of a side beside the lines that do not move."""
    edges = [low - apart, *fixed, high + apart]
    ranges = [(max(a + apart, low), min(b - apart, high)) for a, b in pairwise(edges)]
    return [_Gap(a, b, int((b - a) / apart + 1.001) if b >= a else 0) for a, b in ranges]


def _shared(free: Sequence[Wish], gaps: Sequence[_Gap], fixed: Sequence[float]) -> list[Sequence[Wish]]:
    """Which wishes go to which gap: in order, no gap overfull, as near to where they want to be as that allows, and
    across few of the lines that do not move, which come from `fixed`.

    `costs[n]` is that of the first n wishes in the gaps seen so far; `cuts[g][n]` of them then lie before gap g."""
    costs = [0.0] + [float("inf")] * len(free)
    cuts: list[list[int]] = []
    for number, gap in enumerate(gaps):
        far = []
        for wish in free:
            crossed = sum(wish.x < x for x in fixed[:number]) + sum(wish.x > x for x in fixed[number:])
            far.append(max(gap.low - wish.x, wish.x - gap.high, 0.0) * wish.weight + crossed * _CROSSED)
        best, cut = list(costs), list(range(len(free) + 1))
        for end in range(1, len(free) + 1):
            cost = 0.0
            for begin in range(end - 1, max(end - gap.room, 0) - 1, -1):
                cost += far[begin]
                if costs[begin] + cost < best[end]:
                    best[end], cut[end] = costs[begin] + cost, begin
        costs = best
        cuts.append(cut)
    found: list[Sequence[Wish]] = []
    end = len(free)
    for cut in reversed(cuts):
        found.append(free[cut[end] : end])
        end = cut[end]
    assert end == 0, "the gaps have room for all"
    return found[::-1]


def _in_gap(wishes: Sequence[Wish], low: float, high: float, most: float) -> dict[str, float]:
    apart = min(most, (high - low) / (len(wishes) - 1)) if len(wishes) > 1 else 0.0
    blocks: list[tuple[float, float, int]] = []  # mean of x - i * apart, weight, how many
    for index, wish in enumerate(wishes):
        weight = wish.weight
        mean, count = min(max(wish.x, low), high) - index * apart, 1
        while blocks and blocks[-1][0] > mean:
            other, other_weight, other_count = blocks.pop()
            mean = (other * other_weight + mean * weight) / (other_weight + weight)
            weight += other_weight
            count += other_count
        blocks.append((mean, weight, count))
    found = {}
    index = 0
    last = len(wishes) - 1
    for mean, _, count in blocks:
        for _ in range(count):
            found[wishes[index].key] = min(
                max(mean + index * apart, low + index * apart), high - (last - index) * apart
            )
            index += 1
    return found
