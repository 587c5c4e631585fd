"""The tutorial, done as it says, in a shell: its files, its commands in their order, its kill -9."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs_pages import ROOT, blocks
from tests.docs_shell import Done, Shell

pytestmark = pytest.mark.slow

TUTORIAL = ROOT / "docs" / "tutorial.md"
ELSEWHERE = ("mkdir ", "python3 -m venv", "pip install", "export ", "tenuto db ")
"""What the page does to the reader's machine."""


@pytest.fixture
def shell(tmp_path: Path, pg_dsn: str) -> Iterator[Shell]:
    folder = tmp_path / "greetings"
    folder.mkdir()
    opened = Shell(folder, pg_dsn, tmp_path / "errors")
    yield opened
    opened.leave()


def test_the_tutorial_works_as_written(shell: Shell, tmp_path: Path) -> None:
    folder = tmp_path / "greetings"
    workflow = folder / "greeting.tenuto"
    outputs: dict[str, Done] = {}
    for block in blocks(TUTORIAL):
        match block.language, block.kind:
            case "tenuto", "more":
                workflow.write_text(f"{workflow.read_text()}\n{block.code}")
            case "tenuto", _:
                workflow.write_text(block.code)
            case "python", _:
                (folder / "greeting.py").write_text(block.code)
            case "json", _:
                last = outputs[next(line for line in reversed(outputs) if line.startswith("tenuto run"))]
                assert json.loads(last.output) == json.loads(block.code)
            case "text", _:
                good = workflow.read_text()
                workflow.write_text(good.replace("name: name)", "name: nam)"))
                done = shell.type("tenuto lint greeting.tenuto")
                assert (done.output.strip(), done.code) == (block.code.strip(), 3)
                workflow.write_text(good)
            case "sh", _ if "TENUTO_DB" not in block.code:
                for line in block.code.splitlines():
                    if line and not line.startswith(ELSEWHERE):
                        outputs[line] = done = shell.type(line)
                        assert done.code == 0, f"{line}\n{done.output}{done.errors}"
    assert json.loads(outputs["tenuto result ada-1"].output)["answer"] == "Hello yourself."
    assert json.loads(outputs["tenuto result ada-2"].output)["answer"] == "Anybody there?"
    tested = outputs["tenuto test greeting.tenuto"].output
    assert "2 passed" in tested
    assert "not seen" not in tested
    assert "0 files reformatted" in outputs["tenuto fmt greeting.tenuto"].errors, "the page shows it as it is formatted"
    assert (folder / "greeting.svg").read_text().startswith("<svg")
    assert re.fullmatch(r"\d+\n", (folder / "daemon.pid").read_text())
