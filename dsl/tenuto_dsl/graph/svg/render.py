"""A chart as SVG: what the layout has placed, drawn.

Each state is a group with `data-state` (its path) and `data-line`; each arrow one with `data-arrow`, `data-from`,
`data-to` and `data-line`: a page can light up where a run is. Titles say the same to readers who cannot see.
"""

from __future__ import annotations

import math
from xml.sax.saxutils import escape, quoteattr

from tenuto_dsl.graph.layout import Picture, Point, Rect, lay_out_chart
from tenuto_dsl.graph.model import Arrow, Chart, Detail, Direction, Vertex
from tenuto_dsl.graph.outline import arrow_text, fit, holds
from tenuto_dsl.graph.svg.describe import described
from tenuto_dsl.graph.svg.glyphs import PATHS
from tenuto_dsl.graph.svg.style import FONT, SCOPE, Theme, style_sheet
from tenuto_dsl.graph.svg.texts import GLYPH, PAD_X, PAD_Y, Line, Texts

_AROUND = 16.0
_ROUND = 9.0
_HEAD = 9.0
_HALF_HEAD = 4.2
_HISTORY = 9.0
_WIDE = 1500.0
"""A picture wider than that is hard to read on a page. One that is so high would be wider still to the right."""


def render_svg(chart: Chart, *, detail: Detail = "normal", theme: Theme = "auto", direction: Direction = "auto") -> str:
    """The picture as a document of its own, which can stand in a page as well."""
    texts = Texts(detail, turned=direction == "right")
    picture = lay_out_chart(chart, texts)
    if direction == "auto" and picture.size.width > _WIDE and picture.size.height <= _WIDE:
        turned = Texts(detail, turned=True)
        other = lay_out_chart(chart, turned)
        if other.size.width <= _WIDE:
            texts, picture = turned, other
    return _Drawing(chart, picture, texts, theme).document()


