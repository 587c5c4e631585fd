"""The layout of a whole chart: level within level.

The inside of a state is laid out first, then the state is a box of its level, with ports where arrows cross its border.
Which side an arrow crosses is decided from the outside in (by the ranks of the enclosing level), sizes and places from
the inside out. `y` runs along the ranks throughout; a chart to the right is turned at the very end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from tenuto_dsl.graph.layout import handlers, layered
from tenuto_dsl.graph.layout.frames import Frame, framed
from tenuto_dsl.graph.layout.geometry import Point, Rect, Size
from tenuto_dsl.graph.layout.levels import Crossing, Level, Side, member_of
from tenuto_dsl.graph.layout.ranks import Tie, orient, rank
from tenuto_dsl.graph.layout.regions import lay_out_regions
from tenuto_dsl.graph.model import Arrow, Vertex

_DOT = 14.0
_LOOP = 22.0
_LOOP_APART = 6.0
_MANY = 6


class Sizes(Protocol):
    """How large things are, along the ranks and across."""

    turned: bool

    def header(self, vertex: Vertex) -> Size: ...
    def label(self, arrow: Arrow) -> Size: ...


@dataclass(slots=True)
class Inside:
    """A state that has been laid out, seen from its top left corner. `tails` run from the source of an arrow to the
    border, `heads` from the border inwards to its target, `ways` from end to end."""

    size: Size
    boxes: dict[str, Rect] = field(default_factory=dict)
    headers: dict[str, Rect] = field(default_factory=dict)
    labels: dict[str, Rect] = field(default_factory=dict)
    tails: dict[str, list[Point]] = field(default_factory=dict)
    heads: dict[str, list[Point]] = field(default_factory=dict)
    ways: dict[str, list[Point]] = field(default_factory=dict)
    dots: dict[str, Point] = field(default_factory=dict)
    starts: dict[str, list[Point]] = field(default_factory=dict)
    dividers: list[tuple[Point, Point]] = field(default_factory=list)

    def port(self, key: str, *, outwards: bool) -> float:
        """Where an arrow crosses the border, from the left."""
        return self.tails[key][-1][0] if outwards else self.heads[key][0][0]

    def take(self, other: Inside, dx: float, dy: float) -> None:
        """Hold another one's parts, moved; its tails and heads are for the caller to go on with."""
        for path, rect in other.boxes.items():
            self.boxes[path] = rect.moved(dx, dy)
        for path, rect in other.headers.items():
            self.headers[path] = rect.moved(dx, dy)
        for key, rect in other.labels.items():
            self.labels[key] = rect.moved(dx, dy)
        for key, points in other.ways.items():
            self.ways[key] = moved(points, dx, dy)
        for path, (x, y) in other.dots.items():
            self.dots[path] = (x + dx, y + dy)
        for path, points in other.starts.items():
            self.starts[path] = moved(points, dx, dy)
        self.dividers += [((a + dx, b + dy), (c + dx, d + dy)) for (a, b), (c, d) in other.dividers]


def moved(points: Sequence[Point], dx: float, dy: float) -> list[Point]:
    return [(x + dx, y + dy) for x, y in points]


def lay_out_state(vertex: Vertex, crossings: Sequence[Crossing], levels: dict[str, Level], sizes: Sizes) -> Inside:
    """A state with what is inside it. `crossings` are the arrows that cross its border."""
    if vertex.regions:
        return lay_out_regions(vertex, crossings, levels, sizes)
    if not vertex.states:
        size = sizes.header(vertex)
        return Inside(size, headers={vertex.path: Rect(0.0, 0.0, size.width, size.height)})
    return _Composite(vertex, crossings, levels, sizes).result()


