"""What is written in and beside boxes, and how large that is: the parts of headers and labels, measured.

The renderer draws exactly these parts, so that what was given room is what is drawn.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from tenuto_dsl.graph.layout import Size
from tenuto_dsl.graph.model import Arrow, Detail, Glyph, Row, Vertex, rows_at
from tenuto_dsl.graph.outline import ending_text
from tenuto_dsl.graph.rows import glyph_of
from tenuto_dsl.graph.svg.fonts import cut, width_of, wrapped

TITLE = 14.0
HEADING = 17.0
SMALL = 11.5
LINE = 16.0
GLYPH = 16.0
"""A glyph with the space behind it."""
PAD_X = 14.0
PAD_Y = 10.0
_TITLE_LINE = 19.0
_HEADING_LINE = 24.0
_MOST_ROW = 270.0
_MOST_LABEL = 190.0
_LEAST = 96.0


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text. `note` follows it, softer."""

    text: str
    style: str
    size: float
    height: float
    glyph: Glyph | None = None
    note: str = ""
    bold: bool = False
    indented: bool = False
    """It goes on below a line with a glyph."""

    @property
    def width(self) -> float:
        glyph = GLYPH if self.glyph is not None or self.indented else 0.0
        note = width_of(f" {self.note}", self.size) if self.note else 0.0
        return glyph + width_of(self.text, self.size, bold=self.bold) + note


class Texts:
    """The lines of each header and label of a chart, at a level of detail. Implements `layout.Sizes`."""

    def __init__(self, detail: Detail, *, turned: bool) -> None:
        self.detail: Detail = detail
        self.turned = turned

    def header(self, vertex: Vertex) -> Size:
        """The box of a state without states inside, else what stands at the top of it."""
        lines = self.header_lines(vertex)
        if not lines:
            return Size(0.0, 0.0)
        pad = PAD_X + (4.0 if vertex.kind == "final" else 0.0)
        width = max(line.width for line in lines) + 2 * pad
        height = sum(line.height for line in lines) + 2 * PAD_Y
        if vertex.kind == "final":
            height += 4.0
        if not vertex.inner:
            width, height = max(width, _LEAST), max(height, 40.0)
        size = Size(round(width), round(height))
        return size.turned() if self.turned else size

    def label(self, arrow: Arrow) -> Size:
        lines = self.label_lines(arrow)
        size = Size(round(max(line.width for line in lines)), sum(line.height for line in lines))
        return size.turned() if self.turned else size

    def header_lines(self, vertex: Vertex) -> list[Line]:
        if vertex.kind == "root":
            lines = [Line(cut(vertex.name, HEADING, 500.0, bold=True), "heading", HEADING, _HEADING_LINE, bold=True)]
            if vertex.doc and self.detail != "brief":
                lines += [Line(text, "soft", SMALL, LINE) for text in wrapped(vertex.doc, SMALL, 400.0, 2)]
        elif vertex.kind == "region":
            lines = [Line(cut(vertex.name, SMALL, _MOST_ROW), "region", SMALL, LINE, bold=True)]
        else:
            lines = [Line(cut(vertex.name, TITLE, _MOST_ROW, bold=True), "name", TITLE, _TITLE_LINE, bold=True)]
        if vertex.ending and self.detail != "brief":
            ending = ending_text(vertex, self.detail)
            lines += [Line(text, "soft", SMALL, LINE) for text in wrapped(ending, SMALL, 220.0, 3)]
        return lines + [line for row in rows_at(vertex, self.detail) for line in _row(row)]

    def told(self, vertex: Vertex) -> str:
        """What is said of a state to who points at it: its path, its documentation, and what had to be cut."""
        rows = [row for row in rows_at(vertex, self.detail) if any("…" in f"{x.text}{x.note}" for x in _row(row))]
        texts = [f"{row.text} {row.note}" for row in rows]
        return "\n".join([vertex.path or vertex.name, *([vertex.doc] if vertex.doc else []), *texts])

    def label_lines(self, arrow: Arrow) -> list[Line]:
        first = wrapped(arrow.trigger, SMALL, _MOST_LABEL - GLYPH, 2)
        glyph = glyph_of(arrow.kind)
        more = [("label", text) for text in first[1:]]
        if arrow.guard and self.detail != "brief":
            more += [("soft", text) for text in wrapped(f"[{arrow.guard}]", SMALL, _MOST_LABEL, 3)]
        if self.detail == "full":
            more += [("soft", cut(f"/ {action}", SMALL, _MOST_LABEL)) for action in arrow.actions[:4]]
        below = [Line(text, style, SMALL, LINE, indented=glyph is not None) for style, text in more]
        return [Line(first[0], "label", SMALL, LINE, glyph), *below]


def _row(row: Row) -> list[Line]:
    """The text and behind it the note, or below it when there is too little room."""
    text = cut(row.text, SMALL, _MOST_ROW - GLYPH)
    line = Line(text, "row", SMALL, LINE, row.glyph, row.note)
    if line.width <= _MOST_ROW:
        return [line]
    note = cut(row.note, SMALL, _MOST_ROW - GLYPH)
    return [replace(line, note=""), Line("", "row", SMALL, LINE, note=note, indented=True)]
