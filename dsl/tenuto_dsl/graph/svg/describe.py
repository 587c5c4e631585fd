"""A chart in a sentence or two, for those who hear the picture."""

from __future__ import annotations

from tenuto_dsl.graph.model import Chart


def described(chart: Chart) -> str:
    states = [vertex for vertex in chart.vertices() if vertex.kind in ("plain", "final")]
    first = next((vertex.name for vertex in chart.root.states if vertex.initial), None)
    ends = [f"{vertex.name} ({vertex.ending or 'done'})" for vertex in chart.root.states if vertex.kind == "final"]
    parts = [chart.doc] if chart.doc else []
    parts.append(f"{len(states)} states and {len(chart.arrows)} transitions.")
    if first is not None:
        way = [first]
        for arrow in chart.arrows:
            if arrow.main and arrow.source == way[-1] and arrow.target not in way:
                way.append(arrow.target)
        parts.append(f"It begins in {first}." if len(way) == 1 else f"The main path: {', '.join(way)}.")
    if chart.active:
        parts.append(f"The run is in {', '.join(chart.active)}.")
    if ends:
        parts.append(f"It ends in {', '.join(ends)}.")
    return " ".join(parts)
