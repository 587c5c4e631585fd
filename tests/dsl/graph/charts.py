"""Charts for tests: those of all files in the repository, and random ones."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from hypothesis import strategies as st
from tenuto_dsl import Diagnostics, check_source
from tenuto_dsl.graph import Arrow, Chart, Row, Vertex, chart_of
from tenuto_dsl.graph.main_path import main_arrows
from tenuto_dsl.graph.model import TriggerKind

ROOT = Path(__file__).parents[3]
FILES = sorted(
    path.relative_to(ROOT).as_posix()
    for folder in ("samples", "tests/language/ok", "tests/language/lower", "benchmarks/workflows")
    for path in (ROOT / folder).rglob("*.tenuto")
    if path.name not in ("agent.tenuto", "purchase_order.tenuto")  # they import a file that is not there
)
KINDS: tuple[TriggerKind, ...] = ("done", "signal", "update", "error", "cancel", "after", "at", "every", "when")


@cache
def charts_of(name: str) -> tuple[Chart, ...]:
    """The charts of a file's workflows."""
    sink = Diagnostics()
    checked = check_source(name, (ROOT / name).read_text(encoding="utf-8"), sink)
    assert not sink.has_errors, [item.message for item in sink.items]
    return tuple(chart_of(checked.facts, workflow) for workflow in checked.facts.workflows)


def chart_from(source: str) -> Chart:
    """The chart of the one workflow of a text."""
    sink = Diagnostics()
    checked = check_source("made.tenuto", source, sink)
    assert not sink.has_errors, [item.message for item in sink.items]
    return chart_of(checked.facts, checked.facts.workflows[0])


@st.composite
def charts(draw: st.DrawFn, most: int = 12) -> Chart:
    """A chart of any shape that passes the checks: states in states, regions, arrows within, into and out of them."""
    budget = [draw(st.integers(1, most))]
    root = _vertex(draw, "", "root", 0, budget, initial=False)
    states = [vertex for vertex in _all(root) if vertex.kind in ("plain", "final")]
    sources = [vertex for vertex in _all(root) if vertex.kind != "final"]
    arrows = []
    for number in range(draw(st.integers(0, 2 * len(states)))):
        source, target = draw(st.sampled_from(sources)), draw(st.sampled_from(states))
        leaves_region = source.kind == "region" and not target.path.startswith(f"{source.path}.")
        if not leaves_region and not _in_other_region(root, source.path, target.path):
            arrows.append(_arrow(draw, number, source.path, target.path))
    main = main_arrows(root, arrows)
    return Chart("made", draw(st.sampled_from(["", "What it does. "])), root, tuple(_marked(a, main) for a in arrows))


def _vertex(draw: st.DrawFn, path: str, kind: str, depth: int, budget: list[int], *, initial: bool) -> Vertex:
    inner: list[Vertex] = []
    regions: list[Vertex] = []
    if kind != "final":
        count = draw(st.integers(1 if kind == "root" else 0, 5 if depth < 3 else 0)) if budget[0] > 0 else 0
        split = kind in ("root", "plain") and count > 1 and draw(st.booleans()) and depth < 3
        for number in range(max(count, 1 if kind == "root" else 0)):
            budget[0] -= 1
            name = f"{'r' if split else 's'}{number}"
            child = f"{path}.{name}" if path else name
            if split:
                regions.append(_vertex(draw, child, "region", depth + 1, budget, initial=False))
            else:
                what = "final" if number and draw(st.integers(0, 3)) == 0 else "plain"
                inner.append(_vertex(draw, child, what, depth + 1, budget, initial=number == 0))
    rows = tuple(Row("activity", f"work_{n}", "undo it") for n in range(draw(st.integers(0, 3))))
    name = path.rpartition(".")[2] or "made"
    return Vertex(
        path, name * draw(st.integers(1, 5)), kind, 1, initial=initial,  # type: ignore[arg-type]  # one of the four
        outcome=draw(st.sampled_from(["return", "fail", "cancel", "continue"])) if kind == "final" else None,
        ending="fail It" if kind == "final" else "", rows=rows, states=tuple(inner), regions=tuple(regions),
    )  # fmt: skip


def _all(vertex: Vertex) -> list[Vertex]:
    return [vertex, *(found for inner in vertex.inner for found in _all(inner))]


def _in_other_region(root: Vertex, source: str, target: str) -> bool:
    regions = [vertex.path for vertex in _all(root) if vertex.kind == "region"]
    for region in regions:
        owner = region.rpartition(".")[0]
        around_source = source == region or source.startswith(f"{region}.")
        around_target = target == region or target.startswith(f"{region}.")
        inside_owner = not owner or target.startswith(f"{owner}.")
        if around_source and not around_target and inside_owner:
            return True
    return False


def _arrow(draw: st.DrawFn, number: int, source: str, target: str) -> Arrow:
    kind = draw(st.sampled_from(KINDS))
    guard = draw(st.sampled_from(["", "amount > 100", "a_long_name.of_a_thing == 'another' && yet_another_one > 3"]))
    history = draw(st.integers(0, 5)) == 0
    return Arrow(f"{source}#{number}", source, target, kind, f"{kind}_{number}", guard, ("x = 1",), history, False, 1)


def _marked(arrow: Arrow, main: frozenset[str]) -> Arrow:
    return Arrow(
        arrow.id, arrow.source, arrow.target, arrow.kind, arrow.trigger, arrow.guard, arrow.actions, arrow.history,
        arrow.id in main, arrow.line,
    )  # fmt: skip
