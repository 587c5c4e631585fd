"""From a chart to places: boxes, lines, labels.

    picture = lay_out_chart(chart, sizes)

`levels` cuts arrows at the borders of nested states; `compound` lays out level within level, `regions` those without
ranks. Within a level `layered` goes the way of Sugiyama: `ranks` (cycles, layers), `order` (crossings), `place` (what
lies under what), then `ports` and `channels` for lines with right angles. No step draws at random or looks at a clock,
and every tie is decided by the order in the file.
"""

from __future__ import annotations

from dataclasses import dataclass

from tenuto_dsl.graph.layout.compound import Inside, Sizes, lay_out_state
from tenuto_dsl.graph.layout.geometry import Point, Rect, Size
from tenuto_dsl.graph.layout.levels import levels_of
from tenuto_dsl.graph.model import Chart


@dataclass(frozen=True, slots=True)
class Picture:
    """`boxes` and `headers` by state, `ways` and `labels` by arrow, from its source to its target. `dots` are initial
    markers, `starts` the lines from them, both by the state they lead to."""

    size: Size
    boxes: dict[str, Rect]
    headers: dict[str, Rect]
    labels: dict[str, Rect]
    ways: dict[str, list[Point]]
    dots: dict[str, Point]
    starts: dict[str, list[Point]]
    dividers: list[tuple[Point, Point]]


def lay_out_chart(chart: Chart, sizes: Sizes) -> Picture:
    """Places for all of a chart. The workflow itself is the box at the path ""."""
    inside = lay_out_state(chart.root, [], levels_of(chart.root, chart.arrows), sizes)
    inside.boxes[""] = Rect(0.0, 0.0, inside.size.width, inside.size.height)
    return _turned(inside) if sizes.turned else _plain(inside)


def _plain(inside: Inside) -> Picture:
    return Picture(
        inside.size, inside.boxes, inside.headers, inside.labels, _tidy(inside.ways), inside.dots,
        _tidy(inside.starts), inside.dividers,
    )  # fmt: skip


def _turned(inside: Inside) -> Picture:
    def points(ways: dict[str, list[Point]]) -> dict[str, list[Point]]:
        return {key: [(y, x) for x, y in way] for key, way in _tidy(ways).items()}

    return Picture(
        inside.size.turned(),
        {path: rect.turned() for path, rect in inside.boxes.items()},
        {path: rect.turned() for path, rect in inside.headers.items()},
        {key: rect.turned() for key, rect in inside.labels.items()},
        points(inside.ways),
        {path: (y, x) for path, (x, y) in inside.dots.items()},
        points(inside.starts),
        [((b, a), (d, c)) for (a, b), (c, d) in inside.dividers],
    )


def _tidy(ways: dict[str, list[Point]]) -> dict[str, list[Point]]:
    """Without points that say nothing: doubles, and those in the middle of a straight line."""
    found = {}
    for key, way in ways.items():
        points: list[Point] = []
        for point in way:
            if points and _same(points[-1], point):
                continue
            if len(points) > 1 and _straight(points[-2], points[-1], point):
                points.pop()
            points.append(point)
        found[key] = points
    return found


def _same(a: Point, b: Point) -> bool:
    return abs(a[0] - b[0]) < 0.01 and abs(a[1] - b[1]) < 0.01


def _straight(a: Point, b: Point, c: Point) -> bool:
    return (abs(a[0] - b[0]) < 0.01 and abs(b[0] - c[0]) < 0.01) or (
        abs(a[1] - b[1]) < 0.01 and abs(b[1] - c[1]) < 0.01
    )


__all__ = ["Picture", "Point", "Rect", "Size", "Sizes", "lay_out_chart"]
