"""The tutorial, done as it says: its files, its commands in their order, its kill -9."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs_pages import ROOT, blocks

pytestmark = pytest.mark.slow

TUTORIAL = ROOT / "docs" / "tutorial.md"
ELSEWHERE = ("python3 -m venv", "pip install", "export ", "tenuto db ")
"""What the page does to the reader's machine."""


class Reader:
    """Somebody who follows the page with two terminals."""

    def __init__(self, folder: Path, dsn: str) -> None:
        self.folder = folder
        self.environment = os.environ | {
            "TENUTO_DB": dsn,
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        }
        self.daemon: subprocess.Popen[bytes] | None = None
        self.log = folder / "daemon.log"

    def follow(self, line: str) -> str:
        """Do what a line of a shell block says; its output."""
        if line.startswith("tenuto daemon"):
            return self._serve(shlex.split(line))
        if line.startswith("kill -9"):
            assert self.daemon is not None
            self.daemon.kill()
            self.daemon.wait()
            return ""
        words = shlex.split(line, comments=True)
        done = subprocess.run(words, cwd=self.folder, env=self.environment, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
        return done.stdout

    def _serve(self, words: list[str]) -> str:
        with self.log.open("wb") as log:
            self.daemon = subprocess.Popen(words, cwd=self.folder, env=self.environment, stdout=log, stderr=log)
        deadline = time.monotonic() + 30
        while "serving" not in self.log.read_text():
            assert self.daemon.poll() is None, self.log.read_text()
            assert time.monotonic() < deadline, self.log.read_text()
            time.sleep(0.05)
        return ""

    def leave(self) -> None:
        if self.daemon is not None and self.daemon.poll() is None:
            self.daemon.terminate()
            self.daemon.wait(30)


@pytest.fixture
def reader(tmp_path: Path, pg_dsn: str) -> Iterator[Reader]:
    somebody = Reader(tmp_path, pg_dsn)
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
