"""What the languages of other tools cannot say of a chart, and what is drawn instead.

Neither Mermaid nor Graphviz draws an arrow between a state and one that holds it. A handler of an enclosing state
begins at a small node `any state` in it; an arrow from inside to the enclosing state ends at a node `again`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from tenuto_dsl.graph.model import Arrow, Chart, Detail, Vertex


@dataclass(frozen=True, slots=True)
class Outline:
    """`ids` are names for states that any tool takes; `anys` and `agains` those of the nodes that stand in, by the path
    of the enclosing state; `ends` the ids of an arrow."""

    ids: dict[str, str]
    anys: dict[str, str]
    agains: dict[str, str]

    def ends(self, arrow: Arrow) -> tuple[str, str]:
        source, target = self.ids[arrow.source], self.ids[arrow.target]
        if holds(arrow.source, arrow.target):
            return self.anys[arrow.source], target
        if holds(arrow.target, arrow.source):
            return source, self.agains[arrow.target]
        return source, target


def holds(owner: str, path: str) -> bool:
    """Whether a state lies inside another."""
    return path != owner and (owner == "" or path.startswith(f"{owner}."))


def outline(chart: Chart) -> Outline:
    ids = {vertex.path: f"s{number}" for number, vertex in enumerate(chart.vertices())}
    anys = {a.source: f"any{ids[a.source]}" for a in chart.arrows if holds(a.source, a.target)}
    agains = {a.target: f"again{ids[a.target]}" for a in chart.arrows if holds(a.target, a.source)}
    return Outline(ids, anys, agains)


def arrow_text(arrow: Arrow, detail: Detail) -> str:
    """A label on one line, with the keyword that a glyph says elsewhere."""
    word = {"signal": "on ", "update": "on update ", "error": "on error ", "cancel": "on "}.get(arrow.kind, "")
    trigger = "on error" if arrow.kind == "error" and arrow.trigger == "any error" else f"{word}{arrow.trigger}"
    parts = [trigger]
    if arrow.guard and detail != "brief":
        parts.append(f"[{arrow.guard}]")
    if arrow.actions and detail == "full":
        parts.append("/ " + "; ".join(arrow.actions))
    if arrow.history:
        parts.append("(history)")
    return " ".join(parts)


def ending_text(vertex: Vertex, detail: Detail) -> str:
    """How a final state ends; what it returns is said in full detail only."""
    if detail == "brief":
        return ""
    return "return" if vertex.outcome == "return" and detail != "full" else vertex.ending


_UNFIT = re.compile("[^\t\n\r\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def fit(text: str) -> str:
    """The text with a sign in place of each character that a document may not hold, such as control characters."""
    return _UNFIT.sub("\ufffd", text)


def any_text(vertex: Vertex) -> str:
    return f"any state of {vertex.name}"
