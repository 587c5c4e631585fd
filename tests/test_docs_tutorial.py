"""The tutorial, done as it says: its files, its commands in their order, its kill -9."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs_pages import ROOT, blocks
from tests.docs_reader import Reader

pytestmark = pytest.mark.slow

TUTORIAL = ROOT / "docs" / "tutorial.md"
ELSEWHERE = ("python3 -m venv", "pip install", "export ", "tenuto db ")
"""What the page does to the reader's machine."""


@pytest.fixture
def reader(tmp_path: Path, pg_dsn: str) -> Iterator[Reader]:
    somebody = Reader(tmp_path, pg_dsn, tmp_path / "daemon.log")
    yield somebody
    somebody.leave()


def test_the_tutorial_works_as_written(reader: Reader) -> None:
    outputs: dict[str, str] = {}
    for block in blocks(TUTORIAL):
        if block.language in ("tenuto", "python"):
            suffix = "tenuto" if block.language == "tenuto" else "py"
            (reader.folder / f"greeting.{suffix}").write_text(block.code)
        elif block.language == "json":
            last = outputs[next(line for line in reversed(outputs) if line.startswith("tenuto run"))]
            assert json.loads(last) == json.loads(block.code)
        elif block.language == "sh" and "TENUTO_DB" not in block.code:
            for line in block.code.splitlines():
                if line and not line.startswith(ELSEWHERE):
                    outputs[line] = reader.follow(line)
    assert json.loads(outputs["tenuto result ada-1"])["answer"] == "Hello yourself."
    assert json.loads(outputs["tenuto result ada-2"])["answer"] == "Anybody there?"
    assert reader.daemon is not None
    assert reader.daemon.poll() is None
