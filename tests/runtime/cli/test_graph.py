"""`tenuto graph`: forms, where the drawing goes, and what is said when there is none."""

from __future__ import annotations

import json
from pathlib import Path

from tests.runtime.cli.calling import FLOW, Tenuto

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
