"""Which way lines run, and on which rank each item lies.

Ranks count by two: items lie on even ones, labels get the odd ones between. A line that would close a cycle is turned
round for the layout (and drawn the other way at the end): found by a depth-first walk from the initial state that takes
the heaviest lines first, so the main path is never turned.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(slots=True)
class Tie:
    """A line between two items of a level, before it has a place. `flipped`: the layout sees it from head to tail."""

    key: str
    tail: str
    head: str
    weight: int = 1
    flipped: bool = False

    @property
    def upper(self) -> str:
        return self.head if self.flipped else self.tail

    @property
    def lower(self) -> str:
        return self.tail if self.flipped else self.head


def orient(nodes: Sequence[str], ties: Sequence[Tie], first: str | None) -> None:
    """Flip what leads back to the initial state, or closes another cycle. `nodes` are in the order in which the walk
    may begin."""
    out: dict[str, list[Tie]] = {node: [] for node in nodes}
    for tie in ties:
        tie.flipped = tie.head == first
        if not tie.flipped:
            out[tie.tail].append(tie)
    for node in nodes:
        out[node].sort(key=lambda tie: -tie.weight)
    state: dict[str, int] = {}
    for root in nodes:
        if root in state:
            continue
        state[root] = 1
        stack = [(root, iter(out[root]))]
        while stack:
            node, rest = stack[-1]
            for tie in rest:
                seen = state.get(tie.head)
                if seen == 1:
                    tie.flipped = True
                elif seen is None:
                    state[tie.head] = 1
                    stack.append((tie.head, iter(out[tie.head])))
                    break
            else:
                state[node] = 2
                stack.pop()


def rank(nodes: Sequence[str], ties: Sequence[Tie], first: str | None) -> dict[str, int]:
    """An even rank for each node: below all that lead to it, as near to them as its own lines want."""
    up: dict[str, list[Tie]] = {node: [] for node in nodes}
    down: dict[str, list[Tie]] = {node: [] for node in nodes}
    for tie in ties:
        down[tie.upper].append(tie)
        up[tie.lower].append(tie)
    order = _topological(nodes, up, down)
    ranks = dict.fromkeys(nodes, 0)
    for node in order:
        ranks[node] = max((ranks[tie.upper] + 2 for tie in up[node]), default=0)
    _sink(nodes, ties, ranks, first)
    for _ in range(4):
        for node in reversed(order):
            _tighten(node, ranks, up[node], down[node], first)
        for node in order:
            _tighten(node, ranks, up[node], down[node], first)
    lowest = min(ranks.values(), default=0)
    return {node: value - lowest for node, value in ranks.items()}


def _topological(nodes: Sequence[str], up: dict[str, list[Tie]], down: dict[str, list[Tie]]) -> list[str]:
    waiting = {node: len(up[node]) for node in nodes}
    ready = [node for node in nodes if waiting[node] == 0]
    order = []
    while ready:
        node = ready.pop(0)
        order.append(node)
        for tie in down[node]:
            waiting[tie.lower] -= 1
            if waiting[tie.lower] == 0:
                ready.append(tie.lower)
    assert len(order) == len(nodes), "no cycle is left"
    return order


def _sink(nodes: Sequence[str], ties: Sequence[Tie], ranks: dict[str, int], first: str | None) -> None:
    """Put what no line joins to the initial state to the bottom: what handlers of the enclosing state lead to."""
    group = {node: node for node in nodes}

    def root(node: str) -> str:
        while group[node] != node:
            group[node] = group[group[node]]
            node = group[node]
        return node

    for tie in ties:
        group[root(tie.tail)] = root(tie.head)
    deepest = max(ranks.values(), default=0)
    lowest: dict[str, int] = {}
    for node in nodes:
        lowest[root(node)] = max(lowest.get(root(node), 0), ranks[node])
    for node in nodes:
        if first is not None and root(node) != root(first):
            ranks[node] += deepest - lowest[root(node)]


def _tighten(node: str, ranks: dict[str, int], up: list[Tie], down: list[Tie], first: str | None) -> None:
    if node == first or not (up or down):
        return
    above = max((ranks[tie.upper] + 2 for tie in up), default=None)
    below = min((ranks[tie.lower] - 2 for tie in down), default=None)
    pull = sum(tie.weight for tie in down) - sum(tie.weight for tie in up)
    if above is None:
        assert below is not None, "a node without lines was left above"
        ranks[node] = below
    elif below is None or pull < 0:
        ranks[node] = above
    elif pull > 0:
        ranks[node] = below
    else:
        ranks[node] = min(max(ranks[node], above), below)