class _Composite:
    """The level inside of one state that has states."""

    def __init__(self, vertex: Vertex, crossings: Sequence[Crossing], levels: dict[str, Level], sizes: Sizes) -> None:
        self.vertex = vertex
        self.level = levels[vertex.path]
        self.levels = levels
        self.sizes = sizes
        rising = [Crossing(a, "bottom", True, member_of(a.source, vertex.path)) for a in self.level.rising]
        self.rising = {crossing.arrow.id for crossing in rising}
        self.crossings = [*crossings, *rising]
        self.by_path = {state.path: state for state in vertex.states}
        initial = next((s for s in vertex.states if s.initial), None)
        self.first = initial.path if initial is not None else None
        self.ties = {
            arrow.id: Tie(
                arrow.id, self.member(arrow.source), self.member(arrow.target), 8 if arrow.main else _weight(arrow)
            )
            for arrow in self.level.ties
        }
        nodes = sorted(self.by_path, key=lambda path: path != self.first)
        orient(nodes, list(self.ties.values()), self.first)
        self.ranks = rank(nodes, list(self.ties.values()), self.first)
        self.inner: dict[str, Inside] = {}
        self.loops: dict[str, list[Arrow]] = {}
        for arrow in self.level.loops:
            self.loops.setdefault(arrow.source, []).append(arrow)
        self.arrows = {arrow.id: arrow for arrow in (*self.level.ties, *self.level.handlers)}

    def member(self, path: str) -> str:
        return member_of(path, self.vertex.path)

    # -- the items of the level ---------------------------------------------------------------------------------------

    def result(self) -> Inside:
        demands = self.demands()
        items = [self.item(state, demands.get(state.path, [])) for state in self.in_order()]
        places = {item.key: place for place, item in enumerate(items)}
        lines = sorted(map(self.line, self.level.ties), key=lambda line: (places[line.upper], places[line.lower]))
        self.add_start(items, lines)
        self.add_crossings(items, lines)
        blocks = self.add_handlers(items, lines)
        plan = layered.lay_out(items, lines)
        return self.assemble(plan, blocks)

    def in_order(self) -> list[Vertex]:
        """The states as they are to lie on their ranks when no crossing decides: a rank with many has the main path in
        its middle, where it can be straight."""
        main = {self.member(path) for a in self.level.ties if a.main for path in (a.source, a.target)}
        found: list[Vertex] = []
        for number in sorted(set(self.ranks.values())):
            states = [state for state in self.vertex.states if self.ranks[state.path] == number]
            middle = [state for state in states if state.path in main]
            if len(states) >= _MANY and len(middle) == 1:
                states.remove(middle[0])
                states.insert(len(states) // 2, middle[0])
            found += states
        return found

    def demands(self) -> dict[str, list[Crossing]]:
        """The crossings of each inner state that has an inside."""
        found: dict[str, list[Crossing]] = {}

        def demand(arrow: Arrow, path: str, side: Side, outwards: bool) -> None:
            owner = self.member(path)
            if owner != path:
                found.setdefault(owner, []).append(Crossing(arrow, side, outwards, member_of(path, owner)))

        for arrow in self.level.ties:
            flipped = self.ties[arrow.id].flipped
            demand(arrow, arrow.source, "top" if flipped else "bottom", True)
            demand(arrow, arrow.target, "bottom" if flipped else "top", False)
        for crossing in self.crossings:
            path = crossing.arrow.source if crossing.outwards else crossing.arrow.target
            demand(crossing.arrow, path, crossing.side, crossing.outwards)
        for arrow in self.level.handlers:
            demand(arrow, arrow.target, "top", False)
        return found

    def item(self, state: Vertex, crossings: list[Crossing]) -> layered.Item:
        ports: dict[str, float] = {}
        if state.inner:
            inner = self.inner[state.path] = lay_out_state(state, crossings, self.levels, self.sizes)
            size = inner.size
            anchor = size.width / 2
            for crossing in sorted(crossings, key=lambda c: not c.arrow.main):
                x = inner.port(crossing.arrow.id, outwards=crossing.outwards)
                if not ports and crossing.arrow.main:
                    anchor = x
                ports[crossing.arrow.id] = x
            ports = {key: x - anchor for key, x in ports.items()}
        else:
            size = layered.widened(self.sizes.header(state), self.most_lines(state.path))
            anchor = size.width / 2
        margin, height = self.loop_room(state.path, size)
        return layered.Item(
            state.path, self.ranks[state.path], anchor, size.width - anchor + margin, height, ports, margin=margin
        )

    def most_lines(self, path: str) -> int:
        """The most lines that may touch one side of a box."""
        above = below = 0
        for tie in self.ties.values():
            above += tie.lower == path
            below += tie.upper == path
        for crossing in self.crossings:
            if crossing.member == path:
                above += crossing.side == "top"
                below += crossing.side == "bottom"
        above += sum(self.member(arrow.target) == path for arrow in self.level.handlers) + (path == self.first)
        return max(above, below)

    def loop_room(self, path: str, size: Size) -> tuple[float, float]:
        labels = [self.sizes.label(arrow) for arrow in self.loops.get(path, ())]
        if not labels:
            return 0.0, size.height
        room = _LOOP + _LOOP_APART + max(label.width for label in labels)
        return room, max(size.height, sum(max(label.height, 24.0) + _LOOP_APART for label in labels) + 8.0)

    # -- the lines of the level ---------------------------------------------------------------------------------------

    def line(self, arrow: Arrow) -> layered.Line:
        tie = self.ties[arrow.id]
        priority = 2 if arrow.main else 0
        history = arrow.history and self.member(arrow.target) == arrow.target
        return layered.Line(arrow.id, tie.upper, tie.lower, priority, self.sizes.label(arrow), tie.flipped, history)

    def add_start(self, items: list[layered.Item], lines: list[layered.Line]) -> None:
        if self.first is not None:
            key, half = "start", _DOT / 2
            items.append(layered.Item(key, self.ranks[self.first] - 1, half, half, _DOT, hidden=True))
            lines.append(layered.Line(key, key, self.first, 2))

    def add_crossings(self, items: list[layered.Item], lines: list[layered.Line]) -> None:
        bottom = max(self.ranks.values()) + 2
        for crossing in self.crossings:
            arrow = crossing.arrow
            top = crossing.side == "top"
            key = f"port {arrow.id}"
            items.append(layered.Item(key, -2 if top else bottom, 1.0, 1.0, 0.0, hidden=True))
            ends = (key, crossing.member) if top else (crossing.member, key)
            label = self.sizes.label(arrow) if arrow.id in self.level.spoken else None
            history = arrow.history and not crossing.outwards and arrow.target == crossing.member
            priority = 2 if arrow.main else 0
            lines.append(layered.Line(arrow.id, *ends, priority, label, top == crossing.outwards, history))

    def add_handlers(self, items: list[layered.Item], lines: list[layered.Line]) -> list[handlers.Block]:
        if not self.level.handlers:
            return []
        trial = layered.lay_out(items, lines)
        targets = {item.key: item for item in items}
        wanted = []
        for arrow in self.level.handlers:
            target = targets[self.member(arrow.target)]
            anchor, half = trial.anchors[target.key], trial.width / 2
            # A line that may choose its place comes from outside, past those that may not.
            port = target.ports.get(arrow.id, target.right if anchor >= half else -target.left)
            place = (anchor + port) / max(1.0, trial.width)
            wanted.append((arrow.id, target.rank, place, self.sizes.label(arrow)))
            history = arrow.history and arrow.target == target.key
            lines.append(layered.Line(arrow.id, "", target.key, history=history))
        blocks = handlers.blocks_of(wanted, turned=self.sizes.turned)
        owners = {key: block.name for block in blocks for key in block.keys}
        lines[:] = [replace(line, upper=owners[line.key]) if line.key in owners else line for line in lines]
        items.extend(block.item() for block in blocks)
        return blocks

    # -- all of it together -------------------------------------------------------------------------------------------

    def assemble(self, plan: layered.Plan, blocks: list[handlers.Block]) -> Inside:
        tops = [plan.ways[c.arrow.id][0][0] for c in self.crossings if c.side == "top"]
        frame = framed(self.vertex, Size(plan.width, plan.height), tops, self.sizes)
        found = Inside(frame.size)
        found.headers[self.vertex.path] = frame.header
        dx, dy = frame.origin
        for state in self.vertex.states:
            box = plan.boxes[state.path].moved(dx, dy)
            found.boxes[state.path] = box
            if state.path in self.inner:
                found.take(self.inner[state.path], box.x, box.y)
            else:
                found.headers[state.path] = box
            self.draw_loops(state, box, found)
        for key, rect in plan.labels.items():
            found.labels[key] = rect.moved(dx, dy)
        if self.first is not None:
            dot = plan.boxes["start"].moved(dx, dy)
            found.dots[self.first] = (dot.x + dot.width / 2, dot.y + dot.height / 2)
            found.starts[self.first] = moved(plan.ways["start"], dx, dy)
        self.join(plan, blocks, frame, found)
        return found

    def join(self, plan: layered.Plan, blocks: list[handlers.Block], frame: Frame, found: Inside) -> None:
        """The ways of the level, with those inside of its states, from end to end or to the border."""
        dx, dy = frame.origin
        for arrow in self.level.ties:
            way = moved(plan.ways[arrow.id], dx, dy)
            if self.ties[arrow.id].flipped:
                way.reverse()
            found.ways[arrow.id] = [*self.tail(arrow, found), *way, *self.head(arrow, found)]
        for crossing in self.crossings:
            arrow = crossing.arrow
            way = moved(plan.ways[arrow.id], dx, dy)
            edge = (way[0][0], 0.0) if crossing.side == "top" else (way[-1][0], frame.size.height)
            way = [edge, *way] if crossing.side == "top" else [*way, edge]
            if (crossing.side == "top") == crossing.outwards:
                way.reverse()
            if arrow.id in self.rising:
                found.ways[arrow.id] = [*self.tail(arrow, found), *way]
            elif crossing.outwards:
                found.tails[arrow.id] = [*self.tail(arrow, found), *way]
            else:
                found.heads[arrow.id] = [*way, *self.head(arrow, found)]
        for block in blocks:
            border = 0.0 if block.side < 0 else frame.size.width
            for key in block.keys:
                box = plan.boxes[block.name].moved(dx, dy)
                start, label = block.drawn(key, box, plan.anchors[block.name] + dx, border)
                way = moved(plan.ways[key], dx, dy)
                if key in plan.open:
                    start, way = [(border, way[1][1])], way[2:]
                    label = block.beside(way[0][0], border, label)
                found.labels[key] = label
                found.ways[key] = [*start, *way, *self.head(self.arrows[key], found)]

    def tail(self, arrow: Arrow, found: Inside) -> list[Point]:
        owner = self.member(arrow.source)
        if owner == arrow.source:
            return []
        box = found.boxes[owner]
        return moved(self.inner[owner].tails[arrow.id], box.x, box.y)

    def head(self, arrow: Arrow, found: Inside) -> list[Point]:
        owner = self.member(arrow.target)
        if owner == arrow.target:
            return []
        box = found.boxes[owner]
        return moved(self.inner[owner].heads[arrow.id], box.x, box.y)

    def draw_loops(self, state: Vertex, box: Rect, found: Inside) -> None:
        """Arrows from a state to itself: out of its side and back."""
        arrows = self.loops.get(state.path, ())
        heights = [max(self.sizes.label(arrow).height, 24.0) + _LOOP_APART for arrow in arrows]
        y = box.y + (box.height - sum(heights)) / 2
        for arrow, height in zip(arrows, heights, strict=True):
            middle, size = y + height / 2, self.sizes.label(arrow)
            out = box.right + _LOOP
            found.ways[arrow.id] = [
                (box.right, middle - 9.0), (out, middle - 9.0), (out, middle + 9.0), (box.right, middle + 9.0),
            ]  # fmt: skip
            found.labels[arrow.id] = Rect(out + _LOOP_APART, middle - size.height / 2, size.width, size.height)
            y += height


def _weight(arrow: Arrow) -> int:
    return 1 if arrow.tone in ("error", "cancel", "time") else 2
