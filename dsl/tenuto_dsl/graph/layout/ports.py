"""Where lines touch the side of a box: as straight as they come, in order, and not too close together.

Each line wants the x it comes from. Wishes are met by pooling neighbours that would come too close (isotonic
regression), so that no line crosses another at the box.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

APART = 14.0


@dataclass(frozen=True, slots=True)
class Wish:
    """A line that comes from `x`. `weight` says how much it matters that it is straight; `fixed` ones do not move."""

    key: str
    x: float
    weight: float = 1.0
    fixed: bool = False


def settle(wishes: Sequence[Wish], low: float, high: float) -> dict[str, float]:
    """An x between `low` and `high` for each wish."""
    if not wishes:
        return {}
    ordered = sorted(wishes, key=lambda wish: wish.x)
    apart = min(APART, (high - low) / (len(ordered) - 1)) if len(ordered) > 1 else 0.0
    blocks: list[tuple[float, float, int]] = []  # mean of x - i * apart, weight, how many
    for index, wish in enumerate(ordered):
        weight = 1e6 if wish.fixed else wish.weight
        mean, count = min(max(wish.x, low), high) - index * apart, 1
        while blocks and blocks[-1][0] > mean:
            other, other_weight, other_count = blocks.pop()
            mean = (other * other_weight + mean * weight) / (other_weight + weight)
            weight += other_weight
            count += other_count
        blocks.append((mean, weight, count))
    found = {}
    index = 0
    last = len(ordered) - 1
    for mean, _, count in blocks:
        for _ in range(count):
            x = min(max(mean + index * apart, low + index * apart), high - (last - index) * apart)
            found[ordered[index].key] = ordered[index].x if ordered[index].fixed else x
            index += 1
    return found
