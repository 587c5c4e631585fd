"""The layout of a state that is divided into regions: side by side under its header, a dashed line between each two.

Lines into and out of a region cross its border where that of the whole state is, so they go straight on. None goes from
one region to another: that is an error of the workflow.
"""

from __future__ import annotations

from collections.abc import Sequence

from tenuto_dsl.graph.layout import compound
from tenuto_dsl.graph.layout.geometry import Point, Rect, Size
from tenuto_dsl.graph.layout.levels import Crossing, Level, inside, member_of
from tenuto_dsl.graph.model import Arrow, Vertex

_BESIDE = 12.0


def lay_out_regions(
    vertex: Vertex, crossings: Sequence[Crossing], levels: dict[str, Level], sizes: compound.Sizes
) -> compound.Inside:
    """The state with its regions. `crossings` are the arrows that cross its border."""
    return _Regions(vertex, crossings, levels, sizes).result()


class _Regions:
    def __init__(
        self, vertex: Vertex, crossings: Sequence[Crossing], levels: dict[str, Level], sizes: compound.Sizes
    ) -> None:
        self.vertex = vertex
        self.level = levels[vertex.path]
        self.crossings = crossings
        self.sizes = sizes
        self.inner = {
            region.path: compound.lay_out_state(region, self.demands(region.path), levels, sizes)
            for region in vertex.regions
        }
        self.places: dict[str, float] = {}

    def demands(self, region: str) -> list[Crossing]:
        """What crosses the border of a region: what crosses that of the state, comes from the state or rises to it."""
        wanted = [(crossing.arrow, crossing.side, crossing.outwards) for crossing in self.crossings]
        wanted += [(arrow, "top", False) for arrow in self.level.handlers]
        wanted += [(arrow, "bottom", True) for arrow in self.level.rising]
        found = []
        for arrow, side, outwards in wanted:
            path = arrow.source if outwards else arrow.target
            if inside(path, region):
                found.append(Crossing(arrow, side, outwards, member_of(path, region)))
        return found

    def result(self) -> compound.Inside:
        header = self.sizes.header(self.vertex)
        x = header.width if self.sizes.turned else 0.0
        for region in self.vertex.regions:
            self.places[region.path] = x
            x += self.inner[region.path].size.width
        shift = self.room_for_header(header)
        self.places = {path: left + shift for path, left in self.places.items()}
        width = x + shift if self.sizes.turned else max(x + shift, header.width)
        top = 0.0 if self.sizes.turned else header.height
        height = top + max(inner.size.height for inner in self.inner.values())
        found = compound.Inside(Size(width, max(height, header.height)))
        found.headers[self.vertex.path] = Rect(0.0, 0.0, header.width, header.height)
        for number, region in enumerate(self.vertex.regions):
            left, inner = self.places[region.path], self.inner[region.path]
            found.take(inner, left, top)
            found.boxes[region.path] = Rect(left, top, inner.size.width, found.size.height - top)
            if number or self.sizes.turned:
                found.dividers.append(((left, top), (left, found.size.height)))
        self.join(found, top)
        return found

    def room_for_header(self, header: Size) -> float:
        """How far the regions move to the right, so that no line from above runs through the header."""
        if self.sizes.turned:
            return 0.0
        lines = [self.place(arrow, outwards=False) for arrow in self.level.handlers]
        lines += [self.place(c.arrow, outwards=c.outwards) for c in self.crossings if c.side == "top"]
        return max(0.0, header.width + _BESIDE - min(lines)) if lines else 0.0

    def place(self, arrow: Arrow, *, outwards: bool) -> float:
        """Where a line crosses the border of the state."""
        region = member_of(arrow.source if outwards else arrow.target, self.vertex.path)
        return self.places[region] + self.inner[region].port(arrow.id, outwards=outwards)

    def join(self, found: compound.Inside, top: float) -> None:
        for arrow in self.level.handlers:
            found.ways[arrow.id] = _to_edge(self.head(arrow, top)[::-1], 0.0)[::-1]
        for arrow in self.level.rising:
            found.ways[arrow.id] = _to_edge(self.tail(arrow, top), found.size.height)
        for crossing in self.crossings:
            arrow = crossing.arrow
            edge = 0.0 if crossing.side == "top" else found.size.height
            if crossing.outwards:
                found.tails[arrow.id] = _to_edge(self.tail(arrow, top), edge)
            else:
                found.heads[arrow.id] = _to_edge(self.head(arrow, top)[::-1], edge)[::-1]

    def tail(self, arrow: Arrow, top: float) -> list[Point]:
        region = member_of(arrow.source, self.vertex.path)
        return compound.moved(self.inner[region].tails[arrow.id], self.places[region], top)

    def head(self, arrow: Arrow, top: float) -> list[Point]:
        region = member_of(arrow.target, self.vertex.path)
        return compound.moved(self.inner[region].heads[arrow.id], self.places[region], top)


def _to_edge(points: list[Point], edge: float) -> list[Point]:
    """The points with one more, on the border of the state."""
    x, y = points[-1]
    return points if y == edge else [*points, (x, edge)]
