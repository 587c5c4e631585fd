"""Pictures keep what they promise: nothing lies on anything else, and every transition is drawn, whatever the chart."""

from __future__ import annotations

import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tenuto_dsl.graph import Arrow, Chart, Vertex, render_svg
from tenuto_dsl.graph.layout import lay_out_chart
from tenuto_dsl.graph.model import Detail
from tenuto_dsl.graph.svg.texts import Texts

from tests.dsl.graph.charts import FILES, charts, charts_of
from tests.dsl.graph.looking import faults

DETAILS: tuple[Detail, ...] = ("brief", "normal", "full")


@pytest.mark.parametrize("turned", [False, True], ids=["down", "right"])
@pytest.mark.parametrize("name", FILES)
def test_the_workflows_of_this_repository(name: str, turned: bool) -> None:
    for chart in charts_of(name):
        for detail in DETAILS:
            assert faults(chart, lay_out_chart(chart, Texts(detail, turned=turned))) == []


@settings(
    max_examples=100,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(charts(), st.sampled_from(DETAILS), st.booleans())
def test_any_chart(chart: Chart, detail: Detail, turned: bool) -> None:
    assert faults(chart, lay_out_chart(chart, Texts(detail, turned=turned))) == []


@pytest.mark.parametrize("name", FILES)
def test_the_main_path_is_straight(name: str) -> None:
    for chart in charts_of(name):
        picture = lay_out_chart(chart, Texts("normal", turned=False))
        for arrow in chart.arrows:
            if arrow.main and len(chart.arrows) < 12:
                xs = [x for x, _ in picture.ways[arrow.id]]
                assert max(xs) - min(xs) < 1, arrow.id


def test_no_picture_is_wider_than_a_page_for_want_of_another_direction() -> None:
    names = [f"choice_{n}" for n in range(14)]
    states = (Vertex("s", "s", "plain", 1, initial=True), *(Vertex(name, name, "plain", 1) for name in names))
    arrows = tuple(
        Arrow(f"s#{n}", "s", name, "signal", f"choose_{name}", "", (), False, False, 1) for n, name in enumerate(names)
    )
    chart = Chart("menu", "", Vertex("", "menu", "root", 1, states=states), arrows)
    assert render_svg(chart) == render_svg(chart, direction="right") != render_svg(chart, direction="down")
    assert lay_out_chart(chart, Texts("normal", turned=False)).size.width > 1500
    assert lay_out_chart(chart, Texts("normal", turned=True)).size.width < 1000


@pytest.mark.parametrize(("count", "rows"), [(3, 1), (5, 2), (8, 2), (9, 3)])
def test_many_regions_are_set_in_rows(count: int, rows: int) -> None:
    inner = [Vertex(f"r{n}.s", "a_state_with_quite_a_long_name", "plain", 1, initial=True) for n in range(count)]
    regions = tuple(Vertex(f"r{n}", f"r{n}", "region", 1, states=(state,)) for n, state in enumerate(inner))
    chart = Chart("made", "", Vertex("", "made", "root", 1, regions=regions), ())
    picture = lay_out_chart(chart, Texts("normal", turned=False))
    boxes = [picture.boxes[region.path] for region in regions]
    assert sorted((box.y, box.x) for box in boxes) == [(box.y, box.x) for box in boxes], "in the order of the file"
    assert len({box.y for box in boxes}) == rows
    assert len(picture.dividers) == count - 1
    assert faults(chart, picture) == []


def large(states: int, each: int) -> Chart:
    """A chart of one level with arrows here and there, always the same."""
    names = [f"s{n}" for n in range(states)]
    vertices = tuple(Vertex(name, name, "plain", 1, initial=name == "s0") for name in names)
    arrows = tuple(
        Arrow(
            f"{name}#{k}", name, names[(n * (3 + 4 * k) + 1 + k) % states], "signal", f"go_{k}", "", (), False, False, 1
        )
        for n, name in enumerate(names)
        for k in range(each)
    )
    return Chart("large", "", Vertex("", "large", "root", 1, states=vertices), arrows)


def test_a_chart_of_200_states_takes_less_than_two_seconds() -> None:
    chart = large(200, 2)
    began = time.process_time()
    render_svg(chart)
    assert time.process_time() - began < 2
