"""Drawings of workflows: a state chart as a model, and as SVG, Mermaid, DOT and JSON.

    chart = chart_of(checked.facts, workflow)      # what there is to draw
    text = render_svg(chart)                        # how

`model` is the chart as plain data: states with what they do, arrows with their labels, the main path. `build` makes it
from checked facts, for files with warnings as well. The renderers know only the model. `layout` gives places to boxes,
lines and labels; it is pure arithmetic and gives the same bytes for the same chart, so that pictures can be committed.
"""

from tenuto_dsl.graph.build import chart_of
from tenuto_dsl.graph.data import render_json
from tenuto_dsl.graph.dot import render_dot
from tenuto_dsl.graph.mermaid import render_mermaid
from tenuto_dsl.graph.model import Arrow, Chart, Detail, Direction, Row, Vertex
from tenuto_dsl.graph.svg import Theme, render_svg

__all__ = [
    "Arrow",
    "Chart",
    "Detail",
    "Direction",
    "Row",
    "Theme",
    "Vertex",
    "chart_of",
    "render_dot",
    "render_json",
    "render_mermaid",
    "render_svg",
]
