"""Daemons that serve some queues, and runs that say what they wait for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from tests.runtime.cli.calling import Tenuto, eventually

GPU = """
activity load(name: string) -> string { timeout 20s }
activity train(data: string) -> string { python "gpu:train"; timeout 20s; queue "gpu" }
workflow training(name: string) -> string {
  do { let data = call load(name: name); let model = call train(data: data); return model }
}
"""
LOAD = "import tenuto\n\n\n@tenuto.activity\ndef load(name):\n    return name + '+'\n"
TRAIN = "def train(data):\n    return data + '*'\n"


def test_a_run_goes_where_its_queue_is_served_and_says_what_it_waits_for(tenuto: Tenuto, tmp_path: Path) -> None:
    far = tmp_path / "far"
    far.mkdir()
    (tmp_path / "gpu.tenuto").write_text(GPU)
    (tmp_path / "loading.py").write_text(LOAD)
    (far / "gpu.py").write_text(TRAIN)
    here, there = replace(tenuto, cwd=tmp_path), replace(tenuto, cwd=far)
    here("daemon", "--workflows", "gpu.tenuto", "--queue", " ").said(2, "--queue", "default")
    here("daemon", "--workflows", "gpu.tenuto", "--activities", "loading.py").said(2, "train")
    here("deploy", "gpu.tenuto").said(0, "load has no binding", "--activities")
    here("start", "training", "--input", '{"name": "a"}', "--id", "t").said(0)
    eventually(lambda: "a daemon that has its activities" in here("show", "t").said(0).out)
    assert here("show", "t", "-o", "json").data["unclaimed_since"]
    here("result", "t", "--timeout", "0.1").said(6, "kept and not lost", "no daemon has taken it", "tenuto daemon")
    with here.running("daemon", "--activities", "loading.py", "--queue", "default", until="serving with"):
        eventually(lambda: "serves the queue gpu: tenuto daemon --queue gpu" in here("show", "t").said(0).out)
        with there.running("daemon", "--activities", "gpu.py", "--queue", "gpu", until="serving with"):
            assert here("result", "t", "--timeout", "20").said(0).data == "a+*"
