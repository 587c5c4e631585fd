"""Somebody who follows a page with two terminals: in one a daemon, in the other everything else."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import time
from pathlib import Path


class Reader:
    """Does what the lines say in `folder`, on the database `dsn`; the daemon's output goes to `log`."""

    def __init__(self, folder: Path, dsn: str, log: Path, **variables: str) -> None:
        self.folder = folder
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        self.environment = os.environ | {"TENUTO_DB": dsn, "PATH": path} | variables
        self.daemon: subprocess.Popen[bytes] | None = None
        self.log = log

    def follow(self, line: str) -> str:
        """Do what a line of a shell block says; its output."""
        if line.startswith("tenuto daemon"):
            return self._serve(shlex.split(line.removesuffix("&")))
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
