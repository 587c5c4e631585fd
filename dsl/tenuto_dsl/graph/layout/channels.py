"""The bends between two ranks: which horizontal piece runs on which track, so that none lies on another.

A piece leaves the upper rank at `upper` and reaches the lower one at `lower`. Of two pieces that overlap, the one above
is chosen so that they cross least; a vertical end that would lie on the other's is forbidden by a high price.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

CLOSE = 9.0
"""Vertical lines nearer than this would be taken for one."""
_ALIKE = 0.5
_SAME = 3.0
_FORBIDDEN = 1000
_UNWANTED = 20


@dataclass(frozen=True, slots=True)
class Piece:
    """With an `edge` it comes from beyond all others on that side (-1 left, 1 right), without a vertical part there."""

    upper: float
    lower: float
    edge: int = 0

    @property
    def low(self) -> float:
        return -inf if self.edge < 0 else min(self.upper, self.lower)

    @property
    def high(self) -> float:
        return inf if self.edge > 0 else max(self.upper, self.lower)

    @property
    def straight(self) -> bool:
        return abs(self.upper - self.lower) < _ALIKE


def tracks(pieces: Sequence[Piece]) -> list[int]:
    """A track for each piece, from 0 at the top; -1 for a straight one."""
    bent = [i for i, piece in enumerate(pieces) if not piece.straight]
    under: dict[int, dict[int, int]] = {i: {} for i in bent}
    meets: dict[int, list[int]] = {i: [] for i in bent}
    for place, i in enumerate(bent):
        for j in bent[place + 1 :]:
            a, b = pieces[i], pieces[j]
            if a.low - CLOSE < b.high and b.low - CLOSE < a.high:
                meets[i].append(j)
                meets[j].append(i)
                above, below = _price(a, b), _price(b, a)
                if above < below:
                    under[i][j] = below - above
                elif below < above:
                    under[j][i] = above - below
    found = [-1] * len(pieces)
    for i in _by_preference(bent, pieces, under):
        taken = [found[j] for j in meets[i] if found[j] >= 0]
        found[i] = max(taken, default=-1) + 1
    return found


def _price(above: Piece, below: Piece) -> int:
    """What it costs that one piece runs above the other."""
    price = 5 if below.edge else 0  # its label is above it
    if below.low < above.lower < below.high:
        price += 1
    if below.edge:
        return price
    if above.low < below.upper < above.high:
        price += 1
    distance = abs(above.lower - below.upper)
    if distance < CLOSE:
        price += _FORBIDDEN if distance < _SAME else _UNWANTED
    return price


def _by_preference(bent: list[int], pieces: Sequence[Piece], under: dict[int, dict[int, int]]) -> list[int]:
    """The pieces from top to bottom: in the order wanted, a circle of wishes broken where it costs least."""
    wishes = dict.fromkeys(bent, 0)
    for below in under.values():
        for j, weight in below.items():
            wishes[j] += weight
    left = sorted(bent, key=lambda i: (pieces[i].low, pieces[i].high))
    order = []
    while left:
        chosen = min(left, key=lambda i: wishes[i])
        left.remove(chosen)
        order.append(chosen)
        for j, weight in under[chosen].items():
            wishes[j] -= weight
    return order
