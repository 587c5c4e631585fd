"""SVG documents: well-formed, the same every time and from both forms, and with what a page needs to find its way."""

from __future__ import annotations

import json
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from tenuto_dsl import Diagnostics, check_source
from tenuto_dsl.graph import Arrow, Chart, Row, Vertex, chart_of, render_dot, render_json, render_mermaid, render_svg
from tenuto_dsl.graph.svg.fonts import cut, width_of, wrapped

from tests.dsl.graph.charts import FILES, ROOT, chart_from, charts, charts_of

SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("name", FILES)
def test_every_state_and_transition_can_be_found(name: str) -> None:
    for chart in charts_of(name):
        document = ET.fromstring(render_svg(chart))
        groups = document.findall(f"{SVG}g")
        states = {group.get("data-state"): group.get("data-line") for group in groups if "data-state" in group.attrib}
        arrows = {group.get("data-arrow"): group for group in groups if "data-arrow" in group.attrib}
        assert states == {vertex.path: str(vertex.line) for vertex in chart.vertices()}
        assert arrows.keys() == {arrow.id for arrow in chart.arrows}
        for arrow in chart.arrows:
            group = arrows[arrow.id]
            assert (group.get("data-from"), group.get("data-to")) == (arrow.source, arrow.target)
            assert group.get("data-line") == str(arrow.line)
        assert document.get("role") == "img"
        assert document.findtext(f"{SVG}title") == chart.workflow
        assert f"{len(chart.arrows)} transitions" in str(document.findtext(f"{SVG}desc"))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(charts())
def test_any_chart_is_a_document(chart: Chart) -> None:
    text = render_svg(chart, detail="full")
    ET.fromstring(text)
    assert render_svg(chart, detail="full") == text


def test_the_bytes_are_the_same_in_another_process() -> None:
    name = "samples/support/support.tenuto"
    code = (
        "from tests.dsl.graph.charts import charts_of; from tenuto_dsl.graph import render_svg;"
        f"print(render_svg(charts_of({name!r})[0]), end='')"
    )
    for seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT, env={"PYTHONHASHSEED": seed}, capture_output=True, text=True
        )
        assert done.stdout == render_svg(charts_of(name)[0]), done.stderr


@pytest.mark.parametrize("name", [name for name in FILES if (ROOT / name).with_suffix(".yaml").exists()])
def test_both_forms_are_drawn_the_same_but_for_lines(name: str) -> None:
    twin = Path(name).with_suffix(".yaml").as_posix()
    sink = Diagnostics()
    checked = check_source(twin, (ROOT / twin).read_text(encoding="utf-8"), sink)
    drawings = [render_svg(chart_of(checked.facts, workflow)) for workflow in checked.facts.workflows]
    assert [_without_lines(text) for text in drawings] == [_without_lines(render_svg(c)) for c in charts_of(name)]


def _without_lines(text: str) -> list[str]:
    return sorted(part for part in text.split('"') if not part.isdigit())


def test_what_states_do_is_shown() -> None:
    text = render_svg(charts_of("samples/order_fulfilment/order_fulfilment.tenuto")[0])
    for words in ("reserve_stock", "undo release_stock", "after 24h", "approve", "OutOfStock", "fail Rejected"):
        assert words in text
    assert "[order.total &gt;" in text
    brief = render_svg(charts_of("samples/order_fulfilment/order_fulfilment.tenuto")[0], detail="brief")
    assert "undo release_stock" not in brief
    assert "after 24h" in brief


def test_a_note_that_finds_no_room_stands_below() -> None:
    chart = chart_from("""
    activity tell(a: int) { python "a:b"; timeout 1s }
    activity and_somebody_else(a: int) { python "a:b"; timeout 1s }
    workflow w() {
      initial state a {
        every cron("30 13 * * *", "Europe/Berlin") do { call tell(1); call tell(2); call and_somebody_else(1) }
        after 1d -> b
      }
      final state b { return }
    }
    """)
    texts = ["".join(text.itertext()).strip() for text in ET.fromstring(render_svg(chart)).iter(f"{SVG}text")]
    assert 'every cron("30 13 * * *", "Europe/Berlin")' in texts
    assert "→ tell, and_somebody_else" in texts


def test_themes() -> None:
    chart = charts_of("samples/sleep/sleep.tenuto")[0]
    assert "prefers-color-scheme:dark" in render_svg(chart)
    assert "prefers-color-scheme" not in render_svg(chart, theme="dark")
    assert render_svg(chart, theme="dark") != render_svg(chart, theme="light")


HOSTILE = "</title><script>alert(1)</script> \x01\x0c\x9f \" ' & ]]> \ud800 \uffff"


