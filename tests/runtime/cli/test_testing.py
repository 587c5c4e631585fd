"""`tenuto test`: verdicts, reports, exit codes."""

from __future__ import annotations

import json
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.runtime.cli.calling import Tenuto

SOURCE = """
activity get(x: int) -> int { timeout 1s; effect pure }
workflow w(n: int) -> int {
  initial state here { do { let got = call get(x: n) }; done when n > 1 -> there; done -> over }
  final state there { return 2 }
  final state over { return 1 }
}
test "one" {
  given (n: 1)
  mock get returns 1
  expect workflow.result == 1
}
test "two" {
  given (n: 1)
  mock get returns 1
  expect workflow.result == 2
}
"""


@pytest.fixture
def tenuto(tmp_path: Path) -> Tenuto:
    (tmp_path / "w.tenuto").write_text(SOURCE)
    return Tenuto({}, tmp_path)


def test_text(tenuto: Tenuto) -> None:
    done = tenuto("test", "w.tenuto").said(1)
    lines = [line.rstrip() for line in done.out.splitlines()]
    assert lines[0] == "w.tenuto"
    assert lines[1].startswith("  ok    one  ")
    assert lines[2].startswith("  FAIL  two  ")
    assert lines[3:7] == [
        "        w.tenuto:16:3: this does not hold",
        "            expect workflow.result == 2",
        "              workflow.result = 1",
        "        the run: completed, in over",
    ]
    assert "   60 %  w  3 of 5  w.tenuto" in lines
    assert any(re.fullmatch(r" +not seen: w.tenuto:4:\d+: here: done when … -> there", line) for line in lines), lines
    assert lines[-1].startswith("1 passed, 1 failed in ")


def test_filter_and_fail_under(tenuto: Tenuto) -> None:
    done = tenuto("test", ".", "-k", "ONE", "--no-coverage").said(0)
    assert "two" not in done.out
    assert "not seen" not in done.out
    tenuto("test", ".", "-k", "one", "--fail-under", "61").said(1, "60.0 % of states and transitions were seen")
    tenuto("test", ".", "-k", "one", "--fail-under", "60").said(0)
    tenuto("test", ".", "--fail-under", "101").said(2, "from 0 to 100")
    tenuto("test", ".", "-k", "three").said(2, "no test has 'three' in its name")


def test_json(tenuto: Tenuto) -> None:
    found = tenuto("test", "w.tenuto", "--format", "json").said(1).data
    assert (found["passed"], found["failed"], found["coverage"]["percent"]) == (1, 1, 60.0)
    failure = found["tests"][1]["failure"]
    assert (failure["line"], failure["source"]) == (16, "expect workflow.result == 2")
    assert failure["values"] == [{"expression": "workflow.result", "value": "1"}]


def test_yaml_is_quoted_as_it_is_written(tenuto: Tenuto) -> None:
    (tenuto.cwd / "w.yaml").write_text("""tenuto: 1
workflows:
  w: { output: int, do: [{ return: 1 }] }
tests:
  one:
    - expect: workflow.result == 2
  two:
    - expect: workflow.result == 1
""")
    done = tenuto("test", "w.yaml", "--no-coverage").said(1)
    assert "        w.yaml:6:7: this does not hold\n            expect: workflow.result == 2\n" in done.out
    assert "              workflow.result = 1\n" in done.out


def test_junit(tenuto: Tenuto) -> None:
    root = ET.fromstring(tenuto("test", "w.tenuto", "--format", "junit").said(1).out)
    assert root.attrib["tests"] == "2"
    assert [case.attrib["name"] for case in root.iter("testcase")] == ["one", "two"]
    assert [failure.attrib["message"] for failure in root.iter("failure")] == ["this does not hold"]


def test_errors_of_a_file(tenuto: Tenuto) -> None:
    (tenuto.cwd / "v.tenuto").write_text(SOURCE.replace("result == 1", "reslut == 1"))
    done = tenuto("test", "v.tenuto", "w.tenuto").said(3, "v.tenuto:11:19: TEN243", "1 error; ")
    assert json.loads(tenuto("test", ".", "--format", "json").out)["passed"] == 1
    assert "1 passed, 1 failed" in done.out
    alone = tenuto("test", "v.tenuto").said(3, "1 error; ")
    assert "passed" not in alone.out, "nothing was tested"


def test_the_first_failure_may_be_the_last_test(tenuto: Tenuto) -> None:
    third = 'test "three" {\n  given (n: 1)\n  mock get returns 1\n  expect workflow.result == 1\n}\n'
    (tenuto.cwd / "w.tenuto").write_text(SOURCE + third)
    done = tenuto("test", ".", "-x").said(1)
    assert "1 passed, 1 failed" in done.out
    assert "three" not in done.out
    assert "not seen" not in done.out


def test_files_without_tests_count(tenuto: Tenuto) -> None:
    (tenuto.cwd / "v.tenuto").write_text(SOURCE[: SOURCE.index("test ")].replace("workflow w", "workflow v"))
    assert "    0 %  v  0 of 5  v.tenuto" in tenuto("test", ".").said(1).out
    assert " v " not in tenuto("test", ".", "-k", "one").said(0).out
