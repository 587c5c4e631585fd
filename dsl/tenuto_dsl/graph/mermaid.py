"""A chart as a Mermaid `stateDiagram-v2`, which GitHub and many wikis draw in place."""

from __future__ import annotations

import re

from tenuto_dsl.graph.model import Chart, Detail, Direction, Row, Vertex, rows_at
from tenuto_dsl.graph.outline import any_text, arrow_text, ending_text, outline

_UNSAFE = re.compile(r"[^\w .,=+*/()\[\]!?'|@$-]|--+|(?<!\S)-(?=>)", re.ASCII)
_CLASSES = {
    "good": "stroke:#2f8a4c,stroke-width:2px",
    "bad": "stroke:#c0453a,stroke-width:2px",
    "gone": "stroke:#b7791f,stroke-width:2px",
}
_CLASS_OF = {"return": "good", "complete": "good", "continue": "good", "fail": "bad", "cancel": "gone"}


def render_mermaid(chart: Chart, *, detail: Detail = "normal", direction: Direction = "auto") -> str:
    """The diagram as text, for a block fenced with ```mermaid."""
    return _Mermaid(chart, detail, direction).text()


def quoted(text: str) -> str:
    """A text as Mermaid takes it anywhere: what might mean something is written as a character's number."""
    return _UNSAFE.sub(lambda found: "".join(f"#{ord(sign)};" for sign in found[0]), " ".join(text.split()))


class _Mermaid:
    def __init__(self, chart: Chart, detail: Detail, direction: Direction) -> None:
        self.chart = chart
        self.detail: Detail = detail
        self.outline = outline(chart)
        self.lines = ["---", f"title: {chart.workflow}", "---", "stateDiagram-v2"]
        self.lines.append(f"  direction {'LR' if direction == 'right' else 'TB'}")

    def text(self) -> str:
        root = self.chart.root
        if root.regions:  # Mermaid divides states only, not a whole diagram
            self.state(root, 1)
        else:
            self.inside(root, 1)
        rows = () if root.regions else rows_at(root, self.detail)
        all_of_it = self.stands_for_root() if rows else ""
        for row in rows:
            self.say(1, f"{all_of_it} : {_row_text(row)}")
        for arrow in self.chart.arrows:
            source, target = self.outline.ends(arrow)
            self.say(1, f"{source} --> {target} : {quoted(arrow_text(arrow, self.detail))}")
        used: dict[str, list[str]] = {}
        for vertex in self.chart.vertices():
            if vertex.outcome is not None:
                used.setdefault(_CLASS_OF[vertex.outcome], []).append(self.outline.ids[vertex.path])
        for name, ids in used.items():
            self.say(1, f"classDef {name} {_CLASSES[name]}")
            self.say(1, f"class {','.join(ids)} {name}")
        if self.chart.active:
            self.say(1, "classDef now fill:#2563a8,color:#ffffff")
            self.say(1, f"class {','.join(self.outline.ids[path] for path in self.chart.active)} now")
        return "\n".join(self.lines) + "\n"

    def say(self, depth: int, text: str) -> None:
        self.lines.append("  " * depth + text)

    def stands_for_root(self) -> str:
        """The node that the workflow's own rows are written in."""
        if "" not in self.outline.anys:
            self.say(1, f'state "{any_text(self.chart.root)}" as all')
            return "all"
        return self.outline.anys[""]

    def inside(self, owner: Vertex, depth: int) -> None:
        if owner.path in self.outline.anys:
            self.say(depth, f'state "{any_text(owner)}" as {self.outline.anys[owner.path]}')
        if owner.path in self.outline.agains:
            self.say(depth, f'state "{owner.name} again" as {self.outline.agains[owner.path]}')
        for number, region in enumerate(owner.regions):
            if number:
                self.say(depth, "--")
            self.state(region, depth)
        for state in owner.states:
            self.state(state, depth)
            if state.initial:
                self.say(depth, f"[*] --> {self.outline.ids[state.path]}")
            if state.kind == "final":
                ending = quoted(ending_text(state, self.detail))
                self.say(depth, f"{self.outline.ids[state.path]} --> [*]{ending and f' : {ending}'}")

    def state(self, vertex: Vertex, depth: int) -> None:
        name = self.outline.ids[vertex.path]
        rows = rows_at(vertex, self.detail)
        self.say(depth, f'state "{vertex.name}" as {name}')
        if vertex.inner:
            self.say(depth, f"state {name} {{")
            self.inside(vertex, depth + 1)
            self.say(depth, "}")
            if rows:
                self.say(depth, f"note right of {name}")
                for row in rows:
                    self.say(depth + 1, _row_text(row))
                self.say(depth, "end note")
            return
        for row in rows:
            self.say(depth, f"{name} : {_row_text(row)}")


def _row_text(row: Row) -> str:
    word = {"envelope": "on ", "update": "on update ", "error": "on error ", "workflow": "workflow "}.get(row.glyph, "")
    return quoted(f"{word}{row.text} {row.note}")
