"""The layout of a state that is divided into regions: side by side under its header, a dashed line between each two.

Lines into and out of a region cross its border where that of the whole state is, so they go straight on. None goes from
one region to another: that is an error of the workflow. Without any such lines, regions that are too wide together are
set in rows, in their order.
"""

from __future__ import annotations

from collections.abc import Sequence

from tenuto_dsl.graph.layout import compound
from tenuto_dsl.graph.layout.geometry import Point, Rect, Size
from tenuto_dsl.graph.layout.levels import Crossing, Level, inside, member_of
from tenuto_dsl.graph.model import Arrow, Vertex

_BESIDE = 12.0
_WIDEST = 1500.0
"""A row of regions wider than this is broken, where it can be: scaled to a page, its texts would be too small."""


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
        self.places: dict[str, Point] = {}

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
        left, top = (header.width, 0.0) if self.sizes.turned else (0.0, header.height)
        rows = self.rows()
        tops = [top]
        for row in rows:
            x = left
            for path in row:
                self.places[path] = (x, tops[-1])
                x += self.inner[path].size.width
            tops.append(tops[-1] + max(self.inner[path].size.height for path in row))
        tops[-1] = max(tops[-1], header.height)
        shift = self.room_for_header(header)
        self.places = {path: (x + shift, y) for path, (x, y) in self.places.items()}
        width = max(x + self.inner[path].size.width for path, (x, _) in self.places.items())
        found = compound.Inside(Size(width if self.sizes.turned else max(width, header.width), tops[-1]))
        found.headers[self.vertex.path] = Rect(0.0, 0.0, header.width, header.height)
        for row, above, below in zip(rows, tops, tops[1:], strict=False):
            for path in row:
                x, inner = self.places[path][0], self.inner[path]
                found.take(inner, x, above)
                found.boxes[path] = Rect(x, above, inner.size.width, below - above)
                if path != row[0] or self.sizes.turned:
                    found.dividers.append(((x, above), (x, below)))
            if above > top:
                found.dividers.append(((0.0, above), (found.size.width, above)))
        self.join(found)
        return found

    def rows(self) -> list[list[str]]:
        """The regions row by row: as few rows as are not too wide, and those as narrow as their number allows."""
        widths = {path: inner.size.width for path, inner in self.inner.items()}
        paths = list(widths)
        crossed = self.crossings or self.level.handlers or self.level.rising
        if self.sizes.turned or crossed or sum(widths.values()) <= _WIDEST:
            return [paths]
        fewest = _filled(widths, max(_WIDEST, *widths.values()))
        spans = {sum(widths[path] for path in paths[i:j]) for j in range(len(paths) + 1) for i in range(j)}
        answers = (_filled(widths, most) for most in sorted(spans) if most >= max(widths.values()))
        return next(rows for rows in answers if len(rows) == len(fewest))

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
        return self.places[region][0] + self.inner[region].port(arrow.id, outwards=outwards)

    def join(self, found: compound.Inside) -> None:
        for arrow in self.level.handlers:
            found.ways[arrow.id] = _to_edge(self.head(arrow)[::-1], 0.0)[::-1]
        for arrow in self.level.rising:
            found.ways[arrow.id] = _to_edge(self.tail(arrow), found.size.height)
        for crossing in self.crossings:
            arrow = crossing.arrow
            edge = 0.0 if crossing.side == "top" else found.size.height
            if crossing.outwards:
                found.tails[arrow.id] = _to_edge(self.tail(arrow), edge)
            else:
                found.heads[arrow.id] = _to_edge(self.head(arrow)[::-1], edge)[::-1]

    def tail(self, arrow: Arrow) -> list[Point]:
        region = member_of(arrow.source, self.vertex.path)
        return compound.moved(self.inner[region].tails[arrow.id], *self.places[region])

    def head(self, arrow: Arrow) -> list[Point]:
        region = member_of(arrow.target, self.vertex.path)
        return compound.moved(self.inner[region].heads[arrow.id], *self.places[region])


def _filled(widths: dict[str, float], most: float) -> list[list[str]]:
    """Rows filled one after the other, each as far as that width."""
    rows: list[list[str]] = [[]]
    room = most
    for path, width in widths.items():
        if rows[-1] and width > room + 0.01:
            rows.append([])
            room = most
        rows[-1].append(path)
        room -= width
    return rows


def _to_edge(points: list[Point], edge: float) -> list[Point]:
    """The points with one more, on the border of the state."""
    x, y = points[-1]
    return points if y == edge else [*points, (x, edge)]
