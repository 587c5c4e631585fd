"""`tenuto check`: verdicts, reports, exit codes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.runtime.cli.calling import Tenuto

SOURCE = """
activity get(x: int) -> [int] { timeout 1s; effect pure }
workflow w(n: int) -> int {
  initial state here { do { let got = call get(x: n); log got[0] }; done when n > 1 -> there; done -> over }
  final state there { return 2 }
  final state over { return 1 }
}
workflow v(n: int) -> int { do { return n } }
"""


@pytest.fixture
def tenuto(tmp_path: Path) -> Tenuto:
    (tmp_path / "w.tenuto").write_text(SOURCE)
    return Tenuto({}, tmp_path)


def test_text(tenuto: Tenuto) -> None:
    done = tenuto("check", "w.tenuto").said(1)
    lines = [line.rstrip() for line in done.out.splitlines()]
    assert lines[0] == "w.tenuto"
    assert lines[1].startswith("  FAIL  w  all ")
    assert lines[2] == (
        "        w.tenuto:4:29: fault in here.do: the run is parked: index 0 out of range: the list has 0 items"
    )
    assert lines[3] == "          +0s  w(n: 1) starts; calls get  [here]"
    assert '          test "check: fault here.do" for w {' in lines
    assert lines[-2].startswith("  ok    v  all ")
    assert lines[-1].startswith("2 workflows, ")


def test_one_workflow_and_bounds(tenuto: Tenuto) -> None:
    assert tenuto("check", ".", "--workflow", "v").said(0).out.count("ok  ") == 1
    tenuto("check", ".", "--workflow", "u").said(2, "there is no workflow u here")
    done = tenuto("check", "w.tenuto", "--states", "2", "--time", "1m").said(0)
    assert "not all" in done.out
    assert "bounded: 2 states" in done.out
    tenuto("check", "w.tenuto", "--depth", "0").said(2, "a number from 1 on")


def test_json(tenuto: Tenuto) -> None:
    found = tenuto("check", "w.tenuto", "-o", "json").said(1).data["workflows"][0]
    assert (found["workflow"], found["outcome"], found["whole"]) == ("w", "failed", True)
    finding = found["findings"][0]
    assert (finding["kind"], finding["line"], len(finding["trace"])) == ("fault", 4, 2)
    assert finding["test"].startswith("test ")


def test_errors_of_a_file(tenuto: Tenuto) -> None:
    (tenuto.cwd / "x.tenuto").write_text(SOURCE.replace("-> there", "-> ther"))
    done = tenuto("check", "x.tenuto", "w.tenuto", "--workflow", "v").said(3, "TEN301", "what is wrong was not checked")
    assert "ok    v" in done.out
