"""A layered layout of one level: items on ranks, lines between them, labels in ranks of their own.

    plan = lay_out(items, lines)

Items have their ranks already (see `ranks`). A line runs downwards from `upper` to `lower` over every rank between, as
a chain of points; its label is a point of that chain that is as wide as its text, so nothing can come to lie on it.
Lines are drawn with right angles: straight through the ranks, bent in the channels between them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import pairwise, takewhile

from tenuto_dsl.graph.layout.channels import Piece, tracks
from tenuto_dsl.graph.layout.choice import price
from tenuto_dsl.graph.layout.geometry import Point, Rect, Size
from tenuto_dsl.graph.layout.order import Ranked, orders
from tenuto_dsl.graph.layout.place import Column, apart, place
from tenuto_dsl.graph.layout.ports import APART, Wish, settle

TRACK = 11.0
"""From track to track in a channel."""
_MARGIN = 9.0
"""Above the first track and below the last."""
_ARROW = 10.0
"""More room above boxes, for the heads of arrows; and below them, for those that come from there."""
_HISTORY = 16.0
"""Still more room for the circle that a `history` ends in."""
_INSET = 14.0
"""From the corner of a box to the first line that may touch it."""
_BESIDE = 7.0
"""From a line to the text of its label."""
_SLIM = 2.0
_MOST_BESIDE = 5


@dataclass(slots=True)
class Item:
    """A box or a point. `left` and `right` reach from its anchor. `ports` are the lines that touch it at a given
    distance from its anchor; other lines choose. `side` holds it at an edge of its rank."""

    key: str
    rank: int
    left: float
    right: float
    height: float
    ports: dict[str, float] = field(default_factory=dict)
    side: int = 0
    hidden: bool = False
    """A mere point: lines end at its middle, and no arrow needs room."""
    margin: float = 0.0
    """Of `right`, what is kept free for a loop: no part of the box."""


@dataclass(frozen=True, slots=True)
class Line:
    key: str
    upper: str
    lower: str
    priority: int = 0
    label: Size | None = None
    label_low: bool = False
    """The label is wanted near the lower end: the line is drawn from there."""
    history: bool = False
    """It ends in a circle."""


@dataclass(frozen=True, slots=True)
class Plan:
    """`boxes` by item; `ways` by line, from upper to lower; `labels` by line. The origin is the top left corner. The
    first bend of a line in `open` has room as far as the edge that its upper item is held at."""

    boxes: dict[str, Rect]
    ways: dict[str, list[Point]]
    labels: dict[str, Rect]
    width: float
    height: float
    anchors: dict[str, float]
    open: frozenset[str]


def lay_out(items: Sequence[Item], lines: Sequence[Line]) -> Plan:
    return _Layout(items, lines).plan()


class _Layout:
    def __init__(self, items: Sequence[Item], lines: Sequence[Line]) -> None:
        self.items = list(items)
        self.lines = list(lines)
        self.number = {item.key: n for n, item in enumerate(self.items)}
        self.lowest = min((item.rank for item in self.items), default=0)
        deepest = max((item.rank for item in self.items), default=0)
        self.ranks: list[list[int]] = [[] for _ in range(deepest - self.lowest + 1)]
        self.columns: list[Column] = []
        self.heights: list[float] = []
        self.level: list[int] = []
        self.chains: list[list[int]] = []
        self.label_nodes: dict[int, int] = {}
        self.xs: list[float] = []
        self.open: set[str] = set()

    def plan(self) -> Plan:
        for item in self.items:
            reach = 0.0 if item.hidden or item.ports else max(0.0, min(item.left, item.right - item.margin) - _INSET)
            self.node(item.rank - self.lowest, Column(item.left, item.right, reach), item.height)
        for number, line in enumerate(self.lines):
            self.chains.append(self.chain(number, line))
        plans = []
        for ranks in self.arranged():
            self.ranks = ranks
            self.xs = self.placed()
            plans.append(self.drawn())
        return plans[0] if len(plans) == 1 else min(plans, key=self.price)

    def price(self, plan: Plan) -> float:
        ways = [(plan.ways[line.key], 3 if line.priority == 2 else 1) for line in self.lines]
        return price(ways, plan.width, plan.height)

    def node(self, level: int, column: Column, height: float) -> int:
        node = len(self.columns)
        self.columns.append(column)
        self.heights.append(height)
        self.level.append(level)
        self.ranks[level].append(node)
        return node

    def chain(self, number: int, line: Line) -> list[int]:
        """The nodes of a line from its upper item to its lower one."""
        upper, lower = self.number[line.upper], self.number[line.lower]
        top, bottom = self.level[upper], self.level[lower]
        assert top < bottom, "lines run downwards"
        between = list(range(top + 1, bottom))
        odd = [level for level in between if (level + self.lowest) % 2]
        labelled = None
        if line.label is not None and odd:
            labelled = odd[-1] if line.label_low else odd[0]
        nodes = [upper]
        for level in between:
            if level == labelled and line.label is not None:
                node = self.node(level, Column(_SLIM, _BESIDE + line.label.width, gap=14.0), line.label.height)
                self.label_nodes[number] = node
            else:
                node = self.node(level, Column(_SLIM, _SLIM, gap=12.0), 0.0)
            nodes.append(node)
        return [*nodes, lower]

    # -- across -------------------------------------------------------------------------------------------------------

    def arranged(self) -> list[list[list[int]]]:
        """Orders of the ranks, to be tried."""
        links: list[tuple[int, int, int]] = []
        skew: dict[tuple[int, int], float] = {}
        for line, chain in zip(self.lines, self.chains, strict=True):
            for position, (a, b) in enumerate(pairwise(chain)):
                for end, at in ((a, 0), (b, len(chain) - 2)):
                    if position == at and end < len(self.items) and line.key in self.items[end].ports:
                        skew[end, len(links)] = self.skew(self.items[end], line.key)
                links.append((a, b, (1, 2, 4)[line.priority]))
        sides = {n: item.side for n, item in enumerate(self.items) if item.side}
        return orders(Ranked(self.ranks, links, sides, skew))

    def skew(self, item: Item, key: str) -> float:
        return 0.9 * item.ports[key] / max(1.0, item.left + item.right)

    def placed(self) -> list[float]:
        links = []
        for line, chain in zip(self.lines, self.chains, strict=True):
            for a, b in pairwise(chain):
                inside = a >= len(self.items) and b >= len(self.items)
                links.append((a, b, 2 if line.priority == 2 else int(inside)))
        xs = place(self.ranks, self.columns, links)
        left = min((x - c.left for x, c in zip(xs, self.columns, strict=True)), default=0.0)
        return [x - left for x in xs]

    # -- down ---------------------------------------------------------------------------------------------------------

    def drawn(self) -> Plan:
        self.open = set()
        touches = self.touches()
        self.straighten(touches)
        segments: list[list[tuple[int, int, Piece]]] = [[] for _ in self.ranks]
        for number, chain in enumerate(self.chains):
            for position, a in enumerate(chain[:-1]):
                piece = Piece(self.leaves(number, position, touches), self.arrives(number, position, touches))
                if position == 0 and not piece.straight:
                    piece = replace(piece, edge=self.edge(self.lines[number]))
                segments[self.level[a]].append((number, position, piece))
        tops: list[float] = []
        bottoms: list[float] = []
        bends: dict[tuple[int, int], float] = {}
        y = 0.0
        for level, rank in enumerate(self.ranks):
            tops.append(y)
            y += max((self.heights[node] for node in rank), default=0.0)
            bottoms.append(y)
            if level + 1 < len(self.ranks):
                y = self.channel(level, y, segments[level], bends)
        boxes = {}
        for node, item in enumerate(self.items):
            level = self.level[node]
            room = bottoms[level] - tops[level] - item.height
            top = tops[level] + (room if item.side else room / 2)  # what is at an edge goes on straight below
            width = item.left + item.right - item.margin
            boxes[item.key] = Rect(self.xs[node] - item.left, top, width, item.height)
        labels = {}
        for number, node in self.label_nodes.items():
            size = self.lines[number].label
            assert size is not None, "only lines with a label have such a node"
            level = self.level[node]
            top = tops[level] + (bottoms[level] - tops[level] - size.height) / 2
            labels[self.lines[number].key] = Rect(self.xs[node] + _BESIDE, top, size.width, size.height)
        ways = {line.key: self.way(n, touches, bends, boxes) for n, line in enumerate(self.lines)}
        width = max((x + c.right for x, c in zip(self.xs, self.columns, strict=True)), default=0.0)
        anchors = {item.key: self.xs[n] for n, item in enumerate(self.items)}
        return Plan(boxes, ways, labels, width, y, anchors, frozenset(self.open))

    def edge(self, line: Line) -> int:
        """The side that a line may come from straight away: it is the outermost that begins at an edge."""
        item = self.items[self.number[line.upper]]
        if item.side and all(abs(port) <= abs(item.ports[line.key]) for port in item.ports.values()):
            self.open.add(line.key)
            return item.side
        return 0

    def channel(
        self, level: int, y: float, pieces: list[tuple[int, int, Piece]], bends: dict[tuple[int, int], float]
    ) -> float:
        """The bends of a channel that begins at y; where it ends."""
        if not pieces:
            return y + _MARGIN
        found = tracks([piece for _, _, piece in pieces])
        circles = {
            line.label_low
            for (number, position, piece) in pieces
            for line in (self.lines[number],)
            if line.history and not piece.straight
            and position == (0 if line.label_low else len(self.chains[number]) - 2)
        }  # fmt: skip
        start = y + _MARGIN + (_ARROW if self.has_boxes(level) else 0.0) + (_HISTORY if True in circles else 0.0)
        for (number, position, _), track in zip(pieces, found, strict=True):
            if track >= 0:
                bends[number, position] = start + track * TRACK
        end = start + max(0, max(found)) * TRACK + _MARGIN
        return end + (_ARROW if self.has_boxes(level + 1) else 0.0) + (_HISTORY if False in circles else 0.0)

    def has_boxes(self, level: int) -> bool:
        return any(node < len(self.items) and not self.items[node].hidden for node in self.ranks[level])

    def touches(self) -> dict[tuple[int, bool], float]:
        """Where each line touches its items: by (line, at its lower end)."""
        wishes: dict[tuple[int, bool], list[Wish]] = {}
        for number, (line, chain) in enumerate(zip(self.lines, self.chains, strict=True)):
            for node, near, low in ((chain[0], chain[1], False), (chain[-1], chain[-2], True)):
                item = self.items[node]
                fixed = self.xs[node] + item.ports[line.key] if line.key in item.ports else None
                wish = Wish(f"{number}", self.wanted(line.key, near, node), 10.0 if line.priority == 2 else 1.0, fixed)
                wishes.setdefault((node, low), []).append(wish)
        found = {}
        for (node, low), wanted in wishes.items():
            item, x = self.items[node], self.xs[node]
            inset = min(_INSET, (item.left + item.right - item.margin) / 3)
            edges = (x, x) if item.hidden else (x - item.left + inset, x + item.right - item.margin - inset)
            for key, place_ in settle(wanted, *edges).items():
                found[int(key), low] = place_
        return found

    def straighten(self, touches: dict[tuple[int, bool], float]) -> None:
        """Move what lies straight in the middle of a line to where the line touches a box, if there is room: small
        bends look like mistakes."""
        position = {node: i for rank in self.ranks for i, node in enumerate(rank)}
        wishes = []
        for number, chain in enumerate(self.chains):
            inner = chain[1:-1]
            for low, ordered in ((False, inner), (True, inner[::-1])):
                if not ordered:
                    continue
                x = self.xs[ordered[0]]
                run = list(takewhile(partial(self.lies_at, x), ordered))
                shift = touches[number, low] - x
                if shift:
                    other = touches[number, not low] - x if len(run) == len(inner) else 0.0
                    wishes.append((-self.lines[number].priority, abs(shift), number, low, run, shift, other))
        for _, _, number, low, run, shift, other in sorted(wishes, key=lambda wish: wish[:4]):
            aligned = len(run) == len(self.chains[number]) - 2 and abs(other) < 0.01
            moved = abs(self.xs[run[0]] + shift - touches[number, low]) > 0.01
            if not aligned and not moved and all(self.fits(node, shift, position) for node in run):
                for node in run:
                    self.xs[node] += shift

    def lies_at(self, x: float, node: int) -> bool:
        return abs(self.xs[node] - x) < 0.01

    def fits(self, node: int, shift: float, position: dict[int, int]) -> bool:
        rank, place_ = self.ranks[self.level[node]], position[node]
        x = self.xs[node] + shift
        if place_ > 0:
            left = rank[place_ - 1]
            if x - self.xs[left] < self.tight(left, node):
                return False
        if place_ + 1 < len(rank):
            right = rank[place_ + 1]
            return self.xs[right] - x >= self.tight(node, right)
        return True

    def tight(self, left: int, right: int) -> float:
        """How near neighbours may come for the sake of a straight line."""
        a, b = self.columns[left], self.columns[right]
        return apart(a, b) - max(a.gap, b.gap) / 2

    def wanted(self, key: str, near: int, node: int) -> float:
        """The x a line comes from: a point's own; for a box, what both can reach."""
        if near >= len(self.items) or self.items[near].hidden:
            return self.xs[near] + (self.items[near].ports.get(key, 0.0) if near < len(self.items) else 0.0)
        return self.xs[node]

    def leaves(self, number: int, position: int, touches: dict[tuple[int, bool], float]) -> float:
        return touches[number, False] if position == 0 else self.xs[self.chains[number][position]]

    def arrives(self, number: int, position: int, touches: dict[tuple[int, bool], float]) -> float:
        last = position == len(self.chains[number]) - 2
        return touches[number, True] if last else self.xs[self.chains[number][position + 1]]

    def way(
        self,
        number: int,
        touches: dict[tuple[int, bool], float],
        bends: dict[tuple[int, int], float],
        boxes: dict[str, Rect],
    ) -> list[Point]:
        line, chain = self.lines[number], self.chains[number]
        upper, lower = boxes[line.upper], boxes[line.lower]
        points: list[Point] = [(touches[number, False], upper.bottom)]
        for position in range(len(chain) - 1):
            if (number, position) in bends:
                y = bends[number, position]
                points.append((self.leaves(number, position, touches), y))
                points.append((self.arrives(number, position, touches), y))
        points.append((touches[number, True], lower.y))
        return points


def widened(size: Size, lines: int) -> Size:
    """A box wide enough for so many lines on one side, with one of them in its middle and the others beside it."""
    beside = min(lines - 1, _MOST_BESIDE) * 2 if lines > 1 else 0
    most = lines if lines > _MOST_BESIDE else lines - 1
    return Size(max(size.width, 2 * _INSET + max(beside, most) * APART), size.height)
