"""Calling `tenuto` in a process of its own, and looking at what it did."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

HERE = Path(__file__).parent
FLOW = "flow.tenuto"
ACTS = "acts.py"
_OURS = ("TENUTO_", "NO_COLOR", "FORCE_COLOR", "PYTHONDONTWRITEBYTECODE")


@dataclass(frozen=True)
class Done:
    code: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        return json.loads(self.out)

    def said(self, code: int, *words: str) -> Done:
        """It ended so, saying these words on stderr, and showed nobody a traceback."""
        assert self.code == code, f"exit {self.code}\n{self.err}\n{self.out}"
        for word in words:
            assert word in self.err, self.err
        assert "Traceback" not in self.err + self.out
        return self


@dataclass
class Tenuto:
    variables: dict[str, str]
    cwd: Path = HERE
    command: list[str] = field(default_factory=lambda: [str(Path(sys.executable).with_name("tenuto"))])

    def __call__(self, *arguments: str, timeout: float = 60, **variables: str) -> Done:
        with self.popen(*arguments, **variables) as process:
            try:
                out, err = process.communicate(timeout=timeout)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                raise
        return Done(process.returncode, out, err)

    def popen(self, *arguments: str, stdin: int = subprocess.DEVNULL, **variables: str) -> subprocess.Popen[str]:
        clean = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
        return subprocess.Popen(
            [*self.command, *arguments], cwd=self.cwd, env=clean | self.variables | variables, text=True, stdin=stdin,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True, errors="surrogateescape",
        )  # fmt: skip

    @contextlib.contextmanager
    def running(self, *arguments: str, until: str) -> Iterator[Running]:
        """A command that stays; entered when its stderr has said `until`."""
        with self.popen(*arguments) as process:
            running = Running(process)
            try:
                running.wait_for(until)
                yield running
            finally:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                running.drain()

    def daemon(self, *arguments: str) -> contextlib.AbstractContextManager[Running]:
        return self.running("daemon", "--workflows", FLOW, "--activities", ACTS, *arguments, until="serving with")


class Running:
    """A process under way. What it says is kept in `said`."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.said = ""

    @property
    def _stderr(self) -> IO[str]:
        assert self.process.stderr is not None
        return self.process.stderr

    def wait_for(self, words: str) -> None:
        while words not in self.said:
            line = self._stderr.readline()
            assert line, f"ended without saying {words!r}:\n{self.said}"
            self.said += line

    def signal(self, number: int) -> None:
        self.process.send_signal(number)

    def end(self, timeout: float = 40) -> Done:
        out, err = self.process.communicate(timeout=timeout)
        self.said += err
        return Done(self.process.returncode, out, self.said)

    def drain(self) -> None:
        if not self._stderr.closed:
            self.process.communicate()


def eventually(check: Any, seconds: float = 20) -> Any:
    """Ask until the answer is true."""
    end = time.monotonic() + seconds
    while True:
        answer = check()
        if answer:
            return answer
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.05)
