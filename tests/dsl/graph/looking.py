"""What must hold for every picture, whatever the chart: a list of what does not."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, pairwise

from tenuto_dsl.graph import Chart
from tenuto_dsl.graph.layout import Picture, Point, Rect

_SLACK = 0.6
_NEAR = 60.0


def faults(chart: Chart, picture: Picture) -> list[str]:
    vertices = {vertex.path: vertex for vertex in chart.vertices()}
    assert picture.boxes.keys() == vertices.keys()
    assert picture.ways.keys() == picture.labels.keys() == {arrow.id for arrow in chart.arrows}
    groups = {path for path, vertex in vertices.items() if vertex.inner}
    found = [*_boxes(picture, groups), *_labels(picture, groups), *_ends(chart, picture), *_lines(picture)]
    found += [*_inside(picture), *_near(picture)]
    for arrow in chart.arrows:
        way = picture.ways[arrow.id]
        around = {p for p in picture.boxes if _holds(p, arrow.source) or _holds(p, arrow.target)}
        around |= {arrow.source, arrow.target} & groups
        for part in _parts(way):
            for path, box in picture.boxes.items():
                if path not in around and vertices[path].kind != "region" and _cuts(part, box):
                    found.append(f"{arrow.id} runs through {path}")
            headers = [path for path in groups if _cuts(part, picture.headers[path])]
            labels = [key for key, label in picture.labels.items() if _cuts(part, label)]
            found += [f"{arrow.id} runs through the header of {path}" for path in headers]
            found += [f"{arrow.id} runs through the label of {key}" for key in labels]
    return found


def _holds(owner: str, path: str) -> bool:
    return path != owner and (owner == "" or path.startswith(f"{owner}."))


def _boxes(picture: Picture, groups: set[str]) -> Iterator[str]:
    for a, b in combinations(picture.boxes, 2):
        if _holds(a, b) or _holds(b, a):
            outer, inner = (a, b) if _holds(a, b) else (b, a)
            if not picture.boxes[outer].holds(picture.boxes[inner]):
                yield f"{inner} is not inside {outer}"
            if picture.headers[outer].overlaps(picture.boxes[inner], _SLACK):
                yield f"{inner} lies on the header of {outer}"
        elif picture.boxes[a].overlaps(picture.boxes[b], _SLACK):
            yield f"{a} overlaps {b}"
    for path in groups:
        if not picture.boxes[path].holds(picture.headers[path]):
            yield f"the header of {path} is not inside"


def _labels(picture: Picture, groups: set[str]) -> Iterator[str]:
    for (a, first), (b, second) in combinations(picture.labels.items(), 2):
        if first.overlaps(second, _SLACK):
            yield f"the labels of {a} and {b} overlap"
    for key, label in picture.labels.items():
        for path, box in picture.boxes.items():
            if box.overlaps(label, _SLACK) and not (path in groups and box.holds(label)):
                yield f"the label of {key} lies on {path}"
        for path in groups:
            if picture.headers[path].overlaps(label, _SLACK):
                yield f"the label of {key} lies on the header of {path}"


def _ends(chart: Chart, picture: Picture) -> Iterator[str]:
    for arrow in chart.arrows:
        way = picture.ways[arrow.id]
        for path, point in ((arrow.source, way[0]), (arrow.target, way[-1])):
            if not _on_border(picture.boxes[path], point):
                yield f"{arrow.id} does not touch {path}: {point} {picture.boxes[path]}"


def _lines(picture: Picture) -> Iterator[str]:
    """Lines may cross, but none lies on another."""
    ways = {**picture.ways, **{f"start of {path}": way for path, way in picture.starts.items()}}
    parts = {key: list(_parts(way)) for key, way in ways.items()}
    for a, b in combinations(parts, 2):
        for first in parts[a]:
            for second in parts[b]:
                along_x = min(first.right, second.right) - max(first.x, second.x)
                along_y = min(first.bottom, second.bottom) - max(first.y, second.y)
                if (along_x > 2 and along_y > -2 and max(first.height, second.height) < 1) or (
                    along_y > 2 and along_x > -2 and max(first.width, second.width) < 1
                ):
                    yield f"{a} lies on {b}"


def _inside(picture: Picture) -> Iterator[str]:
    """Nothing is cut off by the edge of the picture."""
    whole = Rect(0.0, 0.0, picture.size.width, picture.size.height)
    rects = {**picture.boxes, **{f"the label of {key}": label for key, label in picture.labels.items()}}
    for way in (*picture.ways.items(), *((f"the start of {path}", way) for path, way in picture.starts.items())):
        rects |= {f"{way[0]} {number}": part for number, part in enumerate(_parts(way[1]))}
    rects |= {f"the dot of {path}": Rect(x - 6.5, y - 6.5, 13.0, 13.0) for path, (x, y) in picture.dots.items()}
    for name, rect in rects.items():
        if not whole.holds(rect, _SLACK):
            yield f"{name} is outside of the picture"


def _near(picture: Picture) -> Iterator[str]:
    """A label stands by its own line."""
    for key, label in picture.labels.items():
        nearest = min(
            max(label.x - part.right, part.x - label.right, label.y - part.bottom, part.y - label.bottom, 0.0)
            for part in _parts(picture.ways[key])
        )
        if nearest > _NEAR:
            yield f"the label of {key} is {nearest:.0f} from its line"


def _on_border(box: Rect, point: Point) -> bool:
    x, y = point
    within = box.x - _SLACK <= x <= box.right + _SLACK and box.y - _SLACK <= y <= box.bottom + _SLACK
    near = min(abs(x - box.x), abs(x - box.right), abs(y - box.y), abs(y - box.bottom))
    return within and near <= _SLACK


def _parts(way: list[Point]) -> Iterator[Rect]:
    for (x1, y1), (x2, y2) in pairwise(way):
        yield Rect(min(x1, x2), min(y1, y2), abs(x1 - x2), abs(y1 - y2))


def _cuts(part: Rect, box: Rect) -> bool:
    """Whether a straight line runs through the inside of a box."""
    return (
        part.x < box.right - _SLACK
        and part.right > box.x + _SLACK
        and part.y < box.bottom - _SLACK
        and part.bottom > box.y + _SLACK
    )
