"""Places across the ranks, after Brandes and Köpf, "Fast and simple horizontal coordinate assignment" (2001).

Nodes are joined into vertical blocks, four times: from above or below, from the left or the right. In each, a link of a
higher priority (the main path, then the inside of a long line) is never broken by one of a lower. Each of the four, and
their mean, is an answer; the one with the straightest lines is taken.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise


@dataclass(frozen=True, slots=True)
class Column:
    """How far a node reaches to both sides of its anchor, and how far a link may leave it beside the anchor."""

    left: float
    right: float
    reach: float = 0.0
    gap: float = 22.0
    """The least room beside it; of two neighbours, the larger one's counts."""


def apart(left: Column, right: Column) -> float:
    """How far the anchors of neighbours are from each other, at least."""
    return left.right + max(left.gap, right.gap) + right.left


Weighted = tuple[int, int, int]
"""(upper, lower, priority): 2 for the main path, 1 for the inside of a long line, 0 for others."""


def place(ranks: Sequence[Sequence[int]], columns: Sequence[Column], links: Sequence[Weighted]) -> list[float]:
    """An x for the anchor of each node."""
    conflicts = _conflicts(ranks, links)
    answers = []
    for downwards in (True, False):
        for rightwards in (True, False):
            layers = [list(rank) if rightwards else list(reversed(rank)) for rank in ranks]
            mirrored = columns if rightwards else [Column(c.right, c.left, c.reach, c.gap) for c in columns]
            root = _align(layers if downwards else layers[::-1], links, conflicts, downwards, len(columns))
            xs = _compact(layers, mirrored, root)
            answers.append(xs if rightwards else [-x for x in xs])
    spans = [_span(xs, columns) for xs in answers]
    narrowest = min(range(4), key=lambda i: spans[i][1] - spans[i][0])
    moved = []
    for number, xs in enumerate(answers):
        leftmost = number % 2 == 0
        shift = spans[narrowest][0] - spans[number][0] if leftmost else spans[narrowest][1] - spans[number][1]
        moved.append([x + shift for x in xs])
    middle = []
    for four in zip(*moved, strict=True):
        inner = sorted(four)
        middle.append((inner[1] + inner[2]) / 2)
    return min([middle, *moved], key=lambda xs: _cost(xs, columns, links))


def _span(xs: Sequence[float], columns: Sequence[Column]) -> tuple[float, float]:
    left = min((x - c.left for x, c in zip(xs, columns, strict=True)), default=0.0)
    right = max((x + c.right for x, c in zip(xs, columns, strict=True)), default=0.0)
    return left, right


def _cost(xs: Sequence[float], columns: Sequence[Column], links: Sequence[Weighted]) -> float:
    """Bends, their lengths and the width of it all."""
    left, right = _span(xs, columns)
    total = (right - left) * 0.5
    for upper, lower, priority in links:
        distance = abs(xs[upper] - xs[lower]) - max(columns[upper].reach, columns[lower].reach)
        if distance > 0.5:
            total += (25 + distance * 0.25) * (1, 2, 12)[priority]
    return total


def _conflicts(ranks: Sequence[Sequence[int]], links: Sequence[Weighted]) -> set[tuple[int, int]]:
    """Links that cross one of a higher priority, or leave a node by the side that such a one does."""
    position = {node: i for rank in ranks for i, node in enumerate(rank)}
    level = {node: number for number, rank in enumerate(ranks) for node in rank}
    gaps: list[list[Weighted]] = [[] for _ in ranks]
    for link in links:
        gaps[level[link[0]]].append(link)
    found = set()
    strongest: dict[tuple[int, bool], int] = {}
    for upper, lower, priority in links:
        for end in ((upper, True), (lower, False)):
            strongest[end] = max(strongest.get(end, 0), priority)
    for upper, lower, priority in links:
        if priority < max(strongest[upper, True], strongest[lower, False]):
            found.add((upper, lower))
    for gap in gaps:
        for priority in (0, 1):
            strong = sorted((position[a], position[b]) for a, b, p in gap if p > priority)
            if not strong:
                continue
            uppers = [a for a, _ in strong]
            furthest = list(accumulate((b for _, b in strong), max))
            nearest = list(accumulate((b for _, b in reversed(strong)), min))[::-1]
            for a, b, p in gap:
                if p == priority:
                    left, right = bisect_left(uppers, position[a]), bisect_right(uppers, position[a])
                    if (left and furthest[left - 1] > position[b]) or (
                        right < len(strong) and nearest[right] < position[b]
                    ):
                        found.add((a, b))
    return found


def _align(
    layers: list[list[int]], links: Sequence[Weighted], conflicts: set[tuple[int, int]], downwards: bool, count: int
) -> list[int]:
    """The root of each node's block, walking the layers in the order given and each from its start."""
    position = {node: i for layer in layers for i, node in enumerate(layer)}
    before: list[list[tuple[int, int]]] = [[] for _ in range(count)]
    for upper, lower, priority in links:
        if (upper, lower) not in conflicts:
            node, other = (lower, upper) if downwards else (upper, lower)
            before[node].append((position[other], priority))
    root = list(range(count))
    taken = [False] * count
    for above, layer in pairwise(layers):
        last = -1
        for node in layer:
            strongest = max((priority for _, priority in before[node]), default=0)
            around = sorted({place for place, priority in before[node] if priority == strongest})
            if not around:
                continue
            middle = (len(around) - 1) / 2
            for choice in sorted({int(middle), int(middle + 0.5)}):
                place = around[choice]
                other = above[place]
                if place > last and not taken[other]:
                    root[node] = root[other]
                    taken[other] = True
                    last = place
                    break
    return root


def _compact(layers: list[list[int]], columns: Sequence[Column], root: list[int]) -> list[float]:
    """Blocks as far to the left as they go, then each drawn to the right as far as its neighbours leave room."""
    after: dict[int, dict[int, float]] = {}
    before: dict[int, dict[int, float]] = {}
    for layer in layers:
        for left, right in pairwise(layer):
            room = apart(columns[left], columns[right])
            a, b = root[left], root[right]
            if room > after.setdefault(a, {}).get(b, 0.0):
                after[a][b] = before.setdefault(b, {})[a] = room
    blocks = list(dict.fromkeys(root[node] for layer in layers for node in layer))
    order = _sorted_blocks(blocks, before, after)
    xs: dict[int, float] = {}
    for block in order:
        xs[block] = max((xs[a] + room for a, room in before.get(block, {}).items()), default=0.0)
    for block in reversed(order):
        limit = min((xs[b] - room for b, room in after.get(block, {}).items()), default=None)
        if limit is not None:
            xs[block] = max(xs[block], limit)
    return [xs[root[node]] for node in range(len(root))]


def _sorted_blocks(
    blocks: list[int], before: dict[int, dict[int, float]], after: dict[int, dict[int, float]]
) -> list[int]:
    waiting = {block: len(before.get(block, {})) for block in blocks}
    ready = [block for block in blocks if waiting[block] == 0]
    order = []
    while ready:
        block = ready.pop()
        order.append(block)
        for other in after.get(block, {}):
            waiting[other] -= 1
            if waiting[other] == 0:
                ready.append(other)
    assert len(order) == len(blocks), "blocks never cross"
    return order
