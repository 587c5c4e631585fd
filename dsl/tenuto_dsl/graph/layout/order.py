"""The order within ranks: few crossings, by barycentres swept down and up, then by swaps of neighbours.

What is found depends on where the sweeps begin: they do so from several orders, and all answers are given.
Works on numbers: `links` are (upper, lower, weight) between nodes of adjacent ranks; `sides` holds nodes to an edge of
their rank (-1 left, 1 right).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field

Link = tuple[int, int, int]
Around = list[list[tuple[int, float, int]]]
_WORK = 60_000
"""How many node visits the sweeps may take: large charts get fewer of them, never slower ones."""
_SMALL = 300


@dataclass(slots=True)
class Ranked:
    """Nodes in ranks. `skew` is how far from a node's middle a link leaves it, as a part of its width: by the node and
    the number of the link."""

    ranks: list[list[int]]
    links: list[Link]
    sides: dict[int, int] = field(default_factory=dict)
    skew: dict[tuple[int, int], float] = field(default_factory=dict)


def orders(graph: Ranked) -> list[list[list[int]]]:
    """The ranks with their nodes in good orders, without doubles; of a large chart just one."""
    size = sum(len(rank) for rank in graph.ranks) or 1
    around = _neighbours(graph, size)
    starts = [graph.ranks, _walked(graph.ranks, around[1]), [rank[::-1] for rank in graph.ranks]]
    found: list[list[list[int]]] = []
    for start in starts[: len(starts) if size <= _SMALL else 1]:
        answer = _swept(graph, [_with_sides(rank, graph.sides) for rank in start], around, size)
        if answer not in found:
            found.append(answer)
    return found


def _walked(ranks: list[list[int]], below: Around) -> list[list[int]]:
    """The nodes in the order in which a walk down from those above finds them."""
    found: dict[int, int] = {}
    pending = [node for rank in reversed(ranks) for node in reversed(rank)]
    while pending:
        node = pending.pop()
        if node not in found:
            found[node] = len(found)
            pending.extend(other for other, _, _ in reversed(below[node]))
    return [sorted(rank, key=lambda node: found[node]) for rank in ranks]


def _swept(graph: Ranked, best: list[list[int]], neighbours: tuple[Around, Around], size: int) -> list[list[int]]:
    """The best order that sweeps from there come by."""
    above, below = neighbours
    fewest = crossings(best, graph)
    current = [list(rank) for rank in best]
    for sweep in range(max(2, min(24, _WORK // size))):
        if fewest == 0:
            break
        down = sweep % 2 == 0
        around = above if down else below
        position = {node: float(i) for rank in current for i, node in enumerate(rank)}
        for index in range(1, len(current)) if down else range(len(current) - 2, -1, -1):
            current[index] = _by_barycentre(current[index], around, position, graph.sides, last=sweep % 4 > 1)
            position.update({node: float(i) for i, node in enumerate(current[index])})
        if size <= _SMALL:
            _swap_neighbours(current, above, below, graph.sides)
        found = crossings(current, graph)
        if found < fewest:
            fewest, best = found, [list(rank) for rank in current]
    return best


def _neighbours(graph: Ranked, size: int) -> tuple[Around, Around]:
    """For each node its neighbours above and below, as (node, skew there, weight)."""
    count = 1 + max((node for rank in graph.ranks for node in rank), default=0)
    assert count >= size
    above: Around = [[] for _ in range(count)]
    below: Around = [[] for _ in range(count)]
    for number, (upper, lower, weight) in enumerate(graph.links):
        above[lower].append((upper, graph.skew.get((upper, number), 0.0), weight))
        below[upper].append((lower, graph.skew.get((lower, number), 0.0), weight))
    return above, below


def _with_sides(rank: list[int], sides: dict[int, int]) -> list[int]:
    return sorted(rank, key=lambda node: sides.get(node, 0)) if sides else rank


def _by_barycentre(
    rank: list[int], around: Around, position: dict[int, float], sides: dict[int, int], *, last: bool
) -> list[int]:
    """Sorted by the mean place of the neighbours; a node without any keeps its place. `last` turns ties round."""
    keys = {}
    for place, node in enumerate(rank):
        total = sum(weight for _, _, weight in around[node])
        middle = sum(weight * (position[other] + skew) for other, skew, weight in around[node])
        keys[node] = (sides.get(node, 0), middle / total if total else float(place), -place if last else place)
    return sorted(rank, key=lambda node: keys[node])


def crossings(ranks: Sequence[Sequence[int]], graph: Ranked) -> int:
    """How many pairs of links cross, by their weights. Two at one node do so only if both have to touch it at
    a place of their own."""
    position = {node: i for rank in ranks for i, node in enumerate(rank)}
    level = {node: number for number, rank in enumerate(ranks) for node in rank}
    by_rank: list[list[tuple[float, int, int]]] = [[] for _ in ranks]
    for upper, lower, weight in graph.links:
        by_rank[level[upper]].append((position[upper], position[lower], weight))
    at_node: dict[tuple[int, bool], list[tuple[float, int, int]]] = {}
    for (node, number), skew in graph.skew.items():
        upper, lower, weight = graph.links[number]
        other = lower if node == upper else upper
        at_node.setdefault((node, node == upper), []).append((skew, position[other], weight))
    return sum(_inversions(sorted(pairs)) for pairs in (*by_rank, *at_node.values()))


def _inversions(pairs: Sequence[tuple[float, int, int]]) -> int:
    """Of sorted (upper, lower, weight), those that cross, each as often as their weights multiplied."""
    seen: list[int] = []
    total = 0
    for _, lower, weight in pairs:
        place = bisect_right(seen, lower)
        total += (len(seen) - place) * weight
        seen[place:place] = [lower] * weight
    return total


def _swap_neighbours(ranks: list[list[int]], above: Around, below: Around, sides: dict[int, int]) -> None:
    position = {node: i for rank in ranks for i, node in enumerate(rank)}
    for rank in ranks:
        for i in range(len(rank) - 1):
            left, right = rank[i], rank[i + 1]
            if sides.get(left, 0) != sides.get(right, 0):
                continue
            gain = 0
            for around in (above, below):
                for a, skew_a, weight_a in around[left]:
                    for b, skew_b, weight_b in around[right]:
                        here, there = position[a] + skew_a, position[b] + skew_b
                        if here != there:
                            gain += weight_a * weight_b * (1 if here > there else -1)
            if gain > 0:
                rank[i], rank[i + 1] = right, left
                position[left], position[right] = i + 1, i
