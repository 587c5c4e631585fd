"""How good a drawing of a level is: of several, the one with the least price is taken.

Lines that lie on each other cost most. Then come crossings, those of the main path more than others, bends, width and
how far lines run.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from itertools import pairwise

from tenuto_dsl.graph.layout.geometry import Point

_COVERED = 10_000.0
_CROSSING = 200.0
_BEND = 12.0
_WIDTH = 0.8
_HEIGHT = 0.4
_LENGTH = 0.04


def price(ways: Iterable[tuple[Sequence[Point], int]], width: float, height: float) -> float:
    """The price of ways, each with what a crossing of it weighs, in a drawing of that size."""
    total = width * _WIDTH + height * _HEIGHT
    across: list[tuple[float, float, float, int]] = []
    upright: list[tuple[float, float, float, int]] = []
    for way, weight in ways:
        for (x1, y1), (x2, y2) in pairwise(way):
            total += (abs(x2 - x1) + abs(y2 - y1)) * _LENGTH
            if abs(y1 - y2) < abs(x1 - x2):
                across.append((y1, min(x1, x2), max(x1, x2), weight))
                total += _BEND
            else:
                upright.append((x1, min(y1, y2), max(y1, y2), weight))
    upright.sort()
    return total + _CROSSING * _crossings(across, upright) + _COVERED * _covered(upright)


def _crossings(across: list[tuple[float, float, float, int]], upright: list[tuple[float, float, float, int]]) -> int:
    xs = [x for x, _, _, _ in upright]
    return sum(
        weight * other
        for y, left, right, weight in across
        for _, top, bottom, other in upright[bisect_right(xs, left + 0.5) : bisect_left(xs, right - 0.5)]
        if top + 0.5 < y < bottom - 0.5
    )


def _covered(upright: list[tuple[float, float, float, int]]) -> int:
    """How many pairs of upright pieces lie on each other. Others never do: each has a track of its own."""
    found = 0
    for number, (x, top, bottom, _) in enumerate(upright):
        for other, high, low, _ in upright[number + 1 :]:
            if other - x > 2.0:
                break
            found += min(bottom, low) - max(top, high) > 2.0
    return found
