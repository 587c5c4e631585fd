"""A chart in DOT, for Graphviz and what reads its language."""

from __future__ import annotations

from tenuto_dsl.graph.model import Chart, Detail, Direction, Tone, Vertex, rows_at
from tenuto_dsl.graph.outline import any_text, arrow_text, ending_text, fit, holds, outline

_TONES: dict[Tone, str] = {
    "main": 'color="#2563a8", penwidth=2.2',
    "plain": 'color="#6b7885"',
    "time": 'color="#7a5ea8", style=dotted',
    "error": 'color="#c0453a", style=dashed',
    "cancel": 'color="#b7791f", style=dashed',
}
_OUTCOMES = {
    "return": "#2f8a4c", "complete": "#2f8a4c", "continue": "#7a5ea8", "fail": "#c0453a", "cancel": "#b7791f",
}  # fmt: skip


def render_dot(chart: Chart, *, detail: Detail = "normal", direction: Direction = "auto") -> str:
    """The graph as text. States with states inside are clusters."""
    return _Dot(chart, detail, direction).text()


def quoted(text: str) -> str:
    """A string of DOT."""
    return '"' + fit(text).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


class _Dot:
    def __init__(self, chart: Chart, detail: Detail, direction: Direction) -> None:
        self.chart = chart
        self.detail: Detail = detail
        self.outline = outline(chart)
        self.within = {vertex.path: vertex for vertex in chart.vertices()}
        self.lines = [
            f"digraph {quoted(chart.workflow)} {{",
            f"  graph [compound=true, rankdir={'LR' if direction == 'right' else 'TB'}]",
            f'  graph [label={quoted(self.label(chart.root, chart.workflow))}, labelloc=t, fontname="Helvetica"]',
            '  node [shape=box, style=rounded, fontname="Helvetica", fontsize=12]',
            '  edge [fontname="Helvetica", fontsize=10]',
        ]

    def text(self) -> str:
        self.inside(self.chart.root, 1)
        for arrow in self.chart.arrows:
            source, target = self.outline.ends(arrow)
            extra = [f"label={quoted(arrow_text(arrow, self.detail))}", _TONES[arrow.tone]]
            nested = (
                holds(arrow.source, arrow.target) or holds(arrow.target, arrow.source) or arrow.source == arrow.target
            )
            if not holds(arrow.source, arrow.target) and self.within[arrow.source].inner:
                source = self.node_in(arrow.source)
                extra += [] if nested else [f"ltail=cluster_{self.outline.ids[arrow.source]}"]
            if not holds(arrow.target, arrow.source) and self.within[arrow.target].inner:
                target = self.node_in(arrow.target)
                extra += [] if nested else [f"lhead=cluster_{self.outline.ids[arrow.target]}"]
            self.lines.append(f"  {source} -> {target} [{', '.join(extra)}]")
        return "\n".join([*self.lines, "}"]) + "\n"

    def node_in(self, path: str) -> str:
        """A node inside of a cluster: Graphviz joins nodes, and cuts the line at the border."""
        return f"start_{self.outline.ids[path]}"

    def label(self, vertex: Vertex, name: str) -> str:
        rows = [f"{row.text} {row.note}".strip() for row in rows_at(vertex, self.detail)]
        return "\n".join(text for text in (name, ending_text(vertex, self.detail), *rows) if text)

    def inside(self, owner: Vertex, depth: int) -> None:
        pad = "  " * depth
        start = self.node_in(owner.path)
        first = next((state for state in owner.states if state.initial), None)
        look = (
            'shape=circle, style=filled, fillcolor="#1b2733", width=0.16'
            if first is not None
            else "shape=point, style=invis"
        )
        self.lines.append(f'{pad}{start} [{look}, label=""]')
        if owner.path in self.outline.anys:
            self.lines.append(
                f"{pad}{self.outline.anys[owner.path]} [shape=plaintext, label={quoted(any_text(owner))}]"
            )
        if owner.path in self.outline.agains:
            text = quoted(f"{owner.name} again")
            self.lines.append(f"{pad}{self.outline.agains[owner.path]} [shape=plaintext, label={text}]")
        for vertex in owner.inner:
            self.vertex(vertex, depth)
        if first is not None:
            goal = self.node_in(first.path) if first.inner else self.outline.ids[first.path]
            head = f" [lhead=cluster_{self.outline.ids[first.path]}]" if first.inner else ""
            self.lines.append(f"{pad}{start} -> {goal}{head}")

    def vertex(self, vertex: Vertex, depth: int) -> None:
        pad = "  " * depth
        name = self.outline.ids[vertex.path]
        label = quoted(self.label(vertex, vertex.name))
        if vertex.inner:
            style = "dashed" if vertex.kind == "region" else "rounded"
            self.lines.append(f'{pad}subgraph cluster_{name} {{ graph [label={label}, style={style}, color="#8492a1"]')
            self.inside(vertex, depth + 1)
            self.lines.append(f"{pad}}}")
            return
        extra = f', peripheries=2, color="{_OUTCOMES[vertex.outcome]}"' if vertex.outcome is not None else ""
        if vertex.path in self.chart.active:
            extra += ', style="rounded,filled", fillcolor="#2563a8", fontcolor="#ffffff"'
        self.lines.append(f"{pad}{name} [label={label}{extra}]")