class _Drawing:
    def __init__(self, chart: Chart, picture: Picture, texts: Texts, theme: Theme) -> None:
        self.chart = chart
        self.picture = picture
        self.texts = texts
        self.theme: Theme = theme
        self.main = {path for arrow in chart.arrows if arrow.main for path in (arrow.source, arrow.target)}

    def document(self) -> str:
        size = self.picture.size
        width, height = math.ceil(size.width + 2 * _AROUND), math.ceil(size.height + 2 * _AROUND)
        name = self.chart.workflow
        parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" class="{SCOPE}" role="img"',
            f" aria-labelledby={quoteattr(f'{name}-title {name}-desc')}",
            f' viewBox="{_n(-_AROUND)} {_n(-_AROUND)} {width} {height}" width="{width}" height="{height}"',
            f' font-family="{FONT}">',
            f"<title id={quoteattr(f'{name}-title')}>{escape(name)}</title>",
            f"<desc id={quoteattr(f'{name}-desc')}>{escape(described(self.chart))}</desc>",
            f"<style>{style_sheet(self.theme)}</style>",
            f'<rect class="paper" x="{_n(-_AROUND)}" y="{_n(-_AROUND)}" width="{width}" height="{height}" rx="12"/>',
            *self.state(self.chart.root),
            *(self.start(path) for path in self.picture.dots),
            *(self.arrow(arrow) for arrow in sorted(self.chart.arrows, key=lambda a: a.main)),
            "</svg>",
        ]
        return fit("\n".join(parts)) + "\n"

    # -- states -------------------------------------------------------------------------------------------------------

    def state(self, vertex: Vertex) -> list[str]:
        box, header = self.picture.boxes[vertex.path], self.picture.headers[vertex.path]
        shape = self.shape(vertex, box)
        group = f'<g class="{self.classes(vertex)}" data-state={quoteattr(vertex.path)} data-line="{vertex.line}">'
        title = f"<title>{escape(self.texts.told(vertex))}</title>"
        parts = [f"{group}{title}{shape}{self.header(vertex, header)}</g>"]
        for inner in vertex.inner:
            parts += self.state(inner)
        if vertex.regions:
            lines = [
                (a, b) for a, b in self.picture.dividers if box.holds(Rect(a[0], a[1], b[0] - a[0], b[1] - a[1]), 0.5)
            ]
            inside = [r for region in vertex.regions for r in [self.picture.boxes[region.path]]]
            for (x1, y1), (x2, y2) in lines:
                if any(abs(r.x - x1) < 0.5 or abs(r.y - y1) < 0.5 for r in inside):
                    parts.append(f'<line class="divider" x1="{_n(x1)}" y1="{_n(y1)}" x2="{_n(x2)}" y2="{_n(y2)}"/>')
        return list(dict.fromkeys(parts))

    def classes(self, vertex: Vertex) -> str:
        outcome = {"cancel": "cancelled", None: ""}.get(vertex.outcome, vertex.outcome) or ""
        on = "on" if vertex.path in self.main and not outcome else ""
        now = "now" if vertex.path in self.chart.active else ""
        around = (
            "around" if any(holds(vertex.path, path) for path in self.chart.active) and vertex.kind == "plain" else ""
        )
        return " ".join(word for word in ("state", outcome, on, now, around) if word)

    def shape(self, vertex: Vertex, box: Rect) -> str:
        if vertex.kind == "root":
            return _rect("root", box, 14)
        if vertex.kind == "region":
            return _rect("divided", box, 0, ' fill="none"') + self.inset(vertex, box)
        if vertex.kind == "final":
            inner = Rect(box.x + 3.5, box.y + 3.5, box.width - 7, box.height - 7)
            return _rect("rim", box, min(22.0, box.height / 2)) + _rect("box", inner, min(18.5, inner.height / 2))
        return _rect("group" if vertex.inner else "box", box, 10)

    def inset(self, vertex: Vertex, box: Rect) -> str:
        """What is filled of a region without states that a run is in: the region itself has no box."""
        if vertex.path not in self.chart.active:
            return ""
        return _rect("box", Rect(box.x + 4, box.y + 4, box.width - 8, box.height - 8), 8)

    def header(self, vertex: Vertex, header: Rect) -> str:
        lines = self.texts.header_lines(vertex)
        height = sum(line.height for line in lines)
        leaf = not vertex.inner
        y = header.y + ((header.height - height) / 2 if leaf else PAD_Y)
        widest = max((line.width for line in lines), default=0.0)
        rows = [line.width for line in lines if line.glyph is not None or line.indented]
        parts = []
        for line in lines:
            middle = leaf and line.glyph is None and not line.indented
            if middle:
                x = header.x + header.width / 2
            elif leaf:
                x = header.x + (header.width - max(rows)) / 2
            else:
                x = header.x + PAD_X
            parts.append(_line(line, x, y, middle=middle))
            y += line.height
        assert widest <= header.width + 1, "a header has room for its lines"
        return "".join(parts)

    # -- arrows -------------------------------------------------------------------------------------------------------

    def start(self, path: str) -> str:
        x, y = self.picture.dots[path]
        way = self.picture.starts[path]
        return (
            f'<g class="start plain" data-start={quoteattr(path)}>{_way(way)}'
            f'<circle class="dot" cx="{_n(x)}" cy="{_n(y)}" r="6.5"/></g>'
        )

    def arrow(self, arrow: Arrow) -> str:
        label = self.picture.labels[arrow.id]
        way = self.picture.ways[arrow.id]
        parts, y = [], label.y
        for line in self.texts.label_lines(arrow):
            parts.append(_line(line, label.x, y))
            y += line.height
        history = ""
        if arrow.history:
            way, history = _with_history(way)
        title = f"<title>{escape(arrow_text(arrow, 'full'))}</title>"
        return (
            f'<g class="arrow {arrow.tone}" data-arrow={quoteattr(arrow.id)} data-from={quoteattr(arrow.source)} '
            f'data-to={quoteattr(arrow.target)} data-line="{arrow.line}">{title}'
            f"{_way(way)}{history}{''.join(parts)}</g>"
        )