def test_whatever_is_said_stays_text() -> None:
    row = Row("activity", HOSTILE, HOSTILE)
    states = (
        Vertex("a", "a", "plain", 1, initial=True, doc=HOSTILE, rows=(row,)),
        Vertex("b", "b", "final", 1, ending=HOSTILE),
    )
    arrow = Arrow("a#0", "a", "b", "signal", HOSTILE, HOSTILE, (HOSTILE,), False, False, 1)
    text = render_svg(
        Chart("w", HOSTILE, Vertex("", "w", "root", 1, doc=HOSTILE, states=states), (arrow,)), detail="full"
    )
    document = ET.fromstring(text.encode())
    assert {element.tag.removeprefix(SVG) for element in document.iter()} <= {
        "svg", "title", "desc", "style", "rect", "g", "path", "circle", "text", "tspan",
    }  # fmt: skip
    assert not any(name.startswith("on") or "href" in name for element in document.iter() for name in element.attrib)


def test_a_picture_can_stand_in_a_page() -> None:
    chart = charts_of("samples/sleep/sleep.tenuto")[0]
    document = ET.fromstring(render_svg(chart))
    ids = [element.get("id") for element in document.iter() if "id" in element.attrib]
    assert ids == ["sleep-title", "sleep-desc"] == str(document.get("aria-labelledby")).split()
    sheet = str(document.findtext(f"{SVG}style")).replace("@media(prefers-color-scheme:dark){", "")
    selectors = [selector for rule in sheet.split("}") if rule for selector in rule.split("{")[0].split(",")]
    assert len(selectors) > 30
    assert all(selector == ".tenuto" or selector.startswith(".tenuto ") for selector in selectors)


def test_what_is_cut_is_told_to_who_points_at_it() -> None:
    chart = chart_from("""
    workflow w(far: bool, near: bool) {
      initial state a {
        on error when far && (near || far) && (near || far || near) && "a text & more" == "<another text>" -> b
        every cron("30 13 * * *", "America/Argentina/ComodRivadavia") do { wait 1s }
      }
      final state b { return }
    }
    """)
    document = ET.fromstring(render_svg(chart))
    titles = [str(element.findtext(f"{SVG}title")) for element in document.findall(f"{SVG}g")]
    assert any(title.endswith('"a text & more" == "<another text>"]') for title in titles)
    assert any("ComodRivadavia" in title and title.startswith("a\n") for title in titles)


def test_where_a_run_is() -> None:
    chart = charts_of("samples/order_fulfilment/order_fulfilment.tenuto")[0]
    both = chart.at(["fulfilling.packing", "fulfilling.invoicing", "nowhere"])
    assert both.active == ("fulfilling.packing", "fulfilling.invoicing")
    groups = ET.fromstring(render_svg(both)).findall(f"{SVG}g")
    classes = {str(group.get("data-state")): str(group.get("class")).split() for group in groups}
    assert {path for path, words in classes.items() if "now" in words} == set(both.active)
    assert {path for path, words in classes.items() if "around" in words} == {"fulfilling"}
    assert "The run is in fulfilling.packing, fulfilling.invoicing." in render_svg(both)
    assert "class s5,s6 now" in render_mermaid(both)
    assert render_dot(both).count('fillcolor="#2563a8"') == 2
    assert json.loads(render_json(both))["active"] == list(both.active)


def test_a_cancelling_message_looks_like_one() -> None:
    chart = charts_of("samples/order_fulfilment/order_fulfilment.tenuto")[0]
    assert {arrow.trigger: arrow.tone for arrow in chart.arrows if arrow.source == ""} == {
        "cancel_order": "cancel", "after config.finish_within": "time",
    }  # fmt: skip


def test_a_workflow_of_one_do() -> None:
    chart = charts_of("samples/sleep/sleep.tenuto")[0]
    assert [vertex.name for vertex in chart.root.states] == ["do", "end"]
    assert [row.text for row in chart.root.states[0].rows] == ["send_mail", "wait trial", "return"]


def test_the_main_path_takes_what_usually_happens() -> None:
    chart = chart_from("""
    error Bad
    activity work() { python "a:b"; timeout 1s }
    workflow w() {
      signal go()
      initial state a { do { call work() }; done when 1 > 2 -> special; done -> b; on error Bad -> bad; after 1h -> c }
      state special { on go -> c }
      state b { on go -> c; after 1d -> bad }
      state c { on go -> a; after 2d -> good }
      final state good { return }
      final state bad { fail Bad }
    }
    """)
    assert [(a.source, a.target) for a in chart.arrows if a.main] == [("a", "b"), ("b", "c"), ("c", "good")]


def test_widths() -> None:
    assert width_of("mm", 10) > width_of("ii", 10)
    assert width_of("name", 10, bold=True) > width_of("name", 10)
    assert width_of("日本", 10) == 20
    assert cut("a long name of a state", 10, 40).endswith("…")
    assert width_of(cut("a long name of a state", 10, 40), 10) <= 40
    assert len(wrapped("one two three four five six", 10, 40, 2)) == 2
    assert wrapped("one two three four", 10, width_of("one two three", 10) + 1, 2) == ["one two", "three four"]
