"""A chart as JSON: the model as it is, for pages and programs that draw it themselves."""

from __future__ import annotations

import dataclasses
import json

from tenuto_dsl.graph.model import Arrow, Chart, Detail, Vertex, rows_at


def render_json(chart: Chart, *, detail: Detail = "full") -> str:
    """The document: `workflow`, `doc`, `root` (states within states), `arrows`, and `active`, the states of a run."""
    data = {
        "workflow": chart.workflow,
        "doc": chart.doc,
        "root": _vertex(chart.root, detail),
        "arrows": [_arrow(arrow, detail) for arrow in chart.arrows],
        "active": list(chart.active),
    }
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


def _vertex(vertex: Vertex, detail: Detail) -> dict[str, object]:
    return {
        "path": vertex.path,
        "name": vertex.name,
        "kind": vertex.kind,
        "line": vertex.line,
        "initial": vertex.initial,
        "outcome": vertex.outcome,
        "ending": vertex.ending,
        "doc": vertex.doc,
        "rows": [
            {"glyph": row.glyph, "text": row.text, "note": row.note} for row in rows_at(vertex, detail, limit=1000)
        ],
        "states": [_vertex(state, detail) for state in vertex.states],
        "regions": [_vertex(region, detail) for region in vertex.regions],
    }


def _arrow(arrow: Arrow, detail: Detail) -> dict[str, object]:
    data = {**dataclasses.asdict(arrow), "actions": list(arrow.actions)}
    if detail != "full":
        del data["actions"]
    if detail == "brief":
        del data["guard"]
    return data
