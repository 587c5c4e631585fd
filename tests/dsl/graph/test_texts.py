"""Mermaid, DOT and JSON: held to the parts of their grammars that we use, for every file and for random charts.

By hand they were given to Mermaid's own parser and to Graphviz as well; these checks are what those accepted.
"""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tenuto_dsl.graph import Chart, Detail, render_dot, render_json, render_mermaid
from tenuto_dsl.graph.dot import quoted as dot_quoted
from tenuto_dsl.graph.mermaid import quoted as mermaid_quoted
from tenuto_dsl.graph.outline import holds

from tests.dsl.graph.charts import FILES, chart_from, charts, charts_of

DETAILS: tuple[Detail, ...] = ("brief", "normal", "full")
_ID = r"[a-z]+\d*[a-z]*\d*"
_TEXT = r"(?:[\w .,=+*/()\[\]!?'|@$-]|#\d+;)+"
_MERMAID = [
    re.compile(pattern)
    for pattern in (
        rf'state "[\w ]+" as {_ID}',
        rf"state {_ID} \{{",
        r"\}",
        "--",
        rf"(?:\[\*\]|{_ID}) --> (?:\[\*\]|{_ID})(?: : {_TEXT})?",
        rf"{_ID} : {_TEXT}",
        rf"note right of {_ID}",
        "end note",
        r"classDef \w+ [\w:#,-]+",
        r"class [\w,]+ \w+",
        r"direction (?:TB|LR)",
    )
]
_DOT_TOKEN = re.compile(r'\s+|"(?:[^"\\]|\\.)*"|[{}\[\];,=]|->|[A-Za-z_]\w*|-?\d*\.?\d+')


def check_mermaid(text: str) -> None:
    head, body = text.split("stateDiagram-v2\n")
    assert re.fullmatch(r"---\ntitle: \w+\n---\n", head)
    depth, note = 0, False
    for line in map(str.strip, body.splitlines()):
        if note and line != "end note":
            assert re.fullmatch(_TEXT, line), line
            continue
        assert any(pattern.fullmatch(line) for pattern in _MERMAID), line
        assert line != "--" or depth, "Mermaid divides states, not a diagram"
        note = line.startswith("note")
        depth += line.endswith("{")
        depth -= line == "}"
        assert depth >= 0
    assert depth == 0


def check_dot(text: str) -> None:
    place = depth = 0
    while place < len(text):
        token = _DOT_TOKEN.match(text, place)
        assert token is not None, text[place : place + 40]
        depth += {"{": 1, "[": 1, "}": -1, "]": -1}.get(token[0], 0)
        assert depth > 0 or place < text.index("{") or token.end() >= len(text) - 1
        place = token.end()
    assert depth == 0


def check(chart: Chart, detail: Detail) -> None:
    check_mermaid(render_mermaid(chart, detail=detail))
    check_dot(render_dot(chart, detail=detail))


@pytest.mark.parametrize("name", FILES)
def test_the_workflows_of_this_repository(name: str) -> None:
    for chart in charts_of(name):
        for detail in DETAILS:
            check(chart, detail)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(charts(), st.sampled_from(DETAILS))
def test_any_chart(chart: Chart, detail: Detail) -> None:
    check(chart, detail)
    text = render_mermaid(chart, detail=detail)
    arrows = [line for line in text.splitlines() if "-->" in line and "[*]" not in line]
    assert len(arrows) == len(chart.arrows)
    dot = render_dot(chart, detail=detail)
    assert len(re.findall(r"-> \w+ \[label=", dot)) == len(chart.arrows)


@given(st.text())
def test_texts_are_made_harmless(text: str) -> None:
    assert re.fullmatch(_TEXT, mermaid_quoted(text) or "x")
    assert re.fullmatch(r'"(?:[^"\\]|\\.)*"', dot_quoted(text), re.DOTALL)
    assert dot_quoted(text).encode()


def test_mermaid_says_what_the_picture_shows() -> None:
    text = render_mermaid(charts_of("samples/order_fulfilment/order_fulfilment.tenuto")[0])
    assert 'state "any state of order_fulfilment" as anys0' in text
    assert "anys0 --> s8 : after config.finish_within" in text
    assert "s1 : reserve_stock undo release_stock" in text
    assert "done [order.total #62; config.approval_limit]" in text
    assert text.count("--\n") == 2 + text.count("    --\n")  # the title's fence, and one between the two regions


def test_mermaid_has_one_node_for_what_the_workflow_itself_takes() -> None:
    text = render_mermaid(charts_of("samples/auction/auction.tenuto")[0])
    assert text.count('state "any state of auction"') == 1
    assert text.count("all : ") == 2


def test_an_arrow_to_the_enclosing_state() -> None:
    chart = chart_from("""
    workflow w() {
      signal again()
      initial state outer { initial state inner { on again -> outer }; after 1d -> over }
      final state over { return }
    }
    """)
    assert holds("outer", "outer.inner")
    assert 'state "outer again" as agains1' in render_mermaid(chart)
    assert 'agains1 [shape=plaintext, label="outer again"]' in render_dot(chart)


@pytest.mark.parametrize("name", FILES)
def test_json_is_the_model(name: str) -> None:
    for chart in charts_of(name):
        data = json.loads(render_json(chart))
        assert data["workflow"] == chart.workflow
        assert [arrow["id"] for arrow in data["arrows"]] == [arrow.id for arrow in chart.arrows]
        assert {state["name"] for state in data["root"]["states"]} == {state.name for state in chart.root.states}
        arrows = json.loads(render_json(chart, detail="normal"))["arrows"]
        assert not any("actions" in arrow for arrow in arrows)