def _n(value: float) -> str:
    """A number in as few signs as a tenth of a pixel needs."""
    text = f"{value:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text


def _rect(kind: str, box: Rect, radius: float, extra: str = "") -> str:
    return (
        f'<rect class="{kind}" x="{_n(box.x)}" y="{_n(box.y)}" width="{_n(box.width)}" height="{_n(box.height)}" '
        f'rx="{_n(radius)}"{extra}/>'
    )


def _line(line: Line, x: float, y: float, *, middle: bool = False) -> str:
    parts = []
    base = y + line.height / 2 + line.size * 0.36
    if line.glyph is not None:
        parts.append(f'<path class="glyph" transform="translate({_n(x)} {_n(base - 10.2)})" d="{PATHS[line.glyph]}"/>')
    if line.glyph is not None or line.indented:
        x += GLYPH
    note = f'<tspan class="note"> {escape(line.note)}</tspan>' if line.note else ""
    place = f'x="{_n(x)}" y="{_n(base)}"' + (' text-anchor="middle"' if middle else "")
    text = f'<text class="{line.style}" {place} font-size="{_n(line.size)}">{escape(line.text)}{note}</text>'
    return "".join([*parts, text])


def _way(points: list[Point]) -> str:
    """A line with round corners and a head at its end."""
    (x1, y1), (x2, y2) = points[-2], points[-1]
    length = math.hypot(x2 - x1, y2 - y1) or 1.0
    dx, dy = (x2 - x1) / length, (y2 - y1) / length
    neck = (x2 - dx * _HEAD, y2 - dy * _HEAD)
    path = [f"M{_n(points[0][0])} {_n(points[0][1])}"]
    shaft = [*points[:-1], (x2 - dx * (_HEAD - 1), y2 - dy * (_HEAD - 1))]
    for before, corner, after in zip(shaft, shaft[1:], shaft[2:], strict=False):
        into, out = _towards(corner, before), _towards(corner, after)
        path.append(f"L{_n(into[0])} {_n(into[1])}Q{_n(corner[0])} {_n(corner[1])} {_n(out[0])} {_n(out[1])}")
    path.append(f"L{_n(shaft[-1][0])} {_n(shaft[-1][1])}")
    left = (neck[0] - dy * _HALF_HEAD, neck[1] + dx * _HALF_HEAD)
    right = (neck[0] + dy * _HALF_HEAD, neck[1] - dx * _HALF_HEAD)
    head = f"M{_n(x2)} {_n(y2)}L{_n(left[0])} {_n(left[1])}L{_n(right[0])} {_n(right[1])}z"
    return f'<path class="way" d="{"".join(path)}"/><path class="head" d="{head}"/>'


def _towards(corner: Point, other: Point) -> Point:
    """Where the rounding of a corner begins on the way to another point."""
    length = math.hypot(other[0] - corner[0], other[1] - corner[1]) or 1.0
    part = min(_ROUND, length / 2) / length
    return (corner[0] + (other[0] - corner[0]) * part, corner[1] + (other[1] - corner[1]) * part)


def _with_history(points: list[Point]) -> tuple[list[Point], str]:
    """The way up to a small circle at its end, and that circle: the target goes on where it was left."""
    (x1, y1), (x2, y2) = points[-2], points[-1]
    length = math.hypot(x2 - x1, y2 - y1) or 1.0
    dx, dy = (x2 - x1) / length, (y2 - y1) / length
    cx, cy = x2 - dx * _HISTORY, y2 - dy * _HISTORY
    circle = (
        f'<circle class="history" cx="{_n(cx)}" cy="{_n(cy)}" r="{_n(_HISTORY)}"/>'
        f'<text x="{_n(cx)}" y="{_n(cy + 3.6)}" font-size="10" text-anchor="middle">H*</text>'
    )
    return [*points[:-1], (x2 - dx * 2 * _HISTORY, y2 - dy * 2 * _HISTORY)], circle
