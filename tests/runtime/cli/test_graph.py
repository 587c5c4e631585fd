"""`tenuto graph`: forms, where the drawing goes, and what is said when there is none."""

from __future__ import annotations

import json
import signal
from pathlib import Path

from tests.runtime.cli.calling import FLOW, Tenuto, eventually

TWO = "workflow a() { do { wait 1s } }\nworkflow b() { do { wait 2s } }\n"


def test_forms(bare: Tenuto, tmp_path: Path) -> None:
    assert bare("graph", FLOW, "--workflow", "greeting").said(0).out.startswith("<svg ")
    assert "stateDiagram-v2" in bare("graph", FLOW, "--workflow", "greeting", "--format", "mermaid").said(0).out
    assert bare("graph", FLOW, "--workflow", "greeting", "--format", "dot").said(0).out.startswith("digraph ")
    assert bare("graph", FLOW, "--workflow", "greeting", "--format", "json").said(0).data["workflow"] == "greeting"
    for suffix, words in ((".svg", "<svg "), (".mmd", "stateDiagram-v2"), (".gv", "digraph"), (".json", '"arrows"')):
        place = tmp_path / f"chart{suffix}"
        assert bare("graph", FLOW, "--workflow", "greeting", "-o", str(place)).said(0, str(place)).out == ""
        assert words in place.read_text()


def test_looks(bare: Tenuto) -> None:
    usual = bare("graph", FLOW, "--workflow", "greeting").out
    for option in (("--detail", "brief"), ("--theme", "dark"), ("--direction", "right")):
        assert bare("graph", FLOW, "--workflow", "greeting", *option).said(0).out != usual
    assert json.loads(bare("graph", FLOW, "--workflow", "greeting", "--format", "json", "--detail", "brief").out)


def test_what_cannot_be_drawn(bare: Tenuto, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.tenuto"
    wrong.write_text("workflow a() {\n  initial state s { done -> nowhere }\n}\n")
    assert bare("graph", str(wrong)).said(3, "nowhere", "nothing was drawn").out == ""
    two = tmp_path / "two.tenuto"
    two.write_text(TWO)
    bare("graph", str(two)).said(2, "a, b", "--workflow")
    bare("graph", str(two), "--workflow", "aa").said(2, "aa", "did you mean a?")
    assert bare("graph", str(two), "--workflow", "b").said(0).out
    bare("graph", str(two), "--workflow", "b", "-o", str(tmp_path / "b.png")).said(2, ".png", ".svg", "--format")
    assert not (tmp_path / "b.png").exists()
    (tmp_path / "none.tenuto").write_text("type A = string\n")
    bare("graph", str(tmp_path / "none.tenuto")).said(2, "no workflow")
    bare("graph", str(tmp_path)).said(2, "directory")
    bare("graph", str(tmp_path / "missing.tenuto")).said(2, "no such file")
    bare("graph", str(two), "--workflow", "b", "-o", str(tmp_path / "no" / "where.svg")).said(2, "cannot be written")
    bare("graph", FLOW, "--format", "png").said(2, "png")


def test_where_a_run_is(tenuto: Tenuto, tmp_path: Path) -> None:
    tenuto("deploy", FLOW).said(0)
    tenuto("start", "talk", "--id", "t-1", "--input", '{"name": "Ann"}').said(0)
    assert tenuto("graph", "--run", "t-1", "--format", "json").said(0, "no state yet").data["active"] == []
    with tenuto.daemon() as daemon:
        tenuto("start", "greeting", "--id", "g-1", "--input", '{"name": "Ann"}').said(0)
        tenuto("start", "stumbler", "--id", "s-1", "--input", '{"key": "known"}').said(0)
        tenuto("result", "g-1", "--timeout", "20").said(0)
        tenuto("result", "s-1", "--timeout", "20").said(0)
        eventually(lambda: tenuto("show", "t-1", "-o", "json").data["states"] == ["waiting"])
        daemon.signal(signal.SIGTERM)
        daemon.end().said(0)
    place = tmp_path / "t-1.svg"
    tenuto("graph", "--run", "t-1", "-o", str(place)).said(0, "talk")
    assert tenuto("graph", "--run", "s-1", "--format", "json").said(0).data["active"] == ["end"]
    assert tenuto("graph", "--run", "g-1", "--format", "json").said(0).data["active"] == ["greeting"]
    assert '<g class="state on now" data-state="waiting"' in place.read_text()
    assert "The run is in waiting." in place.read_text()
    assert tenuto("graph", "--run", "t-1", "--format", "json").said(0).data["active"] == ["waiting"]
    assert tenuto("graph", FLOW, "--run", "t-1", "-o", str(place), "--format", "mermaid").said(0)
    assert "class s1 now" in place.read_text()
    other = tmp_path / "other.tenuto"
    other.write_text("workflow talk() { initial state elsewhere { after 1d -> over }; final state over { return } }")
    assert tenuto("graph", str(other), "--run", "t-1", "--format", "json").said(0, "waiting").data["active"] == []
    tenuto("graph", "--run", "t-1", "--workflow", "greeting").said(2, "a run of talk")
    tenuto("graph", "--run", "nobody").said(4, "nobody")
    tenuto("graph").said(2, "--run")
